import PageTable

/// What a fork copied: something that parent and child have from then on.
public enum ForkedPage: Hashable, Sendable {
    /// A page whose frames both use: private ones until either writes, shared ones for good.
    case page(Translation)
    /// What the caller had put in the place of a page.
    case software(address: UInt64, SoftwareEntry)
}

extension AddressSpace where Lock: ~Copyable {
    /// Copies this address space into an empty one, as `fork()` does.
    ///
    /// Private pages and shadow stacks are write-protected in place by
    /// ``/PageTable/AtomicPageTableEntry/setWriteProtectedByStoreOrLoop()``, which works for everybody, and their copies are
    /// write-protected too; shared pages stay as they are, and their copies are clean. Copies have A=0. The tables of
    /// the child are written by plain code, since nobody else can have them. One shootdown at the end, if anything was
    /// write-protected, with a fence before it. The kernel's half is not copied: both have it.
    /// - Parameters:
    ///   - child: an empty address space of as many levels and the same half. It keeps its own frame provider, shootdown and
    ///     lock.
    ///   - shared: gets each page that both use now, and each ``SoftwareEntry`` that both have, in order, with the lock held:
    ///     the caller counts them. It must not use either address space.
    /// - Throws: `destinationNotEmpty`, also if its tables are of another depth or half; `outOfFrames` or
    ///   `frameNotReachable` for a table of the child.
    @inlinable
    public func fork(into child: inout AddressSpace, shared: (ForkedPage) -> Void) throws(AddressSpaceError) {
        try fork(into: &child, by: StoreOrLoop.self, shared: shared)
    }

    /// Copies this address space into an empty one; the caller finds out by itself what both use.
    @inlinable
    public func fork(into child: inout AddressSpace) throws(AddressSpaceError) {
        try fork(into: &child, by: StoreOrLoop.self) { _ in }
    }

    /// Copies this address space into an empty one, write-protecting the source in a way of the caller's choice.
    ///
    /// For CPUs where another way is right, for measuring, and for showing what goes wrong: see ``CompareAndExchange``,
    /// ``LockedAnd`` and ``ExchangeDance``.
    @inlinable
    public func fork<Protection: WriteProtection>(
        into child: inout AddressSpace, by protection: Protection.Type, shared: (ForkedPage) -> Void = { _ in }
    ) throws(AddressSpaceError) {
        lock.lock()
        defer { lock.unlock() }
        let entries = half.rootEntries
        guard child.depth == depth, child.half == half, half != .upper, child.rootTable.isEmpty(entries) else {
            throw .destinationNotEmpty
        }
        var reserve = FrameReserve()
        do throws(AddressSpaceError) {
            try reserveCopies(of: rootTable, entries, depth.root, into: &reserve, from: child.frames)
        } catch {
            reserve.release(to: child.frames)
            throw error
        }
        let needsFlush = copyTable(
            Copying(from: rootTable, to: child.rootTable, depth.root, at: 0, isRoot: true), entries, from: &reserve,
            of: child.frames,
            by: protection, shared: shared)
        reserve.release(to: child.frames)
        if needsFlush { shootDown(.everything(in: rootTable.frame)) }
    }

    /// Reserves a frame for each table below entries of a table, and makes sure that each can be read.
    @inlinable
    func reserveCopies(
        of table: Table, _ entries: Range<Int>, _ level: PagingLevel, into reserve: inout FrameReserve,
        from provider: Frames
    ) throws(AddressSpaceError) {
        guard level != .leaf else { return }
        for index in entries {
            let entry = table[index].load()
            guard entry.leadsToTable else { continue }
            guard let next = Table(below: entry, in: frames) else { throw .frameNotReachable(Frame(of: entry)) }
            try reserve.add(from: provider)
            try reserveCopies(of: next, 0..<Table.entryCount, level.below, into: &reserve, from: provider)
        }
    }

    /// Copies entries of a table and all below them; returns whether anything was write-protected.
    @inlinable
    func copyTable<Protection: WriteProtection>(
        _ tables: Copying, _ entries: Range<Int>, from reserve: inout FrameReserve, of provider: Frames,
        by protection: Protection.Type, shared: (ForkedPage) -> Void
    ) -> Bool {
        if tables.level == .leaf { return forkLeaves(tables, by: protection, shared: shared) }
        var needsFlush = false
        for index in entries {
            let entry = tables.source[index].load()
            guard entry.leadsToTable else {
                if entry != .empty, forkSlot(tables, index, entry, by: protection, shared: shared) { needsFlush = true }
                continue
            }
            // Both are there: the tables were read, and the frames reserved, before anything was changed.
            guard let next = Table(below: entry, in: frames), let new = reserve.take(from: provider) else { continue }
            let below = Copying(from: next, to: new, tables.level.below, at: tables.address(index))
            if copyTable(below, 0..<Table.entryCount, from: &reserve, of: provider, by: protection, shared: shared) {
                needsFlush = true
            }
            tables.destination[index].store(new.upperEntry)
        }
        return needsFlush
    }

    /// Copies the leaves of a table: the inner loop of a fork, and the caller's count.
    @inlinable
    func forkLeaves<Protection: WriteProtection>(
        _ tables: Copying, by protection: Protection.Type, shared: (ForkedPage) -> Void
    ) -> Bool {
        var needsFlush = false
        for index in 0..<Table.entryCount {
            let entry = tables.source[index].load()
            if entry != .empty, forkSlot(tables, index, entry, by: protection, shared: shared) { needsFlush = true }
        }
        return needsFlush
    }

    /// Copies one entry that leads to no table, of any kind and size, and reports it.
    @inlinable @inline(__always)
    func forkSlot<Protection: WriteProtection>(
        _ tables: Copying, _ index: Int, _ entry: PageTableEntry, by protection: Protection.Type,
        shared: (ForkedPage) -> Void
    ) -> Bool {
        let (copy, isProtected) = forkedLeaf(of: tables.source[index], entry, by: protection)
        tables.destination[index].store(copy)
        if let software = SoftwareEntry(of: copy) {
            shared(.software(address: tables.address(index), software))
        } else {
            let size = PageSize(of: tables.level) ?? .page1G
            shared(.page(Translation(address: tables.address(index), entry: copy, size: size)))
        }
        return isProtected
    }
}

/// A table, its copy, and where they translate.
@usableFromInline
struct Copying {
    @usableFromInline let source: Table
    @usableFromInline let destination: Table
    /// The level of both.
    @usableFromInline let level: PagingLevel
    /// The address that their first entry translates.
    @usableFromInline let base: UInt64
    /// Whether they are root tables.
    @usableFromInline let isRoot: Bool

    @inlinable
    init(from source: Table, to destination: Table, _ level: PagingLevel, at base: UInt64, isRoot: Bool = false) {
        self.source = source
        self.destination = destination
        self.level = level
        self.base = base
        self.isRoot = isRoot
    }

    /// The address that an entry translates; the root's index says whether the upper bits are set.
    @inlinable @inline(__always)
    func address(_ index: Int) -> UInt64 {
        let address = base | UInt64(truncatingIfNeeded: index) &<< level.shift
        return isRoot && index >= 256 ? address | ~0 &<< (level.shift &+ 8) : address
    }
}

extension Table {
    /// Whether nothing stands in some of the entries.
    @inlinable
    func isEmpty(_ entries: Range<Int>) -> Bool {
        for index in entries where self[index].load() != .empty { return false }
        return true
    }
}

/// Copies the 512 leaves of a table: the inner loop of a fork.
/// - Parameters:
///   - source: 512 live entries, whose page-table lock the caller has.
///   - destination: 512 empty entries that nobody else uses.
///   - protection: how entries of the source lose their right to write.
/// - Returns: whether any did, so that a flush is needed.
@inlinable
public func forkLeaves<Protection: WriteProtection>(
    from source: UnsafeMutablePointer<UInt64>, to destination: UnsafeMutablePointer<UInt64>,
    by protection: Protection.Type
) -> Bool {
    var needsFlush = false
    for index in 0..<512 {
        let isProtected = forkLeaf(
            from: AtomicPageTableEntry(source + index), to: AtomicPageTableEntry(destination + index), by: protection)
        if isProtected { needsFlush = true }
    }
    return needsFlush
}

/// Copies one leaf, as `copy_present_pte` of Linux (`mm/memory.c`, 6.1: line 948, 6.12: line 981).
///
/// Unlike there, the copy is made of the very value that write-protection replaced, so that a D that hardware set since
/// the first read is in the copy too. An entry with P=0 is copied as it is: it has W=0, and no CPU changes it.
/// - Returns: whether the source lost its right to write, so that a flush is needed.
@inlinable @inline(__always)
public func forkLeaf<Protection: WriteProtection>(
    from source: AtomicPageTableEntry, to destination: AtomicPageTableEntry, by protection: Protection.Type
) -> Bool {
    let entry = source.load()
    guard entry != .empty else { return false }
    let (copy, isProtected) = forkedLeaf(of: source, entry, by: protection)
    destination.store(copy)
    return isProtected
}

/// What the copy of a leaf is, which was read before, after it was write-protected if it needs that; says whether it was.
@inlinable @inline(__always)
func forkedLeaf<Protection: WriteProtection>(
    of source: AtomicPageTableEntry, _ found: PageTableEntry, by protection: Protection.Type
) -> (copy: PageTableEntry, isProtected: Bool) {
    var entry = found
    guard entry.isPresent else { return (entry, false) }
    let linux = LinuxGeneration.savedDirty
    var isProtected = false
    if MappingKind(of: entry) == .shared {
        entry = linux.markedClean(entry)
    } else {
        // W, or D with W=0: a shadow stack that can be written, or what an old CPU left behind, tidied up here.
        if entry.containsAny(of: PageTableEntry.writableMask | PageTableEntry.dirtyMask) {
            entry = Protection.writeProtect(source)
            isProtected = true
        }
        entry = linux.writeProtected(entry)
    }
    return (linux.markedOld(entry), isProtected)
}
