import Synthesis

/// A measurement as a picture (SVG 1.1): a bar for each price over 512 entries, and for each sequence.
package struct MeasurePlot: Sendable {
    private struct Bar {
        var label: String
        var minimum: Double
        var median: Double
    }

    private struct Panel {
        var title: String
        var bars: [Bar]
    }

    private static let width = 760.0
    private static let labelWidth = 300.0
    private static let valueWidth = 60.0
    private static let rowHeight = 18.0
    private static let panelHead = 44.0
    private static let panelFoot = 26.0
    private static let top = 64.0

    private let machine: String
    private let panels: [Panel]

    /// Makes the picture.
    package init(_ measurement: MachineMeasurement) {
        machine = measurement.machine + (measurement.date.isEmpty ? "" : ", " + measurement.date)
        var rows: [CostItem: MeasuredRow] = [:]
        for row in measurement.rows {
            if case .item(let item) = row.subject { rows[item] = row }
        }
        func bars(_ groups: [CostWords.Group]) -> [Bar] {
            groups.flatMap { group in
                group.items.compactMap { item in
                    let label = item.isStandIn ? "" : Self.short(group.heading) + ": "
                    return Self.bar(label + CostWords.label(item), rows[item]?.figures[.setting(.small)])
                }
            }
        }
        let standIns = CostWords.groups.filter { $0.items.contains { $0.isStandIn } }
        let others = CostWords.groups.filter { !$0.items.contains { $0.isStandIn } }
        panels = [
            Panel(title: "Building blocks, over 512 entries", bars: bars(others)),
            Panel(title: "Stand-ins for what only a kernel can do", bars: bars(standIns)),
            Panel(title: "Sequences, over 512 entries", bars: Self.sequences(measurement)),
        ].filter { !$0.bars.isEmpty }
    }

    private static func sequences(_ measurement: MachineMeasurement) -> [Bar] {
        measurement.rows.flatMap { row -> [Bar] in
            guard case .sequence(let name) = row.subject else { return [] }
            return EntryStart.allCases.compactMap { bar("\(name): \($0.rawValue)", row.figures[.start($0)]) }
        }
    }

    private static func bar(_ label: String, _ figure: MeasuredFigure?) -> Bar? {
        guard case .price(let entry)? = figure else { return nil }
        return Bar(label: label, minimum: entry.minimum, median: entry.minimum * (1 + entry.spread))
    }

    /// A heading as far as its first sign.
    private static func short(_ heading: String) -> String {
        if heading.hasPrefix("a load after") || heading.hasPrefix("a choice") {
            return String(heading.prefix { $0 != ":" })
        }
        return String(heading.prefix { $0 != "(" && $0 != ":" }).split(separator: " ").joined(separator: " ")
    }

    /// The picture's text.
    package var text: String {
        let height = panels.reduce(Self.top) { height, panel in
            height + Self.panelHead + Self.rowHeight * Double(panel.bars.count) + Self.panelFoot
        }
        var parts = [Self.head(height)]
        parts.append(Self.label("What page-table updates cost", 16, 26, "title"))
        parts.append(Self.label(Self.shortened(machine, 100), 16, 46, "faint"))
        var y = Self.top
        for panel in panels {
            parts += Self.lines(of: panel, y)
            y += Self.panelHead + Self.rowHeight * Double(panel.bars.count) + Self.panelFoot
        }
        return parts.joined(separator: "\n") + "\n</svg>\n"
    }

    private static func head(_ height: Double) -> String {
        let (width, height) = (number(width), number(height + 8))
        return """
            <svg xmlns="http://www.w3.org/2000/svg" width="\(width)" height="\(height)" viewBox="0 0 \(width) \(height)" \
            role="img">
            <style>
            svg { --page: #ffffff; --ink: #1f2328; --faint: #59636e; --line: #d1d9e0; --bar: #2f6fb5; }
            @media (prefers-color-scheme: dark) {
            svg { --page: #0d1117; --ink: #e6edf3; --faint: #9198a1; --line: #3d444d; --bar: #6ca8e8; }
            }
            .page { fill: var(--page); } .bar { fill: var(--bar); } .line { stroke: var(--line); }
            .median { stroke: var(--ink); }
            text { fill: var(--ink); font: 12px sans-serif; } .faint { fill: var(--faint); }
            .title { font: bold 16px sans-serif; } .head { font: bold 13px sans-serif; } .end { text-anchor: end; }
            .middle { text-anchor: middle; fill: var(--faint); }
            </style>
            <rect class="page" width="100%" height="100%"/>
            """
    }

    private static func lines(of panel: Panel, _ top: Double) -> [String] {
        let room = width - labelWidth - valueWidth - 24
        let most = panel.bars.reduce(0.0) { max($0, $1.minimum, $1.median) }
        let step = step(for: most)
        let scale = room / max(most, step)
        let first = top + panelHead
        let last = first + rowHeight * Double(panel.bars.count)
        var parts = [label(panel.title, 16, top + 16, "head")]
        parts.append(
            label("time as a ratio to lock andb; the thin line ends at the median", 16, top + 32, "faint"))
        var tick = 0.0
        while tick <= max(most, step) {
            let x = labelWidth + tick * scale
            parts.append(line("line", x, first, x, last))
            parts.append(label(Figures.fixed(tick, decimals: step < 1 ? 1 : 0), x, last + 16, "middle"))
            tick += step
        }
        for (row, bar) in panel.bars.enumerated() {
            let y = first + rowHeight * Double(row)
            parts.append(label(shortened(bar.label, 46), labelWidth - 8, y + 13, "end"))
            let length = bar.minimum * scale
            parts.append(
                "<rect class=\"bar\" x=\"\(number(labelWidth))\" y=\"\(number(y + 3))\" width=\"\(number(length))\" "
                    + "height=\"12\"/>")
            let median = labelWidth + bar.median * scale
            parts.append(line("median", labelWidth + length, y + 9, median, y + 9))
            parts.append(label(CostWords.ratio(bar.minimum), max(median, labelWidth + length) + 6, y + 13, "plain"))
        }
        return parts
    }

    /// The distance of the axis's numbers: 1, 2 or 5 times a power of ten, so that there are at most eight.
    private static func step(for most: Double) -> Double {
        var step = 0.1
        for factor in [2.0, 2.5, 2.0, 2.0, 2.5, 2.0, 2.0, 2.5, 2.0, 2.0, 2.5, 2.0, 2.0, 2.5, 2.0, 2.0, 2.5, 2.0]
        where most / step > 8 { step *= factor }
        return max(step, most / 50)
    }

    private static func line(_ role: String, _ x: Double, _ y: Double, _ x2: Double, _ y2: Double) -> String {
        "<line class=\"\(role)\" x1=\"\(number(x))\" y1=\"\(number(y))\" x2=\"\(number(x2))\" y2=\"\(number(y2))\"/>"
    }

    private static func label(_ text: String, _ x: Double, _ y: Double, _ role: String) -> String {
        "<text class=\"\(role)\" x=\"\(number(x))\" y=\"\(number(y))\">\(escaped(text))</text>"
    }

    private static func number(_ value: Double) -> String { Figures.fixed(value, decimals: 1) }

    private static func shortened(_ text: String, _ limit: Int) -> String {
        text.count <= limit ? text : "…" + text.suffix(limit - 1)
    }

    private static func escaped(_ text: String) -> String {
        var escaped = ""
        for scalar in printable(text).unicodeScalars {
            switch scalar {
            case "&": escaped += "&amp;"
            case "<": escaped += "&lt;"
            case ">": escaped += "&gt;"
            default: escaped.unicodeScalars.append(scalar)
            }
        }
        return escaped
    }
}
