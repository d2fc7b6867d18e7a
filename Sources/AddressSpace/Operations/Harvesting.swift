import PageTable

/// Reading and clearing what hardware noted: which pages were used, and which were written.
extension AddressSpace where Lock: ~Copyable {
    /// Clears A in a range and reports the pages where it was set: `ptep_clear_flush_young` of Linux, which does not flush
    /// either (`arch/x86/mm/pgtable.c`, 6.1: line 581, 6.12: line 597).
    ///
    /// Addresses without a page are passed over. A page that CPUs use through cached translations only can look unused.
    /// - Parameters:
    ///   - address: the address of the first page of 4 KByte.
    ///   - count: the number of pages of 4 KByte.
    ///   - report: gets the address of each page that was accessed, with the lock held: it must not use this address
    ///     space.
    /// - Returns: the number of pages that were accessed.
    /// - Throws: `notCanonical`, `notAligned`, `badPageCount`, `pastTheTop`, `wrongHalf`; `insideLargePage`.
    @inlinable
    @discardableResult
    public func harvestAccessed(at address: UInt64, pages count: Int = 1, report: (UInt64) -> Void = { _ in })
        throws(AddressSpaceError) -> Int
    {
        let range = try range(address, count)
        lock.lock()
        defer { lock.unlock() }
        try requireWholePages(range)
        var accessed = 0
        forEachSlot(in: range) { address, slot in
            guard slot.live.load().isPresent, slot.live.testAndClearAccessed() else { return }
            accessed += 1
            report(address)
        }
        return accessed
    }

    /// Clears D in a range and reports the pages that were written since the last time: dirty logging of a hypervisor.
    ///
    /// The pages stay writable, so that writes do not fault. A write that comes before the shootdown ends may go through a
    /// translation that is dirty already, and set no D; so the pages that are reported may be read only after the return.
    /// From then on a write sets D again. Shadow stacks, which cannot be clean, are reported each time.
    /// - Parameters:
    ///   - address: the address of the first page of 4 KByte.
    ///   - count: the number of pages of 4 KByte.
    ///   - report: gets each page that was written, with the lock held, before the shootdown: it notes which, and reads none.
    /// - Returns: how many pages there are, and how many were written.
    /// - Throws: `notCanonical`, `notAligned`, `badPageCount`, `pastTheTop`, `wrongHalf`; `insideLargePage`.
    @inlinable
    @discardableResult
    public func harvestDirty(at address: UInt64, pages count: Int = 1, report: (Translation) -> Void = { _ in })
        throws(AddressSpaceError) -> RangeSummary
    {
        let range = try range(address, count)
        lock.lock()
        defer { lock.unlock() }
        try requireWholePages(range)
        let linux = LinuxGeneration.savedDirty
        var summary = RangeSummary()
        var taken = Taken()
        forEachSlot(in: range) { address, slot in
            var entry = slot.live.load()
            guard entry.isPresent else { return }
            if linux.isDirty(entry), MappingKind(of: entry) != .shadowStack {
                entry = slot.live.update { linux.markedClean($0) }
                if entry.isDirty { taken.note(slot.size) }
            }
            summary.note(entry)
            if linux.isDirty(entry) { report(Translation(address: address, entry: entry, size: slot.size)) }
        }
        finish(range, taken, &summary)
        return summary
    }
}
