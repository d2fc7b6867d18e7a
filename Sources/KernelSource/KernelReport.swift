import Checker
import Litmus

/// What the kernel scenarios came to on one tree.
public struct KernelReport: Sendable {
    /// One scenario.
    public struct Row: Sendable {
        /// The scenario's name.
        public var name: String
        /// What it does, one sentence.
        public var description: String
        /// One verdict for each profile.
        public var verdicts: [Verdict]
        /// What was assumed about functions and variables that headers only declare.
        public var assumptions: [String]
        /// The functions that each CPU reaches, its own first.
        public var reached: [[String]]

        /// Whether every verdict is as the scenario expects.
        public var isAsExpected: Bool { verdicts.allSatisfy(\.isAsExpected) }

        /// The verdict on a profile, in a word; a dash where the scenario does not run on it.
        public func word(on profile: String) -> String {
            verdicts.first { $0.profile == profile }?.observation.rawValue ?? "-"
        }
    }

    /// The kernel's version.
    public var version: String
    /// The tree's build directory.
    public var path: String?
    /// The scenarios in order.
    public var rows: [Row]

    /// Whether every verdict is as expected: nothing goes wrong that is not known to go wrong everywhere.
    public var isAsExpected: Bool { rows.allSatisfy(\.isAsExpected) }

    /// The profiles in the order of the first row that ran on most of them.
    public var profiles: [String] {
        let longest = rows.max { $0.verdicts.count < $1.verdicts.count }
        return longest?.verdicts.map(\.profile) ?? []
    }

    /// The table: a row for each scenario, a column for each profile; `!` marks what is not as expected.
    public var table: String {
        let columns =
            [["scenario"] + rows.map(\.name)]
            + profiles.map { profile in
                [profile]
                    + rows.map { row in
                        let isSurprise = row.verdicts.contains { $0.profile == profile && !$0.isAsExpected }
                        return row.word(on: profile) + (isSurprise ? " !" : "")
                    }
            }
        return "Linux \(version)\n" + Self.text(columns)
    }

    /// Two trees side by side: for each scenario and profile one word, or two where they differ.
    public func comparison(with other: KernelReport) -> String {
        let columns =
            [["scenario"] + rows.map(\.name)]
            + profiles.map { profile in
                [profile]
                    + rows.map { row in
                        let ours = row.word(on: profile)
                        let theirs = other.rows.first { $0.name == row.name }?.word(on: profile) ?? "-"
                        return ours == theirs ? ours : "\(ours) -> \(theirs)"
                    }
            }
        return "Linux \(version) -> \(other.version)\n" + Self.text(columns)
    }

    /// The names of the scenarios whose verdict differs on some profile.
    public func changes(to other: KernelReport) -> [String] {
        rows.filter { row in
            profiles.contains { profile in
                row.word(on: profile) != other.rows.first { $0.name == row.name }?.word(on: profile) ?? "-"
            }
        }.map(\.name)
    }

    private static func text(_ columns: [[String]]) -> String {
        let widths = columns.map { $0.map(\.count).max() ?? 0 }
        let height = columns.map(\.count).min() ?? 0
        return (0..<height).map { row in
            let cells = zip(columns, widths).map { column, width in
                column[row] + String(repeating: " ", count: width - column[row].count)
            }
            return AssemblyText.trimmed(cells.joined(separator: "  ")[...])
        }.joined(separator: "\n") + "\n"
    }
}
