import Foundation
import TestSupport
import Testing

@testable import PteroCLI

/// Verdicts that say less than they seem to, as commands show them.
@Suite struct NoteTests {
    /// The register is the page, not its entry.
    static let wrongAddress = """
        X86_64 wrong-address
        { [PTE(x)]=(oa:PA(x), rw:1, d:0); 0:rdi=x; }
         P0                     | P1          ;
         lock andb $-3,(%rdi)   | movl $1,(x) ;
         call flush_tlb_page(x) |             ;
        exists (lost_dirty(x))

        """

    static let vacuous = """
        X86_64 vacuous
        { x=0; }
         P0          | P1            ;
         movl $1,(x) | movl (x),%eax ;
        filter (1:rax=7)
        forall (1:rax=9)

        """

    @Test func tableMarksThem() throws {
        let bench = try Bench()
        try bench.write("wrong.litmus", Self.wrongAddress)
        try bench.write("vacuous.litmus", Self.vacuous)
        try bench.write("exposed.litmus", Texts.lockAnd)
        try bench.write("SB.litmus", Texts.storeBuffering)
        #expect(
            bench.run("check", "wrong.litmus", "vacuous.litmus", "exposed.litmus", "SB.litmus") == .success,
            "notes change no status")
        try Golden.expect(bench.timeless, "check-notes.txt")
    }

    @Test func blocksHaveThemAtTheEnd() throws {
        let bench = try Bench()
        try bench.write("wrong.litmus", Self.wrongAddress)
        #expect(bench.run("check", "-v", "--profile", "cet", "wrong.litmus") == .success)
        let lines = bench.output.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        let hash = try #require(lines.firstIndex { $0.hasPrefix("Hash=") })
        #expect(
            Array(lines[(hash + 1)...].prefix(2)) == [
                "Note wrong-address software writes no entry of x in any run, and lost_dirty(x) is about such writes",
                "",
            ])
    }

    @Test func jsonHasThem() throws {
        let bench = try Bench()
        try bench.write("wrong.litmus", Self.wrongAddress)
        try bench.write("SB.litmus", Texts.storeBuffering)
        #expect(bench.run("check", "--json", "--profile", "cet", "wrong.litmus", "SB.litmus") == .success)
        let lines = bench.output.split(separator: "\n").map(String.init)
        #expect(
            lines.first?.contains(
                "\"empty\": [{\"kind\": \"entry-not-written\", \"property\": \"lost_dirty\", \"variable\": \"x\", \"text\": \"software writes"
            ) == true)
        #expect(lines.last?.contains("empty") == false)
        _ = try JSONSerialization.jsonObject(with: Data((lines.first ?? "").utf8))
    }

    @Test func strictMakesThemFailures() throws {
        let bench = try Bench()
        try bench.write("wrong.litmus", Self.wrongAddress)
        try bench.write("SB.litmus", Texts.storeBuffering)
        try bench.write("exposed.litmus", Texts.lockAnd)
        for format in [[], ["--json"], ["-v"]] {
            #expect(bench.run(["check", "--strict", "wrong.litmus"] + format) == .unexpected)
            #expect(bench.run(["check", "--strict", "SB.litmus"] + format) == .success)
        }
        bench.run("check", "--strict", "wrong.litmus")
        #expect(bench.output.contains("\nrejected by --strict: 6 verdicts say less than they seem to\n"))
        // What late lacks cet has: the test is right. On late alone it is empty.
        #expect(bench.run("check", "--strict", "exposed.litmus") == .success)
        #expect(bench.run("check", "--strict", "--profile", "late", "exposed.litmus") == .unexpected)
    }

    @Test func foldersCountThem() throws {
        let bench = try Bench()
        try bench.write("c/a/wrong.litmus", Self.wrongAddress)
        try bench.write("c/a/exposed.litmus", Texts.lockAnd)
        bench.environment["PTERO_CORPUS"] = bench.folder.path + "/c"
        #expect(bench.run("check") == .success)
        let words = bench.output.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        #expect(
            words.contains(
                "6 verdicts say less than they seem to, 5 verdicts could not be otherwise on CPUs that lack what the test is about: -v shows the notes "
            ), "\(bench.output)")
    }

    @Test func requiredVerdicts() throws {
        let bench = try Bench()
        try bench.write("own.litmus", Texts.storeBuffering)
        try bench.write("none.litmus", Texts.storeBuffering.replacing("(* Result: Sometimes *)\n", with: ""))
        try bench.write("some.litmus", Texts.storeBuffering.replacing("Result: Some", with: "Result: cet=Some"))
        #expect(bench.run("check", "--require", "Never", "own.litmus") == .success, "it expects what it says itself")
        #expect(bench.run("check", "--require", "never", "none.litmus") == .unexpected)
        #expect(bench.output.contains("unexpected: SB on cet strict late knl shadowed book: Sometimes, expected Never"))
        #expect(bench.run("check", "--require", "Sometimes", "none.litmus") == .success)
        #expect(bench.output.hasSuffix("\n1 test: 1 as expected\n"))
        #expect(bench.run("check", "--require", "Never", "some.litmus") == .unexpected)
        #expect(bench.output.contains("unexpected: SB on strict late knl shadowed book: Sometimes, expected Never"))
        try bench.write("v.tsv", "file\tobservation\nnone.litmus\tSometimes\n")
        #expect(bench.run("check", "--require", "Never", "--expect", "v.tsv", "none.litmus") == .success)
        #expect(bench.run("check", "--require", "Maybe", "none.litmus") == .badInput)
        #expect(bench.run("check", "--require", "Inconclusive", "none.litmus") == .badInput)
    }
}
