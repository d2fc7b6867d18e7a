import PageTable

/// The steps that a fault handler takes, one by one; ``AddressSpace/handleFault(at:_:isExclusive:copy:)`` puts them together.
extension AddressSpace where Lock: ~Copyable {
    /// Lets a page be written without a fault: `wp_page_reuse` of Linux, or a prefault.
    ///
    /// The caller knows that nobody else uses the frame of a private page or a shadow stack. No flush is needed: a CPU
    /// whose cached translation permits less faults, drops it, and walks again.
    /// - Parameters:
    ///   - address: the page, of any size.
    ///   - isDirty: whether to mark the page dirty, which spares hardware setting D; a shadow stack always is. A page
    ///     that was dirty stays so.
    /// - Throws: `notCanonical`, `notAligned`, `wrongHalf`, `notMapped`; `notWritable` if the mapping has no right to write.
    @inlinable
    public func makeWritable(at address: UInt64, markingDirty isDirty: Bool = true) throws(AddressSpaceError) {
        _ = try range(address)
        lock.lock()
        defer { lock.unlock() }
        let (live, entry, _) = try mappedLeaf(at: address)
        guard Rights(of: entry).contains(.write) else { throw .notWritable(address: address) }
        giveWrite(live, MappingKind(of: entry), isDirty: isDirty)
    }

    /// Gives a page its own copy, which can be written: `wp_page_copy` of Linux.
    /// - Parameters:
    ///   - address: the page, of any size.
    ///   - expected: the entry that ``walk(_:)`` gave before the caller copied the content; A does not count.
    ///   - frame: the copy; the first of as many frames as the page has.
    /// - Returns: what was mapped before, with its final D.
    /// - Throws: `notCanonical`, `notAligned`, `wrongHalf`, `notMapped`; `entryChanged`; `wrongMappingKind` for a shared page;
    ///   `notWritable` if the mapping has no right to write; `frameNotAligned`.
    @inlinable
    @discardableResult
    public func breakCopyOnWrite(at address: UInt64, expecting expected: PageTableEntry, into frame: Frame)
        throws(AddressSpaceError) -> UnmappedPage
    {
        _ = try range(address)
        lock.lock()
        defer { lock.unlock() }
        let (live, entry, size) = try expectedLeaf(at: address, expected)
        let kind = MappingKind(of: entry)
        guard kind != .shared else { throw .wrongMappingKind(address: address, kind) }
        guard Rights(of: entry).contains(.write) else { throw .notWritable(address: address) }
        try frame.requireStart(of: size)
        return replace(live, at: address, size, by: Self.copied(entry, size, into: frame))
    }

    /// The right to write, and A, for a page that nobody else uses.
    @inlinable @inline(__always)
    func giveWrite(_ live: AtomicPageTableEntry, _ kind: MappingKind, isDirty: Bool) {
        if kind == .shadowStack {
            live.setShadowStackAccessFlags()
        } else {
            let flags = AccessFlags.accessed.union(.writable)
            live.setAccessFlags(isDirty ? flags.union(.dirty) : flags)
        }
    }

    /// The entry of a page's own copy, used and written.
    @inlinable
    static func copied(_ entry: PageTableEntry, _ size: PageSize, into frame: Frame) -> PageTableEntry {
        let kind = MappingKind(of: entry)
        var copy = kind == .shadowStack ? entry : entry.setting(PageTableEntry.writableMask)
        copy = copy.clearing(PageTableEntry.savedDirtyMask)
            .setting(PageTableEntry.accessedMask | PageTableEntry.dirtyMask)
        return kind.settled(copy.replacingFrame(frame, size))
    }

    /// Puts another entry in place of a page's, with the lock held: taken away, flushed, stored.
    @inlinable
    func replace(_ live: AtomicPageTableEntry, at address: UInt64, _ size: PageSize, by entry: PageTableEntry)
        -> UnmappedPage
    {
        let old = replaceLeaf(live, by: entry) { flush(address, size) }
        return UnmappedPage(address: address & ~(size.byteCount - 1), entry: old, size: size)
    }

    /// The leaf of a mapped page that is still as expected but for A, with the lock held.
    @inlinable
    func expectedLeaf(at address: UInt64, _ expected: PageTableEntry) throws(AddressSpaceError) -> (
        live: AtomicPageTableEntry, entry: PageTableEntry, size: PageSize
    ) {
        let found = try mappedLeaf(at: address)
        let difference = found.entry.rawValue ^ expected.rawValue
        guard difference & ~PageTableEntry.accessedMask == 0 else { throw .entryChanged(address: address) }
        return found
    }
}

extension PageTableEntry {
    /// A leaf with another first frame; of a large page, bit 12 stays what it was.
    @inlinable
    func replacingFrame(_ frame: Frame, _ size: PageSize) -> PageTableEntry {
        var entry = self
        let pat = size == .page4K ? 0 : rawValue & Self.largePatMask
        entry.frameNumber = frame.number
        return entry.setting(pat)
    }
}
