import Checker
import Litmus

/// The table of a run: tests down, profiles across.
public struct VerdictTable: Sendable {
    private let tests: [TestFindings]
    private let profiles: [String]

    /// A table of these tests; `profiles` gives the columns.
    public init(_ tests: [TestFindings], profiles: [String]) {
        self.tests = tests
        self.profiles = profiles
    }

    /// The table and, if anything in it needs one, a legend.
    public func rendered(_ style: Style = .plain) -> String {
        let names = Self.names(of: tests)
        var table = TextTable([.init("test", maxWidth: 50)] + profiles.map { .init($0) })
        var notes: Set<String> = []
        for (test, name) in zip(tests, names) {
            var cells = [TextTable.Cell(name)]
            let others = test.findings.filter { !profiles.contains($0.verdict.profile) }
            for profile in profiles {
                guard let finding = test.findings.first(where: { $0.verdict.profile == profile }) else {
                    cells.append(TextTable.Cell("-", .faint))
                    if others.isEmpty { notes.insert("-  the test is not for this profile") }
                    continue
                }
                let (text, role, note) = Self.cell(finding)
                cells.append(TextTable.Cell(text, role))
                note.map { _ = notes.insert($0) }
            }
            if others.count < test.findings.count || others.isEmpty { table.append(cells) }
            for (text, role, note, profiles) in Self.grouped(others) {
                let line = "\(text) on \(profiles.joined(separator: ", "))"
                table.append(TextTable.Cell(name), spanning: .init(line, role))
                note.map { _ = notes.insert($0) }
            }
        }
        let legend =
            notes.sorted().map { "  \($0)\n" }.joined()
            + NoteList(tests, names: names).rendered(mark: Self.noteMark, width: style.width)
        return table.rendered(style) + (legend.isEmpty ? "" : "\n" + legend)
    }

    /// What cells say of findings, with the profiles of which they say the same.
    private static func grouped(
        _ findings: [Finding]
    ) -> [(text: String, role: Style.Role, note: String?, profiles: [String])] {
        var groups: [(text: String, role: Style.Role, note: String?, profiles: [String])] = []
        for finding in findings {
            let (text, role, note) = cell(finding)
            if let known = groups.firstIndex(where: { $0.text == text }) {
                groups[known].profiles.append(finding.verdict.profile)
            } else {
                groups.append((text, role, note, [finding.verdict.profile]))
            }
        }
        return groups
    }

    /// The tests' names; where two tests share one, with their files.
    private static func names(of tests: [TestFindings]) -> [String] {
        var counts: [String: Int] = [:]
        for test in tests { counts[test.test.title, default: 0] += 1 }
        return tests.map { test in
            let name = printable(test.test.title)
            return counts[test.test.title] == 1 ? name : "\(name) (\(printable(test.file)))"
        }
    }

    /// What stands after a verdict with notes.
    private static let noteMark = "*"

    private static func cell(_ finding: Finding) -> (text: String, role: Style.Role, note: String?) {
        let word = finding.verdict.observation.rawValue
        let mark = finding.verdict.notes.isEmpty ? "" : noteMark
        switch finding.outcome {
        case .expected, .open: return (word + mark, mark.isEmpty ? .plain : .unsure, nil)
        case .unexpected: return (word + "!" + mark, .bad, "!  not as expected, see below")
        case .inconclusive: return ("?", .unsure, "?  inconclusive, see below")
        }
    }
}

/// What a run lists one by one: verdicts that are not as expected, and searches that hit a limit.
public struct Exceptions: Sendable {
    private let tests: [TestFindings]
    private let replay: ReplayCommand

    /// The exceptions among these tests.
    public init(_ tests: [TestFindings], replay: ReplayCommand) {
        self.tests = tests
        self.replay = replay
    }

    /// A paragraph for each, empty when there is none.
    public func rendered(_ style: Style = .plain) -> String {
        var text = ""
        for test in tests {
            for (finding, profiles) in Self.grouped(test.findings) {
                guard let heading = Self.heading(finding) else { continue }
                let role: Style.Role = finding.outcome == .inconclusive ? .unsure : .bad
                let line = "\(printable(test.test.title)) on \(profiles.joined(separator: " "))"
                text += "\n" + style.apply(role, "\(heading): \(line)\(Self.reason(finding))") + "\n"
                text += "  file: \(printable(test.file))\n"
                for (number, line) in TextWrap.lines(of: finding.verdict.condition, width: max(40, style.width - 8))
                    .enumerated()
                {
                    text += (number == 0 ? "  asks: " : "        ") + line + "\n"
                }
                if let line = replay.line(finding.verdict) { text += "  \(line)\n" }
            }
        }
        return text
    }

    private static func heading(_ finding: Finding) -> String? {
        switch finding.outcome {
        case .expected, .open: nil
        case .unexpected: "unexpected"
        case .inconclusive: "inconclusive"
        }
    }

    private static func reason(_ finding: Finding) -> String {
        if finding.outcome == .inconclusive {
            let count = finding.verdict.states.count
            let known =
                count == 0
                ? "" : "; \(Figures.count(count, "final state")) so far, \(finding.verdict.positive) positive"
            return " (\(finding.verdict.reason?.text ?? "the search did not end")\(known))"
        }
        return ": \(finding.found), expected \(finding.wanted)"
    }

    /// Findings that differ in nothing but the profile, together.
    private static func grouped(_ findings: [Finding]) -> [(finding: Finding, profiles: [String])] {
        var groups: [(finding: Finding, profiles: [String])] = []
        for finding in findings {
            let known = groups.firstIndex {
                $0.finding.outcome == finding.outcome && $0.finding.found == finding.found
                    && $0.finding.wanted == finding.wanted && reason($0.finding) == reason(finding)
            }
            if let known {
                groups[known].profiles.append(finding.verdict.profile)
            } else {
                groups.append((finding, [finding.verdict.profile]))
            }
        }
        return groups
    }
}
