import Checker
import Diagnostics
import Explorer
import Litmus

/// The witnesses of one test, those that tell the same story once.
package struct WitnessList: Sendable {
    private let test: TestFindings
    private let replay: ReplayCommand
    private let showsAllSteps: Bool
    private let explains: Bool

    /// The witnesses of this test.
    ///
    /// - Parameters:
    ///   - showsAllSteps: as ``WitnessText`` takes it.
    ///   - explains: whether the steps that matter follow, with why each was possible.
    package init(_ test: TestFindings, replay: ReplayCommand, showsAllSteps: Bool = false, explains: Bool = false) {
        self.test = test
        self.replay = replay
        self.showsAllSteps = showsAllSteps
        self.explains = explains
    }

    /// Each witness under a heading that says what it shows; empty when there is none.
    package func rendered(_ style: Style = .plain) -> String {
        var text = ""
        for (finding, profiles) in test.toldRuns {
            guard let witness = finding.verdict.shownRun else { continue }
            let isShortest = finding.verdict.replayEnd == .complete
            let heading =
                "\(printable(finding.verdict.test)) on \(profiles.joined(separator: ", ")): a\(isShortest ? " shortest" : "") run "
                + what(finding) + (isShortest ? "" : " (a shorter one may exist: the search for it hit a limit)")
            text +=
                "\n"
                + TextWrap.lines(of: heading, width: WitnessText.width, indent: 4)
                .map { style.apply(.heading, $0) + "\n" }.joined()
            if let description = test.test.description {
                text += TextWrap.lines(of: printable("\"\(description)\""), width: WitnessText.width)
                    .map { $0 + "\n" }.joined()
            }
            let shown = WitnessText(witness, showsAllSteps: showsAllSteps, namesProfiles: profiles.count == 1)
            text += "\n" + shown.rendered(replay: replay.line(finding.verdict), style: style)
            if explains { text += ExplanationText(witness).rendered(style) }
        }
        return text
    }

    private func what(_ finding: Finding) -> String {
        let verdict = finding.verdict
        let proposition = verdict.condition.drop { $0 != "(" }
        return verdict.quantifier == .forall ? "without \(proposition)" : "to \(proposition)"
    }
}
