/// A page-table entry of x86-64 as a value: the 64 bits that memory holds.
///
/// The layout is that of a leaf for a 4-KByte page (SDM volume 3A, section 4.5); the names of the bits that hardware
/// leaves to software are Linux's (`arch/x86/include/asm/pgtable_types.h`). Two names can share a bit: bit 7 is PS in
/// an upper level and PAT in a leaf, bit 8 is G, or PROT_NONE when P=0, and bit 58 is Linux's SavedDirty or its older
/// Devmap (see ``LinuxGeneration``).
///
/// No operation of this type traps: what does not fit into a field is cut to the field's width.
public struct PageTableEntry: Hashable, Sendable, RawRepresentable {
    /// The bits.
    public var rawValue: UInt64

    /// Makes an entry from its bits; every value is an entry.
    @inlinable @inline(__always)
    public init(rawValue: UInt64) { self.rawValue = rawValue }

    /// The empty entry, all bits clear.
    @inlinable @inline(__always) public static var empty: PageTableEntry { PageTableEntry(rawValue: 0) }

    /// What a test's entry literal stands for where it names no field: P, W, U, A and D set, nothing for hardware to
    /// do.
    ///
    /// The frame is 0; a literal without `oa` also takes the frame of its page.
    public static let litmusDefault = PageTableEntry(
        rawValue: presentMask | writableMask | userMask | accessedMask | dirtyMask)

    /// Whether all bits of a mask are set.
    @inlinable @inline(__always)
    public func containsAll(_ mask: UInt64) -> Bool { rawValue & mask == mask }

    /// Whether any bit of a mask is set.
    @inlinable @inline(__always)
    public func containsAny(of mask: UInt64) -> Bool { rawValue & mask != 0 }

    /// The entry with the bits of a mask set.
    @inlinable @inline(__always)
    public func setting(_ mask: UInt64) -> PageTableEntry { PageTableEntry(rawValue: rawValue | mask) }

    /// The entry with the bits of a mask clear.
    @inlinable @inline(__always)
    public func clearing(_ mask: UInt64) -> PageTableEntry { PageTableEntry(rawValue: rawValue & ~mask) }

    /// Sets or clears the bits of a mask.
    @inlinable @inline(__always)
    mutating func assign(_ mask: UInt64, _ isSet: Bool) {
        rawValue = isSet ? rawValue | mask : rawValue & ~mask
    }
}

// MARK: - Masks

extension PageTableEntry {
    /// P, bit 0.
    public static let presentMask: UInt64 = 1 << 0
    /// R/W, bit 1.
    public static let writableMask: UInt64 = 1 << 1
    /// U/S, bit 2.
    public static let userMask: UInt64 = 1 << 2
    /// PWT, bit 3.
    public static let writeThroughMask: UInt64 = 1 << 3
    /// PCD, bit 4.
    public static let cacheDisableMask: UInt64 = 1 << 4
    /// A, bit 5.
    public static let accessedMask: UInt64 = 1 << 5
    /// D, bit 6.
    public static let dirtyMask: UInt64 = 1 << 6
    /// PS, bit 7 of an upper level.
    public static let pageSizeMask: UInt64 = 1 << 7
    /// PAT, bit 7 of a leaf for a 4-KByte page.
    public static let patMask: UInt64 = 1 << 7
    /// G, bit 8.
    public static let globalMask: UInt64 = 1 << 8
    /// The first bit left to software, bit 9; Linux: special.
    public static let software1Mask: UInt64 = 1 << 9
    /// Linux: userfaultfd write-protect, bit 10.
    public static let userfaultfdMask: UInt64 = 1 << 10
    /// Linux: soft-dirty, bit 11.
    public static let softDirtyMask: UInt64 = 1 << 11
    /// PAT of a 2-MByte or 1-GByte page, bit 12; the lowest frame bit of a 4-KByte page.
    public static let largePatMask: UInt64 = 1 << 12
    /// The frame address, bits 12 to 51.
    public static let frameMask: UInt64 = 0x000F_FFFF_FFFF_F000
    /// The bits between frame and SavedDirty that hardware leaves to software, bits 52 to 57.
    public static let availableMask: UInt64 = 0x3F << 52
    /// Linux from 6.6 on: SavedDirty, bit 58.
    public static let savedDirtyMask: UInt64 = 1 << 58
    /// The protection key, bits 59 to 62.
    public static let protectionKeyMask: UInt64 = 0xF << 59
    /// XD (NX), bit 63.
    public static let noExecuteMask: UInt64 = 1 << 63
}

// MARK: - Fields

extension PageTableEntry {
    /// P: hardware may use the entry.
    @inlinable @inline(__always) public var isPresent: Bool {
        get { containsAny(of: Self.presentMask) }
        set { assign(Self.presentMask, newValue) }
    }

    /// R/W: ordinary writes are allowed.
    @inlinable @inline(__always) public var isWritable: Bool {
        get { containsAny(of: Self.writableMask) }
        set { assign(Self.writableMask, newValue) }
    }

    /// U/S: user mode may use the page.
    @inlinable @inline(__always) public var isUser: Bool {
        get { containsAny(of: Self.userMask) }
        set { assign(Self.userMask, newValue) }
    }

    /// PWT: page-level write-through.
    @inlinable @inline(__always) public var isWriteThrough: Bool {
        get { containsAny(of: Self.writeThroughMask) }
        set { assign(Self.writeThroughMask, newValue) }
    }

    /// PCD: page-level cache disable.
    @inlinable @inline(__always) public var isCacheDisabled: Bool {
        get { containsAny(of: Self.cacheDisableMask) }
        set { assign(Self.cacheDisableMask, newValue) }
    }

    /// A: hardware has used the entry for a translation.
    @inlinable @inline(__always) public var isAccessed: Bool {
        get { containsAny(of: Self.accessedMask) }
        set { assign(Self.accessedMask, newValue) }
    }

    /// D: hardware has let a write through the entry.
    @inlinable @inline(__always) public var isDirty: Bool {
        get { containsAny(of: Self.dirtyMask) }
        set { assign(Self.dirtyMask, newValue) }
    }

    /// PS, in an upper level: the entry maps a large page instead of pointing to a table.
    @inlinable @inline(__always) public var isLargePage: Bool {
        get { containsAny(of: Self.pageSizeMask) }
        set { assign(Self.pageSizeMask, newValue) }
    }

    /// PAT, in a leaf for a 4-KByte page: the same bit as ``isLargePage``.
    @inlinable @inline(__always) public var isPATSelected: Bool {
        get { containsAny(of: Self.patMask) }
        set { assign(Self.patMask, newValue) }
    }

    /// G: the translation survives a CR3 write.
    @inlinable @inline(__always) public var isGlobal: Bool {
        get { containsAny(of: Self.globalMask) }
        set { assign(Self.globalMask, newValue) }
    }

    /// Bit 9, which Linux calls special: the page has no `struct page` that may be touched.
    @inlinable @inline(__always) public var isSpecial: Bool {
        get { containsAny(of: Self.software1Mask) }
        set { assign(Self.software1Mask, newValue) }
    }

    /// Linux: write-protected for userfaultfd.
    @inlinable @inline(__always) public var isUserfaultfdProtected: Bool {
        get { containsAny(of: Self.userfaultfdMask) }
        set { assign(Self.userfaultfdMask, newValue) }
    }

    /// Linux: written since `clear_refs` was last used.
    @inlinable @inline(__always) public var isSoftDirty: Bool {
        get { containsAny(of: Self.softDirtyMask) }
        set { assign(Self.softDirtyMask, newValue) }
    }

    /// Bit 58: Linux from 6.6 on keeps the dirtiness of a write-protected page here.
    @inlinable @inline(__always) public var isSavedDirty: Bool {
        get { containsAny(of: Self.savedDirtyMask) }
        set { assign(Self.savedDirtyMask, newValue) }
    }

    /// XD (NX): instruction fetch is forbidden.
    @inlinable @inline(__always) public var isNoExecute: Bool {
        get { containsAny(of: Self.noExecuteMask) }
        set { assign(Self.noExecuteMask, newValue) }
    }

    /// The protection key, 0 to 15; a larger value is cut to its low four bits.
    @inlinable @inline(__always) public var protectionKey: UInt8 {
        get { UInt8(truncatingIfNeeded: rawValue >> 59) & 0xF }
        set { rawValue = rawValue & ~Self.protectionKeyMask | (UInt64(newValue) & 0xF) << 59 }
    }

    /// The frame number in bits 12 to 51 as they are stored, 0 to 2^40 - 1; a larger value is cut.
    ///
    /// Linux stores the frame of an entry with P=0 inverted: ``LinuxGeneration/frameNumber(of:)`` undoes that.
    @inlinable @inline(__always) public var frameNumber: UInt64 {
        get { (rawValue & Self.frameMask) >> 12 }
        set { rawValue = rawValue & ~Self.frameMask | (newValue << 12) & Self.frameMask }
    }

    /// The physical address in bits 12 to 51 as they are stored, in bytes; bits outside of them are cut.
    @inlinable @inline(__always) public var frameAddress: UInt64 {
        get { rawValue & Self.frameMask }
        set { rawValue = rawValue & ~Self.frameMask | newValue & Self.frameMask }
    }

    /// Whether W=0 and D=1, which a CPU with CR4.CET=1 takes for a shadow-stack page (SDM volume 3A, section 4.6.1).
    ///
    /// P is not looked at, as Linux does not: hardware does so only for a present leaf with W=1 at the levels above.
    @inlinable @inline(__always) public var isShadowStackEncoding: Bool {
        rawValue & (Self.writableMask | Self.dirtyMask) == Self.dirtyMask
    }
}
