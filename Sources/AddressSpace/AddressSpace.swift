import PageTable

/// Four-level page tables of one address space, in frames of the caller's, with pages of 4 KByte.
///
/// Every operation takes the lock, changes entries in steps that lose nothing that hardware sets meanwhile, ends with
/// at most one shootdown, and gives the lock back. An operation that throws has changed nothing: what it needs is
/// checked and reserved first.
///
/// All operations may be called from several threads at a time, but for ``fork(into:)``, which has its destination to
/// itself. Frames of data are the caller's; frames of tables go back to the provider when the value's life ends, at
/// which time no CPU may have the tables loaded. Tables are not released before, so that walkers of software need no
/// lock.
///
/// * `Mapping.swift`: map, unmap, protect. `Forking.swift`: fork.
/// * `PageFaults.swift`: what a fault handler does. `Ageing.swift`, `Merging.swift`: what the kernel does by itself.
public struct AddressSpace<Frames: FrameProvider, Flushes: Shootdown, Lock: PageTableLock & ~Copyable>: ~Copyable {
    @usableFromInline let frames: Frames
    @usableFromInline let shootdown: Flushes
    @usableFromInline let lock: Lock
    @usableFromInline let rootTable: Frame

    /// Makes an empty address space.
    /// - Throws: ``AddressSpaceError/outOfFrames`` or ``AddressSpaceError/frameNotReachable(_:)`` for the root table.
    public init(frames: Frames, shootdown: Flushes, lock: consuming Lock) throws(AddressSpaceError) {
        var reserve = FrameReserve()
        try reserve.add(from: frames)
        guard let table = reserve.take(from: frames) else { throw .outOfFrames }
        self.frames = frames
        self.shootdown = shootdown
        self.lock = lock
        rootTable = table.frame
    }

    /// Gives the frames of all tables back.
    deinit { releaseTables(in: rootTable, level: .root) }

    /// The frame of the root table, for CR3.
    public var root: Frame { rootTable }

    /// Gives a table back, after the tables below it.
    private func releaseTables(in frame: Frame, level: PagingLevel) {
        if level != .leaf, let words = frames.words(of: frame) {
            for index in 0..<Table.entryCount {
                let entry = Table(frame: frame, words: words)[index].load()
                if entry.isPresent { releaseTables(in: Frame(of: entry), level: level.below) }
            }
        }
        frames.release(frame)
    }

    // MARK: Walking

    /// Translates an address as software: without the lock, without setting A or D, and without a TLB.
    /// - Throws: ``AddressSpaceError/notCanonical(address:)`` or ``AddressSpaceError/notMapped(address:)``.
    public func walk(_ address: UInt64) throws(AddressSpaceError) -> Translation {
        try PageRange.checkCanonical(address)
        guard let entry = leaf(at: address)?.load(), entry.isPresent else { throw .notMapped(address: address) }
        return Translation(address: address, entry: entry)
    }

    /// The table of a level on the way to an address; nil if there is none.
    func table(at level: PagingLevel, for address: UInt64) -> Table? {
        guard let words = frames.words(of: rootTable) else { return nil }
        var table = Table(frame: rootTable, words: words)
        var current = PagingLevel.root
        while current != level {
            guard let next = Table(below: table[address, current].load(), in: frames) else { return nil }
            table = next
            current = current.below
        }
        return table
    }

    /// The leaf of an address, present or not; nil if a table above is missing.
    func leaf(at address: UInt64) -> AtomicPageTableEntry? { table(at: .leaf, for: address)?[address, .leaf] }

    /// The leaf of a mapped page and its value, with the lock held.
    func mappedLeaf(at address: UInt64) throws(AddressSpaceError) -> (live: AtomicPageTableEntry, entry: PageTableEntry)
    {
        guard let live = leaf(at: address) else { throw .notMapped(address: address) }
        let entry = live.load()
        guard entry.isPresent else { throw .notMapped(address: address) }
        return (live, entry)
    }

    /// Invalidates one page, with the lock held.
    func flush(_ page: PageRange) { shootdown.invalidate(first: page.first, count: page.count, in: rootTable) }
}

extension AddressSpace: Sendable where Frames: Sendable, Flushes: Sendable, Lock: Sendable & ~Copyable {}

/// What a walk by software found.
public struct Translation: Hashable, Sendable {
    /// The address that was translated.
    public let address: UInt64
    /// The leaf, as it was when it was read; hardware may have set A and D since.
    public let entry: PageTableEntry

    /// The frame.
    public var frame: Frame { Frame(of: entry) }
    /// The physical address, in bytes.
    public var physicalAddress: UInt64 { frame.address | address & (Frame.byteCount - 1) }
    /// What the page is mapped for.
    public var kind: MappingKind { MappingKind(of: entry) }
    /// What the mapping allows, whether or not a write has to copy the page first.
    public var rights: Rights { Rights(of: entry) }
    /// Whether the page was written since it was last declared clean, as far as the entry knows.
    ///
    /// A shadow-stack page that can be written always counts as dirty.
    public var isDirty: Bool { LinuxGeneration.savedDirty.isDirty(entry) }
    /// Whether stores of the mapping's kind go through without a fault.
    public var isWritable: Bool { kind == .shadowStack ? entry.isShadowStackEncoding : entry.isWritable }
}

/// A page that was taken out of an address space.
public struct UnmappedPage: Hashable, Sendable {
    /// The address that it had.
    public let address: UInt64
    /// The last value of its entry with P=1, with the final A and D.
    public let entry: PageTableEntry

    /// The frame, the caller's again: no CPU can reach it through this address any more.
    public var frame: Frame { Frame(of: entry) }
    /// What the page was mapped for.
    public var kind: MappingKind { MappingKind(of: entry) }
    /// Whether the page was written since it was last declared clean: the final answer.
    public var wasDirty: Bool { LinuxGeneration.savedDirty.isDirty(entry) }
    /// Whether the page was used since A was last cleared.
    public var wasAccessed: Bool { entry.isAccessed }
}
