import PageTable

/// What a page is mapped for: kept in bits 52 and 53 of each leaf, which hardware ignores.
public enum MappingKind: UInt8, CaseIterable, Hashable, Sendable {
    /// Anonymous or copy-on-write memory: after a fork, parent and child each see their own writes only.
    case `private` = 0
    /// Memory that is the same after a fork.
    case shared = 1
    /// A shadow stack, private by nature: W=0, D=1 where it can be written.
    case shadowStack = 2

    /// The kind of a leaf's mapping.
    @inlinable @inline(__always)
    public init(of entry: PageTableEntry) {
        switch entry.rawValue & Self.mask {
        case 0: self = .private
        case Self.sharedBits: self = .shared
        default: self = .shadowStack
        }
    }

    /// Bits 52 and 53.
    @inlinable @inline(__always) static var mask: UInt64 { 3 << 52 }
    /// The bits of a shared mapping.
    @inlinable @inline(__always) static var sharedBits: UInt64 { 1 << 52 }
    /// Bit 54: the mapping may be written, be it after a copy.
    @inlinable @inline(__always) static var mayWriteMask: UInt64 { 1 << 54 }

    /// Makes an entry fit for a mapping of this kind.
    ///
    /// **Here, and only here, is the rule enforced** that software never
    /// makes W=0, D=1 outside a shadow-stack mapping: every leaf that an address space stores comes through, or is made
    /// of a present one by write-protection, which moves D to SavedDirty as well.
    ///
    /// An ordinary entry keeps its dirtiness in D where W=1, and in SavedDirty where W=0. A shadow-stack entry has W=0.
    @inlinable @inline(__always)
    func settled(_ entry: PageTableEntry) -> PageTableEntry {
        let marked = entry.clearing(Self.mask).setting(UInt64(rawValue) << 52)
        let linux = LinuxGeneration.savedDirty
        return switch self {
        case .private, .shared: linux.dirtyMovedToSavedDirty(linux.savedDirtyMovedToDirty(marked))
        case .shadowStack: marked.clearing(PageTableEntry.writableMask)
        }
    }
}

extension MappingKind: CustomStringConvertible {
    /// `private`, `shared` or `a shadow stack`.
    public var description: String {
        switch self {
        case .private: "private"
        case .shared: "shared"
        case .shadowStack: "a shadow stack"
        }
    }
}

/// What a mapping allows besides reading; with ``noAccess``, nothing.
public struct Rights: OptionSet, Hashable, Sendable {
    /// The bits.
    public let rawValue: UInt8

    /// Makes rights from bits; unknown ones mean nothing.
    @inlinable @inline(__always)
    public init(rawValue: UInt8) { self.rawValue = rawValue }

    /// Writing.
    @inlinable @inline(__always) public static var write: Rights { Rights(rawValue: 1) }
    /// Fetching instructions.
    @inlinable @inline(__always) public static var execute: Rights { Rights(rawValue: 2) }
    /// All this in user mode; without it, the page is the kernel's.
    @inlinable @inline(__always) public static var user: Rights { Rights(rawValue: 4) }
    /// No access at all, not even reading (`PROT_NONE`): the page stays where it is, with P=0.
    @inlinable @inline(__always) public static var noAccess: Rights { Rights(rawValue: 8) }

    /// The rights of a leaf's mapping, whether or not a write has to copy the page first.
    @inlinable @inline(__always)
    public init(of entry: PageTableEntry) {
        self.init(rawValue: 0)
        if entry.containsAny(of: MappingKind.mayWriteMask) { formUnion(.write) }
        if !entry.isNoExecute { formUnion(.execute) }
        if entry.isUser { formUnion(.user) }
        if !entry.isPresent { formUnion(.noAccess) }
    }

    /// An entry with these rights and no others; W is as it was, or cleared if there is no right to write.
    @inlinable @inline(__always)
    func applied(to entry: PageTableEntry) -> PageTableEntry {
        var entry = entry
        entry.isUser = contains(.user)
        entry.isNoExecute = !contains(.execute)
        return contains(.write)
            ? entry.setting(MappingKind.mayWriteMask)
            : entry.clearing(MappingKind.mayWriteMask | PageTableEntry.writableMask)
    }
}
