/// A reproducible sequence of numbers: the same seed gives the same tests on every platform.
///
/// SplitMix64 (Steele, Lea, Flood, "Fast splittable pseudorandom number generators", OOPSLA 2014).
package struct SeededNumbers: RandomNumberGenerator, Sendable {
    private var state: UInt64

    /// Starts a sequence.
    package init(seed: UInt64) { state = seed }

    /// The next 64 bits.
    package mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var word = state
        word = (word ^ (word >> 30)) &* 0xbf58_476d_1ce4_e5b9
        word = (word ^ (word >> 27)) &* 0x94d0_49bb_1331_11eb
        return word ^ (word >> 31)
    }

    /// A number from 0 up to `limit`, which is at least 1; by the high half of a product, so the standard library's
    /// way of drawing does not matter.
    package mutating func below(_ limit: Int) -> Int {
        Int(truncatingIfNeeded: next().multipliedFullWidth(by: UInt64(max(1, limit))).high)
    }

    /// True `percent` times out of a hundred.
    package mutating func chance(_ percent: Int) -> Bool { below(100) < percent }

    /// One of some elements, of which there is at least one.
    package mutating func pick<Element>(_ elements: [Element]) -> Element { elements[below(elements.count)] }

    /// One of some elements, each as likely as its weight says.
    package mutating func pick<Element>(weighted elements: [(weight: Int, Element)]) -> Element {
        var position = below(elements.reduce(0) { $0 + $1.weight })
        for (weight, element) in elements {
            if position < weight { return element }
            position -= weight
        }
        return elements[elements.count - 1].1
    }
}
