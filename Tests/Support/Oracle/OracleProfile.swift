/// What a Dirty update does when the entry is no longer what `decide` saw (machine.md, section 4).
public enum OracleUpdateRule: String, Sendable, Hashable {
    case refault
    case setThenWrite
    case setThenFault
}

/// Whether stores wait in a store buffer.
public enum OracleStoreBuffer: String, Sendable, Hashable {
    case tso
    case sc
}

/// What a processor keeps of walks above the leaf (levels.md (g)).
public enum OracleUpperLevels: String, Sendable, Hashable {
    /// Partial walks, by the prefix of the address.
    case byPrefix
    /// Single entries, by their own address.
    case byEntry
    /// Both.
    case both
    /// Nothing: there are only walks under way.
    case none
}

/// One processor's differences from others (machine.md, section 6).
public struct OracleProfile: Sendable, Hashable {
    /// The profile's name.
    public var name: String
    /// What `update` does when it finds P=1, W=0.
    public var onWriteRevoked: OracleUpdateRule
    /// What `update` does when it finds P=0.
    public var onNotPresent: OracleUpdateRule
    /// Whether A can be set in an entry with P=0.
    public var accessedOnNotPresent: Bool
    /// Whether a cached translation that forbids an access may raise a fault by itself.
    public var spuriousFaults: Bool
    /// Whether the processor walks speculatively.
    public var speculativeFills: Bool
    /// Whether CR4.CET is set.
    public var shadowStack: Bool
    /// Total store order, or no store buffer at all.
    public var storeBuffer: OracleStoreBuffer
    /// What `update` does when it finds P=1 and another frame.
    public var onFrameChanged: OracleUpdateRule
    /// Whether a `cmpxchg` without `lock` whose comparison fails writes the old value back.
    public var failedCompareStores: Bool
    /// Whether `invlpgb` and `tlbsync` exist, and flush services use them.
    public var broadcastInvalidate: Bool
    /// Whether `invlpgb` waits for the older stores of its processor.
    public var invlpgbOrdered: Bool
    /// Whether taking a broadcast sends this processor's buffered stores to memory.
    public var broadcastDrains: Bool
    /// Whether `invpcid` waits for the older stores of its processor.
    public var invpcidSerialises: Bool
    /// Whether `invlpg` leaves global translations.
    public var invlpgKeepsGlobal: Bool
    /// Whether a write to CR3 drops nothing.
    public var cr3FlushFilter: Bool

    /// Whether `invpcid` exists.
    public var invpcid: Bool
    /// What is kept of walks above the leaf.
    public var upperLevels: OracleUpperLevels
    /// The levels (2 for PMDs) of which entries are cached.
    public var upperLevelsCached: Set<Int>
    /// Whether A of an upper entry may be set when all levels have been read, not before the level below.
    public var accessedLate: Bool
    /// Whether invalidating a page spares partial walks that do not lead to it (EFER.TCE).
    public var tce: Bool

    /// Makes a profile; what the table of section 6 does not vary has the table's value.
    public init(
        name: String, onWriteRevoked: OracleUpdateRule, onNotPresent: OracleUpdateRule, shadowStack: Bool,
        onFrameChanged: OracleUpdateRule = .refault, accessedOnNotPresent: Bool = false, spuriousFaults: Bool = true,
        speculativeFills: Bool = true, storeBuffer: OracleStoreBuffer = .tso, failedCompareStores: Bool = true,
        broadcastInvalidate: Bool = false, invlpgbOrdered: Bool = false, broadcastDrains: Bool = true,
        invpcidSerialises: Bool = false, invlpgKeepsGlobal: Bool = false, cr3FlushFilter: Bool = false,
        upperLevels: OracleUpperLevels = .byPrefix, upperLevelsCached: Set<Int> = [2, 3, 4, 5], tce: Bool = false,
        accessedLate: Bool = false, invpcid: Bool = true
    ) {
        self.name = name
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
        self.upperLevelsCached = upperLevels == .none ? [] : upperLevelsCached
        self.accessedLate = accessedLate
        self.invpcid = invpcid
        self.tce = tce
    }

    /// The six built-in profiles, typed from the table of section 6.
    ///
    /// levels.md (g) has `accessedLate` on `book`; no profile has it that the machine knows (limits.md).
    public static let builtIn: [OracleProfile] = [
        OracleProfile(name: "cet", onWriteRevoked: .refault, onNotPresent: .refault, shadowStack: true),
        OracleProfile(name: "strict", onWriteRevoked: .refault, onNotPresent: .refault, shadowStack: false),
        OracleProfile(name: "late", onWriteRevoked: .setThenWrite, onNotPresent: .refault, shadowStack: false),
        OracleProfile(
            name: "knl", onWriteRevoked: .setThenWrite, onNotPresent: .setThenFault, shadowStack: false,
            accessedOnNotPresent: true),
        OracleProfile(name: "shadowed", onWriteRevoked: .setThenFault, onNotPresent: .refault, shadowStack: false),
        OracleProfile(
            name: "book", onWriteRevoked: .setThenWrite, onNotPresent: .setThenWrite, shadowStack: false,
            onFrameChanged: .setThenWrite, accessedOnNotPresent: true, accessedLate: true),
    ]

    /// The profiles that are in the default set of tests with upper levels, from levels.md (g).
    public static let forUpperLevels: [OracleProfile] = [
        OracleProfile(
            name: "amd", onWriteRevoked: .refault, onNotPresent: .refault, shadowStack: true, spuriousFaults: false,
            upperLevels: .both, tce: true),
        OracleProfile(
            name: "amd-broadcast", onWriteRevoked: .refault, onNotPresent: .refault, shadowStack: true,
            spuriousFaults: false, broadcastInvalidate: true, upperLevels: .both, tce: true),
    ]

    /// The built-in profiles that are not in the default set, from sections 2 and 6 and from levels.md (g).
    public static let onRequest: [OracleProfile] =
        forUpperLevels + [
            OracleProfile(
                name: "herd7", onWriteRevoked: .refault, onNotPresent: .refault, shadowStack: false,
                failedCompareStores: false),
            OracleProfile(
                name: "adl", onWriteRevoked: .refault, onNotPresent: .refault, shadowStack: true,
                invlpgKeepsGlobal: true),
            OracleProfile(
                name: "k8", onWriteRevoked: .refault, onNotPresent: .refault, shadowStack: false, cr3FlushFilter: true),
        ]
}
