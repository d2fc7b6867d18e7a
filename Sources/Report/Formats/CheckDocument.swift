import Checker
import Diagnostics
import Litmus

/// Everything that a command found, for formats that are one document: those of mails, CI systems and viewers.
///
/// A format tells what was found; it changes no verdict and no exit status.
package struct CheckDocument: Sendable {
    /// The formats.
    package enum Format: Sendable, Hashable {
        /// The kernel's Test Anything Protocol.
        case ktap
        /// JUnit's XML.
        case junit
        /// Static Analysis Results Interchange Format 2.1.0.
        case sarif
        /// Markdown for a pull request or a mail.
        case markdown
        /// Commands of GitHub's workflows.
        case github
    }

    /// Where and how the document was made.
    package struct Origin: Sendable {
        /// The command line as a reader would type it.
        package var command: String
        /// The version of Ptero.
        package var version: String
        /// The folder that relative paths begin in.
        package var directory: String
        /// When, as `2026-11-30T11:00:00`, in UTC.
        package var time: String

        /// Gathers it.
        package init(command: String, version: String, directory: String, time: String) {
            self.command = command
            self.version = version
            self.directory = directory
            self.time = time
        }
    }

    /// The tests, folder by folder or of a kernel.
    package var groups: [ReportPage.Group]
    /// Inputs that gave no verdict.
    package var faults: [InputFault]
    /// Tests that were left out.
    package var skipped: [SkippedTests]
    /// What is said of all tests together.
    package var lines: [String]
    /// Verdicts that say less than they seem to are failures.
    package var isStrict: Bool
    /// How the command ends.
    package var status: ExitStatus

    /// Gathers what was found.
    package init(
        _ groups: [ReportPage.Group], faults: [InputFault], skipped: [SkippedTests] = [], lines: [String] = [],
        isStrict: Bool = false, status: ExitStatus
    ) {
        self.groups = groups
        self.faults = faults
        self.skipped = skipped
        self.lines = lines
        self.isStrict = isStrict
        self.status = status
    }

    /// The document in a format.
    package func rendered(_ format: Format, _ origin: Origin) -> String {
        switch format {
        case .ktap: KTAPText(self).rendered()
        case .junit: JUnitText(self, origin).rendered()
        case .sarif: SARIFText(self, origin).rendered()
        case .markdown: MarkdownText(self, origin).rendered()
        case .github: GitHubText(self, origin).rendered()
        }
    }

    /// What does not pass, and of what nothing was expected what goes wrong; the same on several profiles once.
    var problems: [Problem] {
        groups.flatMap { group in group.tests.flatMap { problems(of: $0, in: group) } }
    }

    private func problems(of test: TestFindings, in group: ReportPage.Group) -> [Problem] {
        var found: [(key: [String], problem: Problem)] = []
        for finding in test.findings {
            let shortfall = test.shortfall(of: finding, isStrict: isStrict)
            guard shortfall != nil || (finding.outcome == .open && finding.isFailure) else { continue }
            let problem = Problem(
                test: test, finding: finding, shortfall: shortfall, profiles: [finding.verdict.profile],
                replay: group.replay.line(finding.verdict), kernel: group.kernel)
            let key = [problem.headline] + (finding.verdict.shownRun.map { WitnessText($0).story } ?? [])
            if let known = found.firstIndex(where: { $0.key == key }) {
                found[known].problem.profiles.append(finding.verdict.profile)
            } else {
                found.append((key, problem))
            }
        }
        return found.map { $0.problem }
    }
}

/// What keeps a verdict from passing.
enum Shortfall: Sendable, Hashable {
    /// Something else was expected.
    case unexpected
    /// A limit was hit.
    case inconclusive
    /// It says less than it seems to, under `--strict`.
    case empty
}

extension TestFindings {
    /// What keeps a verdict from passing, by the rule of the exit status; nil where nothing does.
    func shortfall(of finding: Finding, isStrict: Bool) -> Shortfall? {
        switch finding.outcome {
        case .unexpected: .unexpected
        case .inconclusive: .inconclusive
        case .expected, .open: isStrict && isEmpty(finding) ? .empty : nil
        }
    }
}

/// Something that does not pass, or goes wrong where nothing was expected, and where it is the same.
struct Problem {
    var test: TestFindings
    /// What was found on the first of the profiles.
    var finding: Finding
    /// Nil where nothing was expected, and a run goes wrong.
    var shortfall: Shortfall?
    var profiles: [String]
    /// The command line that shows the run again.
    var replay: String?
    /// The version of the kernel that it was compiled with.
    var kernel: String?

    /// `lock-and on cet, late`.
    var title: String { "\(printable(finding.verdict.test)) on \(profiles.joined(separator: ", "))" }

    /// `expected Never, found Sometimes`.
    var headline: String { finding.headline(shortfall) }

    /// What went wrong in its run; nil without one.
    var conclusion: String? { finding.verdict.shownRun.map { RunSentences($0).conclusion } }

    /// Where a reader looks first.
    var place: TextRegion {
        if let run = finding.verdict.shownRun, test.isKernelScenario, let place = run.tellingSource { return place }
        return TextRegion(file: test.file, test.test.condition.span)
    }
}

extension TestFindings {
    /// Whether it is a scenario that ships with Ptero, of which a reader has no file.
    var isKernelScenario: Bool { file.hasPrefix("kernel:") }
}

extension Finding {
    /// Why it does not pass, or what was found where nothing was expected.
    func headline(_ shortfall: Shortfall?) -> String {
        switch shortfall {
        case .unexpected?: "expected \(wanted), found \(found)"
        case .inconclusive?: "inconclusive: \(verdict.reason?.text ?? "a limit was hit")"
        case .empty?: "\(found) says less than it seems to: \(notes)"
        case nil: "found \(found)"
        }
    }

    private var notes: String { verdict.notes.map { printable(NoteText.text($0)) }.joined(separator: "; ") }
}
