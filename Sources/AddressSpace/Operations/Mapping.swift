import PageTable

/// Mapping pages.
extension AddressSpace where Lock: ~Copyable {
    /// Maps consecutive pages to consecutive frames.
    ///
    /// No flush is needed, since CPUs cache no translations of entries with P=0.
    /// - Parameters:
    ///   - leaf: the entry of the first page; the others get the frames after it.
    ///   - address: the address of the first page, a multiple of the size.
    ///   - count: the number of pages of that size.
    ///   - size: how large the pages are; the first frame is a multiple of it.
    /// - Throws: `notCanonical`, `notAligned`, `badPageCount`, `pastTheTop`, `wrongHalf`; `frameOutOfRange` if the frames run
    ///   past the last; `frameNotAligned`; `alreadyMapped` for the first page that is, or in whose place the caller put
    ///   something; `tableInTheWay` of a large page; `outOfFrames` or `frameNotReachable` for a table.
    @inlinable
    public func map<Kind: Mapping>(
        _ leaf: Leaf<Kind>, at address: UInt64, pages count: Int = 1, size: PageSize = .page4K
    ) throws(AddressSpaceError) {
        let range = try range(address, count, of: size)
        let lastFrame = leaf.frame.number + UInt64(range.count - 1)
        guard lastFrame < Frame.count else { throw .frameOutOfRange(number: lastFrame) }
        try leaf.frame.requireStart(of: size)
        lock.lock()
        defer { lock.unlock() }
        if range.count == 1 {
            let slot = slot(for: address)
            if slot.level == .leaf {
                guard slot.live.load() == .empty else { throw .alreadyMapped(address: address) }
                slot.live.store(leaf.entry)
                return
            }
        }
        var reserve = FrameReserve()
        do throws(AddressSpaceError) {
            try requireEmpty(range, size)
            try reserveTables(for: range, size, into: &reserve)
        } catch {
            reserve.release(to: frames)
            throw error
        }
        store(leaf, range, size, from: &reserve)
        reserve.release(to: frames)
    }

    /// Maps a page in place of what the caller put there: a page comes back from a swap file, or from migration.
    /// - Parameters:
    ///   - leaf: what to map.
    ///   - address: the address of the page.
    ///   - expected: what stands there now.
    /// - Throws: `notCanonical`, `notAligned`, `wrongHalf`; `entryChanged` if something else stands there.
    @inlinable
    public func map<Kind: Mapping>(_ leaf: Leaf<Kind>, at address: UInt64, replacing expected: SoftwareEntry)
        throws(AddressSpaceError)
    {
        _ = try range(address)
        lock.lock()
        defer { lock.unlock() }
        let slot = slot(for: address)
        guard slot.level == .leaf, slot.live.load() == expected.entry else { throw .entryChanged(address: address) }
        slot.live.store(leaf.entry)
    }

    /// Stores the entries of a range, whose tables are there or in the reserve.
    @inlinable
    func store<Kind: Mapping>(
        _ leaf: Leaf<Kind>, _ range: PageRange, _ size: PageSize, from reserve: inout FrameReserve
    ) {
        let level = size.level
        var position = 0
        while position < range.count {
            let address = range.address(position)
            guard let table = table(at: level, for: address, from: &reserve) else { return }
            let pages = range.pages(from: position, belowOneEntryOf: level.above)
            let words = Slot(table, address, level).words
            var entry = leaf.entry(size, movedBy: UInt64(position))
            for index in 0..<level.entries(for: pages) {
                AtomicPageTableEntry(words + index).store(entry)
                // No frame runs past the last: that was checked.
                entry.rawValue &+= size.byteCount
            }
            position &+= pages
        }
    }

    /// Throws unless nothing stands in a range, and no table where a large page is to be.
    @inlinable
    func requireEmpty(_ range: PageRange, _ size: PageSize) throws(AddressSpaceError) {
        try forEachSlot(in: range) { address, slot throws(AddressSpaceError) in
            guard slot.live.load() == .empty else { throw .alreadyMapped(address: address) }
        }
        guard size != .page4K else { return }
        var hasTable = false
        var firstTable: UInt64 = 0
        forEachSlot(in: range) { address, slot in
            if slot.level.number < size.level.number, !hasTable { (hasTable, firstTable) = (true, address) }
        }
        if hasTable { throw .tableInTheWay(address: firstTable & ~(size.byteCount - 1), size) }
    }

    /// Reserves a frame for each table that a range lacks.
    ///
    /// Frame by frame, so that a range too large for the provider ends soon.
    @inlinable
    func reserveTables(for range: PageRange, _ size: PageSize, into reserve: inout FrameReserve)
        throws(AddressSpaceError)
    {
        var level = depth.root
        while level != size.level {
            var position = 0
            while position < range.count {
                let isThere = table(at: level.below, for: range.address(position)) != nil
                if !isThere { try reserve.add(from: frames) }
                position += range.pages(from: position, belowOneEntryOf: level)
            }
            level = level.below
        }
    }

    /// The table of a level for an address; what is missing on the way comes from the reserve.
    @inlinable
    func table(at level: PagingLevel, for address: UInt64, from reserve: inout FrameReserve) -> Table? {
        var table = rootTable
        var current = depth.root
        while current != level {
            let live = table[address, current]
            if let next = Table(below: live.load(), in: frames) {
                table = next
            } else {
                guard let new = reserve.take(from: frames) else { return nil }
                live.store(new.upperEntry)
                table = new
            }
            current = current.below
        }
        return table
    }
}
