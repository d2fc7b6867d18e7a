/// What a CPU does when the Dirty update finds the entry changed (machine.md, section 4).
public enum LateDirty: String, Sendable, Hashable, CaseIterable {
    /// Nothing is set; the CPU walks again.
    case refault
    /// Dirty is set and the write is performed.
    case setThenWrite
    /// Dirty is set (with Accessed, in an entry with P=0) and the thread faults.
    case setThenFault
}

/// How stores reach memory.
public enum StoreOrder: String, Sendable, Hashable, CaseIterable {
    /// Through a FIFO store buffer (x86-TSO).
    case tso
    /// At once (sequential consistency).
    case sc
}

/// What a CPU keeps of walks above the leaf: paging-structure caches (SDM 3A 4.10.3).
public enum UpperLevelCaches: String, Sendable, Hashable, CaseIterable {
    /// For a prefix of addresses, the table that the walk has reached, with the rights of all levels above it.
    case byPrefix
    /// Single entries, by the address of the entry: an old PMD may be combined with a newer PUD.
    case byEntry
    /// Prefixes and single entries.
    case both
    /// Nothing: walks are under way until the next serialising instruction, interrupt or CR3 load.
    case none

    /// Single entries that walks have read are a set of their own (`EntryCaches.swift`).
    var hasEntries: Bool { self == .byEntry || self == .both }
    /// Prefixes are (`PartialWalks.swift`), as walks under way also where nothing is cached.
    var hasPrefixes: Bool { self != .byEntry }
}

/// The levels whose entries a CPU keeps of walks: which paging-structure caches it has (SDM 3A 4.10.3.1: "any or all").
public struct CachedLevels: Sendable, Hashable {
    /// By level from ``lowest`` on, how the SDM calls an entry.
    private static let names = ["PDE", "PDPTE", "PML4E", "PML5E"]
    private static let lowest = 2
    /// All levels.
    public static let all = CachedLevels(bits: (1 << UInt8(names.count)) - 1)

    /// A bit for each name.
    private let bits: UInt8

    private init(bits: UInt8) { self.bits = bits }

    /// Reads `all`, or names of entries with blanks between.
    public init?(text: String) {
        if text == Self.all.text { self = .all; return }
        var bits: UInt8 = 0
        for word in text.split(separator: " ") {
            guard let index = Self.names.firstIndex(where: { $0 == word }) else { return nil }
            bits |= 1 << UInt8(index)
        }
        guard bits != 0 else { return nil }
        self.init(bits: bits)
    }

    /// As files write it.
    public var text: String {
        guard bits != Self.all.bits else { return "all" }
        return Self.names.indices.filter { bits & 1 << UInt8($0) != 0 }.map { Self.names[$0] }.joined(separator: " ")
    }

    /// What a list is made of.
    static var words: [String] { ["all"] + names }

    /// Whether entries of a level are kept.
    func contains(_ level: Int) -> Bool {
        (Self.lowest..<Self.lowest + Self.names.count).contains(level) && bits & 1 << UInt8(level - Self.lowest) != 0
    }
}

/// A class of CPUs: every way in which processors differ is a field here, never a special case in code.
///
/// See machine.md, section 6. ``ProfileField`` tells what each field means, and who says so.
public struct CPUProfile: Sendable, Hashable {
    /// The name in tables and on the command line.
    public var name: String
    /// One line: which CPUs, and who says so.
    public var source: String
    /// The Dirty update finds P=1, W=0.
    public var onWriteRevoked: LateDirty
    /// The Dirty update finds P=0.
    public var onNotPresent: LateDirty
    /// The Dirty update finds P=1 and another frame.
    public var onFrameChanged: LateDirty
    /// The Accessed update can touch an entry with P=0.
    public var accessedOnNotPresent: Bool
    /// A cached translation may raise a fault although memory would permit the access (SDM 3A 4.10.4.3).
    public var spuriousFaults: Bool
    /// The CPU may walk for any page at any time (SDM 3A 4.10.2.3).
    public var speculativeFills: Bool
    /// The CPU has CET shadow stacks.
    public var shadowStack: Bool
    /// Store buffer or not.
    public var storeBuffer: StoreOrder
    /// A `cmpxchg` without `lock` whose comparison fails writes the old value back (SDM 2A, "CMPXCHG").
    public var failedCompareStores: Bool
    /// `invlpgb` and `tlbsync` exist, and flush services use them.
    public var broadcastInvalidate: Bool
    /// `invlpgb` waits for older stores of its CPU.
    public var invlpgbOrdered: Bool
    /// Who takes a broadcast invalidation has stored everything older.
    public var broadcastDrains: Bool
    /// `invpcid` waits for older stores of its CPU.
    public var invpcidSerialises: Bool
    /// Erratum: `invlpg` leaves global translations.
    public var invlpgKeepsGlobal: Bool
    /// Erratum: a CR3 write drops nothing.
    public var cr3FlushFilter: Bool
    /// What the CPU keeps of walks above the leaf.
    public var upperLevels: UpperLevelCaches
    /// The levels of which it keeps something.
    public var upperLevelsCached: CachedLevels
    /// `invpcid` exists.
    public var invpcid: Bool
    /// CR4.LA57: tables of five levels can be used.
    public var fiveLevels: Bool
    /// EFER.TCE: invalidations of a page drop the partial walks of its path alone.
    public var translationCacheExtension: Bool

    /// A above the leaf may be set after all levels were read.
    public var accessedLate: Bool

    /// Makes a profile: without more words the behaviour that everyone hopes for, on a CPU without shadow stacks.
    public init(
        name: String, source: String, onWriteRevoked: LateDirty = .refault, onNotPresent: LateDirty = .refault,
        onFrameChanged: LateDirty = .refault, accessedOnNotPresent: Bool = false, spuriousFaults: Bool = true,
        speculativeFills: Bool = true, shadowStack: Bool = false, storeBuffer: StoreOrder = .tso,
        failedCompareStores: Bool = true, broadcastInvalidate: Bool = false, invlpgbOrdered: Bool = false,
        broadcastDrains: Bool = true, invpcidSerialises: Bool = false, invlpgKeepsGlobal: Bool = false,
        cr3FlushFilter: Bool = false, upperLevels: UpperLevelCaches = .byPrefix,
        upperLevelsCached: CachedLevels = .all, invpcid: Bool = true, fiveLevels: Bool = true,
        translationCacheExtension: Bool = false, accessedLate: Bool = false
    ) {
        self.name = name
        self.source = source
        self.onWriteRevoked = onWriteRevoked
        self.onNotPresent = onNotPresent
        self.onFrameChanged = onFrameChanged
        self.accessedOnNotPresent = accessedOnNotPresent
        self.spuriousFaults = spuriousFaults
        self.speculativeFills = speculativeFills
        self.shadowStack = shadowStack
        self.storeBuffer = storeBuffer
        self.failedCompareStores = failedCompareStores
        self.broadcastInvalidate = broadcastInvalidate
        self.invlpgbOrdered = invlpgbOrdered
        self.broadcastDrains = broadcastDrains
        self.invpcidSerialises = invpcidSerialises
        self.invlpgKeepsGlobal = invlpgKeepsGlobal
        self.cr3FlushFilter = cr3FlushFilter
        self.upperLevels = upperLevels
        self.upperLevelsCached = upperLevelsCached
        self.invpcid = invpcid
        self.fiveLevels = fiveLevels
        self.translationCacheExtension = translationCacheExtension
        self.accessedLate = accessedLate
    }
}
