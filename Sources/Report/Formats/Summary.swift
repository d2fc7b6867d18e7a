import Checker
import Explorer
import Litmus

/// The last lines of a run, and its figures.
package struct Summary: Sendable {
    private let tests: [TestFindings]
    private let unreadable: Int
    private let skipped: [SkippedTests]

    /// Sums up a run; `unreadable` counts inputs that were no tests.
    package init(_ tests: [TestFindings], unreadable: Int = 0, skipped: [SkippedTests] = []) {
        self.tests = tests
        self.unreadable = unreadable
        self.skipped = skipped
    }

    /// The line that says where the limits of the model are told.
    package static let limits = "What the model leaves out: ptero limits"

    /// `471 tests: 471 as expected`, with what else there was.
    ///
    /// A test counts as unexpected when one of its verdicts is.
    package var line: String {
        var parts: [String] = []
        func add(_ count: Int, _ words: String) { if count > 0 { parts.append("\(Figures.grouped(count)) \(words)") } }
        add(tests.count { $0.outcome == .expected }, "as expected")
        add(tests.count { $0.outcome == .unexpected }, "unexpected")
        add(tests.count { $0.outcome == .inconclusive }, "inconclusive")
        add(tests.count { $0.outcome == .open }, "with nothing expected")
        add(tests.count { $0.outcome == nil }, "for other profiles")
        add(unreadable, unreadable == 1 ? "input in error" : "inputs in error")
        add(skipped.map { $0.count }.reduce(0, +), "skipped")
        return "\(Figures.count(tests.count, "test")): "
            + (parts.isEmpty ? "nothing to check" : parts.joined(separator: ", "))
    }

    /// `16 tests on 6 classes of CPUs: 96 verdicts, 33 failures, of them 17 not expected`.
    package var figures: String {
        let findings = tests.flatMap { $0.findings }
        let classes = Set(findings.map { $0.verdict.profile }).count
        let (bad, odd) = (findings.count { $0.isFailure }, findings.count { $0.outcome == .unexpected })
        return
            "\(Figures.count(tests.count, "test")) on \(Figures.count(classes, "class", plural: "classes")) of CPUs: "
            + "\(Figures.count(findings.count, "verdict")), \(Figures.count(bad, "failure"))"
            + (odd == 0 ? "" : ", of them \(Figures.grouped(odd)) not expected")
    }

    /// How many verdicts have notes, for reports that do not show which; empty when none has.
    package func notes(_ style: Style = .plain) -> String {
        let all = tests.reduce(0) { $0 + $1.findings.count { !$0.verdict.notes.isEmpty } }
        let empty = emptyCount
        var parts: [String] = []
        if empty > 0 { parts.append(emptyVerdicts) }
        if all > empty {
            parts.append(
                "\(Figures.count(all - empty, "verdict")) could not be otherwise on CPUs that lack what the test is about"
            )
        }
        if parts.isEmpty { return "" }
        return TextWrap.lines(of: parts.joined(separator: ", ") + ": -v shows the notes", width: style.width, indent: 2)
            .map { $0 + "\n" }.joined()
    }

    /// What `--strict` does not let pass; empty when there is nothing.
    package var strictness: String { emptyCount == 0 ? "" : "rejected by --strict: \(emptyVerdicts)\n" }

    private var emptyCount: Int { tests.reduce(0) { sum, test in sum + test.findings.count(where: test.isEmpty) } }

    /// `2 verdicts say less than they seem to`.
    private var emptyVerdicts: String {
        let verb = emptyCount == 1 ? "says less than it seems" : "say less than they seem"
        return "\(Figures.count(emptyCount, "verdict")) \(verb) to"
    }

    /// What the run took for granted about C tests, a line for each assumption with the tests that it is about.
    package var assumptions: String {
        var groups: [(assumption: String, names: [String])] = []
        for test in tests {
            for assumption in test.assumptions {
                if let known = groups.firstIndex(where: { $0.assumption == assumption }) {
                    if groups[known].names.last != test.test.name { groups[known].names.append(test.test.name) }
                } else {
                    groups.append((assumption, [test.test.name]))
                }
            }
        }
        return groups.flatMap { assumption, names in
            TextWrap.lines(
                of: printable("assumed in \(names.joined(separator: ", ")): \(assumption)"), width: WitnessText.width,
                indent: 2)
        }.map { $0 + "\n" }.joined()
    }

    /// A line for each folder: how many tests and verdicts, and how they relate to what was expected.
    package func folders(_ style: Style = .plain) -> String {
        var table = TextTable([
            .init("folder"), .init("tests", isRightAligned: true), .init("verdicts", isRightAligned: true),
            .init("as expected", isRightAligned: true), .init("unexpected", isRightAligned: true),
            .init("inconclusive", isRightAligned: true), .init("nothing expected", isRightAligned: true),
        ])
        for (folder, tests) in Self.byFolder(tests) {
            let findings = tests.flatMap { $0.findings }
            func cell(_ outcome: Finding.Outcome, _ role: Style.Role) -> TextTable.Cell {
                let count = findings.count { $0.outcome == outcome }
                return .init(count == 0 ? "-" : Figures.grouped(count), count == 0 ? .faint : role)
            }
            table.append([
                .init(folder), .init(Figures.grouped(tests.count)), .init(Figures.grouped(findings.count)),
                cell(.expected, .plain), cell(.unexpected, .bad), cell(.inconclusive, .unsure), cell(.open, .plain),
            ])
        }
        return table.rendered(style)
    }

    /// The figures of each search: states, transitions, depth, time, rate, size of a state, and where some verdicts come
    /// from another profile's search, from which.
    package func statistics(_ style: Style = .plain) -> String {
        let areShared = tests.contains { $0.findings.contains { $0.verdict.sharedWith != nil } }
        var table = TextTable(
            [
                .init("test", maxWidth: 44), .init("profile", maxWidth: 20), .init("states", isRightAligned: true),
                .init("transitions", isRightAligned: true), .init("depth", isRightAligned: true),
                .init("seconds", isRightAligned: true), .init("states/s", isRightAligned: true),
                .init("bytes/state", isRightAligned: true),
            ] + (areShared ? [.init("shared with", maxWidth: 20)] : []))
        var last = ""
        for test in tests {
            for finding in test.findings {
                let verdict = finding.verdict
                let name = printable(verdict.test)
                table.append(
                    [name == last ? "" : name, verdict.profile].map { TextTable.Cell($0) }
                        + SearchFigures(verdict).columns.map { TextTable.Cell($0) }
                        + (areShared ? [TextTable.Cell(verdict.sharedWith ?? "")] : []))
                last = name
            }
        }
        return table.rendered(style)
    }

    /// The tests by the folder that their file is in, in order of first appearance.
    package static func byFolder(_ tests: [TestFindings]) -> [(folder: String, tests: [TestFindings])] {
        var groups: [(folder: String, tests: [TestFindings])] = []
        for test in tests {
            let folder = folder(of: test.file)
            if let known = groups.firstIndex(where: { $0.folder == folder }) {
                groups[known].tests.append(test)
            } else {
                groups.append((folder, [test]))
            }
        }
        return groups
    }

    /// The name of the folder that a file is in, with a slash.
    static func folder(of file: String) -> String {
        let parts = file.split(separator: "/")
        return parts.count < 2 ? "./" : printable(String(parts[parts.count - 2])) + "/"
    }
}

/// C tests that were not run because something is missing here.
package struct SkippedTests: Sendable, Hashable {
    /// What is missing and how to get it.
    package var reason: String
    /// How many tests.
    package var count: Int
    /// Whether one of them belongs to a sequence, of which nothing can be said without it.
    package var hasSequence: Bool

    /// What they are called: a noun.
    package var noun = "C test"
    /// Their files as the user named them.
    package var files: [String] = []

    /// Makes a group.
    package init(
        reason: String, count: Int, hasSequence: Bool, noun: String = "C test", files: [String] = []
    ) {
        self.files = files
        self.reason = reason
        self.count = count
        self.hasSequence = hasSequence
        self.noun = noun
    }

    /// `8 C tests skipped: no kernel sources (...)`.
    package var line: String { "\(Figures.count(count, noun)) skipped: \(printable(reason))" }
}

/// The figures of one search in words.
package struct SearchFigures: Sendable {
    private let verdict: Verdict

    /// The figures of this verdict's search.
    package init(_ verdict: Verdict) { self.verdict = verdict }

    /// States, transitions, depth, seconds, states a second, bytes a state.
    var columns: [String] {
        let statistics = verdict.statistics
        let seconds = statistics.seconds
        // From a search this small a rate would say more about the clock, and a size about the first allocation.
        let isTiny = statistics.states < 1000 || seconds < 0.001
        let isShared = verdict.sharedWith != nil
        let rate = isTiny || isShared ? "-" : Figures.grouped(Int(min(Double(statistics.states) / seconds, 1e15)))
        return [
            Figures.grouped(statistics.states), Figures.grouped(statistics.transitions), String(statistics.depth),
            isShared ? "-" : Figures.fixed(seconds, decimals: 3), rate,
            isTiny ? "-" : String(statistics.bytes / statistics.states),
        ]
    }

    /// All figures on one line.
    package var line: String {
        zip(["states", "transitions", "depth", "seconds", "states/s", "bytes/state"], columns)
            .map { "\($0) \($1)" }.joined(separator: ", ") + (verdict.sharedWith.map { ", shared with \($0)" } ?? "")
    }
}
