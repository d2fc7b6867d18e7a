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
    /// Whether `invlpgb` and `tlbsync` exist.
    public var broadcastInvalidate: Bool
    /// Whether non-leaf entries are cached; this oracle has one level only and does not read it.
    public var pagingStructureCache: Bool

    /// Makes a profile; what the table of section 6 does not vary has the table's value.
    public init(
        name: String, onWriteRevoked: OracleUpdateRule, onNotPresent: OracleUpdateRule, shadowStack: Bool,
        accessedOnNotPresent: Bool = false, spuriousFaults: Bool = true, speculativeFills: Bool = true,
        storeBuffer: OracleStoreBuffer = .tso, broadcastInvalidate: Bool = false, pagingStructureCache: Bool = true
    ) {
        self.name = name
        self.onWriteRevoked = onWriteRevoked
        self.onNotPresent = onNotPresent
        self.accessedOnNotPresent = accessedOnNotPresent
        self.spuriousFaults = spuriousFaults
        self.speculativeFills = speculativeFills
        self.shadowStack = shadowStack
        self.storeBuffer = storeBuffer
        self.broadcastInvalidate = broadcastInvalidate
        self.pagingStructureCache = pagingStructureCache
    }

    /// The six built-in profiles, typed from the table of section 6.
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
            accessedOnNotPresent: true),
    ]
}
