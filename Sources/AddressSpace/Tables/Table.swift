import PageTable

/// A table of any level in memory: 512 entries.
@usableFromInline
struct Table {
    /// The number of entries of a table.
    @inlinable static var entryCount: Int { 512 }

    /// Where the table lies.
    @usableFromInline let frame: Frame
    /// Its entries.
    @usableFromInline let words: UnsafeMutablePointer<UInt64>

    /// A table in a frame.
    @inlinable @inline(__always)
    init(frame: Frame, words: UnsafeMutablePointer<UInt64>) {
        self.frame = frame
        self.words = words
    }

    /// The table that an upper entry points to; nil if there is none, or if its frame cannot be reached.
    @inlinable @inline(__always)
    init?(below entry: PageTableEntry, in frames: some FrameProvider) {
        guard entry.leadsToTable, let words = frames.words(of: Frame(of: entry)) else { return nil }
        self.init(frame: Frame(of: entry), words: words)
    }

    /// An entry by its index, of which only the low nine bits count.
    @inlinable @inline(__always)
    subscript(index: Int) -> AtomicPageTableEntry {
        // SAFETY: the index is cut to the 512 words that the frame provider promises.
        AtomicPageTableEntry(words + (index & 511))
    }

    /// The entry that translates an address at this table's level.
    @inlinable @inline(__always)
    subscript(address: UInt64, level: PagingLevel) -> AtomicPageTableEntry { self[level.index(of: address)] }

    /// The upper entry that points to this table: all rights, which the leaves narrow.
    @inlinable @inline(__always) var upperEntry: PageTableEntry {
        var entry = PageTableEntry(
            rawValue: PageTableEntry.presentMask | PageTableEntry.writableMask | PageTableEntry.userMask)
        entry.frameNumber = frame.number
        return entry
    }
}

extension PageTableEntry {
    /// Whether an entry above the leaves points to a table.
    @inlinable @inline(__always) var leadsToTable: Bool {
        rawValue & (Self.presentMask | Self.pageSizeMask) == Self.presentMask
    }
}
