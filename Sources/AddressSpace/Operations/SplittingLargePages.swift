import PageTable

/// Large pages in pieces, and pieces made one.
extension AddressSpace where Lock: ~Copyable {
    /// Splits a large page into 512 pages of the next smaller size, of the same frames.
    ///
    /// What `__split_huge_pmd_locked` of Linux is for (`mm/huge_memory.c`, 6.1: line 2012, 6.12: line 2758). The large leaf is
    /// taken away and flushed, so that its A and D are final and no CPU has translations of both sizes; then the table with
    /// the pieces, which all have them, takes its place. Works for everybody. CPUs that use the page meanwhile fault and wait
    /// for the lock.
    /// - Parameter address: any address in the page.
    /// - Throws: `notCanonical`, `wrongHalf`, `notMapped`; `notLarge` for a page of 4 KByte; `outOfFrames` or
    ///   `frameNotReachable` for the table.
    @inlinable
    public func split(at address: UInt64) throws(AddressSpaceError) {
        try requireAddress(address)
        lock.lock()
        defer { lock.unlock() }
        let slot = slot(for: address)
        guard slot.live.load().hasPage else { throw .notMapped(address: address) }
        guard slot.level != .leaf else { throw .notLarge(address: address) }
        var reserve = FrameReserve()
        try reserve.add(from: frames)
        guard let table = reserve.take(from: frames) else { throw .outOfFrames }
        splitLeaf(slot.live, slot.size, into: table.words, linkedBy: table.upperEntry) { flush(address, slot.size) }
    }

    /// Makes one large page of the 512 pages below an entry: `collapse_huge_page` of Linux (`mm/khugepaged.c`, 6.1: line 962,
    /// 6.12: line 1075), for frames that lie side by side already.
    ///
    /// The table is unlinked, then one shootdown for the pages and for walks that may be in the table, then the large leaf takes
    /// its place: used if any of the pages was, and dirty if any was. Works for everybody. CPUs that use the pages meanwhile
    /// fault and wait for the lock.
    /// - Parameters:
    ///   - address: the first of the pages, a multiple of the size.
    ///   - size: how large the page will be; the pages are of the next smaller size.
    /// - Throws: `notCanonical`, `notAligned`, `wrongHalf`; `cannotCollapse` unless all 512 pages are there, with the same
    ///   rights and attributes, in frames side by side from a multiple of the size.
    @inlinable
    public func collapse(at address: UInt64, into size: PageSize = .page2M) throws(AddressSpaceError) {
        let range = try range(address, 1, of: size)
        lock.lock()
        defer { lock.unlock() }
        guard size != .page4K, let above = table(at: size.level, for: address),
            let lower = Table(below: above[address, size.level].load(), in: frames),
            lower.isOfContiguousPages(size)
        else { throw .cannotCollapse(address: address, size) }
        collapseTable(lower.words, into: above[address, size.level], size) {
            flush(range, stride: size.smaller, freesTables: true)
        }
        frames.release(lower.frame)
    }
}

extension PageTableEntry {
    /// A, D and SavedDirty.
    @inlinable static var usageMask: UInt64 { accessedMask | dirtyMask | savedDirtyMask }

    /// The leaf of one of the 512 pieces of a large page.
    @inlinable
    func piece(_ index: Int, of size: PageSize, _ piece: PageSize) -> PageTableEntry {
        var entry = piece == .page4K ? asSmallLeaf : self
        let pat = piece == .page4K ? 0 : rawValue & Self.largePatMask
        entry.frameNumber = Frame(of: self, size).number + UInt64(index * piece.frameCount)
        return entry.setting(pat)
    }
}

extension Table {
    /// Whether its 512 pages can become one.
    @inlinable
    func isOfContiguousPages(_ size: PageSize) -> Bool {
        let piece = size.smaller
        let first = self[0].load()
        guard first.isPresent, piece == .page4K || first.isLargePage else { return false }
        let frame = Frame(of: first, piece).number
        // Dirtiness may differ, but for a shadow stack it is the right to write.
        let mayDiffer = MappingKind(of: first) == .shadowStack ? PageTableEntry.accessedMask : PageTableEntry.usageMask
        guard frame & UInt64(size.frameCount - 1) == 0 else { return false }
        for index in 0..<Self.entryCount {
            let entry = self[index].load()
            let expected = first.rawValue + UInt64(index * piece.frameCount) << 12
            guard (entry.rawValue ^ expected) & ~mayDiffer == 0 else { return false }
        }
        return true
    }
}
