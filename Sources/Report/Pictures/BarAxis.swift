/// The axis of a panel of bars: from 0 on, or by powers of ten.
struct BarAxis {
    /// The values that have a line and a number.
    let ticks: [Double]
    private let isLogarithmic: Bool
    private let least: Double
    private let most: Double

    /// An axis that all values fit on.
    init(_ values: [Double], isLogarithmic: Bool) {
        let positive = values.filter { $0 > 0 }
        let largest = positive.max() ?? 1
        self.isLogarithmic = isLogarithmic
        guard isLogarithmic else {
            least = 0
            let step = Self.step(for: largest)
            most = max(largest, step)
            ticks = (0...Int(most / step)).map { Double($0) * step }
            return
        }
        var low = 1.0
        let smallest = positive.min() ?? 1
        while low > smallest { low /= 10 }
        while low * 10 <= smallest { low *= 10 }
        var found = [low]
        while let last = found.last, last < largest { found.append(last * 10) }
        if found.count == 1 { found.append(low * 10) }
        least = low
        most = found[found.count - 1]
        ticks = found
    }

    /// Where a value lies: 0 at the axis's start, 1 at its end.
    func position(of value: Double) -> Double {
        guard isLogarithmic else { return max(0, value) / most }
        guard value > least else { return 0 }
        // Between two powers of ten the distance is taken by halving: there is no logarithm without a C library.
        var decades = 0.0
        var rest = value / least
        while rest >= 10 {
            rest /= 10
            decades += 1
        }
        var fraction = 0.0
        var weight = 0.5
        for _ in 0..<12 {
            rest *= rest
            if rest >= 10 {
                rest /= 10
                fraction += weight
            }
            weight /= 2
        }
        return (decades + fraction) / Double(ticks.count - 1)
    }

    /// A tick's number.
    func label(of tick: Double) -> String {
        var decimals = 0
        var scaled = tick
        while decimals < 6, (scaled - scaled.rounded()).magnitude > 1e-9 * max(1, scaled) {
            scaled *= 10
            decimals += 1
        }
        return Figures.fixed(tick, decimals: decimals)
    }

    /// The distance of the numbers: 1, 2 or 5 times a power of ten, so that there are at most eight.
    private static func step(for most: Double) -> Double {
        var step = 0.1
        var factors = 0
        while most / step > 8, most.isFinite {
            step *= factors % 3 == 1 ? 2.5 : 2
            factors += 1
        }
        return step
    }
}
