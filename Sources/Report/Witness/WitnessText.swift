import Checker
import Litmus
import Machine

/// A witness as text for a mail: a column for each CPU and for each page-table entry, a line for each step.
package struct WitnessText: Sendable {
    /// The width that lines keep to, in characters.
    package static let width = 112
    /// CPUs get a column each while it has at least this width.
    private static let leastColumn = 24
    /// Entries with a column of their own; of more only those that change get one.
    private static let mostEntries = 4

    private let run: Run
    private let sentences: RunSentences
    private let showsAllSteps: Bool
    private let namesProfiles: Bool
    private let parts: RunParts

    /// The text of this run.
    ///
    /// - Parameters:
    ///   - showsAllSteps: also what no other CPU can notice, and all instructions on registers alone.
    ///   - namesProfiles: the CPUs' profiles stand over the columns.
    ///   - parts: what else is shown after each step.
    package init(_ run: Run, showsAllSteps: Bool = false, namesProfiles: Bool = true, parts: RunParts = []) {
        self.run = run
        sentences = RunSentences(run)
        self.showsAllSteps = showsAllSteps
        self.namesProfiles = namesProfiles
        self.parts = parts
    }

    /// The run, what went wrong, and, if given, the command line that shows it again.
    package func rendered(replay: String?, style: Style = .plain) -> String {
        var text = table.rendered(style, width: style.runWidth)
        text += "\n"
        if run.steps.contains(where: { $0.isHardware }) {
            text += "  *  hardware by itself: walker, store buffer, interrupt\n"
        }
        if showsLocals { text += "  -  on registers alone, in one go with the step before it\n" }
        if rows.contains(where: { $0.isFold }) {
            text +=
                "  ...  on memory that no other CPU touches in this run, or that no CPU writes; --all-steps shows it\n"
        }
        if !shownEntries.isEmpty {
            text += "  PWUADS = Present, Writable, User, Accessed, Dirty, SavedDirty; - is a clear bit\n"
        }
        if parts.contains(.tlb) {
            text +=
                run.isLiteral
                ? "  TLBs: what each holds" : "  TLBs: what each can hold, because nothing has dropped it yet"
            text += "; (stale): memory's entry permits less or lost D\n"
        }
        if !parts.isDisjoint(with: [.tlb, .buffers]) {
            text += "  - is an empty TLB or buffer; a cell is blank where the step changes nothing\n"
        }
        for entry in sentences.entries where !shownEntries.contains(entry.name) {
            text += "  \(entry.name) stays \(entry.columns)\n"
        }
        if !run.isComplete && run.isDecided {
            text += "  The run is shown up to where the condition is decided.\n"
        }
        text += "\n"
        for line in TextWrap.lines(of: sentences.conclusion, width: Self.width) {
            text += style.apply(.bad, line) + "\n"
        }
        if let replay { text += style.apply(.faint, "replay: \(replay)") + "\n" }
        return text
    }

    /// What makes two witnesses tell the same story: everything but how the steps are numbered.
    package var story: [String] {
        run.steps.enumerated().map { number, step in
            let changes = sentences.changes(ofStep: number).map { " \($0.name)=\($0.columns)" }.joined()
            let violations = step.violations.map { " \($0)" }.joined()
            return "P\(step.cpu)\(step.isHardware ? "*" : "") \(sentences.text(of: step))" + changes + violations
        } + sentences.entries.map { "\($0.name)=\($0.columns)" } + [sentences.conclusion]
    }

    private var shownEntries: [String] {
        let names = sentences.entries.map { $0.name }
        if names.count <= Self.mostEntries || parts.contains(.entries) { return names }
        let changed = Set(run.steps.indices.flatMap { sentences.changes(ofStep: $0).map { $0.name } })
        return names.filter(changed.contains)
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
        /// The last step that it stands for.
        var step: Int?
    }

    /// The rows of the run in order.
    private var rows: [Row] {
        var rows = rows(of: run.startLocals)
        var folded: [(number: Int, step: RunStep)] = []
        for (number, step) in run.steps.enumerated() {
            if step.unnoticed != nil && !showsAllSteps {
                folded.append((number + 1, step))
                continue
            }
            rows += fold(folded)
            folded = []
            rows.append(
                Row(
                    number: "\(number + 1)", cpu: step.cpu, mark: step.isHardware ? "*" : " ",
                    lines: [sentences.text(of: step)], source: tellsSource(step) ? source(step.source) : [],
                    changes: sentences.changes(ofStep: number), violations: step.violations, step: number))
            rows += self.rows(of: step.locals)
        }
        return withoutRepeats(rows + fold(folded))
    }

    /// Whether the line of code is said of a step: what hardware does before an access stands beside it.
    private func tellsSource(_ step: RunStep) -> Bool { !step.isHardware || step.report.kind == .setDirty }

    /// One row for each CPU with steps in a stretch that no other CPU can notice; of what ran with them, what is telling.
    private func fold(_ steps: [(number: Int, step: RunStep)]) -> [Row] {
        var rows: [Row] = []
        for cpu in Set(steps.map { $0.step.cpu }).sorted() {
            let own = steps.filter { $0.step.cpu == cpu }
            let count = Figures.count(own.count, "step")
            let others = own.contains { $0.step.unnoticed == .unwritten } ? " or no CPU writes" : ""
            let range = own.count == 1 ? "\(own[0].number)" : "\(own[0].number)-\(own[own.count - 1].number)"
            rows.append(
                Row(
                    number: range, cpu: cpu, lines: ["... \(count) on memory that only P\(cpu) touches\(others)"],
                    isFold: true, step: own[own.count - 1].number - 1))
            for step in own { rows += self.rows(of: step.step.locals) }
        }
        return rows
    }

    private func rows(of locals: LocalLines) -> [Row] {
        var rows = locals.lines.filter { showsAllSteps || $0.isTelling }.map { line in
            Row(cpu: line.cpu, mark: "-", lines: [sentences.text(of: line)], source: source(line.source))
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

    // MARK: Columns

    private var table: TextTable {
        let rows = rows
        let entries = shownEntries
        var parts = stateColumns
        let cells =
            [parts.indices.map { parts[$0].cell(run.start) }]
            + rows.map { row in
                parts.indices.map { part in row.step.map { parts[part].cell(run.steps[$0].after) } ?? "" }
            }
        let (columns, isShared) = columns(rows, entries, parts.map { $0.title }, cells)
        var table = TextTable(columns)
        let cpuColumns = columns.count - 1 - entries.count - parts.count
        let initial = sentences.entries.filter { entries.contains($0.name) }
        table.append(
            [TextTable.Cell("")] + [TextTable.Cell("(at the start)", .faint)]
                + [TextTable.Cell](repeating: .init(""), count: cpuColumns - 1)
                + initial.map { TextTable.Cell($0.columns) } + cells[0].map { TextTable.Cell($0) })
        var hasViolation = false
        for (position, row) in rows.enumerated() {
            var line = [TextTable.Cell](repeating: .init(""), count: columns.count)
            line[0].text = row.number
            let column = isShared ? 1 : 1 + min(max(0, row.cpu), cpuColumns - 1)
            line[column].text = text(of: row, isShared: isShared, columns[column].maxWidth)
            if row.isFold || row.mark == "-" { line[column].role = .faint }
            for change in row.changes {
                guard let entry = entries.firstIndex(of: change.name) else { continue }
                line[1 + cpuColumns + entry].text = change.columns
            }
            for (part, cell) in cells[position + 1].enumerated() {
                line[1 + cpuColumns + entries.count + part].text = cell
            }
            table.append(line)
            if !row.violations.isEmpty {
                let words = row.violations.joined(separator: ", ")
                let note = hasViolation ? "now also \(words)" : "from here on: \(words)"
                table.append(.init(hasViolation ? "!" : "!!", .bad), spanning: .init(note, .bad))
                hasViolation = true
            }
        }
        return table
    }

    /// The columns of what else is shown.
    private var stateColumns: [StateColumn] {
        var columns: [StateColumn] = []
        let cpus = run.profiles.count
        if parts.contains(.tlb) {
            columns.append(StateColumn("TLBs", cpus: cpus) { sentences.translations(ofCPU: $0, in: $1) })
        }
        if parts.contains(.buffers) {
            columns.append(
                StateColumn("store buffers\noldest first", cpus: cpus) { sentences.stores(ofCPU: $0, in: $1) })
        }
        return columns
    }

    /// Numbers, CPUs (one column for all where there are many), entries, and what else is shown.
    private func columns(
        _ rows: [Row], _ entries: [String], _ parts: [String], _ cells: [[String]]
    ) -> (columns: [TextTable.Column], isShared: Bool) {
        let numbers = max(3, rows.map { $0.number.count }.max() ?? 0)
        var taken = 2 + numbers + entries.map { max(6, $0.count) + 2 }.reduce(0, +)
        for (part, title) in parts.enumerated() {
            let lines = ([title] + cells.map { $0[part] }).flatMap { $0.split(separator: "\n") }
            taken += 2 + (lines.map { $0.count }.max() ?? 0)
        }
        let room = Self.width - taken
        let titles = run.headings(namesProfiles: namesProfiles)
        let count = max(1, titles.count)
        let share = (room - 2 * (count - 1)) / count
        var columns = [TextTable.Column("", isRightAligned: true, minWidth: 3)]
        let isShared = share < Self.leastColumn
        if isShared {
            columns.append(.init(titles.joined(separator: ", "), maxWidth: max(Self.leastColumn, room)))
        } else {
            columns += titles.map {
                .init(TextWrap.lines(of: $0, width: share).joined(separator: "\n"), maxWidth: share)
            }
        }
        columns += entries.map { .init("\($0)\nPWUADS") } + parts.map { .init($0) }
        return (columns, isShared)
    }

    /// A row's cell; in a column for all CPUs it names its own.
    private func text(of row: Row, isShared: Bool, _ maxWidth: Int?) -> String {
        let width = max(1, (maxWidth ?? Self.width) - 2)
        let lines = (row.lines + row.source).enumerated().flatMap { number, line in
            TextWrap.lines(of: isShared && number == 0 ? "P\(row.cpu): \(line)" : line, width: width)
        }
        return lines.enumerated().map { ($0.offset == 0 ? row.mark + " " : "  ") + $0.element }.joined(separator: "\n")
    }
}
