import PageTable

/// A table of any level in memory: 512 entries.
@usableFromInline
struct Table {
    /// The number of entries of a table.
    @usableFromInline static var entryCount: Int { 512 }

    /// Where the table lies.
    @usableFromInline let frame: Frame
    /// Its entries.
    @usableFromInline let words: UnsafeMutablePointer<UInt64>

    /// A table in a frame.
    @usableFromInline
    init(frame: Frame, words: UnsafeMutablePointer<UInt64>) {
        self.frame = frame
        self.words = words
    }

    /// The table that an upper entry points to; nil if there is none, or if its frame cannot be reached.
    @usableFromInline
    init?(below entry: PageTableEntry, in frames: some FrameProvider) {
        guard entry.isPresent, let words = frames.words(of: Frame(of: entry)) else { return nil }
        self.init(frame: Frame(of: entry), words: words)
    }

    /// An entry by its index, of which only the low nine bits count.
    @inlinable
    subscript(index: Int) -> AtomicPageTableEntry {
        // SAFETY: the index is cut to the 512 words that the frame provider promises.
        AtomicPageTableEntry(words + (index & 511))
    }

    /// The entry that translates an address at this table's level.
    @usableFromInline
    subscript(address: UInt64, level: PagingLevel) -> AtomicPageTableEntry { self[level.index(of: address)] }

    /// The upper entry that points to this table: all rights, which the leaves narrow.
    @usableFromInline var upperEntry: PageTableEntry {
        var entry = PageTableEntry(
            rawValue: PageTableEntry.presentMask | PageTableEntry.writableMask | PageTableEntry.userMask)
        entry.frameNumber = frame.number
        return entry
    }
}

/// A level of the tables: 4 is the root (PML4), 1 holds the leaves.
@usableFromInline
struct PagingLevel: Equatable, Sendable {
    /// 1 to 4.
    @usableFromInline let number: UInt64

    @usableFromInline static let root = PagingLevel(number: 4)
    @usableFromInline static let leaf = PagingLevel(number: 1)

    @usableFromInline
    init(number: UInt64) { self.number = number }

    /// The level below; the leaves' for the leaves.
    @usableFromInline var below: PagingLevel { self == .leaf ? self : PagingLevel(number: number - 1) }

    /// The level above; the root's for the root.
    var above: PagingLevel { self == .root ? self : PagingLevel(number: number + 1) }

    /// The lowest address bit that selects an entry of this level.
    @usableFromInline var shift: UInt64 { 12 + 9 * (number - 1) }

    /// The number of pages below one entry of this level.
    @usableFromInline var pagesPerEntry: Int { 1 << Int(shift - 12) }

    /// The index of an address's entry, 0 to 511.
    @usableFromInline
    func index(of address: UInt64) -> Int { Int(truncatingIfNeeded: (address >> shift) & 511) }
}
