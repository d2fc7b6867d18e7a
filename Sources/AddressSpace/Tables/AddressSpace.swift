import PageTable

/// Page tables of one address space, in frames of the caller's: four or five levels, pages of 4 KByte, 2 MByte and 1 GByte.
///
/// Every operation takes the lock, changes entries in steps that lose nothing that hardware sets meanwhile, ends with
/// at most one shootdown, and gives the lock back. An operation that throws has changed nothing: what it needs is
/// checked and reserved first.
///
/// All operations may be called from several threads at a time, but for ``fork(into:shared:)``, which has its destination to
/// itself, and ``tearDown(report:reportSoftware:)``, which ends the value's life. Frames of data are the caller's. Frames of
/// tables go back to the provider when an operation takes whole tables away, after its shootdown, and the rest when the
/// value's life ends, at which time no CPU may have the root table loaded.
///
/// * `Operations/`: one file for each thing that a kernel does, named after it.
/// * `Tables/`: tables, ranges, how a leaf is found. `Entries/`: what stands in an entry. `CPUs/`: what CPUs have cached.
public struct AddressSpace<Frames: FrameProvider, Flushes: Shootdown, Lock: PageTableLock & ~Copyable>: ~Copyable {
    @usableFromInline let frames: Frames
    @usableFromInline let shootdown: Flushes
    @usableFromInline let lock: Lock
    @usableFromInline let rootTable: Table
    /// How many levels there are.
    public let depth: PagingDepth
    /// Which addresses the operations are for.
    public let half: AddressHalf
    /// Whether the tables are released when the value's life ends.
    private var ownsTables = true

    /// Makes an empty address space, for both halves of the addresses.
    ///
    /// For the kernel's half, and for processes that share it, see ``init(kernelHalfOf:shootdown:lock:depth:)`` and
    /// ``init(sharing:frames:shootdown:lock:)``.
    /// - Throws: ``AddressSpaceError/outOfFrames`` or ``AddressSpaceError/frameNotReachable(_:)`` for the root table.
    public init(frames: Frames, shootdown: Flushes, lock: consuming Lock, depth: PagingDepth = .four)
        throws(AddressSpaceError)
    {
        var reserve = FrameReserve()
        try reserve.add(from: frames)
        guard let table = reserve.take(from: frames) else { throw .outOfFrames }
        self.init(table, .both, frames, shootdown, lock, depth)
    }

    /// Takes over tables that are there already: those that a loader made, or that ``relinquish()`` left.
    ///
    /// Their frames become the address space's own, as if the provider had given them away, and are released with it.
    /// Nothing is read or changed, so CPUs may be walking the tables. What is mapped is taken for what its leaves say in bits
    /// 52 to 54 (``MappingKind``, ``Rights``): with all three clear, private pages without the right to write. Bits 9 to 11
    /// must be clear.
    /// - Parameters:
    ///   - root: a root table of `depth` levels.
    ///   - frames: gives frames for tables, and takes them back.
    ///   - shootdown: how the caches of CPUs are invalidated.
    ///   - lock: the page-table lock.
    ///   - depth: how many levels there are.
    ///   - half: which part of the tables is this address space's; the rest is left alone, also at the end.
    /// - Throws: ``AddressSpaceError/frameNotReachable(_:)`` for the root table.
    public init(
        adopting root: Frame, frames: Frames, shootdown: Flushes, lock: consuming Lock, depth: PagingDepth = .four,
        half: AddressHalf = .both
    ) throws(AddressSpaceError) {
        guard let words = frames.words(of: root) else { throw .frameNotReachable(root) }
        self.init(Table(frame: root, words: words), half, frames, shootdown, lock, depth)
    }

    /// Puts the parts together.
    @usableFromInline
    init(
        _ root: Table, _ half: AddressHalf, _ frames: Frames, _ shootdown: Flushes, _ lock: consuming Lock,
        _ depth: PagingDepth
    ) {
        self.frames = frames
        self.shootdown = shootdown
        self.lock = lock
        self.half = half
        self.depth = depth
        rootTable = root
    }

    /// Gives up the tables as they are: nothing is released, and CPUs may go on walking them.
    /// - Returns: the root table.
    @discardableResult
    public consuming func relinquish() -> Frame {
        ownsTables = false
        return rootTable.frame
    }

    /// Gives the frames of all tables back, unless they were relinquished.
    deinit { if ownsTables { releaseTables() } }

    /// The frame of the root table, for CR3.
    @inlinable @inline(__always) public var root: Frame { rootTable.frame }
}

// SAFETY: the root table's words are reached through atomic operations with the lock held, or read by single loads.
extension AddressSpace: @unchecked Sendable where Frames: Sendable, Flushes: Sendable, Lock: Sendable & ~Copyable {}

/// Which half of the addresses an address space is about.
public enum AddressHalf: UInt8, Hashable, Sendable {
    /// Addresses whose upper bits are clear: the user's.
    case lower
    /// Addresses whose upper bits are set: the kernel's, which all address spaces share.
    case upper
    /// Both.
    case both

    /// The indices of the root table that belong to it.
    @inlinable var rootEntries: Range<Int> {
        switch self {
        case .lower: 0..<256
        case .upper: 256..<512
        case .both: 0..<512
        }
    }

    /// Whether an address lies in it.
    @inlinable @inline(__always)
    func contains(_ address: UInt64) -> Bool { self == .both || (self == .upper) == (address >> 63 == 1) }
}
