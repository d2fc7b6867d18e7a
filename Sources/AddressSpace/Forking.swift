import PageTable

extension AddressSpace where Lock: ~Copyable {
    /// Copies this address space into an empty one, as `fork()` does.
    ///
    /// Private pages and shadow stacks are write-protected in place by
    /// ``PageTable/AtomicPageTableEntry/setWriteProtectedByStoreOrLoop()``, which works for everybody, and their copies are
    /// write-protected too; shared pages stay as they are, and their copies are clean. Copies have A=0. The tables of
    /// the child are written by plain code, since nobody else can have them. One shootdown at the end, if anything was
    /// write-protected, with a fence before it. The frames of data are then used by both: the caller counts that.
    /// - Parameter child: an empty address space. It keeps its own frame provider, shootdown and lock.
    /// - Throws: `destinationNotEmpty`; `outOfFrames` or `frameNotReachable` for a table of the child.
    @inlinable
    public func fork(into child: inout AddressSpace) throws(AddressSpaceError) {
        try fork(into: &child, by: StoreOrLoop.self)
    }

    /// Copies this address space into an empty one, write-protecting the source in a way of the caller's choice.
    ///
    /// For CPUs where another way is right, for measuring, and for showing what goes wrong: see ``CompareAndExchange``,
    /// ``LockedAnd`` and ``ExchangeDance``.
    @inlinable
    public func fork<Protection: WriteProtection>(into child: inout AddressSpace, by protection: Protection.Type)
        throws(AddressSpaceError)
    {
        lock.lock()
        defer { lock.unlock() }
        guard let source = rootOfTables(), let destination = child.rootOfTables() else {
            throw .frameNotReachable(rootTable)
        }
        guard destination.isEmpty else { throw .destinationNotEmpty }
        var reserve = FrameReserve()
        do throws(AddressSpaceError) {
            try reserveCopies(of: source, .root, into: &reserve, from: child.frames)
        } catch {
            reserve.release(to: child.frames)
            throw error
        }
        let needsFlush = copy(source, to: destination, .root, from: &reserve, of: child.frames, by: protection)
        reserve.release(to: child.frames)
        if needsFlush {
            // Entries may have been stored plainly: the shootdown is to find them in memory.
            AtomicPageTableEntry.fenceBeforeShootdown()
            shootdown.invalidateAll(in: rootTable)
        }
    }

    /// The root table.
    @usableFromInline
    func rootOfTables() -> Table? {
        frames.words(of: rootTable).map { Table(frame: rootTable, words: $0) }
    }

    /// Reserves a frame for each table below a table, and makes sure that each can be read.
    @usableFromInline
    func reserveCopies(
        of table: Table, _ level: PagingLevel, into reserve: inout FrameReserve, from provider: Frames
    ) throws(AddressSpaceError) {
        guard level != .leaf else { return }
        for index in 0..<Table.entryCount {
            let entry = table[index].load()
            guard entry.isPresent else { continue }
            guard let next = Table(below: entry, in: frames) else { throw .frameNotReachable(Frame(of: entry)) }
            try reserve.add(from: provider)
            try reserveCopies(of: next, level.below, into: &reserve, from: provider)
        }
    }

    /// Copies a table and all below it; returns whether anything was write-protected.
    @inlinable
    func copy<Protection: WriteProtection>(
        _ source: Table, to destination: Table, _ level: PagingLevel, from reserve: inout FrameReserve,
        of provider: Frames, by protection: Protection.Type
    ) -> Bool {
        if level == .leaf { return forkLeaves(from: source.words, to: destination.words, by: protection) }
        var needsFlush = false
        for index in 0..<Table.entryCount {
            // Both are there: the tables were read, and the frames reserved, before anything was changed.
            guard let next = Table(below: source[index].load(), in: frames), let new = reserve.take(from: provider)
            else { continue }
            if copy(next, to: new, level.below, from: &reserve, of: provider, by: protection) { needsFlush = true }
            destination[index].store(new.upperEntry)
        }
        return needsFlush
    }
}

extension Table {
    /// Whether no entry is present.
    @usableFromInline var isEmpty: Bool {
        for index in 0..<Self.entryCount where self[index].load().isPresent { return false }
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
/// the first read is in the copy too.
/// - Returns: whether the source lost its right to write, so that a flush is needed.
@inlinable @inline(__always)
public func forkLeaf<Protection: WriteProtection>(
    from source: AtomicPageTableEntry, to destination: AtomicPageTableEntry, by protection: Protection.Type
) -> Bool {
    var entry = source.load()
    guard entry.isPresent else { return false }
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
    destination.store(linux.markedOld(entry))
    return isProtected
}
