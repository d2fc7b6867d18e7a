import Checker
import Litmus

/// A witness as text for a mail: a column for each CPU and for each page-table entry, a line for each step.
public struct WitnessText: Sendable {
    /// The width that lines keep to, in characters.
    public static let width = 112
    /// CPUs get a column each while it has at least this width.
    private static let leastColumn = 24
    /// Entries with a column of their own; of more only those that change get one.
    private static let mostEntries = 4

    private let witness: Witness
    private let showsAllSteps: Bool
    private let namesProfiles: Bool

    /// The text of this witness.
    ///
    /// - Parameters:
    ///   - showsAllSteps: also what nobody else can notice, and all instructions on registers alone.
    ///   - namesProfiles: the CPUs' profiles stand over the columns.
    public init(_ witness: Witness, showsAllSteps: Bool = false, namesProfiles: Bool = true) {
        self.witness = witness
        self.showsAllSteps = showsAllSteps
        self.namesProfiles = namesProfiles
    }

    /// The run, what went wrong, and, if given, the command line that shows it again.
    public func rendered(replay: String?, style: Style = .plain) -> String {
        var text = table.rendered(style, width: style.runWidth)
        text += "\n"
        if witness.steps.contains(where: { $0.isHardware }) {
            text += "  *  hardware by itself: walker, store buffer, interrupt\n"
        }
        if showsLocals { text += "  -  on registers alone, in one go with the step before it\n" }
        if rows.contains(where: { $0.isFold }) {
            text +=
                "  ...  on memory that no other CPU touches in this run, or that nobody writes; --all-steps shows it\n"
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

    // MARK: Rows

    /// A row below one of the CPUs.
    private struct Row {
        var number = ""
        var cpu: Int
        /// `*`, `-` or nothing.
        var mark = " "
        var lines: [String]
        /// Where the code stands that was compiled.
        var source: [String] = []
        var changes: [EntryView] = []
        var violations: [String] = []
        /// It stands for several steps.
        var isFold = false
    }

    /// The rows of the run in order.
    private var rows: [Row] {
        var rows = rows(of: witness.start)
        var folded: [(number: Int, step: WitnessStep)] = []
        for (number, step) in witness.steps.enumerated() {
            if step.unnoticed != nil && !showsAllSteps {
                folded.append((number + 1, step))
                continue
            }
            rows += fold(folded)
            folded = []
            rows.append(
                Row(
                    number: "\(number + 1)", cpu: step.cpu, mark: step.isHardware ? "*" : " ",
                    lines: [step.text], source: source(step.source), changes: step.changes, violations: step.violations)
            )
            rows += self.rows(of: step.locals)
        }
        return withoutRepeats(rows + fold(folded))
    }

    /// One row for each CPU with steps in a stretch that nobody else can notice; of what ran with them, what is telling.
    private func fold(_ steps: [(number: Int, step: WitnessStep)]) -> [Row] {
        var rows: [Row] = []
        for cpu in Set(steps.map { $0.step.cpu }).sorted() {
            let own = steps.filter { $0.step.cpu == cpu }
            let count = Figures.count(own.count, "step")
            let others = own.contains { $0.step.unnoticed == .unwritten } ? " or nobody writes" : ""
            let range = own.count == 1 ? "\(own[0].number)" : "\(own[0].number)-\(own[own.count - 1].number)"
            rows.append(
                Row(
                    number: range, cpu: cpu, lines: ["... \(count) on memory that only P\(cpu) touches\(others)"],
                    isFold: true))
            for step in own { rows += self.rows(of: step.step.locals) }
        }
        return rows
    }

    private func rows(of locals: LocalLines) -> [Row] {
        var rows = locals.lines.filter { showsAllSteps || $0.isTelling }.map { line in
            Row(cpu: line.cpu, mark: "-", lines: [line.text], source: source(line.source))
        }
        if locals.omitted > 0, let last = locals.lines.last {
            rows.append(Row(cpu: last.cpu, mark: "-", lines: ["(\(locals.omitted) more)"]))
        }
        return rows
    }

    /// The line of the C or Swift file that an instruction was compiled from; with all steps, also how it got there.
    ///
    /// What stands in headers tells a reader less than who calls it. A test's own file is the one that was asked about, so
    /// its name is enough.
    private func source(_ chain: [CompiledCode.SourceLine]) -> [String] {
        let shown = showsAllSteps ? chain : (chain.first { !$0.file.hasSuffix(".h") } ?? chain.last).map { [$0] } ?? []
        return shown.map { line in
            let isKernel = line.file.hasSuffix(".c") || line.file.hasSuffix(".h")
            let file = isKernel ? Substring(line.file) : line.file.split(separator: "/").last ?? ""
            return "  \(file):\(line.line)" + (line.function.map { " \($0)" } ?? "")
        }
    }

    /// Says where code stands once for as long as a CPU stays there.
    private func withoutRepeats(_ rows: [Row]) -> [Row] {
        var last: [Int: [String]] = [:]
        return rows.map { row in
            var row = row
            if row.isFold { last[row.cpu] = nil }
            guard !row.source.isEmpty else { return row }
            if last[row.cpu] == row.source { row.source = [] } else { last[row.cpu] = row.source }
            return row
        }
    }

    private var showsLocals: Bool { rows.contains { $0.mark == "-" } }

    private var table: TextTable {
        let rows = rows
        let entries = shownEntries
        let numbers = max(3, rows.map { $0.number.count }.max() ?? 0)
        let taken = 2 + numbers + entries.map { max(6, $0.count) + 2 }.reduce(0, +)
        let room = Self.width - taken
        let titles = namesProfiles ? witness.cpus : witness.cpus.indices.map { "P\($0)" }
        let count = max(1, titles.count)
        let share = (room - 2 * (count - 1)) / count
        let isShared = share < Self.leastColumn
        var columns = [TextTable.Column("", isRightAligned: true, minWidth: 3)]
        if isShared {
            columns.append(.init(titles.joined(separator: ", "), maxWidth: max(Self.leastColumn, room)))
        } else {
            columns += titles.map { .init($0, maxWidth: share) }
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
        for row in rows {
            var cells = [TextTable.Cell](repeating: .init(""), count: columns.count)
            cells[0].text = row.number
            let column = isShared ? 1 : 1 + min(max(0, row.cpu), cpuColumns - 1)
            let width = max(1, (columns[column].maxWidth ?? Self.width) - 2)
            let lines = (row.lines + row.source).enumerated().flatMap { number, line in
                TextWrap.lines(of: isShared && number == 0 ? "P\(row.cpu): \(line)" : line, width: width)
            }
            cells[column].text = lines.enumerated().map { ($0.offset == 0 ? row.mark + " " : "  ") + $0.element }
                .joined(separator: "\n")
            if row.isFold || row.mark == "-" { cells[column].role = .faint }
            for change in row.changes {
                guard let position = entries.firstIndex(of: change.name) else { continue }
                cells[1 + cpuColumns + position].text = change.columns
            }
            table.append(cells)
            if !row.violations.isEmpty {
                let words = row.violations.joined(separator: ", ")
                let note = hasViolation ? "now also \(words)" : "from here on: \(words)"
                table.append(.init(hasViolation ? "!" : "!!", .bad), spanning: .init(note, .bad))
                hasViolation = true
            }
        }
        return table
    }
}
