import Diagnostics
import Foundation
import Report
import Synchronization
import TestSupport
import Testing

@testable import PteroCLI

@Suite struct WatchTests {
    /// Watches with a clock that the test advances: before each look the next of these edits is made.
    private func watch(
        _ bench: Bench, _ arguments: [String], edits: [() throws -> Void]
    ) throws -> (status: Report.ExitStatus, output: String, errors: String) {
        let (output, errors) = (CapturedOutput(), CapturedOutput())
        var surroundings = bench.surroundings
        surroundings.output = output.output()
        surroundings.errors = errors.output()
        let check = try #require(try Check.parse(["--watch"] + arguments) as Check?)
        let watched = try WatchedCheck(check, surroundings)
        var left = edits[...]
        var looks = 0
        let status = watched.run(in: surroundings) {
            looks += 1
            // Two more looks after the last edit: a file has to stay as it is for one.
            if looks % 3 == 1, let edit = left.popFirst() { try? edit() }
            return !left.isEmpty || looks < edits.count * 3 + 3
        }
        return (status, output.text, errors.text)
    }

    private static let wrong = Texts.lockAnd.replacing("cet=Sometimes", with: "cet=Never")

    @Test func checksAgainWhenAFileChanges() throws {
        let bench = try Bench()
        try bench.write("a.litmus", Texts.lockAnd)
        let result = try watch(
            bench, ["--profile", "cet", "a.litmus"],
            edits: [{ try bench.write("a.litmus", Self.wrong + "\n") }, { try bench.write("a.litmus", "nothing") }])
        #expect(result.output.contains("1 test: 1 as expected"))
        #expect(result.output.contains("1 test: 1 not as expected") || result.output.contains("not as expected"))
        #expect(result.status == .badInput && result.errors.contains("a.litmus:1:1: error:"))
        #expect(result.errors.ranges(of: "watching ").count == 3)
    }

    @Test func theStatusIsThatOfTheLastCheck() throws {
        let bench = try Bench()
        try bench.write("a.litmus", Self.wrong)
        let edits = [{ try bench.write("a.litmus", Texts.lockAnd + "\n") }]
        #expect(try watch(bench, ["--profile", "cet", "a.litmus"], edits: edits).status == .success)
        #expect(try watch(bench, ["--profile", "cet", "a.litmus"], edits: []).status == .success)
    }

    @Test func looksForFilesThatComeAndGo() throws {
        let bench = try Bench()
        try bench.write("tests/a.litmus", Texts.lockAnd)
        try bench.write("tests/sub/none.txt", "")
        let result = try watch(
            bench, ["--profile", "cet", "tests"],
            edits: [
                { try bench.write("tests/sub/b.litmus", Texts.storeBuffering) },
                { try FileManager.default.removeItem(at: bench.folder.appending(path: "tests/a.litmus")) },
            ])
        #expect(result.output.contains("2 tests: ") && result.errors.ranges(of: "watching ").count == 3)
    }

    @Test func watchesWhatOptionsAndTestsName() throws {
        let bench = try Bench()
        try bench.write("sub/a.swift", "/* Swift a\nInclude=Entries.swift\n{\n}\nexists (true)\n*/\n")
        try bench.write("sub/Entries.swift", "")
        let files = WatchedFiles(["sub/a.swift", "mine.json5", "cet", "kernel:fork"], bench.surroundings)
        let before = files.versions()
        #expect(Set(before.keys) == [bench.folder.path + "/sub/a.swift", bench.folder.path + "/sub/Entries.swift"])
        #expect(files.versions() == before)
        try bench.write("sub/Entries.swift", "let x = 1")
        let after = files.versions()
        #expect(after != before)
        try bench.write("mine.json5", "{}")
        #expect(files.versions().count == 3)
    }

    /// What the check itself writes is no reason to check again.
    @Test func doesNotWatchWhatItWrites() throws {
        let bench = try Bench()
        try bench.write("tests/a.litmus", Texts.lockAnd)
        let table = "tests/found.tsv"
        let result = try watch(bench, ["--profile", "cet", "--write-expect", table, "tests"], edits: [{}, {}])
        #expect(result.errors.ranges(of: "watching ").count == 1 && result.status == .success, "\(result)")
        let again = try watch(
            bench, ["--profile", "cet", "--expect", table, "--write-expect", table, "tests"], edits: [{}, {}])
        #expect(again.errors.ranges(of: "watching ").count == 1 && again.status == .success, "\(again)")
    }

    @Test func refusesStandardInput() throws {
        let bench = try Bench()
        #expect(bench.run("check", "--watch", "-") == .badInput)
        #expect(bench.errors.contains("--watch cannot watch standard input"))
    }
}
