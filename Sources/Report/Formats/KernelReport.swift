import Checker
import Litmus

/// What `ptero kernel` found on one kernel, or on two.
package struct KernelReport: Sendable {
    /// One kernel.
    package struct Part: Sendable {
        /// Its version.
        package var version: String
        /// The directory as the user named it.
        package var directory: String
        /// What tables call it; newlines begin new lines.
        package var title: String
        /// What was found.
        package var tests: [TestFindings]
        /// How many scenarios could not be compiled or explored.
        package var unreadable: Int
        /// How many scenarios Ctrl-C came before.
        package var interrupted: Int
        /// Scenarios that are about other kernels, and in words why.
        package var leftOut: [(name: String, words: String)]
        /// Scenarios that break the rule of shadow stacks, on a kernel that knows none; nil on one that does.
        package var ruleBreakers: [String]?
        /// Of these what was found when they were asked for the rule alone.
        package var ruleRuns: [(test: LitmusTest, verdict: Verdict)] = []
        /// Scenarios that gave no verdict, and why.
        package var faults: [InputFault] = []
        /// How its runs are shown again.
        package var replay: ReplayCommand

        /// Gathers what was found.
        package init(
            version: String, directory: String, title: String, tests: [TestFindings], unreadable: Int, interrupted: Int,
            leftOut: [(name: String, words: String)], ruleBreakers: [String]?, replay: ReplayCommand
        ) {
            self.version = version
            self.directory = directory
            self.title = title
            self.tests = tests
            self.unreadable = unreadable
            self.interrupted = interrupted
            self.leftOut = leftOut
            self.ruleBreakers = ruleBreakers
            self.replay = replay
        }
    }

    private let parts: [Part]
    private let profiles: [String]
    private let isEverybody: Bool
    private let showsBlocks: Bool
    private let showsWitnesses: Bool
    private let explains: Bool

    /// A report on one kernel, or on two that are compared.
    package init(
        _ parts: [Part], profiles: [String], isEverybody: Bool, showsBlocks: Bool = false, showsWitnesses: Bool = false,
        explains: Bool = false
    ) {
        self.explains = explains
        self.parts = parts
        self.profiles = profiles
        self.isEverybody = isEverybody
        self.showsBlocks = showsBlocks
        self.showsWitnesses = showsWitnesses
    }

    private var comparison: ScenarioComparison? {
        parts.count == 2
            ? ScenarioComparison(parts[0], parts[1], profiles: profiles, isEverybody: isEverybody) : nil
    }

    /// How the command ends: of one kernel whether it is as it should be; of two whether the first is worse than the second.
    package var status: ExitStatus {
        var status = ExitStatus.success
        for part in parts {
            var own = ExitStatus(of: part.tests, unreadable: part.unreadable)
            if part.interrupted > 0 { own = own.combined(with: .inconclusive) }
            // Beside another kernel what matters is the difference.
            if comparison != nil, own == .unexpected {
                let isOpen = part.tests.contains { $0.findings.contains { $0.outcome == .inconclusive } }
                own = isOpen || part.interrupted > 0 ? .inconclusive : .success
            }
            status = status.combined(with: own)
        }
        if let comparison, comparison.isFirstWorse { status = status.combined(with: .unexpected) }
        return status
    }

    /// Everything as text.
    package func rendered(_ style: Style = .plain) -> String {
        guard let first = parts.first else { return "" }
        guard parts.contains(where: { !$0.tests.isEmpty || !$0.leftOut.isEmpty }) else { return interruption }
        var text = ""
        if showsBlocks { text += parts.map(blocks).joined() }
        if let comparison {
            text += comparison.rendered(style)
            text += showsWitnesses ? parts.map { witnesses($0, style) }.joined() : comparison.runs(style)
        } else {
            text += "\(first.title), with its own helpers\n\n"
            text += ScenarioTable(
                first.tests, leftOut: first.leftOut, profiles: profiles, isEverybody: isEverybody
            ).rendered(style)
            text += showsWitnesses ? witnesses(first, style) : failures(first, style)
        }
        for part in parts {
            let open = part.tests.filter { $0.findings.contains { $0.outcome == .inconclusive } }
            text += Exceptions(open, replay: part.replay).rendered(style)
        }
        text += "\n"
        if let rule = parts.compactMap({ ShadowStackNote($0, width: style.runWidth)?.text }).first {
            text += rule + "\n"
        }
        for part in parts {
            if parts.count > 1 { text += printable(part.directory) + ": " }
            let summary = Summary(part.tests, unreadable: part.unreadable)
            text += summary.line + "\n" + summary.assumptions
        }
        return text + interruption + Summary.limits + "\n"
    }

    /// What is said of each kernel as a whole, a line for each.
    package var figures: [String] {
        parts.map { part in
            let summary = Summary(part.tests, unreadable: part.unreadable)
            return (parts.count > 1 ? part.pageTitle + ": " : "") + summary.figures + "; " + summary.line
        }
    }

    /// The document of what was found; of two kernels what of the first is worse than of the second.
    package var document: CheckDocument {
        let judged = comparison?.judged
        let groups = parts.prefix(judged == nil ? parts.count : 1).map { part in
            ReportPage.Group(
                title: part.pageTitle, tests: judged ?? part.tests, replay: part.replay, kernel: part.version)
        }
        let skipped = (parts.first?.leftOut ?? []).map { name, words in
            SkippedTests(reason: words, count: 1, hasSequence: false, noun: "scenario", files: [name])
        }
        return CheckDocument(
            groups, faults: parts.flatMap { $0.faults }, skipped: skipped, lines: figures, status: status)
    }

    private var interruption: String {
        let count = parts.reduce(0) { $0 + $1.interrupted }
        return count == 0 ? "" : "interrupted: \(Figures.count(count, "scenario")) not compiled\n"
    }

    private func blocks(_ part: Part) -> String {
        part.tests.flatMap { test in
            test.findings.map { finding in
                (parts.count > 1 ? "Kernel \(printable(part.directory))\n" : "")
                    + (profiles.count > 1 ? "Profile \(finding.verdict.profile)\n" : "")
                    + (finding.verdict.reason.map { "Inconclusive: \($0.text)\n" } ?? "")
                    + HerdBlock.text(finding.verdict) + "\n"
            }
        }.joined()
    }

    private func witnesses(_ part: Part, _ style: Style) -> String {
        (parts.count > 1 ? "\n\(printable(part.directory)):\n" : "")
            + part.tests.map { WitnessList($0, replay: part.replay, explains: explains).rendered(style) }.joined()
    }

    /// One run for each scenario that is not as it should be.
    private func failures(_ part: Part, _ style: Style) -> String {
        var text = ""
        for test in part.tests {
            var failed = test
            // One run tells the story; those of other profiles differ in little.
            failed.findings = Array(test.findings.filter { $0.outcome == .unexpected }.prefix(1))
            text += WitnessList(failed, replay: part.replay, explains: explains).rendered(style)
        }
        if part.tests.contains(where: { $0.findings.count { $0.outcome == .unexpected } > 1 }) {
            text += "\nEach failure is shown on the first class of CPUs that has it; --witness shows all.\n"
        }
        return text
    }
}

extension KernelReport.Part {
    /// What a page calls it, on one line.
    package var pageTitle: String { "Linux \(printable(version)), \(printable(directory))" }
}

/// Says what the rule of shadow stacks is to a kernel that knows none.
struct ShadowStackNote {
    let text: String

    /// Nil for a kernel that has to keep the rule.
    init?(_ part: KernelReport.Part, width: Int = WitnessText.width) {
        guard let breakers = part.ruleBreakers else { return nil }
        let found =
            breakers.isEmpty
            ? "Linux \(part.version) keeps the rule in these scenarios."
            : "Linux \(part.version) breaks the rule in \(breakers.joined(separator: ", "))."
        let words =
            "Shadow stacks: a kernel that gives user programs shadow stacks (Linux 6.6 and later can) must not make the entry "
            + "of an ordinary page Write=0, Dirty=1 itself, because to a CPU with shadow stacks that entry is a shadow-stack "
            + "page. \(found) It does harm only on such CPUs under a kernel that turns user shadow stacks on, so it is not a "
            + "failure of this version."
        text = TextWrap.lines(of: printable(words), width: width).map { $0 + "\n" }.joined()
    }
}
