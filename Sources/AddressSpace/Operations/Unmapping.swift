import PageTable

/// Taking pages and tables away: the batch that Linux gathers in `mmu_gather` (`mm/mmu_gather.c`), without memory of its own.
///
/// What is taken away keeps its place until the shootdown has ended. A leaf loses P and nothing else; a table whose addresses
/// all go is unlinked with one step, its frame still named by the entry above it. One shootdown for everything. Then the
/// pages are reported with their final A and D, and the tables given back: no CPU can be walking them any more.
extension AddressSpace where Lock: ~Copyable {
    /// Takes all pages of a range out, and the tables that the range covers whole, with one shootdown.
    ///
    /// What hardware set until the shootdown ended is in the entries reported, on every CPU. Addresses without a page are
    /// passed over. Both closures are called with the lock held: they must not use this address space.
    /// - Parameters:
    ///   - address: the address of the first page of 4 KByte.
    ///   - count: the number of pages of 4 KByte.
    ///   - report: gets each page in order.
    ///   - reportSoftware: gets the address and the value of each ``SoftwareEntry``, which is gone too.
    /// - Throws: `notCanonical`, `notAligned`, `badPageCount`, `pastTheTop`, `wrongHalf`; `insideLargePage` if an end of the
    ///   range cuts one in two.
    @inlinable
    @discardableResult
    public func unmap(
        at address: UInt64, pages count: Int = 1, report: (UnmappedPage) -> Void = { _ in },
        reportSoftware: (UInt64, SoftwareEntry) -> Void = { _, _ in }
    ) throws(AddressSpaceError) -> RangeSummary {
        let range = try range(address, count)
        lock.lock()
        defer { lock.unlock() }
        try requireWholePages(range)
        var summary = RangeSummary()
        var taken = Taken()
        let (table, level) = commonTable(of: range)
        takeAway(range, 0..<range.count, table, level, &taken)
        finish(range, taken, &summary)
        collect(range, 0..<range.count, table, level, &summary, report, reportSoftware)
        return summary
    }

    /// Takes everything out, with one shootdown: what `exit_mmap` of Linux does.
    ///
    /// CPUs may still have the root table loaded.
    @inlinable
    @discardableResult
    public func unmapAll(
        report: (UnmappedPage) -> Void = { _ in }, reportSoftware: (UInt64, SoftwareEntry) -> Void = { _, _ in }
    ) -> RangeSummary {
        lock.lock()
        defer { lock.unlock() }
        var summary = RangeSummary()
        var taken = Taken()
        let (lower, upper) = (wholeHalf(.lower), wholeHalf(.upper))
        takeAway(lower, 0..<lower.count, rootTable, depth.root, &taken)
        takeAway(upper, 0..<upper.count, rootTable, depth.root, &taken)
        if taken.isAnything {
            shootDown(.everything(in: rootTable.frame, freesTables: taken.hasTables, isGlobal: isGlobal))
            summary.wasFlushed = true
        }
        collect(lower, 0..<lower.count, rootTable, depth.root, &summary, report, reportSoftware)
        collect(upper, 0..<upper.count, rootTable, depth.root, &summary, report, reportSoftware)
        return summary
    }

    /// Ends an address space: every page is reported, every table given back, the root too.
    ///
    /// No CPU may have the root table loaded, lazily neither.
    @inlinable
    @discardableResult
    public consuming func tearDown(
        report: (UnmappedPage) -> Void = { _ in }, reportSoftware: (UInt64, SoftwareEntry) -> Void = { _, _ in }
    ) -> RangeSummary {
        unmapAll(report: report, reportSoftware: reportSoftware)
    }

    /// Gives back the tables in a range that nothing stands in, with one shootdown.
    ///
    /// An unmapping frees the tables that it covers whole; what single unmappings left behind goes here.
    /// - Returns: how many tables were given back, and nothing else.
    /// - Throws: `notCanonical`, `notAligned`, `badPageCount`, `pastTheTop`, `wrongHalf`.
    @inlinable
    @discardableResult
    public func releaseEmptyTables(at address: UInt64, pages count: Int) throws(AddressSpaceError) -> RangeSummary {
        let range = try range(address, count)
        lock.lock()
        defer { lock.unlock() }
        var summary = RangeSummary()
        if unlinkEmpty(range, 0..<range.count, rootTable, depth.root) {
            flush(range, freesTables: true)
            summary.wasFlushed = true
            collectUnlinked(range, 0..<range.count, rootTable, depth.root, &summary)
        }
        return summary
    }

    /// All addresses of a half, none if this address space is about the other one.
    @inlinable
    func wholeHalf(_ wanted: AddressHalf) -> PageRange {
        let isMine = half == .both || half == wanted
        return PageRange(
            unchecked: wanted == .upper ? ~0 << depth.signBit : 0, count: isMine ? 1 << Int(depth.signBit - 12) : 0)
    }
}
