import Checker
import Explorer
import Litmus

/// A run that a page shows, and what there is to say about it.
package struct ReportRun: Sendable {
    /// The test.
    package var test: LitmusTest
    /// What it is called: the test's name, with that of the condition.
    package var title: String
    /// The classes of CPUs that it is the same on.
    package var profiles: [String]
    /// What was found there, `Sometimes`; nil where a run is shown by itself.
    package var word: String?
    /// Whether something else was expected.
    package var isUnexpected = false
    /// Whether a cell of the matrix leads to it.
    package var isInMatrix = true
    /// Whether the run is a failure, and not only the answer to a question.
    package var isFailure: Bool
    /// The run.
    package var run: Run
    /// The command line that shows it again.
    package var replay: String?
    /// What else is said of it, such as the kernel's version.
    package var remarks: [String] = []

    /// A run by itself.
    package init(_ run: Run, of test: LitmusTest, profiles: [String], replay: String?, remarks: [String] = []) {
        self.run = run
        self.test = test
        title = test.title
        self.profiles = profiles
        self.replay = replay
        self.remarks = remarks
        isFailure = !run.ending.harms.isEmpty
    }

    /// The run of a verdict; nil where there is none.
    package init?(
        _ finding: Finding, of test: LitmusTest, profiles: [String], replay: ReplayCommand, kernel: String? = nil
    ) {
        guard let run = finding.verdict.shownRun else { return nil }
        self.init(run, of: test, profiles: profiles, replay: replay.line(finding.verdict))
        title = finding.verdict.test
        word = finding.verdict.observation.rawValue
        isUnexpected = finding.outcome == .unexpected
        isFailure = finding.isFailure
        if let kernel { remarks.append("Linux \(kernel)") }
        if !run.isLiteral { remarks.append("as the reduced search has it, without fills of TLBs") }
        if finding.verdict.replayEnd != .complete { remarks.append("a shorter run may exist") }
    }
}

extension Finding {
    /// Whether what was found is wrong: something goes wrong in its run, a claim does not hold, or it was not expected.
    package var isFailure: Bool {
        if outcome == .unexpected { return true }
        guard let run = verdict.shownRun else { return false }
        return !run.ending.harms.isEmpty || (verdict.quantifier != .exists && !verdict.isValidated)
    }
}

extension TestFindings {
    /// The findings that have a run, those that tell the same story once with all their profiles.
    var toldRuns: [(finding: Finding, profiles: [String])] {
        var groups: [(story: [String], finding: Finding, profiles: [String])] = []
        for finding in findings {
            guard let run = finding.verdict.shownRun else { continue }
            let story = WitnessText(run).story
            if let known = groups.firstIndex(where: { $0.story == story }) {
                groups[known].profiles.append(finding.verdict.profile)
            } else {
                groups.append((story, finding, [finding.verdict.profile]))
            }
        }
        return groups.map { ($0.finding, $0.profiles) }
    }
}
