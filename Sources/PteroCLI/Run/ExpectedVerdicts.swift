import Diagnostics
import Litmus
import Report
import X86

/// Verdicts that another tool, or an earlier run, gave: a file with tab-separated columns under a heading.
///
/// Needed are `file` and `observation`. A row with a `profile` is about that profile, one without about all that have no
/// row of their own; likewise with the `condition` of a test that has several. `states`, the number of distinct final states, is compared where it is given. Other columns
/// (`verdict`, `positive`, `negative`) are for readers: tools count different things there.
struct ExpectedVerdicts: Sendable {
    /// What is expected of a test.
    struct Row: Sendable, Hashable {
        var observation: Observation
        var states: Int?
        /// The line of the table.
        var line: Int
        /// The cells as they are written.
        var file: String
        var condition: String?
        var profile: String?
    }

    /// What a row is about; the path without `.` and `..`.
    private struct Key: Hashable {
        var path: String
        var condition: String?
        var profile: String?
    }

    private var rows: [Key: Row] = [:]
    /// The table's own path as the user gave it, its text, and its folder's whole path.
    private let file: String
    private let text: String
    private let folder: String
    private let directory: String

    private static let shape =
        "columns separated by tabs, with a heading that has `file` and `observation`, perhaps `condition`, `profile` and `states`"

    /// Reads the table; `directory` is where relative paths begin.
    ///
    /// - Throws: `Diagnostic` with the line that is wrong.
    init(_ text: String, file: String, directory: String) throws(Diagnostic) {
        self.file = file
        // CR LF is one character to Swift.
        self.text = text.replacing("\r\n", with: "\n")
        self.directory = directory
        folder = Paths.folder(of: Paths.whole(file, in: directory))
        let lines = self.text.split(separator: "\n", omittingEmptySubsequences: false)
            .map { $0.split(separator: "\t", omittingEmptySubsequences: false).map(String.init) }
        guard let heading = lines.first, let fileColumn = heading.firstIndex(of: "file"),
            let observationColumn = heading.firstIndex(of: "observation")
        else { throw fault("this is not a table of verdicts", line: 1, remedy: Self.shape) }
        let conditionColumn = heading.firstIndex(of: "condition")
        let profileColumn = heading.firstIndex(of: "profile")
        let statesColumn = heading.firstIndex(of: "states")
        for (number, cells) in lines.enumerated().dropFirst() where cells != [""] {
            let line = number + 1
            guard cells.count == heading.count else {
                throw fault("\(cells.count) columns, the heading has \(heading.count)", line: line, remedy: Self.shape)
            }
            guard let observation = Observation(rawValue: cells[observationColumn]), observation != .inconclusive else {
                throw fault(
                    "`\(cells[observationColumn])` is not an observation that can be expected", line: line,
                    column: observationColumn, remedy: "Never, Sometimes or Always")
            }
            func cell(_ column: Int?) -> String? { column.map { cells[$0] }.flatMap { $0.isEmpty ? nil : $0 } }
            if let states = cell(statesColumn), Int(states) == nil {
                throw fault("`\(states)` is not a number of states", line: line, column: statesColumn, remedy: nil)
            }
            let row = Row(
                observation: observation, states: cell(statesColumn).flatMap { Int($0) }, line: line,
                file: cells[fileColumn], condition: cell(conditionColumn), profile: cell(profileColumn))
            let key = Key(path: Paths.plain(row.file), condition: row.condition, profile: row.profile)
            guard rows.updateValue(row, forKey: key) == nil else {
                throw fault("`\(row.file)` is there twice", line: line, column: fileColumn, remedy: "keep one line")
            }
        }
    }

    // MARK: Asking

    /// What is expected of a file's condition on a profile: by its path from the table's folder or as it was named, or by
    /// its name alone.
    ///
    /// `conditions` are the names that a row may have, the best first, as `LitmusTest.conditionKeys` has them.
    func row(_ file: String, conditions: [String?] = [nil], profile: String) -> Row? {
        for path in paths(of: file) {
            for name in conditions {
                let row =
                    rows[Key(path: path, condition: name, profile: profile)]
                    ?? rows[Key(path: path, condition: name, profile: nil)]
                if let row { return row }
            }
        }
        return nil
    }

    private func paths(of file: String) -> [String] {
        let whole = Paths.whole(file, in: directory)
        return [
            Paths.relative(whole, to: folder), Paths.plain(file), whole,
            file.split(separator: "/").last.map(String.init) ?? file,
        ]
    }

    // MARK: Rows without a verdict

    /// A test that a run checks, with the labels of its verdicts.
    struct Checked {
        var file: String
        var conditions: [String?] = [nil]
        var labels: [String]
    }

    /// What is wrong with rows that no verdict is compared with, line by line, and how many are about tests that exist and
    /// were not asked for.
    ///
    /// - Parameters:
    ///   - selected: the profiles that tests are checked on.
    ///   - known: the profiles that there are.
    ///   - exists: whether there is a test of this path or name.
    func unmatched(
        _ tests: [Checked], selected: [String], known: [String], exists: (String) -> Bool
    ) -> (faults: [Diagnostic], left: Int) {
        var used: Set<Int> = []
        var names: Set<String> = []
        var conditions: [String: [String]] = [:]
        for test in tests {
            names.formUnion(paths(of: test.file))
            for path in paths(of: test.file) { conditions[path, default: []] += test.conditions.compactMap { $0 } }
            for label in test.labels {
                row(test.file, conditions: test.conditions, profile: label).map { _ = used.insert($0.line) }
            }
        }
        var faults: [Diagnostic] = []
        var left = 0
        for row in rows.values.sorted(by: { $0.line < $1.line }) where !used.contains(row.line) {
            if let profile = row.profile, !profile.contains(":"), !known.contains(profile) {
                let near = NearName.of(profile, among: known).map { "did you mean `\($0)`? " } ?? ""
                faults.append(
                    fault(
                        "there is no profile `\(profile)`", line: row.line, word: profile,
                        remedy: near + "profiles: \(known.joined(separator: ", ")); more with --profile FILE"))
            } else if names.contains(Paths.plain(row.file)) {
                let known = conditions[Paths.plain(row.file)] ?? []
                if let condition = row.condition, !known.contains(condition) {
                    faults.append(
                        fault(
                            "`\(row.file)` has no condition `\(condition)`", line: row.line, word: condition,
                            remedy: known.isEmpty
                                ? "none of its conditions has a name: leave the cell empty"
                                : NearName.remedy(for: condition, among: known)))
                    continue
                }
                // For other profiles than those of this run it may be right.
                guard let profile = row.profile, selected.contains(profile) || profile.contains(":") else {
                    left += 1
                    continue
                }
                faults.append(
                    fault(
                        "`\(row.file)` is not checked on `\(profile)`", line: row.line, word: row.file,
                        remedy: "the test's `CPU=` says where it is checked; remove the row"))
            } else if exists(row.file) || exists(Paths.joined(folder, row.file)) {
                left += 1
            } else {
                faults.append(
                    fault(
                        "no test is called `\(row.file)`", line: row.line, word: row.file,
                        remedy: "paths begin in the folder of the table; correct the row, or remove it"))
            }
        }
        return (faults, left)
    }

    /// What is wrong in a line of the table, at a word or a column of it.
    private func fault(_ message: String, line: Int, column: Int? = nil, word: String? = nil, remedy: String?)
        -> Diagnostic
    {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        let cells = line <= lines.count ? lines[line - 1].split(separator: "\t", omittingEmptySubsequences: false) : []
        let number = column ?? word.flatMap { word in cells.firstIndex { $0 == word } }
        let start = cells.prefix(number ?? 0).reduce(0) { $0 + $1.unicodeScalars.count + 1 }
        let length = number.map { cells[$0].unicodeScalars.count } ?? 1
        return Diagnostic(
            file: file, place: SourcePlace(line: line, column: start + 1), length: length, message: message,
            remedy: remedy)
    }

    // MARK: Writing

    /// A table of what was found, for a file at a path; reading it back expects the same.
    ///
    /// Searches that did not end have no row. Paths begin in the table's folder.
    static func text(of tests: [TestFindings], for file: String, directory: String) throws(Diagnostic) -> String {
        let folder = Paths.folder(of: Paths.whole(file, in: directory))
        let hasConditions = tests.contains { $0.test.conditionName != nil }
        var lines = ["file\t\(hasConditions ? "condition\t" : "")profile\tobservation\tstates"]
        for test in tests {
            let isFile = test.file != "-" && !test.file.hasPrefix(TestSource.scenarioPrefix)
            let path = isFile ? Paths.relative(Paths.whole(test.file, in: directory), to: folder) : test.file
            guard !path.contains(where: { $0.isNewline || $0 == "\t" }) else {
                throw Diagnostic(
                    withoutPlace: "a table cannot hold the name \(printable(path))",
                    remedy: "rename the file: no tab, no line end")
            }
            for finding in test.findings where finding.verdict.observation != .inconclusive {
                let verdict = finding.verdict
                let condition = hasConditions ? "\(verdict.conditionName ?? "")\t" : ""
                lines.append(
                    "\(path)\t\(condition)\(verdict.profile)\t\(verdict.observation.rawValue)\t\(verdict.states.count)")
            }
        }
        return lines.map { $0 + "\n" }.joined()
    }
}

/// Paths as texts; links are not followed.
enum Paths {
    /// A path without `.`, `..` and doubled slashes, as far as that goes.
    static func plain(_ path: String) -> String {
        var parts: [Substring] = []
        for part in path.split(separator: "/") where part != "." {
            if part == "..", let last = parts.last, last != ".." {
                parts.removeLast()
            } else if part != ".." || !path.hasPrefix("/") {
                parts.append(part)
            }
        }
        return (path.hasPrefix("/") ? "/" : "") + parts.joined(separator: "/")
    }

    /// The whole path of what a user named.
    static func whole(_ path: String, in directory: String) -> String { plain(joined(directory, path)) }

    /// A path that begins in a folder, unless it is whole.
    static func joined(_ folder: String, _ path: String) -> String {
        path.hasPrefix("/") ? path : folder + "/" + path
    }

    /// The folder of a whole path.
    static func folder(of path: String) -> String {
        let parts = path.split(separator: "/").dropLast()
        return "/" + parts.joined(separator: "/")
    }

    /// A whole path as it is from a folder, whose path is whole too.
    static func relative(_ path: String, to folder: String) -> String {
        let (target, start) = (path.split(separator: "/"), folder.split(separator: "/"))
        let common = zip(target, start).prefix { $0 == $1 }.count
        return ([Substring](repeating: "..", count: start.count - common) + target[common...]).joined(separator: "/")
    }
}
