import PageTable

/// A page as a walk by software found it.
public struct Translation: Hashable, Sendable {
    /// The address that was translated.
    public let address: UInt64
    /// The leaf, as it was when it was read; hardware may have set A and D since.
    public let entry: PageTableEntry
    /// How large the page is.
    public let size: PageSize

    @inlinable @inline(__always)
    init(address: UInt64, entry: PageTableEntry, size: PageSize) {
        self.address = address
        self.entry = entry
        self.size = size
    }

    /// The first frame of the page.
    @inlinable @inline(__always) public var frame: Frame { Frame(of: entry, size) }
    /// The address of the page's first byte.
    @inlinable @inline(__always) public var pageAddress: UInt64 { address & ~(size.byteCount - 1) }
    /// The physical address, in bytes.
    @inlinable @inline(__always) public var physicalAddress: UInt64 { frame.address | address & (size.byteCount - 1) }
    /// What the page is mapped for.
    @inlinable @inline(__always) public var kind: MappingKind { MappingKind(of: entry) }
    /// What the mapping allows, whether or not a write has to copy the page first.
    @inlinable @inline(__always) public var rights: Rights { Rights(of: entry) }
    /// Whether the page was written since it was last declared clean, as far as the entry knows.
    ///
    /// A shadow-stack page that can be written always counts as dirty.
    @inlinable @inline(__always) public var isDirty: Bool { LinuxGeneration.savedDirty.isDirty(entry) }
    /// Whether stores of the mapping's kind go through without a fault.
    @inlinable @inline(__always) public var isWritable: Bool {
        kind == .shadowStack ? entry.isShadowStackEncoding : entry.isWritable
    }
}

/// What a walk without the lock saw.
///
/// It may be old by the time it is looked at, and *nothing* does not mean that no page is mapped: while another thread
/// breaks copy-on-write, merges, splits or cleans up, an entry is away for a moment.
public enum Glimpse: Hashable, Sendable {
    /// A page was there at that moment.
    case page(Translation)
    /// No page was there at that moment; only a walk with the lock knows whether one is mapped.
    case nothing
}

/// The entries on the way from the root to a page, from a walk with the lock held.
public struct Walk: Sendable {
    /// One entry that was read.
    public struct Step: Hashable, Sendable {
        /// The level of the table.
        public let level: TableLevel
        /// The frame of the table.
        public let table: Frame
        /// The index in the table, 0 to 511.
        public let index: Int
        /// The entry.
        public let entry: PageTableEntry

        @usableFromInline
        init(level: TableLevel, table: Frame, index: Int, entry: PageTableEntry) {
            self.level = level
            self.table = table
            self.index = index
            self.entry = entry
        }
    }

    /// The entries, the root's first; as many as there are tables on the way.
    ///
    /// A fixed place for each level, so that no memory is needed.
    @usableFromInline var steps: (Step?, Step?, Step?, Step?, Step?) = (nil, nil, nil, nil, nil)
    /// What the last of them stands for.
    public var content: PageContent = .empty

    @usableFromInline
    init() {}

    /// The entry of a level that was read; nil for a level that the walk did not get to.
    public subscript(level: TableLevel) -> Step? {
        switch level {
        case .pte: steps.0
        case .pde: steps.1
        case .pdpte: steps.2
        case .pml4e: steps.3
        case .pml5e: steps.4
        }
    }

    /// Notes an entry.
    @usableFromInline
    mutating func note(_ step: Step) {
        switch step.level {
        case .pte: steps.0 = step
        case .pde: steps.1 = step
        case .pdpte: steps.2 = step
        case .pml4e: steps.3 = step
        case .pml5e: steps.4 = step
        }
    }
}

/// A page that was taken out of an address space.
public struct UnmappedPage: Hashable, Sendable {
    /// The address that it had.
    public let address: UInt64
    /// The last value of its entry with P=1, with the final A and D.
    public let entry: PageTableEntry
    /// How large it was.
    public let size: PageSize

    @inlinable @inline(__always)
    init(address: UInt64, entry: PageTableEntry, size: PageSize) {
        self.address = address
        self.entry = entry
        self.size = size
    }

    /// The first frame, the caller's again: no CPU can reach it through this address any more.
    @inlinable @inline(__always) public var frame: Frame { Frame(of: entry, size) }
    /// What the page was mapped for.
    @inlinable @inline(__always) public var kind: MappingKind { MappingKind(of: entry) }
    /// Whether the page was written since it was last declared clean: the final answer.
    @inlinable @inline(__always) public var wasDirty: Bool { LinuxGeneration.savedDirty.isDirty(entry) }
    /// Whether the page was used since A was last cleared.
    @inlinable @inline(__always) public var wasAccessed: Bool { entry.isAccessed }
}

/// What an operation on a range came to.
public struct RangeSummary: Hashable, Sendable {
    /// The number of pages that it worked on; a large page counts once.
    public var pages = 0
    /// How many of them were dirty.
    public var dirtyPages = 0
    /// How many of them had been used since A was last cleared.
    public var accessedPages = 0
    /// The number of entries with P=0 that the caller had put there, and that it worked on.
    public var softwareEntries = 0
    /// The number of tables that were given back.
    public var tables = 0
    /// Whether a shootdown was needed.
    public var wasFlushed = false

    @usableFromInline
    init() {}

    /// Counts a page.
    @inlinable @inline(__always)
    mutating func note(_ entry: PageTableEntry) {
        pages &+= 1
        if LinuxGeneration.savedDirty.isDirty(entry) { dirtyPages &+= 1 }
        if entry.isAccessed { accessedPages &+= 1 }
    }
}
