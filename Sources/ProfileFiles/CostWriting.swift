import Synthesis

extension CostFile {
    /// Prices as JSON5, in front of them what they mean; ``read(_:name:)`` reads it back, rounded to four decimals.
    package static func text(of table: CostTable) -> String {
        var text = """
            // What building blocks of sequences cost on this machine, written by `ptero measure --cost-file FILE`.
            //
            // A price is a ratio to `lock andb $-3,(%rdi)` over as many entries: the smallest time that was seen, and how far
            // the median lay above it, as a part of it; in contended512, where another CPU sets Dirty bits in the same entries,
            // the median, and how far the upper quartile lay above that. The digits in a name are widths in bytes.
            // nanoseconds: of one lock andb.
            {
              machine: \(JSON5Text.quoted(table.machine)),
              date: \(JSON5Text.quoted(table.date)),

            """
        let times = CostSetting.allCases.compactMap { setting in
            table.nanoseconds[setting].map { "\(setting.rawValue): \(number($0))" }
        }
        if !times.isEmpty { text += "  nanoseconds: { \(times.joined(separator: ", ")) },\n" }
        for setting in CostSetting.allCases {
            guard let prices = table.prices[setting], !prices.isEmpty else { continue }
            text += "  \(setting.rawValue): {\n"
            for item in CostItem.allCases {
                guard let entry = prices[item] else { continue }
                let price = "{ minimum: \(number(entry.minimum)), spread: \(number(entry.spread)) }"
                text += "    \(item.rawValue): \(price),\(item.isStandIn ? " // a stand-in" : "")\n"
            }
            text += "  },\n"
        }
        return text + "}\n"
    }

    /// A number as JSON5 spells it.
    private static func number(_ value: Double) -> String {
        guard value.isFinite else { return "0" }
        let rounded = (value * 10_000).rounded() / 10_000
        return rounded == rounded.rounded() && rounded < 1e15 ? "\(Int(rounded))" : "\(rounded)"
    }
}
