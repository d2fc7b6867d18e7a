import Foundation
import Report
import TestSupport
import Testing

@testable import PteroCLI

/// `--format` and `--output`: what goes where, and what is said where it cannot.
@Suite struct FormatTests {
    private static let formats = ["text", "herd", "json", "ktap", "junit", "sarif", "markdown", "github"]

    private func bench() throws -> Bench {
        let bench = try Bench()
        bench.environment["SOURCE_DATE_EPOCH"] = "1796036400"
        try bench.write("a.litmus", Texts.lockAnd.replacing("cet=Sometimes", with: "cet=Never"))
        try bench.write("b.litmus", Texts.storeBuffering)
        return bench
    }

    private func read(_ name: String, _ bench: Bench) throws -> String {
        try String(contentsOf: bench.folder.appendingPathComponent(name), encoding: .utf8)
    }

    @Test func noFormatChangesTheStatus() throws {
        let bench = try bench()
        try bench.write("bad.litmus", "X86_64 bad\n{ }\n P0 ;\n foo ;\nexists (z=0)\n")
        for format in Self.formats {
            #expect(bench.run("check", "b.litmus", "--format", format) == .success, "\(format)")
            #expect(bench.run("check", "a.litmus", "b.litmus", "--format", format) == .unexpected, "\(format)")
            #expect(bench.run("check", "b.litmus", "bad.litmus", "--format", format) == .badInput, "\(format)")
            #expect(bench.errors.contains("bad.litmus:4:2: error: unknown instruction"), "\(format)")
            #expect(
                bench.run("check", "b.litmus", "--max-states", "2", "--format", format) == .inconclusive, "\(format)")
        }
    }

    @Test func severalFormatsGoToFilesAndTextToStandardOutput() throws {
        let bench = try bench()
        let status = bench.run(
            ["check", "a.litmus", "b.litmus", "--format", "sarif", "--output", "a.sarif", "--format", "ktap"]
                + ["--output", "b.out", "--format", "json=c", "--format", "junit=d.xml", "--format", "text=e.txt"])
        #expect(status == .unexpected)
        #expect(bench.output.contains("2 tests: 1 as expected, 1 unexpected"))
        #expect(try read("a.sarif", bench).contains("\"ruleId\": \"shadow_stack_exposed\""))
        #expect(try read("b.out", bench).hasPrefix("KTAP version 1\n1..2\n"))
        #expect(try read("c", bench).hasPrefix("{\"schema\": \"ptero-check/1\", \"test\": \"lock-and+write+exposed\""))
        #expect(try read("d.xml", bench).contains("timestamp=\"2026-11-30T11:00:00\""))
        #expect(try read("e.txt", bench).contains("2 tests: 1 as expected, 1 unexpected"))
    }

    @Test func anEndingSaysTheFormat() throws {
        let bench = try bench()
        bench.run(
            "check", "b.litmus", "--json", "--output", "a.sarif.json", "--output", "b.jsonl", "--output", "c.tap",
            "--output", "d.md")
        #expect(bench.output.hasPrefix("{\"schema\": \"ptero-check/1\""))
        #expect(try read("a.sarif.json", bench).contains("\"version\": \"2.1.0\""))
        #expect(try read("b.jsonl", bench).hasPrefix("{\"schema\": \"ptero-check/1\""))
        #expect(try read("c.tap", bench).hasPrefix("KTAP version 1\n"))
        #expect(try read("d.md", bench).hasPrefix("## Ptero\n"))
    }

    @Test func aDashIsStandardOutput() throws {
        let bench = try bench()
        bench.run("check", "b.litmus", "--format", "junit=-", "--output", "a.md")
        #expect(bench.output.hasPrefix("<?xml "))
        #expect(try read("a.md", bench).hasPrefix("## Ptero\n"))
        #expect(bench.run("check", "b.litmus", "--format", "junit=-", "--json") == .badInput)
        #expect(bench.errors.contains("--json and --format junit exclude each other on standard output"))
    }

    @Test func runsOfWhatFailsAreToldAlsoOfManyTests() throws {
        let bench = try bench()
        bench.run("check", "a.litmus", "b.litmus", "--format", "ktap")
        #expect(bench.output.contains("# cet: replay: ptero replay a.litmus --profile cet --witness 10\n"))
        #expect(bench.output.contains("walker sets D in PTE(x)"))
        bench.run("check", "a.litmus", "b.litmus", "--output", "a.sarif")
        #expect(try read("a.sarif", bench).contains("\"codeFlows\""))
    }

    @Test func vAndJSONAreFormats() throws {
        let bench = try bench()
        for (short, format) in [("-v", "herd"), ("--json", "json")] {
            bench.run("check", "b.litmus", short)
            let text = bench.timeless
            bench.run("check", "b.litmus", "--format", format)
            #expect(bench.timeless == text)
            #expect(bench.run("check", "b.litmus", short, "--format", format) == .success)
        }
    }

    @Test(
        arguments: [
            (["--format", "sarif", "--format", "ktap", "--output", "a.sarif"], "which goes where is not clear"),
            (["--format", "sarif", "--output", "a.ktap"], "--format sarif=a.ktap, if that is meant"),
            (["--format", "ktap", "--json"], "--json and --format ktap exclude each other"),
            (["--format", "ktap", "--format", "junit"], "standard output has one format"),
            (["--output", "a.pdf"], "write --format NAME=a.pdf"), (["--output", "a.html"], "--html a.html"),
            (["--format", "pdf"], "'pdf' is invalid"), (["--format", "sarif="], "'sarif=' is invalid"),
        ])
    func contradictionsAreRefusedWithARemedy(_ arguments: [String], _ said: String) throws {
        let bench = try bench()
        #expect(bench.run(["check", "b.litmus"] + arguments) == .badInput)
        #expect(bench.errors.contains(said), "\(bench.errors)")
        #expect(bench.output.isEmpty)
    }

    @Test func anOutputThatCannotBeWrittenLeavesTheVerdictsAndTheOthers() throws {
        let bench = try bench()
        try bench.write("folder/x", "")
        let cases = [
            ("no/a.sarif", "check the folder"), ("folder", "this is a folder"), ("/dev/full", "the disk is full"),
        ]
        for (bad, remedy) in cases {
            #expect(bench.run("check", "a.litmus", "--format", "sarif=\(bad)", "--output", "b.ktap") == .badInput)
            #expect(bench.errors.contains("\(bad) cannot be written\n  remedy: \(remedy)"))
            #expect(bench.output.contains("1 test: 1 unexpected"))
            #expect(try read("b.ktap", bench).contains("not ok 1 lock-and+write+exposed"))
        }
    }

    @Test func noOutputReplacesAnotherOrAnInput() throws {
        let bench = try bench()
        try FileManager.default.createSymbolicLink(
            atPath: bench.folder.appendingPathComponent("link").path, withDestinationPath: "r.sarif")
        for other in ["./r.sarif", "link"] {
            #expect(
                bench.run("check", "a.litmus", "--format", "sarif=r.sarif", "--format", "ktap=\(other)") == .badInput)
            #expect(bench.errors.contains("\(other) is another output"))
            #expect(bench.output.contains("1 test: 1 unexpected"))
            #expect(try read("r.sarif", bench).contains("\"version\": \"2.1.0\""))
        }
        #expect(bench.run("check", "a.litmus", "--html", "r.html", "--format", "ktap=r.html") == .badInput)
        #expect(try read("r.html", bench).hasPrefix("<!DOCTYPE html>"))
        #expect(bench.run("check", "a.litmus", "--format", "ktap=a.litmus") == .badInput)
        #expect(bench.errors.contains("a.litmus is an input"))
        #expect(try read("a.litmus", bench).hasPrefix("X86_64"))
    }

    @Test func aTableThatCannotBeWrittenLeavesTheReports() throws {
        let bench = try bench()
        #expect(bench.run("check", "b.litmus", "--write-expect", "no/x.tsv", "--output", "r.md") == .badInput)
        #expect(bench.errors.contains("no/x.tsv cannot be written"))
        #expect(try read("r.md", bench).contains("1 test: 1 as expected"))
    }

    @Test func badInputIsARecord() throws {
        let bench = try bench()
        try bench.write("bad.litmus", "X86_64 bad\n{ }\n P0 ;\n foo ;\n bar ;\nexists (z=0)\n")
        bench.run("check", "--json", "bad.litmus", "none.litmus", "b.litmus", "--profile", "cet")
        let records = try bench.output.split(separator: "\n").map { line in
            try #require(JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
        }
        #expect(records.allSatisfy { $0["schema"] as? String == "ptero-check/1" })
        #expect(records.compactMap { $0["test"] as? String } == ["SB"])
        let faults = records.filter { $0["error"] as? String == "input" }
        #expect(faults.map { $0["file"] as? String } == ["bad.litmus", "bad.litmus", "none.litmus"])
        #expect(faults.map { $0["line"] as? Int } == [4, 5, nil])
        #expect(faults.map { $0["column"] as? Int } == [2, 2, nil])
        #expect(faults[0]["message"] as? String == "unknown instruction \"foo\"")
        #expect(faults.allSatisfy { $0["remedy"] is String })
    }

    @Test func whatKeepsEverythingFromBeingCheckedIsARecordToo() throws {
        let bench = try bench()
        bench.run("check", "a.litmus", "--json", "--profile", "nobody", "--output", "r.sarif")
        #expect(bench.errors.contains("nobody"))
        #expect(bench.output.hasPrefix("{\"schema\": \"ptero-check/1\", \"error\": \"input\", \"file\": null"))
        #expect(try read("r.sarif", bench).contains("\"executionSuccessful\": false"))
    }

    @Test func everythingOfATestThatIsHostileStaysInItsPlace() throws {
        let bench = try bench()
        let wide = String(repeating: "w", count: 10_000)
        let text = Texts.lockAnd.replacing("cet=Sometimes", with: "cet=Never")
        try bench.write("h.litmus", text.replacing("lock-and+write+exposed", with: "a\"b'<c>&]]>\u{2028}|"))
        try bench.write("quo\"te]]>,:%#.litmus", text)
        try bench.write("wide.litmus", text.replacing("lock-and+write+exposed", with: wide))
        try bench.write("columns.litmus", text.replacing("movl $1,(x) ;", with: "movl $1,(x) ;" + wide))
        for format in Self.formats {
            let arguments = ["check", "h.litmus", "quo\"te]]>,:%#.litmus", "wide.litmus", "columns.litmus"]
            #expect(bench.run(arguments + ["--format", "\(format)"]) == .badInput)
            #expect(!bench.output.unicodeScalars.contains { $0.value < 0x20 && $0 != "\n" })
        }
        bench.run("check", "h.litmus", "wide.litmus", "--format", "sarif")
        let whole = try JSONSerialization.jsonObject(with: Data(bench.output.utf8)) as? [String: Any]
        #expect((whole?["runs"] as? [Any])?.count == 1)
    }
}
