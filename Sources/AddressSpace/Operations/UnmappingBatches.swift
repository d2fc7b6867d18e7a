import PageTable

/// Taking scattered pages away together.
extension AddressSpace where Lock: ~Copyable {
    /// Takes pages out that lie anywhere, with one shootdown for all of them.
    ///
    /// For a queue of small unmappings, each of which would interrupt other CPUs: first every leaf loses P, then one shootdown
    /// of the addresses from the lowest to the highest (of everything, if they lie in both halves), then the pages are
    /// reported. What hardware set until the shootdown ended is in the entries reported, on every CPU. Addresses without a
    /// page, and ones named twice, are passed over. Tables stay: see ``releaseEmptyTables(at:pages:)``. Both closures are
    /// called with the lock held: they must not use this address space.
    /// - Parameters:
    ///   - addresses: the first bytes of pages of any size, in any order; looked through three times.
    ///   - report: gets each page, in this order.
    ///   - reportSoftware: gets the address and the value of each ``SoftwareEntry``, which is gone too.
    /// - Throws: `notCanonical`, `notAligned`, `wrongHalf`; `insideLargePage` for an address that is not a page's first;
    ///   `frameNotReachable` for a table.
    @inlinable
    @discardableResult
    public func unmap(
        batch addresses: Span<UInt64>, report: (UnmappedPage) -> Void = { _ in },
        reportSoftware: (UInt64, SoftwareEntry) -> Void = { _, _ in }
    ) throws(AddressSpaceError) -> RangeSummary {
        lock.lock()
        defer { lock.unlock() }
        for index in addresses.indices { try requireFirstByte(addresses[index]) }
        var summary = RangeSummary()
        var taken = Taken()
        var (lowest, highest) = (UInt64.max, UInt64.min)
        for index in addresses.indices {
            let address = addresses[index]
            let slot = slot(for: address)
            let entry = slot.live.load()
            guard entry.isPresent else { continue }
            slot.live.takeAway(entry)
            taken.note(slot.size)
            lowest = min(lowest, address)
            highest = max(highest, address + (slot.size.byteCount - Frame.byteCount))
        }
        if taken.isAnything {
            flush(from: lowest, through: highest, stride: taken.smallest)
            summary.wasFlushed = true
        }
        for index in addresses.indices {
            let address = addresses[index]
            let slot = slot(for: address)
            collect(
                slot.live, slot.live.load(), address, slot.level, isUnlinked: false, &summary, report, reportSoftware)
        }
        return summary
    }

    /// Throws unless an address is the first of a page, or of a place where one could be.
    @inlinable
    func requireFirstByte(_ address: UInt64) throws(AddressSpaceError) {
        _ = try range(address)
        let slot = slot(for: address)
        guard slot.level != .leaf else { return }
        let entry = slot.live.load()
        if entry.leadsToTable { throw .frameNotReachable(Frame(of: entry)) }
        let start = address & ~(slot.size.byteCount - 1)
        if entry.hasPage && start != address { throw .insideLargePage(address: start, slot.size) }
    }

    /// A shootdown of all pages from one to another.
    @inlinable
    func flush(from first: UInt64, through last: UInt64, stride: PageSize) {
        if (first ^ last) >> 63 != 0 { return shootDown(.everything(in: rootTable.frame)) }
        let count = Int(truncatingIfNeeded: (last - first) / Frame.byteCount) + 1
        flush(PageRange(unchecked: first, count: count), stride: stride)
    }
}
