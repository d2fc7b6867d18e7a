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

/// Puts a table of pieces in place of a large page's leaf, with the page-table lock held: taken away, flushed, filled, linked.
///
/// What ``AddressSpace/split(at:)`` does to the entry. Works for everybody: the leaf's A and D are final before the pieces get
/// them, and no CPU has translations of both sizes (`Corpus/swift/tables/split+write.swift`).
/// - Parameters:
///   - live: the large leaf, which is present.
///   - size: how large the page is.
///   - table: 512 words that nobody else uses.
///   - pieces: how many pieces to fill in: all, but in a test that has fewer pages.
///   - upper: the entry that points to the table.
///   - flush: returns when no CPU uses a translation of this entry, or is about to set A or D in it.
@inlinable @inline(__always)
public func splitLeaf(
    _ live: AtomicPageTableEntry, _ size: PageSize, into table: UnsafeMutablePointer<UInt64>, pieces: Int = 512,
    linkedBy upper: PageTableEntry, flush: () -> Void
) {
    let old = live.clear(flush: flush)
    for index in 0..<pieces {
        AtomicPageTableEntry(table + index).store(old.piece(index, of: size, size.smaller))
    }
    live.store(upper)
}

/// Puts one large leaf in place of a table of pages, with the page-table lock held: unlinked, flushed, read, stored.
///
/// What ``AddressSpace/collapse(at:into:)`` does to the entry. Works for everybody: after the flush no CPU walks in the table,
/// so that the A and D in it are final, and it may be freed (`Corpus/swift/tables/collapse+write.swift`).
/// - Parameters:
///   - table: the 512 words of the table, which maps frames side by side with the same rights.
///   - live: the entry that points to the table.
///   - size: how large the page will be.
///   - pieces: how many pages to read: all, but in a test that has fewer.
///   - flush: returns when no CPU uses a translation that was made through the table, or is in a walk that goes there.
@inlinable @inline(__always)
public func collapseTable(
    _ table: UnsafeMutablePointer<UInt64>, into live: AtomicPageTableEntry, _ size: PageSize, pieces: Int = 512,
    flush: () -> Void
) {
    live.unlink()
    flush()
    var large = AtomicPageTableEntry(table).load()
    for index in 0..<pieces {
        large = large.setting(AtomicPageTableEntry(table + index).load().rawValue & PageTableEntry.usageMask)
    }
    live.store(MappingKind(of: large).settled(size.smaller == .page4K ? large.asLargeLeaf : large))
}

extension AtomicPageTableEntry {
    /// Takes a table out of the walkers' way: they find P=0, software finds its frame.
    @inlinable
    func unlink() {
        update {
            $0.clearing(PageTableEntry.presentMask | PageTableEntry.softwareEntryMask | PageTableEntry.inaccessibleMask)
                .setting(PageTableEntry.unlinkedMask)
        }
    }
}
