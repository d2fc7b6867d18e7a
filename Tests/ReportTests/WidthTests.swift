import Checker
import Litmus
import Machine
import Testing

@testable import Report

/// Every table keeps to the width that it is given, whatever the names in it.
@Suite struct WidthTests {
    static let widths = [40, 60, 80, 120, 200]

    /// The lines that are too long; a path or a command line that has to be copied whole is none of them.
    private func tooLong(_ text: String, _ width: Int) -> [String] {
        text.split(separator: "\n").map(String.init).filter { line in
            line.count > width && !["replay:", "file:", "smallest example:", "  ptero"].contains { line.contains($0) }
        }
    }

    /// Findings with long names, on many profiles of long names.
    private func findings(_ profiles: [String]) throws -> [TestFindings] {
        let long = Samples.lockAndMakes
            .replacing("Sequence=lock-and", with: "Sequence=a sequence of which much is to be said")
            .replacing(
                "Failure=makes a shadow-stack entry",
                with: "Failure=goes wrong in so many words that one line of a legend can hardly hold all of them")
        var tests = [
            try Samples.findings(Samples.lockAnd), try Samples.findings(Samples.mixed), try Samples.findings(long),
        ]
        for number in tests.indices {
            let template = try #require(tests[number].findings.first)
            if number != 1 {
                tests[number].findings = profiles.map { name in
                    var finding = template
                    finding.verdict.profile = name
                    return finding
                }
            }
        }
        tests[0].test.name = "a-test+with-a-very-long-name+that-nobody-would-give+but-somebody-may"
        tests[0].file = "some/folder/" + tests[0].test.name + ".litmus"
        return tests
    }

    @Test(arguments: widths)
    func tablesOfVerdicts(width: Int) throws {
        let style = Style(isColored: false, width: width)
        let profiles = ["cet", "strict", "a-profile-of-mine"] + (0..<11).map { "mine-number-\($0)" }
        let tests = try findings(profiles)
        func part(_ version: String) -> KernelReport.Part {
            KernelReport.Part(
                version: version, directory: version, title: "linux-headers-\(version).0-amd64", tests: tests,
                unreadable: 0, interrupted: 0, leftOut: [], ruleBreakers: nil, replay: ReplayCommand())
        }
        let texts = [
            VerdictTable(tests, profiles: profiles).rendered(style),
            ScenarioTable(tests, profiles: profiles, isEverybody: false).rendered(style),
            ScenarioComparison(part("6.1"), part("6.12"), profiles: profiles, isEverybody: false).rendered(style),
            SequenceTable(tests, profiles: profiles, isEverybody: true).rendered(style),
            Summary(tests).folders(style), Summary(tests).statistics(style),
        ]
        for text in texts { #expect(tooLong(text, width) == [], "\(text)") }
        // Nothing is left out: each profile stands over a column.
        for name in profiles { #expect(texts[0].contains(name.prefix(12)), "\(name)") }
        #expect(texts[0].contains("Sometimes") || texts[0].contains("Never"))
    }

    @Test(arguments: widths)
    func tablesOfWhatThereIs(width: Int) {
        let style = Style(isColored: false, width: width)
        let mine = CPUProfile.builtIn.flatMap { profile in
            (0..<3).map { number in
                var copy = profile
                copy.name = profile.name + "-of-mine-\(number)"
                return copy
            }
        }
        for text in [
            ProfileTables.text(mine, onRequest: mine, style: style),
            PropertyGuide.text(PropertyGuide.all, corpus: "Corpus", width: width), ModelLimits.text(width: width),
        ] { #expect(tooLong(text, width) == [], "\(text)") }
    }

    @Test func columnsAreNarrowedThenMovedTogetherThenParted() {
        var table = TextTable([.init("name")] + (0..<5).map { .init("column\($0)") })
        table.append([.init("first")] + (0..<5).map { .init("some words \($0)") })
        table.append(.init("second"), spanning: .init("a sentence that runs on over all of the columns"))
        // Six and five times seven letters: 51 with two blanks between them, 46 with one.
        func heading(_ width: Int) -> Substring? { table.rendered(width: width).split(separator: "\n").first }
        #expect(heading(51) == "name    column0  column1  column2  column3  column4")
        #expect(heading(46) == "name   column0 column1 column2 column3 column4")
        #expect(
            table.rendered(width: 40) == """
                name    column0    column1    column2
                first   some       some       some words
                        words 0    words 1    2
                second  a sentence that runs on over all
                        of the columns

                name    column3       column4
                first   some words 3  some words 4

                """)
        #expect(table.rendered(width: 80).split(separator: "\n").count == 3)
    }

    @Test func wordsAreCutAtSignsAndWhatIsSetInStaysSo() {
        #expect(TextWrap.lines(of: "lock-and+write+exposed", width: 16) == ["lock-and+write+", "exposed"])
        #expect(TextWrap.lines(of: "abcdefghijkl", width: 5) == ["abcde", "fghij", "kl"])
        #expect(TextWrap.lines(of: "  set in and long", width: 10) == ["  set in", "  and long"])
    }

    @Test func theWidthIsWhatCOLUMNSSaysElseTheTerminalsElse80() {
        #expect(Style.width(columns: "100", terminal: 60) == 100)
        #expect(Style.width(columns: nil, terminal: 60) == 60)
        #expect(Style.width(columns: "wide", terminal: nil) == nil)
        #expect(Style.width(columns: "0", terminal: 70) == 70)
        #expect(Style(isColored: false).width == 80)
        #expect(Style(isColored: false).runWidth == 112)
        #expect(Style(isColored: false, width: 90).runWidth == 90)
        #expect(Style(isColored: false, width: 300).runWidth == 112)
    }

    @Test func replayLinesCanBePastedIntoAShell() throws {
        var verdict = try Samples.finding(Samples.storeBuffering).verdict
        verdict.replay = "0(12)1"
        func line(_ file: String, _ command: ReplayCommand = ReplayCommand()) -> String? {
            verdict.file = file
            return command.line(verdict)
        }
        #expect(line("-x.litmus")?.hasPrefix("ptero replay ./-x.litmus --profile ") == true)
        #expect(line("--help")?.hasPrefix("ptero replay ./--help ") == true)
        #expect(line("-")?.hasPrefix("ptero replay - ") == true)
        #expect(line("a b'c.litmus")?.hasPrefix("ptero replay 'a b'\\''c.litmus' ") == true)
        #expect(line("$(x)&\n.litmus")?.hasPrefix("ptero replay '$(x)&\n.litmus' ") == true)
        let mine = ReplayCommand(profileArguments: [verdict.profile: "-mine.json5:cet"])
        #expect(line("x.litmus", mine)?.contains("--profile ./-mine.json5:cet ") == true)
        #expect(line("x.litmus")?.hasSuffix("--witness '0(12)1'") == true)
    }
}
