/// Numbers as people read them, the same in every locale.
package enum Figures {
    /// A number with a fixed count of decimals, rounded half up; `-` for what is not a number.
    package static func fixed(_ value: Double, decimals: Int) -> String {
        var scale = 1.0
        for _ in 0..<max(0, decimals) { scale *= 10 }
        let scaled = (value.magnitude * scale).rounded()
        guard scaled < 9e18 else { return "-" }
        let number = Int64(scaled)
        let unit = Int64(scale)
        let sign = value < 0 && number > 0 ? "-" : ""
        guard decimals > 0 else { return "\(sign)\(number)" }
        let fraction = String(number % unit)
        return "\(sign)\(number / unit)." + String(repeating: "0", count: decimals - fraction.count) + fraction
    }

    /// A count with commas: `1,234,567`.
    package static func grouped(_ count: Int) -> String {
        var text = ""
        let digits = String(count.magnitude)
        for (position, digit) in digits.enumerated() {
            if position > 0 && (digits.count - position).isMultiple(of: 3) { text.append(",") }
            text.append(digit)
        }
        return (count < 0 ? "-" : "") + text
    }

    /// Bytes in the largest binary unit that keeps the number at 1 or more: `1.5 GiB`.
    package static func bytes(_ count: Int) -> String {
        var value = Double(max(0, count))
        for unit in ["B", "KiB", "MiB", "GiB"] {
            if value < 1024 { return fixed(value, decimals: unit == "B" || value >= 100 ? 0 : 1) + " " + unit }
            value /= 1024
        }
        return fixed(value, decimals: 1) + " TiB"
    }

    /// `1 test`, `2 tests`.
    package static func count(_ number: Int, _ noun: String, plural: String? = nil) -> String {
        "\(grouped(number)) \(number == 1 ? noun : plural ?? noun + "s")"
    }
}
