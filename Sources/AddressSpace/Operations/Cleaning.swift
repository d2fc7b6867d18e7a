import PageTable

/// Declaring pages clean, to write them back.
extension AddressSpace where Lock: ~Copyable {
    /// Declares all pages of a range clean and makes their next writes fault: `page_mkclean` of Linux (`mm/rmap.c`, 6.1: line
    /// 946, 6.12: line 1021), for a range with one shootdown: `msync`.
    ///
    /// First W goes everywhere, and dirtiness to SavedDirty; then the shootdown; then dirtiness goes, also what a CPU that
    /// sets D late added meanwhile. So a page that was written before this returns is reported. The entries are never away:
    /// readers on other CPUs do not fault. The caller writes the content back after the return; no CPU writes it then.
    /// - Parameters:
    ///   - address: the address of the first page of 4 KByte.
    ///   - count: the number of pages of 4 KByte.
    ///   - report: gets each page that was dirty, with the lock held: it must not use this address space.
    /// - Throws: `notCanonical`, `notAligned`, `badPageCount`, `pastTheTop`, `wrongHalf`; `insideLargePage`;
    ///   `wrongMappingKind` for a shadow stack, which cannot be clean.
    @inlinable
    @discardableResult
    public func clean(at address: UInt64, pages count: Int = 1, report: (Translation) -> Void = { _ in })
        throws(AddressSpaceError) -> RangeSummary
    {
        let range = try range(address, count)
        lock.lock()
        defer { lock.unlock() }
        try requireOrdinaryPages(range)
        return cleanPages(range, report: report)
    }

    /// Declares one page clean and makes its next write fault: ``clean(at:pages:report:)`` for a page that must be there.
    /// - Returns: whether the page was dirty, be it by a write that came before the shootdown ended: it is to be written back.
    /// - Throws: as ``clean(at:pages:report:)``; `notMapped`.
    @inlinable
    public func cleanForWriteback(at address: UInt64) throws(AddressSpaceError) -> Bool {
        let range = try range(address)
        lock.lock()
        defer { lock.unlock() }
        let (live, entry, size) = try mappedLeaf(at: address)
        guard MappingKind(of: entry) != .shadowStack else { throw .wrongMappingKind(address: address, .shadowStack) }
        guard size == .page4K else { throw .insideLargePage(address: address & ~(size.byteCount - 1), size) }
        var summary = RangeSummary()
        var taken = Taken()
        writeProtectPage(live, size, &summary, &taken)
        finish(range, taken, &summary)
        return cleanPage(live) != nil
    }

    /// Cleans the pages of a range that was checked, with the lock held.
    @inlinable
    func cleanPages(_ range: PageRange, report: (Translation) -> Void) -> RangeSummary {
        let (found, taken) = writeProtectPages(range)
        var summary = found
        finish(range, taken, &summary)
        // What was dirty before counts once, below.
        summary.dirtyPages = 0
        forEachSlot(in: range) { address, slot in
            guard let old = cleanPage(slot.live) else { return }
            summary.dirtyPages += 1
            report(Translation(address: address, entry: old, size: slot.size))
        }
        return summary
    }

    /// Takes the dirtiness of a page that was write-protected; gives the entry that had it.
    @inlinable @inline(__always)
    func cleanPage(_ live: AtomicPageTableEntry) -> PageTableEntry? {
        let linux = LinuxGeneration.savedDirty
        let entry = live.load()
        guard entry.isPresent, linux.isDirty(entry) else { return nil }
        return live.update { linux.markedClean($0) }
    }
}
