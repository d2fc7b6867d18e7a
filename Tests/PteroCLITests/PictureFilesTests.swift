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

    @Test func aReplayIsAPageOfItsOwn() throws {
        let bench = try bench()
        bench.run("check", "--explain", "--profile", "cet", "a.litmus")
        let line = try #require(bench.output.split(separator: "\n").first { $0.hasPrefix("replay: ptero ") })
        let words = line.split(separator: " ").dropFirst(2).map(String.init)
        #expect(bench.run(words + ["--html", "run.html"]) == .success)
        let html = try read("run.html", bench)
        #expect(html.contains("<title>lock-and+write+exposed on cet: Ptero</title>"))
        #expect(html.contains("id=\"lock-and-write-exposed-cet-4\""))
        #expect(!html.contains("class=\"matrix\""))
        #expect(bench.run(words + ["--html", "no/run.html"]) == .badInput)
        #expect(bench.output.contains("lock andb"))
    }

    @Test func aPageSaysWhatStepsAreFor() throws {
        let bench = try Bench()
        try bench.write("loop.litmus", Checkout.text("Corpus/wrprotect/cmpxchg+write+lost-dirty.litmus"))
        #expect(bench.run("why", "loop.litmus", "--html", "why.html") == .success)
        let html = try read("why.html", bench)
        #expect(html.contains("✕ [1] lock prefix: needed, else lost_dirty(x) on every profile"))
        #expect(html.contains("[1] P0 without the lock prefix of lock cmpxchgq %rcx,(%rdi)"))
        #expect(html.contains("<section class=\"fail\""))
    }

    @Test func everythingOfATestThatIsHostileIsEscaped() throws {
        let bench = try Bench()
        let name = "</script><svg/onload=alert(1)>]]>"
        let wide = String(repeating: "w", count: 10_000)
        try bench.write(
            "h.litmus",
            Texts.lockAnd.replacing("lock-and+write+exposed", with: name).replacing(
                "Sequence=lock-and", with: "Sequence=\(wide)"))
        #expect(bench.run("check", "h.litmus", "--html", "h.html", "--svg", "h.svg") == .success, "\(bench.errors)")
        for file in ["h.html", "h.svg"] {
            let text = try read(file, bench)
            #expect(!text.contains("<svg/onload") && !text.contains("]]>"))
            #expect(text.contains("&lt;/script&gt;&lt;svg/onload=alert(1)&gt;]]&gt;"))
        }
    }

    @Test func stepsOfHardwareNameTheInstructionThatTheyAreFor() throws {
        let bench = try bench()
        bench.run("check", "--json", "--explain", "--profile", "cet", "a.litmus")
        let object = try JSONSerialization.jsonObject(with: Data(bench.output.utf8)) as? [String: Any]
        let steps = try #require(object?["steps"] as? [[String: Any]])
        #expect(steps.map { $0["n"] as? Int } == [1, 2, 3, 4])
        #expect(steps.map { $0["kind"] as? String } == ["walk", "beginDirty", "setDirty", "instruction"])
        #expect(steps.allSatisfy { $0["line"] is Int && $0["matters"] as? Bool == true })
        #expect(
            steps[2]["what"] as? String == "P1's CPU sets D in PTE(x). The write of [x] goes into the store buffer.")
        #expect((object?["variables"] as? [String: String])?["x"] == "0")
        #expect((object?["story"] as? String)?.contains("P0 clears W in PTE(x), in one locked operation.") == true)
    }

    @Test func nothingToDrawIsSaid() throws {
        let bench = try bench()
        #expect(bench.run("check", "a.litmus", "--profile", "late", "--svg", "r.svg") == .badInput)
        #expect(bench.errors.contains("--svg: no run of this test answers its condition"))
        #expect(bench.output.contains("Never"))
    }
}
