import Report

/// Shows the results of a run: some formats as they come, others at the end.
struct CheckPrinter: Sendable {
    /// The formats.
    enum Format: Sendable, Hashable {
        case table, blocks, json
    }

    /// What is shown.
    struct Options: Sendable, Hashable {
        var format: Format
        /// The run is about the corpus: folders instead of tests.
        var isCorpus: Bool
        var showsWitnesses: Bool
        var showsStatistics: Bool
        var showsSequences: Bool
    }

    let options: Options
    let profiles: ProfileSelection
    let replay: ReplayCommand
    let style: Style
    let output: Output
    /// C tests that were left out.
    var skipped: [SkippedTests] = []
    /// The version of the kernel that C tests are compiled with, or nil.
    var kernel: String?

    /// Shows a test's findings as soon as they and all before them are known.
    func show(_ test: TestFindings) {
        switch options.format {
        case .table: break
        case .json:
            for finding in test.findings {
                output.write(
                    VerdictJSON.text(
                        finding, showsSteps: options.showsWitnesses, assumptions: test.assumptions,
                        kernel: kernel, warnings: test.test.headerWarnings))
            }
        case .blocks:
            for finding in test.findings {
                if profiles.selected.count > 1 || finding.verdict.profile.contains(":") {
                    output.write("Profile \(finding.verdict.profile)\n")
                }
                if let reason = finding.verdict.reason { output.write("Inconclusive: \(reason)\n") }
                output.write(HerdBlock.text(finding.verdict, statistics: options.showsStatistics))
                if options.showsWitnesses, let witness = finding.verdict.witness {
                    let text = WitnessText(witness).rendered(replay: replay.line(finding.verdict), style: style)
                    output.write(text + "\n")
                }
            }
        }
    }

    /// Shows what needs all results.
    func finish(_ tests: [TestFindings], unreadable: Int, elapsed: Duration) {
        guard options.format != .json, !tests.isEmpty else { return }
        let names = profiles.selected.map(\.name)
        let summary = Summary(tests, unreadable: unreadable, skipped: skipped)
        var text = ""
        if options.format == .table {
            if options.isCorpus {
                text += summary.folders(style)
            } else {
                text += VerdictTable(tests, profiles: names).rendered(style)
            }
            if options.showsStatistics { text += "\n" + summary.statistics(style) }
            if tests.count == 1 || options.showsWitnesses {
                for test in tests { text += WitnessList(test, replay: replay).rendered(style) }
            }
        } else if options.isCorpus {
            text += summary.folders(style)
        }
        text += Exceptions(tests, replay: replay).rendered(style)
        if options.showsSequences {
            // A test that could not be read might have been the one that fails.
            let table = SequenceTable(
                tests, profiles: names, isEverybody: profiles.isEverybody,
                isWhole: unreadable == 0 && !skipped.contains(where: \.hasSequence))
            if !table.isEmpty { text += "\n" + table.rendered(style) }
        }
        if options.format == .table { text += "\n" }
        if tests.count > 1 {
            let verdicts = tests.map(\.findings.count).reduce(0, +)
            let seconds = Double(elapsed.components.seconds) + Double(elapsed.components.attoseconds) * 1e-18
            text += "\(Figures.count(verdicts, "verdict")) in \(Figures.fixed(seconds, decimals: 2)) s\n"
        }
        text += summary.assumptions
        for group in skipped { text += group.line + "\n" }
        text += Summary.limits + "\n" + summary.line + "\n"
        output.write(text)
    }
}
