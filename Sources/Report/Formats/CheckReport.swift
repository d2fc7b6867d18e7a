import Checker
import Litmus
import Synthesis

/// What `ptero check` prints: of each test as soon as it is known, or of all of them at the end.
package struct CheckReport: Sendable {
    /// The formats.
    package enum Format: Sendable, Hashable {
        /// A line for each test, and the runs of a single one.
        case table
        /// herd7's blocks.
        case blocks
        /// One object for each verdict, and for each thing that is wrong with an input.
        case json
        /// A document.
        case document(CheckDocument.Format)
    }

    /// What is shown.
    package struct Options: Sendable, Hashable {
        /// The format.
        package var format: Format
        /// The run is about the corpus: folders instead of tests.
        package var isCorpus = false
        /// Runs are told, whatever the format and the number of tests.
        package var showsWitnesses = false
        /// Runs are told with all steps, also those that no other CPU can notice.
        package var showsAllSteps = false
        /// Runs are told as the literal machine takes them, with the steps that matter and why each was possible.
        package var explains = false
        /// The figures of each search are shown.
        package var showsStatistics = false
        /// The table sequence x CPU class is shown.
        package var showsSequences = false
        /// That table has a column of costs by these prices.
        package var costs: CostTable?
        /// Verdicts that say less than they seem to are failures.
        package var isStrict = false

        /// The format, and nothing beyond it.
        package init(format: Format) { self.format = format }
    }

    private let options: Options
    private let profiles: [String]
    private let isEverybody: Bool
    private let replay: ReplayCommand
    private let style: Style
    private let skipped: [SkippedTests]
    private let kernel: String?

    /// - Parameters:
    ///   - profiles: the names of the profiles that tests are checked on, in order.
    ///   - isEverybody: all built-in profiles are among them.
    ///   - replay: how runs are repeated.
    ///   - skipped: C tests that were left out.
    ///   - kernel: the version of the kernel that C tests are compiled with, or nil.
    package init(
        _ options: Options, profiles: [String], isEverybody: Bool, replay: ReplayCommand, style: Style,
        skipped: [SkippedTests] = [], kernel: String? = nil
    ) {
        self.options = options
        self.profiles = profiles
        self.isEverybody = isEverybody
        self.replay = replay
        self.style = style
        self.skipped = skipped
        self.kernel = kernel
    }

    /// Whether tests are shown as they come.
    package var showsAtOnce: Bool { options.format == .blocks || options.format == .json }

    /// Whether the runs of as many tests are told step by step.
    package func tellsWitnesses(ofTests count: Int) -> Bool {
        switch options.format {
        case .table: options.showsWitnesses || count == 1
        case .blocks, .json: options.showsWitnesses
        // Those of what does not pass, which `ptero check` sees to.
        case .document: options.showsWitnesses
        }
    }

    /// What is shown of a test as soon as it and all before it are known.
    package func text(of test: TestFindings) -> String {
        switch options.format {
        case .table, .document: ""
        case .json:
            test.findings.map { finding in
                VerdictJSON.text(
                    finding, showsSteps: options.showsWitnesses, assumptions: test.assumptions, kernel: kernel,
                    warnings: test.test.headerWarnings)
            }.joined()
        case .blocks: blocks(test)
        }
    }

    private func blocks(_ test: TestFindings) -> String {
        var text = ""
        var told: [(story: [String], profile: String)] = []
        for finding in test.findings {
            text += block(finding)
            guard options.showsWitnesses, let witness = finding.verdict.shownRun else { continue }
            let shown = WitnessText(witness, showsAllSteps: options.showsAllSteps)
            let replayed = replay.line(finding.verdict)
            if let same = told.first(where: { $0.story == shown.story }) {
                text += "The run is the same as on \(same.profile).\n"
                if let replayed { text += style.apply(.faint, "replay: \(replayed)") + "\n" }
            } else {
                text += shown.rendered(replay: replayed, style: style)
                if options.explains { text += ExplanationText(witness).rendered(style) }
                told.append((shown.story, finding.verdict.profile))
            }
            text += "\n"
        }
        return text
    }

    private func block(_ finding: Finding) -> String {
        let verdict = finding.verdict
        var text = ""
        if profiles.count > 1 || verdict.profile.contains(":") { text += "Profile \(verdict.profile)\n" }
        if let reason = verdict.reason { text += "Inconclusive: \(reason.text)\n" }
        return text + HerdBlock.text(verdict, statistics: options.showsStatistics)
    }

    /// What needs all results.
    ///
    /// - Parameters:
    ///   - tests: all that were checked.
    ///   - document: the same, with inputs that gave no verdict.
    ///   - unreadable: how many inputs could not be used.
    ///   - seconds: how long it took.
    package func ending(
        _ tests: [TestFindings], _ document: @autoclosure () -> CheckDocument,
        _ origin: @autoclosure () -> CheckDocument.Origin, unreadable: Int, seconds: Double
    ) -> String {
        switch options.format {
        case .document(let format): document().rendered(format, origin())
        case .json: document().faults.map { $0.json(.check) }.joined()
        case .table, .blocks: ending(tests, unreadable: unreadable, seconds: seconds)
        }
    }

    /// What people read of all results; empty in the formats for programs.
    package func ending(_ tests: [TestFindings], unreadable: Int, seconds: Double) -> String {
        guard options.format == .table || options.format == .blocks, !tests.isEmpty else { return "" }
        let summary = Summary(tests, unreadable: unreadable, skipped: skipped)
        var text = ""
        if options.format == .table {
            if options.isCorpus {
                text += summary.folders(style)
                let notes = summary.notes(style)
                if !notes.isEmpty { text += "\n" + notes }
            } else {
                text += VerdictTable(tests, profiles: profiles).rendered(style)
            }
            if options.showsStatistics { text += "\n" + summary.statistics(style) }
            if tellsWitnesses(ofTests: tests.count) {
                for test in tests {
                    text += WitnessList(
                        test, replay: replay, showsAllSteps: options.showsAllSteps, explains: options.explains
                    ).rendered(style)
                }
            }
        } else if options.isCorpus {
            text += summary.folders(style)
        }
        text += Exceptions(tests, replay: replay).rendered(style)
        if options.showsSequences {
            // A test that could not be read might have been the one that fails.
            let table = SequenceTable(
                tests, profiles: profiles, isEverybody: isEverybody,
                isWhole: unreadable == 0 && !skipped.contains(where: { $0.hasSequence }), costs: options.costs)
            if !table.isEmpty { text += "\n" + table.rendered(style) }
        }
        if options.format == .table { text += "\n" }
        if tests.count > 1 {
            let verdicts = tests.reduce(0) { $0 + $1.findings.count }
            text += "\(Figures.count(verdicts, "verdict")) in \(Figures.fixed(seconds, decimals: 2)) s\n"
        }
        text += summary.assumptions
        for group in skipped {
            text += TextWrap.lines(of: group.line, width: style.width, indent: 2).map { $0 + "\n" }.joined()
        }
        if options.isStrict { text += summary.strictness }
        return text + Summary.limits + "\n" + summary.line + "\n"
    }
}
