import Diagnostics
import Foundation
import Report
import TestSupport
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
            _ = try ExpectedVerdicts(text, file: "v.tsv", directory: "/work")
        } throws: { error in
            (error as? Diagnostic)?.rendered().hasPrefix("v.tsv:\(line):") == true
        }
    }

    @Test func findsFilesByPathThenByName() throws {
        let table = try ExpectedVerdicts(
            "observation\tfile\r\nNever\ta/x.litmus\r\nAlways\tx.litmus\r\n", file: "dir/v.tsv", directory: "/some")
        func row(_ file: String) -> ExpectedVerdicts.Row? { table.row(file, profile: "cet") }
        #expect(row("dir/a/x.litmus")?.observation == .never)
        #expect(row("./dir/a/x.litmus")?.observation == .never)
        #expect(row("dir/b/../a//x.litmus")?.observation == .never)
        #expect(row("/some/dir/a/x.litmus")?.observation == .never)
        #expect(row("a/x.litmus")?.observation == .never, "as the table spells it")
        #expect(row("dir/x.litmus")?.observation == .always)
        #expect(row("elsewhere/x.litmus")?.observation == .always)
        #expect(row("y.litmus") == nil)
        #expect(row("dir/x.litmus")?.states == nil)
    }

    @Test func spellingsOfPathsAreOne() throws {
        let table = try ExpectedVerdicts(
            "file\tobservation\n./sub/a.litmus\tNever\n../b.litmus\tAlways\n/abs/./c.litmus\tSometimes\n",
            file: "./t/../dir/v.tsv", directory: "/work")
        #expect(table.row("dir/sub/a.litmus", profile: "cet")?.observation == .never)
        #expect(table.row("b.litmus", profile: "cet")?.observation == .always)
        #expect(table.row("/abs/c.litmus", profile: "cet")?.observation == .sometimes)
    }

    @Test func aRowOfAProfileComesBeforeOneOfAll() throws {
        let table = try ExpectedVerdicts(
            "file\tprofile\tobservation\na.litmus\tlate\tSometimes\na.litmus\t\tNever\n", file: "v.tsv",
            directory: "/work")
        #expect(table.row("a.litmus", profile: "late")?.observation == .sometimes)
        #expect(table.row("a.litmus", profile: "cet")?.observation == .never)
    }

    /// Rows that match nothing, with the place of the word that is wrong.
    @Test(arguments: [
        ("XX.litmus\t\tNever", "v.tsv:2:1: error: no test is called `XX.litmus`"),
        ("SB.litmus\tlat\tNever", "v.tsv:2:11: error: there is no profile `lat`"),
        ("mixed.litmus\tlate\tNever", "v.tsv:2:1: error: `mixed.litmus` is not checked on `late`"),
        ("SB.litmus\tP0:cet P1:late\tNever", "v.tsv:2:1: error: `SB.litmus` is not checked on `P0:cet P1:late`"),
    ])
    func rowsThatMatchNothingAreErrors(row: String, message: String) throws {
        let bench = try Bench()
        try bench.write("SB.litmus", Texts.storeBuffering)
        try bench.write("mixed.litmus", Texts.mixed)
        try bench.write("v.tsv", "file\tprofile\tobservation\n\(row)\nSB.litmus\t\tSometimes\n")
        #expect(bench.run("check", "--expect", "v.tsv", "SB.litmus", "mixed.litmus") == .badInput)
        #expect(bench.errors.hasPrefix(message), "\(bench.errors)")
        #expect(bench.errors.contains("\n  remedy: "))
        #expect(bench.output.contains("1 input in error"), "what can be checked is checked")
    }

    /// A table of a folder serves one test of it, too.
    @Test func rowsOfOtherTestsAreNoErrors() throws {
        let bench = try Bench()
        try bench.write("t/SB.litmus", Texts.storeBuffering)
        try bench.write("t/MP.litmus", Texts.messagePassing)
        try bench.write(
            "t/v.tsv",
            "file\tprofile\tobservation\nSB.litmus\tlate\tSometimes\nSB.litmus\tcet\tSometimes\nMP.litmus\t\tNever\n")
        #expect(bench.run("check", "--expect", "t/v.tsv", "--profile", "cet", "t/SB.litmus") == .success)
        #expect(bench.errors == "2 rows of the table are about what is not checked here\n")
    }

    @Test func whatIsWrittenIsReadBack() throws {
        let bench = try Bench()
        try bench.write("t/a/SB.litmus", Texts.storeBuffering.replacing("(* Result: Sometimes *)\n", with: ""))
        try bench.write("t/b/SB.litmus", Texts.messagePassing)
        try bench.write("mixed.litmus", Texts.mixed)
        try bench.write("tables/old.tsv", "x")
        #expect(bench.run("check", "--write-expect", "tables/old.tsv", "./t", "mixed.litmus") == .success)
        let table = try String(contentsOf: bench.folder.appendingPathComponent("tables/old.tsv"), encoding: .utf8)
        #expect(
            table.hasPrefix("file\tprofile\tobservation\tstates\n../t/a/SB.litmus\tcet\tSometimes\t4\n"), "\(table)")
        #expect(table.contains("\n../mixed.litmus\tP0:cet P1:late\t"))
        #expect(table.split(separator: "\n").count == 1 + 6 + 6 + 1)
        for tests in [["t", "mixed.litmus"], ["t/b/SB.litmus", "./t/a", bench.folder.path + "/mixed.litmus"]] {
            #expect(bench.run(["check", "--expect", "tables/old.tsv"] + tests) == .success)
            #expect(bench.errors == "")
            #expect(bench.output.hasSuffix("\n3 tests: 3 as expected\n"), "\(bench.output)")
        }
        // It compares every one of them.
        try bench.write("t/a/SB.litmus", Texts.messagePassing)
        #expect(bench.run("check", "--expect", "tables/old.tsv", "t", "mixed.litmus") == .unexpected)
    }

    @Test func searchesThatDidNotEndHaveNoRow() throws {
        let bench = try Bench()
        try bench.write("large.litmus", Texts.large)
        #expect(
            bench.run("check", "--max-states", "50", "--profile", "cet", "--write-expect", "v.tsv", "large.litmus")
                == .inconclusive)
        #expect(bench.errors.contains("v.tsv: 1 search did not end and has no row"))
        #expect(bench.run("check", "--write-expect", "no/v.tsv", "large.litmus") == .badInput)
        #expect(bench.errors.contains("no/v.tsv cannot be written"))
    }
}
