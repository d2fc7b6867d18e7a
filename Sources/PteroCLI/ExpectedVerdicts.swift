import Litmus
import Report

/// Verdicts that another tool gave: a file with tab-separated columns under a heading.
///
/// Needed are `file` and `observation`; `states`, the number of distinct final states, is compared where it is given. Other
/// columns (`verdict`, `positive`, `negative`) are for readers: tools count different things there.
struct ExpectedVerdicts: Sendable {
    /// What is expected of a test.
    struct Row: Sendable, Hashable {
        var observation: Observation
        var states: Int?
    }

    private var rows: [String: Row] = [:]
    /// The folder that the paths in the file begin in, with a slash, or empty.
    private let folder: String

    /// Reads the table.
    ///
    /// - Throws: ``UsageError`` with the line that is wrong.
    init(_ text: String, file: String) throws(UsageError) {
        folder = file.lastIndex(of: "/").map { String(file[...$0]) } ?? ""
        // CR LF is one character to Swift.
        let lines = text.replacing("\r\n", with: "\n").split(separator: "\n", omittingEmptySubsequences: false)
            .map { $0.split(separator: "\t", omittingEmptySubsequences: false) }
        let shape = "columns separated by tabs, with a heading that has `file` and `observation`, perhaps `states`"
        guard let heading = lines.first?.map(String.init), let fileColumn = heading.firstIndex(of: "file"),
            let observationColumn = heading.firstIndex(of: "observation")
        else { throw UsageError("\(file):1: this is no table of verdicts", remedy: shape) }
        let statesColumn = heading.firstIndex(of: "states")
        for (number, cells) in lines.enumerated().dropFirst() where cells != [""] {
            guard cells.count == heading.count else {
                throw UsageError(
                    "\(file):\(number + 1): \(cells.count) columns, the heading has \(heading.count)", remedy: shape)
            }
            guard let observation = Observation(rawValue: String(cells[observationColumn])) else {
                throw UsageError(
                    "\(file):\(number + 1): \(cells[observationColumn]) is no observation",
                    remedy: "Never, Sometimes or Always")
            }
            let states = statesColumn.map { cells[$0] }.flatMap { $0.isEmpty ? nil : $0 }
            if let states, Int(states) == nil {
                throw UsageError("\(file):\(number + 1): \(states) is no number of states")
            }
            let row = Row(observation: observation, states: states.flatMap { Int($0) })
            guard rows.updateValue(row, forKey: String(cells[fileColumn])) == nil else {
                throw UsageError("\(file):\(number + 1): \(cells[fileColumn]) is there twice", remedy: "keep one line")
            }
        }
    }

    /// What is expected of a file: by its path from the table's folder, or by its name alone.
    subscript(file: String) -> Row? {
        if !folder.isEmpty, file.hasPrefix(folder), let row = rows[String(file.dropFirst(folder.count))] { return row }
        return rows[file] ?? rows[String(file.split(separator: "/").last ?? "")]
    }
}
