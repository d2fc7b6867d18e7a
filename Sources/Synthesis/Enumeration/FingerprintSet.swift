/// 128 bits that stand for a class of sequences.
struct Fingerprint: Hashable {
    var first: UInt64
    var second: UInt64
}

/// The fingerprints that were met, in flat storage.
struct FingerprintSet {
    private var slots: [Fingerprint]
    private(set) var count = 0
    private static let empty = Fingerprint(first: 0, second: 0)

    init() { slots = [Fingerprint](repeating: Self.empty, count: 1 << 12) }

    /// Adds one; false when it is there.
    mutating func insert(_ fingerprint: Fingerprint) -> Bool {
        if count * 2 >= slots.count { grow() }
        var slot = Int(truncatingIfNeeded: fingerprint.first) & (slots.count - 1)
        while slots[slot] != Self.empty {
            if slots[slot] == fingerprint { return false }
            slot = (slot + 1) & (slots.count - 1)
        }
        slots[slot] = fingerprint
        count += 1
        return true
    }

    /// Whether one is there.
    func contains(_ fingerprint: Fingerprint) -> Bool {
        var slot = Int(truncatingIfNeeded: fingerprint.first) & (slots.count - 1)
        while slots[slot] != Self.empty {
            if slots[slot] == fingerprint { return true }
            slot = (slot + 1) & (slots.count - 1)
        }
        return false
    }

    private mutating func grow() {
        let old = slots
        slots = [Fingerprint](repeating: Self.empty, count: old.count * 2)
        count = 0
        for fingerprint in old where fingerprint != Self.empty { _ = insert(fingerprint) }
    }
}
