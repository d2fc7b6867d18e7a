import Checker
import Litmus

/// What does not pass, in lines for a log: why, what goes wrong, the run, and how to see it again.
///
/// A run that was told for an earlier profile of the test is not told again.
struct FailureText {
    private var told: [(story: [String], profile: String)] = []

    /// The lines about a verdict, without control characters.
    mutating func lines(
        of finding: Finding, in test: TestFindings, _ shortfall: Shortfall, replay: ReplayCommand
    ) -> [String] {
        var lines = [finding.headline(shortfall), finding.verdict.condition]
        if let run = finding.verdict.shownRun {
            let shown = WitnessText(run)
            if let same = told.first(where: { $0.story == shown.story }) {
                lines.append(RunSentences(run).conclusion)
                lines.append("The run is the same as on \(same.profile).")
            } else {
                told.append((shown.story, finding.verdict.profile))
                lines += Self.lines(of: shown)
            }
        }
        if let line = replay.line(finding.verdict) { lines.append("replay: \(line)") }
        return lines.map { printable($0) }
    }

    /// A run's table, line by line.
    static func lines(of run: WitnessText) -> [String] {
        var lines = run.rendered(replay: nil).split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        while lines.last?.isEmpty == true { lines.removeLast() }
        return lines
    }
}
