import Foundation
import Report
import TestSupport
import Testing

@testable import PteroCLI

/// `--html` and `--svg`: what is written, and what is said where it cannot be.
@Suite struct PictureFilesTests {
    private func bench() throws -> Bench {
        let bench = try Bench()
        try bench.write("a.litmus", Texts.lockAnd)
        try bench.write("b.litmus", Texts.storeBuffering)
        return bench
    }

    private func read(_ name: String, _ bench: Bench) throws -> String {
        try String(contentsOf: bench.folder.appendingPathComponent(name), encoding: .utf8)
    }

    @Test func aReportSaysHowItWasMade() throws {
        let bench = try bench()
        #expect(bench.run("check", "a.litmus", "b.litmus", "--html", "r.html") == .success)
        let html = try read("r.html", bench)
        #expect(html.contains("ptero check a.litmus b.litmus --html r.html"))
        #expect(html.contains("2 tests on 6 classes of CPUs: 12 verdicts, 1 failure"))
        #expect(html.contains("ptero replay a.litmus --profile cet --reference --witness"))
        #expect(bench.output.contains("12 verdicts in"))
    }

    @Test func aReportThatCannotBeWrittenLeavesTheVerdicts() throws {
        let bench = try bench()
        #expect(bench.run("check", "a.litmus", "--html", "no/r.html") == .badInput)
        #expect(bench.errors.contains("no/r.html cannot be written"))
        #expect(bench.output.contains("Sometimes") && bench.output.contains("1 test:"))
    }

    @Test func aDrawingIsOfOneTest() throws {
        let bench = try bench()
        #expect(bench.run("check", "a.litmus", "b.litmus", "--svg", "r.svg") == .badInput)
        #expect(bench.errors.contains("--svg draws one run, and 2 tests are asked"))
        #expect(bench.run("check", "a.litmus", "--svg", "r.svg") == .success)
        #expect(try read("r.svg", bench).contains(">lock-and+write+exposed on cet</text>"))
    }

    @Test func nothingToDrawIsSaid() throws {
        let bench = try bench()
        #expect(bench.run("check", "a.litmus", "--profile", "late", "--svg", "r.svg") == .badInput)
        #expect(bench.errors.contains("--svg: no run of this test answers its condition"))
        #expect(bench.output.contains("Never"))
    }
}
