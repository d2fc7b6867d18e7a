import Checker
import Foundation
import Litmus
import Machine
import Report
import TestSupport
import Testing

/// Reports: complete, well-formed, and with nothing of a test taken for HTML.
@Suite struct ReportPageTests {
    private static let twoStep = "Corpus/wrprotect/two-step+write+lost-dirty.litmus"

    private func findings(_ text: String, profiles: [String] = ["cet", "late"]) throws -> TestFindings {
        var options = CheckOptions()
        options.tellsLiteralRuns = true
        return try Samples.findings(text, profiles: profiles, options: options)
    }

    private func page(_ tests: [TestFindings], profiles: [String] = ["cet", "late"]) -> String {
        ReportPage(
            command: "ptero check --html report.html", profiles: profiles,
            groups: [.init(title: "dir/", tests: tests, replay: ReplayCommand())], lines: ["1 test"]
        ).rendered()
    }

    @Test func goldenReport() throws {
        let html = page([try findings(Checkout.text(Self.twoStep))])
        try Golden.expect(html, "report.html")
        #expect(html.utf8.count < 80_000)
    }

    @Test func cellsHaveWordsAndLinkToTheirRun() throws {
        let html = page([try findings(Checkout.text(Self.twoStep))])
        #expect(html.contains("<th scope=\"row\">two-step+write+lost-dirty</th><td>Never</td>"))
        #expect(html.contains("<td class=\"bad\"><a href=\"#two-step-write-lost-dirty-late\">✕ Sometimes</a></td>"))
        #expect(html.contains("<section class=\"fail\" id=\"two-step-write-lost-dirty-late\">"))
    }

    @Test func whatWasNotExpectedIsMarkedByWordsToo() throws {
        let text = Samples.lockAnd.replacing("cet=Sometimes", with: "cet=Never")
        let html = page([try findings(text)])
        #expect(html.contains("<td class=\"bad un\"><a href=\"#lock-and-write-cet\">✕ Sometimes !</a></td>"))
        #expect(html.contains("✕ Sometimes, not expected !"))
    }

    @Test func everyStepHasACaptionASourceAndAReason() throws {
        let tests = try findings(Checkout.text(Self.twoStep))
        let html = page([tests])
        let run = try #require(tests.findings.last?.verdict.shownRun)
        #expect(run.steps.count == 9)
        for step in 1...9 {
            #expect(html.contains("<li id=\"two-step-write-lost-dirty-late-\(step)\" data-s=\"\(step)\""))
        }
        #expect(html.contains("P1's CPU sets D in PTE(x) although W is clear."))
        #expect(html.contains("this CPU sets D and writes all the same (onWriteRevoked)."))
        #expect(html.contains("5 private instructions, lines 13–17"))
        #expect(html.contains("x was written, but neither D nor SavedDirty is set"))
    }

    /// For paper: parts that show one drawing, and each row once.
    @Test func aLongPictureIsCutBetweenRowsForPrint() throws {
        let html = page([try findings(Checkout.text("Corpus/history/case-05-mask-trimmed.litmus"), profiles: ["cet"])])
        let cut = #/<div class="sheets" data-l="all".*?</ol>.*?</div></div>/#
        let sheets = try #require(html.firstMatch(of: cut)?.output)
        let shown = sheets.matches(of: #/<use href="#([^"]*)"/#).map { String($0.1) }
        let drawing = try #require(Set(shown).count == 1 ? shown.first : nil)
        #expect(html.ranges(of: "<g id=\"\(drawing)\">").count == 1)
        // Heads and rows of each part.
        let parts = sheets.ranges(of: "<div class=\"sheet\">").count
        #expect(parts == 2 && shown.count == 2 * parts)
        let frame = try #require(html.firstMatch(of: #/<div class="frame cut" data-l="all".*?</ol>/#)?.output)
        #expect(sheets.ranges(of: "<li ").count == frame.ranges(of: #/<li [^>]*height:/#).count)
        let short = page([try findings(Checkout.text(Self.twoStep))])
        #expect(!short.contains("class=\"sheets\"") && !short.contains("<use "))
    }

    @Test func aStoryHasAtMostFourSentences() throws {
        let html = page([try findings(Checkout.text(Self.twoStep))])
        let story = try #require(html.firstMatch(of: #/<div class="story wrong">.*?</p><p>(.*?)</p></div>/#))
        #expect((1...4).contains(story.1.components(separatedBy: "class=\"d\"").count - 1))
        #expect(story.1.contains("P0 reads PTE(x): P-UA--"))
    }

    /// What the page is allowed to load and run is its own: no text of a test can become an element or an attribute.
    @Test func nothingOfATestIsTakenForHTML() throws {
        let hostile = "</script><img src=x onerror=alert(1)>\"'&]]>"
        var tests = try findings(Samples.lockAnd, profiles: ["cet"])
        tests.test.name = hostile
        tests.test.description = hostile + "\u{1}\u{0}\u{85}"
        tests.findings[0].verdict.test = hostile
        tests.file = hostile
        let html = page([tests], profiles: ["cet"])
        #expect(!html.contains("<img"))
        #expect(html.components(separatedBy: "</script>").count == 2)
        #expect(!html.unicodeScalars.contains { $0.value < 0x20 && $0 != "\n" })
        #expect(html.contains("id=\"-script-img-src-x-onerror-alert-1-cet\""))
    }

    @Test func aPageAsksNothingOfANetwork() throws {
        let html = page([try findings(Checkout.text(Self.twoStep))])
        for mark in ["http:", "https:", "src=", "@import", "url(h"] { #expect(!html.contains(mark), "\(mark)") }
        #expect(html.contains("default-src 'none'"))
    }

    @Test func namesOfFragmentsAreDifferent() throws {
        let tests = try findings(Samples.lockAnd, profiles: ["cet"])
        let html = page([tests, tests], profiles: ["cet"])
        #expect(html.contains("id=\"lock-and-write-cet\"") && html.contains("id=\"lock-and-write-cet-v2\""))
        #expect(html.contains("href=\"#lock-and-write-cet-v2\""))
    }

    @Test func ofManyRunsTheFirstAreDrawnAndTheOthersText() throws {
        let tests = try findings(Samples.lockAnd, profiles: ["cet"])
        let html = page([TestFindings](repeating: tests, count: 13), profiles: ["cet"])
        #expect(html.components(separatedBy: "<section class=\"fail\"").count - 1 == ReportPage.mostDrawn)
        #expect(html.components(separatedBy: "<details class=\"fail\"").count - 1 == 3)
        #expect(html.contains("3 more runs, as text"))
    }

    @Test func whatWasNotExpectedIsDrawnFirst() throws {
        let tests = try findings(Samples.lockAnd, profiles: ["cet"])
        let odd = try findings(
            Samples.lockAnd.replacing("cet=Sometimes", with: "cet=Never").replacing("lock-and+write", with: "odd"),
            profiles: ["cet"])
        let html = page([TestFindings](repeating: tests, count: 12) + [odd], profiles: ["cet"])
        #expect(html.contains("<section class=\"fail\" id=\"odd-cet\">"))
    }
}
