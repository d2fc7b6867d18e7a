import ArgumentParser

/// A number of bytes as people write it: `512M`, `4G`, `1.5G`, `1048576`.
package struct ByteCount: ExpressibleByArgument, Sendable, Hashable {
    /// The bytes, at least 1.
    package var bytes: Int

    /// Reads a number with an optional unit `K`, `M`, `G` or `T` (powers of 1024; `B`, `iB` may follow); nil for all else.
    package init?(argument: String) {
        var text = Substring(argument)
        for suffix in ["iB", "ib", "B", "b"] where text.hasSuffix(suffix) {
            text = text.dropLast(suffix.count)
            break
        }
        var scale = 1.0
        if let last = text.last, let power = ["K", "M", "G", "T"].firstIndex(of: last.uppercased()) {
            for _ in 0...power { scale *= 1024 }
            text = text.dropLast()
        }
        // What Double reads otherwise (hexadecimal, exponents, infinity) nobody means here.
        guard !text.isEmpty, text.utf8.allSatisfy({ (48...57).contains($0) || $0 == 46 }), let number = Double(text)
        else { return nil }
        let bytes = (number * scale).rounded()
        guard bytes >= 1, bytes < 9.2e18 else { return nil }
        self.bytes = Int(bytes)
    }
}
