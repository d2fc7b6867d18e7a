import PageTable

/// Where a walk by software ends: the entry that maps an address, or the one that leads nowhere.
@usableFromInline
struct Slot {
    /// The entry.
    @usableFromInline let live: AtomicPageTableEntry
    /// The level of its table.
    @usableFromInline let level: PagingLevel
    /// The entries from this one to the end of its table.
    @usableFromInline let words: UnsafeMutablePointer<UInt64>

    @inlinable
    init(_ table: Table, _ address: UInt64, _ level: PagingLevel) {
        self.init(table.words + level.index(of: address), level)
    }

    /// The place that a pointer names.
    @inlinable @inline(__always)
    init(_ words: UnsafeMutablePointer<UInt64>, _ level: PagingLevel) {
        self.words = words
        live = AtomicPageTableEntry(words)
        self.level = level
    }

    /// The size of the page that the entry maps, if it maps one.
    @inlinable var size: PageSize { PageSize(of: level) ?? .page1G }
}

/// How entries are found, with the lock held.
extension AddressSpace where Lock: ~Copyable {
    /// Checks an address and a number of pages.
    @inlinable
    func range(_ address: UInt64, _ count: Int = 1, of size: PageSize = .page4K) throws(AddressSpaceError) -> PageRange
    {
        let range = try PageRange(address, count: count, of: size, depth)
        guard half.contains(address) else { throw .wrongHalf(address: address) }
        return range
    }

    /// The last entry on the way to an address: a leaf's place, a large leaf, or an entry that leads to no table.
    @inlinable
    func slot(for address: UInt64) -> Slot {
        var table = rootTable
        var level = depth.root
        while level != .leaf {
            guard let next = Table(below: table[address, level].load(), in: frames) else { break }
            table = next
            level = level.below
        }
        return Slot(table, address, level)
    }

    /// The table of a level on the way to an address; nil if there is none.
    @inlinable
    func table(at level: PagingLevel, for address: UInt64) -> Table? {
        var table = rootTable
        var current = depth.root
        while current != level {
            guard let next = Table(below: table[address, current].load(), in: frames) else { return nil }
            table = next
            current = current.below
        }
        return table
    }

    /// The leaf of a mapped page, its value and its size.
    /// - Throws: `notMapped`, also for a page without access.
    @inlinable
    func mappedLeaf(at address: UInt64) throws(AddressSpaceError) -> (
        live: AtomicPageTableEntry, entry: PageTableEntry, size: PageSize
    ) {
        let slot = slot(for: address)
        let entry = slot.live.load()
        guard entry.isPresent else { throw .notMapped(address: address) }
        return (slot.live, entry, slot.size)
    }

    /// The lowest table on the way to a range that has all its entries in it, but for an entry that the range covers whole.
    @inlinable
    func commonTable(of range: PageRange) -> (table: Table, level: PagingLevel) {
        var (table, level) = (rootTable, depth.root)
        while level != .leaf, range.isInside(level),
            let next = Table(below: table[range.first, level].load(), in: frames)
        {
            table = next
            level = level.below
        }
        return (table, level)
    }

    /// Calls a closure for each place of a leaf in a range, empty or not, and for the entries above that lead to no table.
    /// - Parameter body: gets the address of the first page below the entry that is in the range, and the place.
    @inlinable @inline(__always)
    func forEachSlot<Failure: Error>(in range: PageRange, _ body: (UInt64, Slot) throws(Failure) -> Void)
        throws(Failure)
    {
        var position = 0
        while position < range.count {
            var address = range.address(position)
            let slot = slot(for: address)
            let isLeaf = slot.level == .leaf
            // Of leaves the rest of the table, without walking again.
            let pages = range.pages(from: position, belowOneEntryOf: isLeaf ? slot.level.above : slot.level)
            // One call for both, or the compiler does not put the closure in place, and what it counts stays in memory.
            for index in 0..<(isLeaf ? pages : 1) {
                try body(address, Slot(slot.words + index, slot.level))
                address &+= Frame.byteCount
            }
            position &+= pages
        }
    }

    /// Throws if an end of a range cuts a large page in two.
    @inlinable
    func requireWholePages(_ range: PageRange) throws(AddressSpaceError) {
        try requireWholePage(range, at: 0)
        if range.count > 1 { try requireWholePage(range, at: range.count - 1) }
    }

    /// Throws if the page at a position of a range is not in it as a whole.
    @inlinable
    func requireWholePage(_ range: PageRange, at position: Int) throws(AddressSpaceError) {
        let address = range.address(position)
        let slot = slot(for: address)
        guard slot.level != .leaf, slot.live.load().hasPage else { return }
        let start = address & ~(slot.size.byteCount - 1)
        let last = start &+ (slot.size.byteCount - Frame.byteCount)
        guard start >= range.first, last <= range.address(range.count - 1) else {
            throw .insideLargePage(address: start, slot.size)
        }
    }
}
