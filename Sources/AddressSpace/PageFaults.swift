import PageTable

/// What a fault handler does to a page.
extension AddressSpace where Lock: ~Copyable {
    /// Lets a page be written without a fault: `wp_page_reuse` of Linux, or a prefault.
    ///
    /// The caller knows that nobody else uses the frame of a private page or a shadow stack. No flush is needed: a CPU
    /// whose cached translation permits less faults, drops it, and walks again.
    /// - Parameters:
    ///   - address: the page.
    ///   - isDirty: whether to mark the page dirty, which spares hardware setting D; a shadow stack always is. A page
    ///     that was dirty stays so.
    /// - Throws: `notCanonical`, `notAligned`, `notMapped`; `notWritable` if the mapping has no right to write.
    public func makeWritable(at address: UInt64, markingDirty isDirty: Bool = true) throws(AddressSpaceError) {
        let page = try PageRange(address)
        lock.lock()
        defer { lock.unlock() }
        let (live, entry) = try mappedLeaf(at: page.first)
        guard Rights(of: entry).contains(.write) else { throw .notWritable(address: address) }
        if MappingKind(of: entry) == .shadowStack {
            live.setShadowStackAccessFlags()
        } else {
            let flags = AccessFlags.accessed.union(.writable)
            live.setAccessFlags(isDirty ? flags.union(.dirty) : flags)
        }
    }

    /// Gives a page its own copy, which can be written: `wp_page_copy` of Linux.
    /// - Parameters:
    ///   - address: the page.
    ///   - expected: the entry that ``walk(_:)`` gave before the caller copied the content; A does not count.
    ///   - frame: the copy.
    /// - Returns: what was mapped before, with its final D.
    /// - Throws: `notCanonical`, `notAligned`, `notMapped`; `entryChanged`; `wrongMappingKind` for a shared page;
    ///   `notWritable` if the mapping has no right to write.
    @discardableResult
    public func breakCopyOnWrite(at address: UInt64, expecting expected: PageTableEntry, into frame: Frame)
        throws(AddressSpaceError) -> UnmappedPage
    {
        let page = try PageRange(address)
        lock.lock()
        defer { lock.unlock() }
        let (live, entry) = try expectedLeaf(at: page.first, expected)
        let kind = MappingKind(of: entry)
        guard kind != .shared else { throw .wrongMappingKind(address: address, kind) }
        guard Rights(of: entry).contains(.write) else { throw .notWritable(address: address) }
        var copy = kind == .shadowStack ? entry : entry.setting(PageTableEntry.writableMask)
        copy = copy.clearing(PageTableEntry.savedDirtyMask)
            .setting(PageTableEntry.accessedMask | PageTableEntry.dirtyMask)
        copy.frameNumber = frame.number
        return replace(live, of: page, by: kind.settled(copy))
    }

    /// Puts another entry in place of a page's, with the lock held: taken away, flushed, stored.
    func replace(_ live: AtomicPageTableEntry, of page: PageRange, by entry: PageTableEntry) -> UnmappedPage {
        UnmappedPage(address: page.first, entry: replaceLeaf(live, by: entry) { flush(page) })
    }

    /// The leaf of a mapped page that is still as expected but for A, with the lock held.
    func expectedLeaf(at address: UInt64, _ expected: PageTableEntry) throws(AddressSpaceError)
        -> (live: AtomicPageTableEntry, entry: PageTableEntry)
    {
        let found = try mappedLeaf(at: address)
        let difference = found.entry.rawValue ^ expected.rawValue
        guard difference & ~PageTableEntry.accessedMask == 0 else { throw .entryChanged(address: address) }
        return found
    }
}
