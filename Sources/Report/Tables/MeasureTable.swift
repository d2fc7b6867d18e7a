import Synthesis

/// What `ptero measure` prints: tables of building blocks and of sequences, and how to read them.
package struct MeasureTable: Sendable {
    private let measurement: MachineMeasurement

    /// Makes the tables of a measurement.
    package init(_ measurement: MachineMeasurement) { self.measurement = measurement }

    /// The tables as text.
    package func rendered(_ style: Style = .plain) -> String {
        var parts = [head]
        if let blocks = blocks(style) { parts.append(blocks) }
        if let sequences = sequences(style) { parts.append(sequences) }
        parts.append(reading)
        return parts.map { paragraphs($0, style) }.joined(separator: "\n")
    }

    /// Tables are laid out already; what is longer than a line is prose.
    private func paragraphs(_ text: String, _ style: Style) -> String {
        let width = min(style.width, Style.usualWidth)
        return text.hasSuffix("\n") ? text : TextWrap.lines(of: text, width: width).map { $0 + "\n" }.joined()
    }

    private var head: String {
        var head = printable(measurement.machine)
        if !measurement.date.isEmpty { head += ", \(printable(measurement.date))" }
        if let cpu = measurement.cpu { head += ", CPU \(cpu)" }
        let times = CostSetting.allCases.compactMap { setting in
            measurement.nanoseconds[setting].map {
                "\(Figures.fixed($0, decimals: 2)) ns over \(CostWords.title(setting)) entries"
            }
        }
        if !times.isEmpty { head += "\nlock andb: " + times.joined(separator: ", ") }
        return head
    }

    // MARK: Tables

    private func blocks(_ style: Style) -> String? {
        var rows: [CostItem: MeasuredRow] = [:]
        for row in measurement.rows {
            if case .item(let item) = row.subject { rows[item] = row }
        }
        let settings = CostSetting.allCases.filter { setting in
            rows.values.contains { $0.figures[.setting(setting)] != nil }
        }
        guard !settings.isEmpty else { return nil }
        var table = TextTable(
            [.init("entries", maxWidth: 26)]
                + settings.map { .init(CostWords.title($0), isRightAligned: true, maxWidth: 10, minWidth: 10) })
        for group in CostWords.groups {
            let known = group.items.filter { rows[$0] != nil }
            if !known.isEmpty { table.append(heading: group.heading) }
            for item in known {
                let figures = settings.map { rows[item]?.figures[.setting($0)] }
                table.append([.init("  " + CostWords.label(item))] + figures.map { cell($0) })
            }
        }
        return table.rendered(style)
    }

    private func sequences(_ style: Style) -> String? {
        let columns: [(title: String, column: MeasuredColumn)] =
            EntryStart.allCases.map { ($0.rawValue, .start($0)) } + [("other CPU\nwrites", .setting(.contended))]
        var table = TextTable(
            [.init("sequence, on 512 entries", maxWidth: 26)]
                + columns.map { .init($0.title, isRightAligned: true, maxWidth: 10, minWidth: 8) })
        var isEmpty = true
        for row in measurement.rows {
            guard case .sequence(let name) = row.subject else { continue }
            isEmpty = false
            let more = row.sameIn.isEmpty ? "" : "\n(and \(Figures.count(row.sameIn.count, "more test")))"
            let title = TextTable.Cell(printable(name) + more)
            if case .unusable(.notRunnable(let problem)) = row.figures[.start(.clean)] {
                table.append(title, spanning: .init("not run: " + CostWords.words(problem), .unsure))
                continue
            }
            table.append([title] + columns.map { cell(row.figures[$0.column]) })
        }
        return isEmpty ? nil : table.rendered(style)
    }

    private func cell(_ figure: MeasuredFigure?) -> TextTable.Cell {
        switch figure {
        case nil: .init("")
        case .price(let entry):
            .init("\(CostWords.ratio(entry.minimum)) +\(CostWords.percent(entry.spread))")
        case .unusable(.notReached): .init("-", .faint)
        case .unusable(let reason): .init("unusable: \(CostWords.words(reason))", .unsure)
        }
    }

    // MARK: How to read it

    /// Figures that there are not.
    private func count(_ wanted: (UnusableReason) -> Bool) -> Int {
        measurement.rows.reduce(0) { sum, row in
            sum
                + row.figures.values.count { figure in
                    if case .unusable(let reason) = figure { wanted(reason) } else { false }
                }
        }
    }

    private var reading: String {
        var lines = [
            "A figure is the smallest time as a ratio to the smallest of `lock andb $-3,(%rdi)`, the two timed in turn over "
                + "the same entries; +N% says how far the median lay above the smallest time. Extra comes on top of the "
                + "two instructions. A stand-in is what a program can do that is nearest to what is meant."
        ]
        if measurement.rows.contains(where: { $0.figures[.setting(.contended)] != nil }) {
            lines.append(
                "Other CPU writes: another CPU sets Dirty in the same entries all the time; the figure is the median as a "
                    + "ratio to `lock andb` without that, and +N% the upper quartile.")
        }
        if let leftOut { lines.append(leftOut) }
        if measurement.isUnpinned {
            lines.append("The system would not keep the program on one CPU: figures may be of several.")
        }
        let unusable = count { $0 != .notReached && !isNotRunnable($0) }
        let missing = count { $0 == .notReached }
        if unusable > 0 {
            lines.append(
                "\(Figures.count(unusable, "figure")) could not be used: the machine was busy, or the code cannot be "
                    + "timed. Measure again when it is quiet.")
        }
        if missing > 0 {
            lines.append(
                "\(measurement.isInterrupted ? "Interrupted" : "Out of time"): \(Figures.count(missing, "figure")) not "
                    + "measured (-).")
        }
        return lines.joined(separator: "\n")
    }

    /// The instructions that sequences were timed without, each once.
    private var leftOut: String? {
        var texts: [String] = []
        for text in measurement.rows.flatMap({ $0.leftOut }) where !texts.contains(text) { texts.append(text) }
        guard !texts.isEmpty else { return nil }
        return "Left out of sequences, since only a kernel can do it: "
            + texts.map { printable($0) }.joined(separator: ", ") + "."
    }

    private func isNotRunnable(_ reason: UnusableReason) -> Bool {
        if case .notRunnable = reason { true } else { false }
    }
}
