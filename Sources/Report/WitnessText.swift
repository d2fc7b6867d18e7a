import Checker

/// A witness as text for a mail: a column for each CPU and for each page-table entry, a line for each step.
public struct WitnessText: Sendable {
    /// The width that lines keep to, in characters.
    public static let width = 112
    /// CPUs get a column each while it has at least this width.
    private static let leastColumn = 24
    /// Entries with a column of their own; of more only those that change get one.
    private static let mostEntries = 4

    private let witness: Witness

    /// The text of this witness.
    public init(_ witness: Witness) { self.witness = witness }

    /// The run, what went wrong, and, if given, the command line that shows it again.
    public func rendered(replay: String?, style: Style = .plain) -> String {
        var text = table.rendered(style, width: style.runWidth)
        text += "\n"
        if witness.steps.contains(where: { $0.isHardware }) {
            text += "  *  hardware by itself: walker, store buffer, interrupt\n"
        }
        if !shownEntries.isEmpty {
            text += "  PWUADS = Present, Writable, User, Accessed, Dirty, SavedDirty; - is a clear bit\n"
        }
        for entry in witness.entries where !shownEntries.contains(entry.name) {
            text += "  \(entry.name) stays \(entry.columns)\n"
        }
        if !witness.isComplete && witness.isDecided {
            text += "  The run is shown up to where the condition is decided.\n"
        }
        text += "\n"
        for line in TextWrap.lines(of: witness.conclusion, width: Self.width) { text += style.apply(.bad, line) + "\n" }
        if let replay { text += style.apply(.faint, "replay: \(replay)") + "\n" }
        return text
    }

    /// What makes two witnesses tell the same story: everything but how the steps are numbered.
    public var story: [String] {
        witness.steps.map { step in
            let changes = step.changes.map { " \($0.name)=\($0.columns)" }.joined()
            let violations = step.violations.map { " \($0)" }.joined()
            return "P\(step.cpu)\(step.isHardware ? "*" : "") \(step.text)" + changes + violations
        } + witness.entries.map { "\($0.name)=\($0.columns)" } + [witness.conclusion]
    }

    private var shownEntries: [String] {
        if witness.entries.count <= Self.mostEntries { return witness.entries.map({ $0.name }) }
        let changed = Set(witness.steps.flatMap { $0.changes.map { $0.name } })
        return witness.entries.map { $0.name }.filter(changed.contains)
    }

    private var table: TextTable {
        let entries = shownEntries
        let taken = 5 + entries.map { max(6, $0.count) + 2 }.reduce(0, +)
        let room = Self.width - taken
        let count = max(1, witness.cpus.count)
        let share = (room - 2 * (count - 1)) / count
        let isShared = share < Self.leastColumn
        var columns = [TextTable.Column("", isRightAligned: true, minWidth: 3)]
        if isShared {
            columns.append(.init(witness.cpus.joined(separator: ", "), maxWidth: max(Self.leastColumn, room)))
        } else {
            columns += witness.cpus.map { .init($0, maxWidth: share) }
        }
        columns += entries.map { .init("\($0)\nPWUADS") }

        var table = TextTable(columns)
        let cpuColumns = columns.count - 1 - entries.count
        let initial = witness.entries.filter { entries.contains($0.name) }
        table.append(
            [TextTable.Cell("")] + [TextTable.Cell("(at the start)", .faint)]
                + [TextTable.Cell](repeating: .init(""), count: cpuColumns - 1)
                + initial.map { TextTable.Cell($0.columns) })
        var hasViolation = false
        for (number, step) in witness.steps.enumerated() {
            var cells = [TextTable.Cell](repeating: .init(""), count: columns.count)
            cells[0].text = "\(number + 1)"
            let mark = step.isHardware ? "* " : "  "
            let column = isShared ? 1 : 1 + min(max(0, step.cpu), cpuColumns - 1)
            let text = isShared ? "P\(step.cpu): \(step.text)" : step.text
            let width = columns[column].maxWidth ?? Self.width
            let lines = TextWrap.lines(of: text, width: max(1, width - 2))
            cells[column].text = lines.enumerated().map { ($0.offset == 0 ? mark : "  ") + $0.element }
                .joined(separator: "\n")
            for change in step.changes {
                guard let position = entries.firstIndex(of: change.name) else { continue }
                cells[1 + cpuColumns + position].text = change.columns
            }
            table.append(cells)
            if !step.violations.isEmpty {
                let words = step.violations.joined(separator: ", ")
                let note = hasViolation ? "now also \(words)" : "from here on: \(words)"
                table.append(.init(hasViolation ? "!" : "!!", .bad), spanning: .init(note, .bad))
                hasViolation = true
            }
        }
        return table
    }
}
