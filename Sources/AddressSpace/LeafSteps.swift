import PageTable

/// Makes the content of a private page stand still: what ``AddressSpace/writeProtectForMerge(at:mayMerge:)`` does to the
/// leaf, with the page-table lock held.
///
/// The entry is taken away and flushed, then the caller is asked, then it comes back clean and without the right to
/// write, or as it was. Works for everybody.
/// - Parameters:
///   - live: the leaf, which is present.
///   - kind: what the page is mapped for.
///   - flush: returns when no CPU uses a translation of this entry, or is about to set A or D in it.
///   - mayMerge: whether the frame may be merged; asked when no CPU can reach the page for writing.
/// - Returns: the entry that was put in, and whether the page was dirty; nil if the entry is as it was.
@inlinable @inline(__always)
public func writeProtectLeafForMerge(
    _ live: AtomicPageTableEntry, of kind: MappingKind, flush: () -> Void, mayMerge: (Frame) -> Bool
) -> (entry: PageTableEntry, wasDirty: Bool)? {
    let linux = LinuxGeneration.savedDirty
    let old = live.clear(flush: flush)
    guard mayMerge(Frame(of: old)) else {
        live.store(kind.settled(old))
        return nil
    }
    let still = kind.settled(linux.markedClean(linux.writeProtected(old)))
    live.store(still)
    return (still, linux.isDirty(old))
}

/// Puts another entry in place of a page's, with the page-table lock held: taken away, flushed, stored.
///
/// What ``AddressSpace/merge(at:expecting:into:)`` and ``AddressSpace/breakCopyOnWrite(at:expecting:into:)`` do to the
/// leaf. Works for everybody: afterwards no CPU uses the old frame through this entry.
/// - Parameters:
///   - live: the leaf, which is present.
///   - entry: what takes its place.
///   - flush: returns when no CPU uses a translation of this entry, or is about to set A or D in it.
/// - Returns: what the entry was, with its final A and D.
@inlinable @inline(__always)
public func replaceLeaf(_ live: AtomicPageTableEntry, by entry: PageTableEntry, flush: () -> Void) -> PageTableEntry {
    let old = live.clear(flush: flush)
    live.store(entry)
    return old
}
