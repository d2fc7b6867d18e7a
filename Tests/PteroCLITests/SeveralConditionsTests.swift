import Foundation
import TestSupport
import Testing

@testable import PteroCLI

/// A test with several conditions, in every command and format.
@Suite struct SeveralConditionsTests {
    static let text = """
        X86_64 lock-and+write
        "What one locked AND leaves behind."
        Sequence=lock-and
        Failure rule=makes a shadow-stack entry
        Failure lost=loses a Dirty bit
        Remark seen=can be seen
        (* Result rule: Sometimes *)
        (* Result lost: Never *)
        {
          [PTE(x)] = (oa:PA(x), rw:1, d:0);
          0:rdi = PTE(x);
        }
         P0                     | P1          ;
         lock andb $-3,(%rdi)   | movl $1,(x) ;
         call flush_tlb_page(x) |             ;
        exists rule: (kernel_shadow_stack(x))
        ~exists lost: (lost_dirty(x))
        exists seen: ([PTE(x)].d=1)

        """

    private func bench(_ text: String = text) throws -> Bench {
        let bench = try Bench()
        try bench.write("several.litmus", text)
        return bench
    }

    @Test func goldenTableBlocksAndJSON() throws {
        let bench = try bench()
        #expect(bench.run("check", "--sequences", "several.litmus") == .success, "\(bench.errors)")
        try Golden.expect(bench.timeless, "several.txt")
        #expect(bench.run("check", "-v", "--profile", "cet", "several.litmus") == .success)
        try Golden.expect(bench.timeless, "several-verbose.txt")
        #expect(bench.run("check", "--json", "--profile", "cet", "several.litmus") == .success)
        try Golden.expect(bench.timeless, "several.json")
    }

    @Test func eachVerdictIsJudgedByItself() throws {
        let bench = try bench(Self.text.replacing("Result lost: Never", with: "Result lost: Always"))
        #expect(bench.run("check", "several.litmus") == .unexpected)
        #expect(bench.output.contains("unexpected: lock-and+write:lost on cet strict late knl shadowed book: Never"))
        #expect(
            bench.output.contains("3 tests: 1 as expected, 1 unexpected, 1 with nothing expected"), "\(bench.output)")
        #expect(bench.run("check", "--require", "Never", "several.litmus") == .unexpected)
        #expect(bench.output.contains("unexpected: lock-and+write:seen on cet"))
    }

    @Test func whatIsWrittenAsATableIsReadBack() throws {
        let bench = try bench()
        try bench.write("SB.litmus", Texts.storeBuffering)
        #expect(bench.run("check", "--write-expect", "v.tsv", "several.litmus", "SB.litmus") == .success)
        let table = try String(contentsOf: bench.folder.appendingPathComponent("v.tsv"), encoding: .utf8)
        #expect(
            table.hasPrefix("file\tcondition\tprofile\tobservation\tstates\nseveral.litmus\trule\tcet\tSometimes\t2\n"))
        #expect(table.contains("\nSB.litmus\t\tcet\tSometimes\t4\n"))
        #expect(table.split(separator: "\n").count == 1 + 18 + 6)
        #expect(bench.run("check", "--expect", "v.tsv", "several.litmus", "SB.litmus") == .success)
        #expect(bench.output.hasSuffix("\n4 tests: 4 as expected\n") && bench.errors.isEmpty)
        try bench.write(
            "v.tsv", table.replacing("several.litmus\tlost\tlate\tNever", with: "several.litmus\tlost\tlate\tAlways"))
        #expect(bench.run("check", "--expect", "v.tsv", "several.litmus", "SB.litmus") == .unexpected)
        #expect(bench.output.contains("unexpected: lock-and+write:lost on late: Never"))
    }

    @Test func rowsOfATableNameConditions() throws {
        let bench = try bench(Self.text.replacing("Result", with: "Outcome"))
        try bench.write(
            "v.tsv", "file\tcondition\tobservation\nseveral.litmus\tlost\tNever\nseveral.litmus\t\tSometimes\n")
        #expect(
            bench.run("check", "--expect", "v.tsv", "several.litmus") == .success, "what names none is about the rest")
        // Where one has no name, it is about that one.
        try bench.write(
            "several.litmus",
            Self.text.replacing("exists rule:", with: "exists").replacing("Result", with: "Outcome")
                .replacing("Failure rule", with: "Failure"))
        #expect(bench.run("check", "--expect", "v.tsv", "--profile", "cet", "several.litmus") == .success)
        #expect(bench.output.contains("3 tests: 2 as expected, 1 with nothing expected"), "\(bench.output)")
        try bench.write("v.tsv", "file\tcondition\tobservation\nseveral.litmus\tlots\tNever\n")
        #expect(bench.run("check", "--expect", "v.tsv", "several.litmus") == .badInput)
        #expect(
            bench.errors.hasPrefix("v.tsv:2:16: error: `several.litmus` has no condition `lots`"), "\(bench.errors)")
        #expect(bench.errors.contains("did you mean `lost`?"))
    }

    @Test func aWitnessIsReplayedForItsCondition() throws {
        let bench = try bench()
        #expect(bench.run("check", "--witness", "--profile", "cet", "several.litmus") == .success)
        let lines = bench.output.matches(of: /ptero (replay several.litmus --condition \w+ [^\n]+)/).map {
            String($0.1)
        }
        #expect(lines.count == 2)
        for line in lines {
            #expect(bench.run(line.split(separator: " ").map(String.init)) == .success, "\(bench.errors)")
            #expect(bench.output.hasPrefix("lock-and+write:\(line.contains("rule") ? "rule" : "seen") on cet\n"))
        }
        #expect(bench.run("replay", "several.litmus", "--profile", "cet", "--witness", "0") == .badInput)
        #expect(bench.errors.contains("lock-and+write has 3 conditions"))
        #expect(bench.errors.contains("say which: --condition rule | lost | seen"))
        #expect(
            bench.run("replay", "several.litmus", "--condition", "lots", "--profile", "cet", "--witness", "0")
                == .badInput)
        #expect(bench.errors.contains("no condition `lots`") && bench.errors.contains("did you mean `lost`?"))
    }

    @Test func showWritesAllOfThem() throws {
        let bench = try bench()
        #expect(bench.run("show", "several.litmus") == .success)
        #expect(
            bench.output.hasSuffix(
                "\nexists rule: (kernel_shadow_stack(x))\n~exists lost: (lost_dirty(x))\nexists seen: ([PTE(x)].d=1)\n")
        )
        #expect(bench.output.contains("\n(* Result rule: Sometimes *)\n(* Result lost: Never *)\n"))
        let shown = bench.output
        try bench.write("several.litmus", shown)
        #expect(bench.run("show", "several.litmus") == .success)
        #expect(bench.output == shown)
    }

    @Test func whyAsksEachInTurnOrOne() throws {
        let bench = try bench()
        #expect(bench.run("why", "--profile", "cet", "several.litmus") == .success)
        #expect(bench.output.contains("lock-and+write:rule\n") && bench.output.contains("\n\nlock-and+write:seen\n"))
        #expect(bench.run("why", "--json", "--profile", "cet", "several.litmus") == .success)
        #expect(bench.output.split(separator: "\n").count == 3)
        #expect(
            bench.run("why", "--condition", "lost", "--output", "without", "--profile", "late", "several.litmus")
                == .success)
        #expect(bench.output.hasPrefix("lock-and+write:lost\n"))
        let line = try #require(bench.output.firstMatch(of: /ptero (replay without[^\n]+)/), "\(bench.output)")
        #expect(line.1.contains("--condition lost"))
        #expect(bench.run(line.1.split(separator: " ").map(String.init)) == .success, "\(bench.errors)")
        #expect(bench.run("check", "without") == .success, "\(bench.output)\(bench.errors)")
        #expect(bench.run("why", "--condition", "lots", "several.litmus") == .badInput)
    }

    @Test func whatIsWrongWithTheCodeIsToldOnce() throws {
        let bench = try bench(Self.text.replacing("call flush_tlb_page(x)", with: "call flush_tlb_page(q)"))
        #expect(bench.run("check", "several.litmus") == .badInput)
        #expect(bench.errors.split(separator: "\n").count { $0.contains(": error: ") } == 1, "\(bench.errors)")
        #expect(bench.errors.hasPrefix("several.litmus:15:"))
        // What is wrong with two conditions is told for each.
        try bench.write(
            "several.litmus",
            Self.text.replacing("PTE(x)].d=1", with: "PTE(z)].d=1").replacing(
                "(lost_dirty", with: "(y=1 /\\ lost_dirty"))
        #expect(bench.run("check", "several.litmus") == .badInput)
        #expect(
            bench.errors.contains("several.litmus:17:16: error: nothing declares or uses `y` but the condition"),
            "\(bench.errors)")
        #expect(bench.errors.contains("several.litmus:18:16: error: nothing declares or uses `z` but the condition"))
    }
}
