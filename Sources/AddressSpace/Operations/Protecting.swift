import PageTable

/// Changing what mappings allow.
extension AddressSpace where Lock: ~Copyable {
    /// Changes the rights of all pages of a range, with one shootdown at the end if a cached translation could differ.
    ///
    /// A shared page gets W together with the right to write. A private one does not: its frame may be shared with a
    /// child, so that a write faults first, and the handler copies the page or calls ``makeWritable(at:markingDirty:)``.
    /// With ``Rights/noAccess`` the pages keep their frames with P=0, and get P=1 again with other rights. Each entry changes
    /// by compare-and-exchange, so that nothing that hardware sets is lost. Addresses without a page are passed over.
    /// - Parameters:
    ///   - address: the address of the first page of 4 KByte.
    ///   - count: the number of pages of 4 KByte.
    ///   - rights: what may be done with them from now on.
    /// - Throws: `notCanonical`, `notAligned`, `badPageCount`, `pastTheTop`, `wrongHalf`; `insideLargePage`;
    ///   `wrongMappingKind` for the first page of a shadow stack, whose right to write is what makes it one.
    @inlinable
    @discardableResult
    public func protect(at address: UInt64, pages count: Int = 1, _ rights: Rights) throws(AddressSpaceError)
        -> RangeSummary
    {
        let range = try range(address, count)
        lock.lock()
        defer { lock.unlock() }
        try requireOrdinaryPages(range)
        var summary = RangeSummary()
        var taken = Taken()
        forEachSlot(in: range) { _, slot in
            guard slot.live.load().hasPage else { return }
            var new = PageTableEntry.empty
            let old = slot.live.update {
                new = Self.changed($0, to: rights)
                return new
            }
            summary.note(old)
            if Self.needsFlush(from: old, to: new) { taken.note(slot.size) }
        }
        finish(range, taken, &summary)
        return summary
    }

    /// Takes the right to write from the CPUs in all pages of a range, whatever the mappings allow: the next write faults.
    ///
    /// For userfaultfd, for tracking by faults, for snapshots. Dirtiness stays; one shootdown.
    /// - Throws: as ``protect(at:pages:_:)``.
    @inlinable
    @discardableResult
    public func writeProtect(at address: UInt64, pages count: Int = 1) throws(AddressSpaceError) -> RangeSummary {
        let range = try range(address, count)
        lock.lock()
        defer { lock.unlock() }
        try requireOrdinaryPages(range)
        let (found, taken) = writeProtectPages(range)
        var summary = found
        finish(range, taken, &summary)
        return summary
    }

    /// Write-protects every page of a range that is writable, and settles W=0, D=1 that an old CPU left behind.
    @inlinable
    func writeProtectPages(_ range: PageRange) -> (RangeSummary, Taken) {
        var summary = RangeSummary()
        var taken = Taken()
        forEachSlot(in: range) { _, slot in writeProtectPage(slot.live, slot.size, &summary, &taken) }
        return (summary, taken)
    }

    /// Write-protects a page, if one is there, and counts it.
    @inlinable @inline(__always)
    func writeProtectPage(
        _ live: AtomicPageTableEntry, _ size: PageSize, _ summary: inout RangeSummary, _ taken: inout Taken
    ) {
        let entry = live.load()
        guard entry.isPresent else { return }
        summary.note(entry)
        guard entry.containsAny(of: PageTableEntry.writableMask | PageTableEntry.dirtyMask) else { return }
        live.setWriteProtectedByStoreOrLoop()
        taken.note(size)
    }

    /// The entry of an ordinary page with other rights.
    @inlinable @inline(__always)
    static func changed(_ entry: PageTableEntry, to rights: Rights) -> PageTableEntry {
        let kind = MappingKind(of: entry)
        var entry = rights.applied(to: entry.isInaccessible ? entry.withAccess : entry)
        if kind == .shared && rights.contains(.write) { entry.isWritable = true }
        entry = kind.settled(entry)
        return rights.contains(.noAccess) ? entry.withoutAccess : entry
    }

    /// Whether a CPU may have a translation that permits more than the new entry does.
    @inlinable @inline(__always)
    static func needsFlush(from old: PageTableEntry, to new: PageTableEntry) -> Bool {
        old.isPresent && (!new.isPresent || LinuxGeneration.savedDirty.needsFlush(from: old, to: new))
    }

    /// Throws unless no page of a range is a shadow stack, nor cut in two.
    @inlinable
    func requireOrdinaryPages(_ range: PageRange) throws(AddressSpaceError) {
        try requireWholePages(range)
        try forEachSlot(in: range) { address, slot throws(AddressSpaceError) in
            let entry = slot.live.load()
            guard entry.hasPage, MappingKind(of: entry) == .shadowStack else { return }
            throw .wrongMappingKind(address: address, .shadowStack)
        }
    }
}
