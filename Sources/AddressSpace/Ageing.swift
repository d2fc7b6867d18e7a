import PageTable

/// What the kernel does to pages by itself: writing back, reclaiming, ageing.
extension AddressSpace where Lock: ~Copyable {
    /// Declares a page clean and makes its next write fault: `page_mkclean` of Linux (`mm/rmap.c`, 6.1: line 946, 6.12:
    /// line 1021).
    ///
    /// One compare-and-exchange and, if the page was writable or dirty, a shootdown. Unlike in Linux the entry is never
    /// away, so that readers on other CPUs do not fault. On return no CPU writes the page, and the caller writes its
    /// content back; a CPU that sets D late has made the entry dirty again by then, which costs another write-back.
    /// - Returns: whether the page was dirty: then it is to be written back.
    /// - Throws: `notCanonical`, `notAligned`, `notMapped`; `wrongMappingKind` for a shadow stack, which cannot be clean.
    public func cleanForWriteback(at address: UInt64) throws(AddressSpaceError) -> Bool {
        let page = try PageRange(address)
        lock.lock()
        defer { lock.unlock() }
        let (live, entry) = try mappedLeaf(at: page.first)
        let kind = MappingKind(of: entry)
        guard kind != .shadowStack else { throw .wrongMappingKind(address: address, kind) }
        let linux = LinuxGeneration.savedDirty
        guard entry.isWritable || linux.isDirty(entry) else { return false }
        let old = live.setWriteProtectedAndClean()
        flush(page)
        return linux.isDirty(old)
    }

    /// Takes a page out to give its frame to somebody else: `try_to_unmap` of Linux (`mm/rmap.c`, 6.1: line 1474, 6.12:
    /// line 1642), with the flush at once.
    /// - Parameter ifUnused: whether to leave a page alone that was accessed since A was last cleared.
    /// - Returns: the page, with its final D: if it was dirty, it is to be written back first. Nil if it was left alone.
    /// - Throws: `notCanonical`, `notAligned`, `notMapped`.
    public func reclaim(at address: UInt64, ifUnused: Bool = false) throws(AddressSpaceError) -> UnmappedPage? {
        let page = try PageRange(address)
        lock.lock()
        defer { lock.unlock() }
        let (live, entry) = try mappedLeaf(at: page.first)
        if ifUnused && entry.isAccessed { return nil }
        return UnmappedPage(address: page.first, entry: live.clear { flush(page) })
    }

    /// Clears A in consecutive pages and reports those where it was set: `ptep_clear_flush_young` of Linux, which does
    /// not flush either (`arch/x86/mm/pgtable.c`, 6.1: line 581, 6.12: line 597).
    ///
    /// Pages that are not mapped are passed over. A page that CPUs use through cached translations only can look unused.
    /// - Parameters:
    ///   - address: the address of the first page.
    ///   - count: the number of pages.
    ///   - report: gets the address of each page that was accessed, with the lock held: it must not use this address
    ///     space.
    /// - Returns: the number of pages that were accessed.
    /// - Throws: `notCanonical`, `notAligned`, `badPageCount`.
    @discardableResult
    public func harvestAccessed(at address: UInt64, pages count: Int = 1, report: (UInt64) -> Void = { _ in })
        throws(AddressSpaceError) -> Int
    {
        let range = try PageRange(address, count: count)
        lock.lock()
        defer { lock.unlock() }
        var accessed = 0
        forEachLeaf(in: range) { address, live in
            guard live.load().isPresent, live.testAndClearAccessed() else { return }
            accessed += 1
            report(address)
        }
        return accessed
    }
}
