import PageTable

extension AddressSpace where Lock: ~Copyable {
    /// Maps consecutive pages to consecutive frames.
    ///
    /// No flush is needed, since CPUs cache no translations of entries with P=0.
    /// - Parameters:
    ///   - leaf: the entry of the first page; the others get the frames after it.
    ///   - address: the address of the first page.
    ///   - count: the number of pages.
    /// - Throws: `notCanonical`, `notAligned`, `badPageCount`; `frameOutOfRange` if the frames run past the last;
    ///   `alreadyMapped` for the first page that is; `outOfFrames` or `frameNotReachable` for a table.
    public func map<Kind: Mapping>(_ leaf: Leaf<Kind>, at address: UInt64, pages count: Int = 1)
        throws(AddressSpaceError)
    {
        let range = try PageRange(address, count: count)
        let lastFrame = leaf.frame.number + UInt64(count - 1)
        guard lastFrame < Frame.count else { throw .frameOutOfRange(number: lastFrame) }
        lock.lock()
        defer { lock.unlock() }
        var reserve = FrameReserve()
        do throws(AddressSpaceError) {
            try reserveTables(for: range, into: &reserve)
            try forEachLeaf(in: range) { address, live throws(AddressSpaceError) in
                guard !live.load().isPresent else { throw .alreadyMapped(address: address) }
            }
        } catch {
            reserve.release(to: frames)
            throw error
        }
        var position = 0
        while position < range.count {
            guard let table = leafTable(for: range.address(position), from: &reserve) else { break }
            for _ in 0..<range.pages(from: position, belowOneEntryOf: PagingLevel.leaf.above) {
                table[range.address(position), .leaf].store(leaf.moved(by: UInt64(position)).entry)
                position += 1
            }
        }
        reserve.release(to: frames)
    }

    /// Takes consecutive pages out: P is cleared in all of them, then one shootdown, then they are reported and empty.
    ///
    /// What hardware set until the shootdown ended is in the entries reported, on every CPU.
    /// - Parameters:
    ///   - address: the address of the first page.
    ///   - count: the number of pages.
    ///   - report: gets each page in order, with the lock held: it must not use this address space.
    /// - Throws: `notCanonical`, `notAligned`, `badPageCount`; `notMapped` for the first page that is not.
    public func unmap(at address: UInt64, pages count: Int = 1, report: (UnmappedPage) -> Void = { _ in })
        throws(AddressSpaceError)
    {
        let range = try PageRange(address, count: count)
        lock.lock()
        defer { lock.unlock() }
        try requireMapped(range)
        forEachLeaf(in: range) { _, live in live.invalidate() }
        flush(range)
        forEachLeaf(in: range) { address, live in
            let entry = live.clear().setting(PageTableEntry.presentMask)
            report(UnmappedPage(address: address, entry: entry))
        }
    }

    /// Changes the rights of consecutive pages, with one shootdown at the end if a cached translation could differ.
    ///
    /// A shared page gets W together with the right to write. A private one does not: its frame may be shared with a
    /// child, so that a write faults first, and the handler copies the page or calls ``makeWritable(at:markingDirty:)``.
    /// Each entry changes by compare-and-exchange, so that it is never away, and nothing that hardware sets is lost.
    /// - Throws: `notCanonical`, `notAligned`, `badPageCount`; `notMapped` or `wrongMappingKind` (a shadow stack, whose
    ///   right to write is what makes it one) for the first page that is so.
    public func protect(at address: UInt64, pages count: Int = 1, _ rights: Rights) throws(AddressSpaceError) {
        let range = try PageRange(address, count: count)
        lock.lock()
        defer { lock.unlock() }
        try requireMapped(range) { kind in kind != .shadowStack }
        var needsFlush = false
        forEachLeaf(in: range) { _, live in
            let old = live.update { Self.changed($0, to: rights) }
            if LinuxGeneration.savedDirty.needsFlush(from: old, to: Self.changed(old, to: rights)) { needsFlush = true }
        }
        if needsFlush { flush(range) }
    }

    /// The entry of an ordinary page with other rights.
    private static func changed(_ entry: PageTableEntry, to rights: Rights) -> PageTableEntry {
        let kind = MappingKind(of: entry)
        var entry = rights.applied(to: entry)
        if kind == .shared && rights.contains(.write) { entry.isWritable = true }
        return kind.settled(entry)
    }

    // MARK: Ranges

    /// Calls a closure for each leaf of a range whose table exists, with the lock held.
    func forEachLeaf<Failure: Error>(
        in range: PageRange, _ body: (UInt64, AtomicPageTableEntry) throws(Failure) -> Void
    ) throws(Failure) {
        var position = 0
        while position < range.count {
            let address = range.address(position)
            guard let table = table(at: .leaf, for: address) else {
                position += skippedPages(in: range, from: position)
                continue
            }
            for _ in 0..<range.pages(from: position, belowOneEntryOf: PagingLevel.leaf.above) {
                try body(range.address(position), table[range.address(position), .leaf])
                position += 1
            }
        }
    }

    /// The number of pages from a position on that have no leaf table, up to the end of the highest missing table.
    private func skippedPages(in range: PageRange, from position: Int) -> Int {
        var level = PagingLevel.root
        while level != PagingLevel.leaf.above, table(at: level.below, for: range.address(position)) != nil {
            level = level.below
        }
        return range.pages(from: position, belowOneEntryOf: level)
    }

    /// Throws unless every page of a range is mapped, and of a kind that will do.
    func requireMapped(_ range: PageRange, _ isRight: (MappingKind) -> Bool = { _ in true }) throws(AddressSpaceError) {
        var checked = 0
        try forEachLeaf(in: range) { address, live throws(AddressSpaceError) in
            // A table that is missing shows as a page that was passed over.
            let expected = range.address(checked)
            guard address == expected else { throw .notMapped(address: expected) }
            let entry = live.load()
            guard entry.isPresent else { throw .notMapped(address: address) }
            let kind = MappingKind(of: entry)
            guard isRight(kind) else { throw .wrongMappingKind(address: address, kind) }
            checked += 1
        }
        if checked < range.count { throw .notMapped(address: range.address(checked)) }
    }

    // MARK: Tables

    /// Reserves a frame for each table that a range lacks.
    ///
    /// Frame by frame, so that a range too large for the provider ends soon.
    private func reserveTables(for range: PageRange, into reserve: inout FrameReserve) throws(AddressSpaceError) {
        var level = PagingLevel.root
        while level != .leaf {
            var position = 0
            while position < range.count {
                let isThere = table(at: level.below, for: range.address(position)) != nil
                if !isThere { try reserve.add(from: frames) }
                position += range.pages(from: position, belowOneEntryOf: level)
            }
            level = level.below
        }
    }

    /// The leaf table for an address; what is missing on the way comes from the reserve.
    private func leafTable(for address: UInt64, from reserve: inout FrameReserve) -> Table? {
        guard let words = frames.words(of: rootTable) else { return nil }
        var table = Table(frame: rootTable, words: words)
        var level = PagingLevel.root
        while level != .leaf {
            let live = table[address, level]
            if let next = Table(below: live.load(), in: frames) {
                table = next
            } else {
                guard let new = reserve.take(from: frames) else { return nil }
                live.store(new.upperEntry)
                table = new
            }
            level = level.below
        }
        return table
    }
}
