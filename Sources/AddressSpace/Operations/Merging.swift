import PageTable

/// What ``AddressSpace/writeProtectForMerge(at:mayMerge:)`` came to.
public enum MergeProtection: Hashable, Sendable {
    /// The page is as it was.
    case refused
    /// The page cannot be written: its content stands still, as long as the entry is this one.
    /// - Parameters:
    ///   - entry: the entry now, for ``AddressSpace/merge(at:expecting:into:)``.
    ///   - wasDirty: whether the page was written since it was last declared clean; the entry forgets it.
    case protected(entry: PageTableEntry, wasDirty: Bool)
}

/// Merging pages of the same content, as KSM does (`mm/ksm.c` of Linux).
extension AddressSpace where Lock: ~Copyable {
    /// Makes the content of a private page stand still: `write_protect_page` (6.1: line 1024, 6.12: line 1246).
    ///
    /// If the page is writable or dirty, its entry is taken away and flushed, then the caller is asked, then it comes
    /// back clean and without the right to write. No CPU makes W=0, D=1 of it, since D is final before it comes back.
    /// - Parameters:
    ///   - address: the page.
    ///   - mayMerge: asked when no CPU can reach the page for writing, with the lock held, whether the frame is used by
    ///     nobody else (in Linux: whether all references are mappings). If not, the page is put back as it was. It must
    ///     not use this address space.
    /// - Throws: `notCanonical`, `notAligned`, `notMapped`; `wrongMappingKind` unless the page is private.
    @inlinable
    public func writeProtectForMerge(at address: UInt64, mayMerge: (Frame) -> Bool) throws(AddressSpaceError)
        -> MergeProtection
    {
        _ = try range(address)
        lock.lock()
        defer { lock.unlock() }
        let (live, entry, size) = try mappedLeaf(at: address)
        let kind = MappingKind(of: entry)
        guard kind == .private else { throw .wrongMappingKind(address: address, kind) }
        let linux = LinuxGeneration.savedDirty
        guard entry.isWritable || linux.isDirty(entry) else {
            return mayMerge(Frame(of: entry, size)) ? .protected(entry: entry, wasDirty: false) : .refused
        }
        let still = writeProtectLeafForMerge(live, of: kind) {
            flush(address, size)
        } mayMerge: { frame in
            // Of a large page the first frame, without PAT.
            mayMerge(Frame(aligning: frame, size))
        }
        guard let still else { return .refused }
        return .protected(entry: still.entry, wasDirty: still.wasDirty)
    }

    /// Replaces a page that stands still by one of the same content: `replace_page` (6.1: line 1117, 6.12: line 1339).
    /// - Parameters:
    ///   - address: the page.
    ///   - expected: the entry that ``writeProtectForMerge(at:mayMerge:)`` gave; if it is no other, nobody has written.
    ///   - frame: the frame with the same content, which becomes mapped clean and without the right to write.
    /// - Returns: what was mapped before.
    /// - Throws: `notCanonical`, `notAligned`, `notMapped`; `wrongMappingKind` unless the page is private;
    ///   `entryChanged`, also if the entry expected can be written; `frameNotAligned`.
    @inlinable
    @discardableResult
    public func merge(at address: UInt64, expecting expected: PageTableEntry, into frame: Frame)
        throws(AddressSpaceError) -> UnmappedPage
    {
        _ = try range(address)
        lock.lock()
        defer { lock.unlock() }
        let (live, entry, size) = try expectedLeaf(at: address, expected)
        let kind = MappingKind(of: entry)
        guard kind == .private else { throw .wrongMappingKind(address: address, kind) }
        guard !entry.isWritable, !LinuxGeneration.savedDirty.isDirty(entry) else {
            throw .entryChanged(address: address)
        }
        try frame.requireStart(of: size)
        return replace(live, at: address, size, by: kind.settled(entry.replacingFrame(frame, size)))
    }
}
