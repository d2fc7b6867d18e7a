import PageTable

/// Sets of entries to quantify over, built from bit numbers so that no mask of the code under test is involved.
enum EntrySpace {
    /// The bits that any transform or predicate looks at or changes: P W U A D PS G 9 10 11 57 58 59 63.
    static let bits: [UInt64] = [0, 1, 2, 5, 6, 7, 8, 9, 10, 11, 57, 58, 59, 63]
    /// Of an old entry in a pair: P W A D G uffd SavedDirty XD.
    static let oldBits: [UInt64] = [0, 1, 5, 6, 8, 10, 58, 63]
    /// Of a new entry or a protection in a pair: P W U D G SavedDirty, a key, XD.
    static let newBits: [UInt64] = [0, 1, 2, 6, 8, 58, 59, 63]
    /// No frame, an ordinary one, and the highest.
    static let frames: [UInt64] = [0, 0x12345, 0xFF_FFFF_FFFF]

    /// All combinations of some bits, counted up.
    static func combinations(of bits: [UInt64]) -> [UInt64] {
        var values: [UInt64] = [0]
        for bit in bits { values += values.map { $0 | 1 << bit } }
        return values
    }

    /// All combinations of some bits with each of some frames.
    static func entries(_ bits: [UInt64] = bits, frames: [UInt64] = frames) -> [PageTableEntry] {
        let flags = combinations(of: bits)
        return frames.flatMap { frame in flags.map { PageTableEntry(rawValue: $0 | frame << 12) } }
    }

    /// Every entry of the space, made once.
    static let all = entries()
    /// Old and new entries for pairs.
    static let old = entries(oldBits, frames: [0, 0x12345])
    static let new = entries(newBits, frames: [0, 0x12345])
}

extension PageTableEntry {
    /// A bit by its number.
    func bit(_ number: UInt64) -> Bool { rawValue >> number & 1 == 1 }

    /// The three bits that Linux's dirty tracking is about, as a number: 4 for W, 2 for D, 1 for SavedDirty.
    var writableDirtySaved: Int { (bit(1) ? 4 : 0) + (bit(6) ? 2 : 0) + (bit(58) ? 1 : 0) }
}

/// A pair of entries that contradicts a claim, shown by both.
struct PairCounterexample: Equatable, CustomStringConvertible {
    var first: PageTableEntry
    var second: PageTableEntry
    var description: String { "\(first.debugDescription), \(second.debugDescription)" }
}

/// The first of the entries for which a claim is false; one expectation instead of fifty thousand.
func counterexample(
    in entries: [PageTableEntry] = EntrySpace.all, to claim: (PageTableEntry) -> Bool
) -> PageTableEntry? {
    entries.first { !claim($0) }
}

/// The first pair of an old and a new entry for which a claim is false.
func counterexample(
    old: [PageTableEntry] = EntrySpace.old, new: [PageTableEntry] = EntrySpace.new,
    to claim: (PageTableEntry, PageTableEntry) -> Bool
) -> PairCounterexample? {
    for first in old {
        for second in new where !claim(first, second) { return PairCounterexample(first: first, second: second) }
    }
    return nil
}
