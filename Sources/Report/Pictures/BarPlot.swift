/// Figures as bars, in the colours of the pictures of runs: panels below one another, a row for each bar.
///
/// A pure function from figures to the text of an SVG file, without a script and without a network. It is light or dark as the
/// reader's screen is; each bar has its figure in words beside it.
package struct BarPlot: Sendable {
    /// A row.
    package struct Bar: Sendable {
        /// What was measured.
        package var label: String
        /// How long the bar is.
        package var value: Double
        /// Where a thin line from the bar's end ends, for instance at a median; nil for none.
        package var end: Double?
        /// The figure, in words.
        package var text: String
        /// Whether it is the one that the reader looks for; the others are outlines.
        package var isMain: Bool

        /// Describes a row.
        package init(_ label: String, _ value: Double, end: Double? = nil, text: String, isMain: Bool = true) {
            (self.label, self.value, self.end, self.text, self.isMain) = (label, value, end, text, isMain)
        }
    }

    /// Bars that share an axis.
    package struct Panel: Sendable {
        /// What they have in common.
        package var title: String
        /// What the axis says.
        package var note: String
        /// The rows.
        package var bars: [Bar]
        /// Whether each step of the axis is ten times the one before.
        package var isLogarithmic: Bool

        /// Describes a panel.
        package init(_ title: String, note: String, _ bars: [Bar], isLogarithmic: Bool = false) {
            (self.title, self.note, self.bars, self.isLogarithmic) = (title, note, bars, isLogarithmic)
        }
    }

    private static let width = 760
    private static let labelWidth = 300
    private static let valueWidth = 100
    private static let rowHeight = 18
    private static let panelHead = 44
    private static let panelFoot = 26
    private static let top = 64

    private let title: String
    private let subtitle: String
    private let panels: [Panel]

    /// Describes a plot.
    package init(title: String, subtitle: String, _ panels: [Panel]) {
        (self.title, self.subtitle, self.panels) = (title, subtitle, panels.filter { !$0.bars.isEmpty })
    }

    /// The text of the SVG file.
    package func rendered() -> String {
        var svg = SVGText()
        let height = panels.reduce(Self.top) { $0 + Self.height(of: $1) } + 8
        svg.box(0, 0, Self.width, height, "page")
        svg.text(title, at: .init(x: 16, y: 26), "h1")
        svg.text(Self.shortened(printable(subtitle), 104), at: .init(x: 16, y: 46), "dim")
        var y = Self.top
        for panel in panels {
            Self.draw(panel, at: y, &svg)
            y += Self.height(of: panel)
        }
        // `run` is what the rules of all pictures are for.
        return
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"\(Self.width)\" height=\"\(height)\" viewBox=\"0 0 \(Self.width) \(height)\" role=\"img\" class=\"run\"><title>\(SVGText.escaped(title + ": " + subtitle))</title>"
            + "<style>\(PictureStyle.sheet(.light))@media (prefers-color-scheme: dark){\(PictureStyle.sheet(.dark))}</style>"
            + svg.body + "</svg>\n"
    }

    private static func height(of panel: Panel) -> Int { panelHead + rowHeight * panel.bars.count + panelFoot }

    private static func draw(_ panel: Panel, at top: Int, _ svg: inout SVGText) {
        let axis = BarAxis(panel.bars.flatMap { [$0.value, $0.end ?? $0.value] }, isLogarithmic: panel.isLogarithmic)
        let room = Double(width - labelWidth - valueWidth - 24)
        func x(_ value: Double) -> Int { labelWidth + Int(axis.position(of: value) * room) }
        let first = top + panelHead
        let last = first + rowHeight * panel.bars.count
        svg.text(panel.title, at: .init(x: 16, y: top + 16), "h2")
        svg.text(panel.note, at: .init(x: 16, y: top + 32), "dim")
        for tick in axis.ticks {
            svg.line(.init(x: x(tick), y: first), .init(x: x(tick), y: last), "hair")
            svg.text(axis.label(of: tick), at: .init(x: x(tick), y: last + 16), "dim", anchor: "middle")
        }
        for (row, bar) in panel.bars.enumerated() {
            let y = first + rowHeight * row
            svg.text(shortened(printable(bar.label), 46), at: .init(x: labelWidth - 8, y: y + 13), anchor: "end")
            svg.box(labelWidth, y + 3, max(1, x(bar.value) - labelWidth), 12, bar.isMain ? "bar" : "chip")
            var right = x(bar.value)
            if let end = bar.end, x(end) > right {
                svg.line(.init(x: right, y: y + 9), .init(x: x(end), y: y + 9), "chip")
                right = x(end)
            }
            svg.text(bar.text, at: .init(x: right + 6, y: y + 13))
        }
    }

    private static func shortened(_ text: String, _ limit: Int) -> String {
        text.count <= limit ? text : "…" + text.suffix(limit - 1)
    }
}
