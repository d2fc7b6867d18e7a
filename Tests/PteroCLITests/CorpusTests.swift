import Foundation
import GoldenFiles
import Report
import Testing

@testable import PteroCLI

@Suite struct CorpusTests {
    private func corpus(_ bench: Bench, at place: String) throws {
        try bench.write("\(place)/wrprotect/lock-and.litmus", Texts.lockAnd)
        try bench.write("\(place)/tso/SB.litmus", Texts.storeBuffering)
    }

    @Test func goldenCorpusRun() throws {
        let bench = try Bench()
        try bench.write("Package.swift", "")
        try corpus(bench, at: "Corpus")
        #expect(bench.run("check") == .success)
        try Golden.expect(bench.timeless, "check-corpus.txt")
    }

    @Test func aTestThatCannotBeReadTakesCertaintyAway() throws {
        let bench = try Bench()
        try bench.write("Package.swift", "")
        try corpus(bench, at: "Corpus")
        try bench.write(
            "Corpus/wrprotect/right.litmus",
            Texts.lockAnd.replacing("Sequence=lock-and", with: "Sequence=none")
                .replacing("lock andb $-3,(%rdi)  ", with: "nop"))
        #expect(bench.run("check") == .unexpected)
        #expect(bench.output.contains("works for everybody"))
        try bench.write("Corpus/wrprotect/zz.litmus", "X86_64")
        #expect(bench.run("check") == .badInput)
        #expect(!bench.output.contains("works for everybody"))
        #expect(bench.output.contains("no failure found"))
    }

    @Test func checkoutAroundTheCurrentFolder() throws {
        let bench = try Bench()
        try bench.write("Package.swift", "")
        try corpus(bench, at: "Corpus")
        try bench.write("a/b/x", "")
        var surroundings = bench.surroundings
        surroundings.currentDirectory += "/a/b"
        #expect(try CorpusLocation(surroundings: surroundings).find() == bench.folder.path + "/Corpus")
    }

    @Test func checkoutAroundTheExecutable() throws {
        let bench = try Bench()
        try bench.write("src/Package.swift", "")
        try corpus(bench, at: "src/Corpus")
        bench.executable = bench.folder.path + "/src/.build/debug/ptero"
        #expect(try CorpusLocation(surroundings: bench.surroundings).find() == "src/Corpus")
    }

    @Test func installation() throws {
        let bench = try Bench()
        try corpus(bench, at: "usr/share/ptero/Corpus")
        bench.executable = bench.folder.path + "/usr/bin/ptero"
        #expect(try CorpusLocation(surroundings: bench.surroundings).find() == "usr/share/ptero/Corpus")
    }

    @Test func environmentComesFirst() throws {
        let bench = try Bench()
        try bench.write("Package.swift", "")
        try corpus(bench, at: "Corpus")
        try corpus(bench, at: "other")
        bench.environment = ["PTERO_CORPUS": "other"]
        #expect(try CorpusLocation(surroundings: bench.surroundings).find() == "other")
        bench.environment = ["PTERO_CORPUS": "nowhere"]
        #expect(bench.run("check") == .badInput)
        #expect(bench.errors.contains("PTERO_CORPUS names nowhere"))
    }

    @Test func nowhere() throws {
        let bench = try Bench()
        // A Corpus without a package around it is somebody else's.
        try corpus(bench, at: "Corpus")
        #expect(bench.run("check") == .badInput)
        #expect(bench.errors.contains("was not found"))
        #expect(bench.errors.contains("PTERO_CORPUS"))
    }
}

@Suite struct ExpectedVerdictsTests {
    private static let heading = "file\tverdict\tobservation\tpositive\tnegative\tstates\n"

    @Test func compares() throws {
        let bench = try Bench()
        try bench.write("t/SB.litmus", Texts.storeBuffering.replacing("(* Result: Sometimes *)\n", with: ""))
        try bench.write("t/MP.litmus", Texts.messagePassing)
        try bench.write("t/v.tsv", Self.heading + "SB.litmus\tOk\tSometimes\t1\t3\t4\nMP.litmus\tNo\tNever\t0\t3\t3\n")
        #expect(bench.run("check", "--expect", "t/v.tsv", "t") == .success)
        #expect(bench.output.hasSuffix("\n2 tests: 2 as expected\n"))
        #expect(bench.run("check", "--expect", "t/v.tsv") == .success, "the table's own folder is meant")
        #expect(bench.output.hasSuffix("\n2 tests: 2 as expected\n"))

        try bench.write("t/v.tsv", Self.heading + "SB.litmus\tOk\tSometimes\t1\t3\t5\nMP.litmus\tNo\tAlways\t0\t3\t\n")
        #expect(bench.run("check", "--expect", "t/v.tsv", "t") == .unexpected)
        #expect(
            bench.output.contains(
                "SB on cet strict late knl shadowed book: Sometimes with 4 states, expected Sometimes with 5 states"))
        #expect(bench.output.contains(": Never, expected Always"))
        #expect(bench.output.hasSuffix("\n2 tests: 2 unexpected\n"))
    }

    @Test(arguments: [
        ("", 1), ("a\tb\n", 1), (heading + "x\tOk\n", 2), (heading + "x\tOk\tMaybe\t1\t2\t3\n", 2),
        (heading + "x\tOk\tNever\t1\t2\tmany\n", 2), (heading + "x\tOk\tNever\t1\t2\t3\nx\tOk\tNever\t1\t2\t3\n", 3),
    ])
    func saysWhichLineIsWrong(text: String, line: Int) {
        #expect {
            _ = try ExpectedVerdicts(text, file: "v.tsv")
        } throws: { error in
            (error as? UsageError)?.message.hasPrefix("v.tsv:\(line):") == true
        }
    }

    @Test func findsFilesByPathThenByName() throws {
        let table = try ExpectedVerdicts(
            "observation\tfile\r\nNever\ta/x.litmus\r\nAlways\tx.litmus\r\n", file: "dir/v.tsv")
        #expect(table["dir/a/x.litmus"]?.observation == .never)
        #expect(table["dir/x.litmus"]?.observation == .always)
        #expect(table["elsewhere/x.litmus"]?.observation == .always)
        #expect(table["y.litmus"] == nil)
        #expect(table["dir/x.litmus"]?.states == nil)
    }
}
