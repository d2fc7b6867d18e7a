/// What the building blocks of sequences cost on a machine, as ratios to `lock andb` on an entry.
package struct CostTable: Hashable, Sendable {
    /// The machine: its processor's name.
    package var machine: String
    /// When it was measured, as `2026-11-29`; empty for prices that were not measured.
    package var date: String
    /// The time of one `lock andb`, in nanoseconds, where it is known.
    package var nanoseconds: [CostSetting: Double]
    /// The prices that are known; what could not be measured is not there.
    package var prices: [CostSetting: [CostItem: CostEntry]]

    /// Makes a table.
    package init(
        machine: String, date: String, nanoseconds: [CostSetting: Double] = [:],
        prices: [CostSetting: [CostItem: CostEntry]]
    ) {
        self.machine = machine
        self.date = date
        self.nanoseconds = nanoseconds
        self.prices = prices
    }

    /// The price of a building block, nil where it is not known.
    ///
    /// What does not depend on a table (a page fault, an instruction on registers) has its price in ``CostSetting/small``.
    package func price(_ item: CostItem, in setting: CostSetting = .small) -> CostEntry? {
        prices[item.isOfNoTable ? .small : setting]?[item]
    }

    /// The price of a building block in a table of 512 entries; nil where it is not known.
    package subscript(item: CostItem) -> CostEntry? {
        get { price(item) }
        set { prices[.small, default: [:]][item] = newValue }
    }

    /// The price of a building block as a number, nominal where this machine's is not known.
    ///
    /// ``unknownItems`` says for which that is.
    package func ratio(_ item: CostItem, in setting: CostSetting = .small) -> Double {
        price(item, in: setting)?.minimum ?? price(item)?.minimum ?? Self.nominalRatio(item)
    }

    /// The building blocks without a price in a table of 512 entries.
    package var unknownItems: [CostItem] { CostItem.allCases.filter { price($0) == nil } }

    /// The widest spread of all prices.
    package var widestSpread: Double {
        var widest = 0.0
        for entries in prices.values {
            for entry in entries.values { widest = max(widest, entry.spread) }
        }
        return widest
    }
}

/// A price: its smallest figure, and how far the others lay above.
///
/// Under ``CostSetting/contended`` it is the median, and how far the upper quartile lay above that: there the smallest time
/// is that of a pass in which the other CPU hardly came in between.
package struct CostEntry: Hashable, Sendable {
    /// The smallest time as a ratio to the smallest of `lock andb`, which was measured in turn with it.
    package var minimum: Double
    /// How far the median lay above the smallest time, as a part of that: 0.1 is a tenth.
    package var spread: Double

    /// Makes a price.
    package init(minimum: Double, spread: Double) {
        self.minimum = minimum
        self.spread = spread
    }
}

/// Over how many entries a price was measured, and whether somebody else changed them; the raw value is its name in files.
package enum CostSetting: String, CaseIterable, Hashable, Sendable {
    /// 512 entries: a page table, in the first cache.
    case small = "entries512"
    /// 65,536 entries: 128 page tables, in the second cache.
    case medium = "entries65536"
    /// 8 Mi entries: 16,384 page tables, in memory or in a large last cache.
    case large = "entries8Mi"
    /// 512 entries while another CPU sets Dirty bits in them; the ratio is to `lock andb` without the other CPU.
    case contended = "contended512"

    /// How many entries there are.
    package var entries: Int {
        switch self {
        case .small, .contended: 512
        case .medium: 65_536
        case .large: 8 << 20
        }
    }
}
