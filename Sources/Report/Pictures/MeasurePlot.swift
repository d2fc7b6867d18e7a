import Synthesis

/// A measurement as a picture (SVG): a bar for each price over 512 entries, and for each sequence.
package struct MeasurePlot: Sendable {
    private static let note = "time as a ratio to lock andb; the thin line ends at the median"

    private let plot: BarPlot

    /// Makes the picture.
    package init(_ measurement: MachineMeasurement) {
        var rows: [CostItem: MeasuredRow] = [:]
        for row in measurement.rows {
            if case .item(let item) = row.subject { rows[item] = row }
        }
        func bars(_ groups: [CostWords.Group]) -> [BarPlot.Bar] {
            groups.flatMap { group in
                group.items.compactMap { item in
                    let label = item.isStandIn ? "" : Self.short(group.heading) + ": "
                    return Self.bar(label + CostWords.label(item), rows[item]?.figures[.setting(.small)])
                }
            }
        }
        let standIns = CostWords.groups.filter { $0.items.contains { $0.isStandIn } }
        let others = CostWords.groups.filter { !$0.items.contains { $0.isStandIn } }
        plot = BarPlot(
            title: "What page-table updates cost",
            subtitle: measurement.machine + (measurement.date.isEmpty ? "" : ", " + measurement.date),
            [
                .init("Building blocks, over 512 entries", note: Self.note, bars(others)),
                .init("Stand-ins for what only a kernel can do", note: Self.note, bars(standIns)),
                .init("Sequences, over 512 entries", note: Self.note, Self.sequences(measurement)),
            ])
    }

    /// The picture's text.
    package var text: String { plot.rendered() }

    private static func sequences(_ measurement: MachineMeasurement) -> [BarPlot.Bar] {
        measurement.rows.flatMap { row -> [BarPlot.Bar] in
            guard case .sequence(let name) = row.subject else { return [] }
            return EntryStart.allCases.compactMap { bar("\(name): \($0.rawValue)", row.figures[.start($0)]) }
        }
    }

    private static func bar(_ label: String, _ figure: MeasuredFigure?) -> BarPlot.Bar? {
        guard case .price(let entry)? = figure else { return nil }
        return BarPlot.Bar(
            label, entry.minimum, end: entry.minimum * (1 + entry.spread), text: CostWords.ratio(entry.minimum))
    }

    /// A heading as far as its first sign.
    private static func short(_ heading: String) -> String {
        if heading.hasPrefix("a load after") || heading.hasPrefix("a choice") {
            return String(heading.prefix { $0 != ":" })
        }
        return String(heading.prefix { $0 != "(" && $0 != ":" }).split(separator: " ").joined(separator: " ")
    }
}
