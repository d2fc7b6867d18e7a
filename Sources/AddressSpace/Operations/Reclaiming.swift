import PageTable

/// Taking pages out to give their frames to somebody else, or to move them.
extension AddressSpace where Lock: ~Copyable {
    /// Takes pages of a range out, with one shootdown, and puts what the caller says in their places: `try_to_unmap` and
    /// `try_to_migrate` of Linux (`mm/rmap.c`, 6.1: lines 1474 and 1846, 6.12: lines 1642 and 2013).
    /// - Parameters:
    ///   - address: the address of the first page of 4 KByte.
    ///   - count: the number of pages of 4 KByte.
    ///   - ifUnused: whether to leave pages alone that were accessed since A was last cleared.
    ///   - replacement: gets each page with its final A and D, with the lock held, and says what to put in its place; nil for
    ///     nothing. If the page was dirty, it is to be written back first. It must not use this address space.
    /// - Throws: `notCanonical`, `notAligned`, `badPageCount`, `pastTheTop`, `wrongHalf`; `insideLargePage`.
    @inlinable
    @discardableResult
    public func reclaim(
        at address: UInt64, pages count: Int, ifUnused: Bool = false, replacement: (UnmappedPage) -> SoftwareEntry?
    ) throws(AddressSpaceError) -> RangeSummary {
        let range = try range(address, count)
        lock.lock()
        defer { lock.unlock() }
        try requireWholePages(range)
        return reclaimPages(range, ifUnused, replacement)
    }

    /// Takes one page out: ``reclaim(at:pages:ifUnused:replacement:)`` for a page that must be there, with nothing in its place.
    /// - Returns: the page, with its final D: if it was dirty, it is to be written back first. Nil if it was left alone.
    /// - Throws: `notCanonical`, `notAligned`, `wrongHalf`, `notMapped`; `insideLargePage`.
    @inlinable
    public func reclaim(at address: UInt64, ifUnused: Bool = false) throws(AddressSpaceError) -> UnmappedPage? {
        let range = try range(address)
        lock.lock()
        defer { lock.unlock() }
        let (_, _, size) = try mappedLeaf(at: address)
        guard size == .page4K else { throw .insideLargePage(address: address & ~(size.byteCount - 1), size) }
        var reclaimed: UnmappedPage?
        _ = reclaimPages(range, ifUnused) { page in
            reclaimed = page
            return nil
        }
        return reclaimed
    }

    /// Takes out the pages of a range that was checked, with the lock held.
    @inlinable
    func reclaimPages(_ range: PageRange, _ ifUnused: Bool, _ replacement: (UnmappedPage) -> SoftwareEntry?)
        -> RangeSummary
    {
        var summary = RangeSummary()
        var taken = Taken()
        forEachSlot(in: range) { _, slot in
            let entry = slot.live.load()
            guard entry.isPresent, !(ifUnused && entry.isAccessed) else { return }
            slot.live.takeAway(entry)
            taken.note(slot.size)
        }
        finish(range, taken, &summary)
        forEachSlot(in: range) { address, slot in
            let entry = slot.live.load()
            guard entry != .empty, !entry.isPresent, SoftwareEntry(of: entry) == nil else { return }
            if ifUnused && entry.isInaccessible && entry.isAccessed { return }
            let final = slot.live.clear().withAccess
            summary.note(final)
            let page = UnmappedPage(address: address, entry: final, size: slot.size)
            if let new = replacement(page) { slot.live.store(new.entry) }
        }
        return summary
    }
}
