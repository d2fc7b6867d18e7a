/// The protection of a mapping (`pgprot_t`): the bits that an entry gets besides its frame.
///
/// The constants are those for user mappings, the same in 6.1 and 6.12 (`arch/x86/include/asm/pgtable_types.h`).
public struct LinuxProtection: Hashable, Sendable, RawRepresentable {
    /// The bits, in the layout of an entry.
    public var rawValue: UInt64

    /// Makes a protection from its bits.
    @inlinable
    public init(rawValue: UInt64) { self.rawValue = rawValue }

    /// No access: P=0, with A and the PROT_NONE bit (`PAGE_NONE`).
    public static let none = LinuxProtection(
        rawValue: PageTableEntry.accessedMask | LinuxGeneration.protNoneMask)
    /// Read and execute, also of a private writable executable mapping before the copy (`PAGE_READONLY_EXEC`,
    /// `PAGE_COPY_EXEC`).
    public static let readOnlyExecutable = LinuxProtection(
        rawValue: PageTableEntry.presentMask | PageTableEntry.userMask | PageTableEntry.accessedMask)
    /// Read, also of a private writable mapping before the copy (`PAGE_READONLY`, `PAGE_COPY`).
    public static let readOnly = LinuxProtection(rawValue: readOnlyExecutable.rawValue | PageTableEntry.noExecuteMask)
    /// Read, write and execute (`PAGE_SHARED_EXEC`).
    public static let sharedExecutable = LinuxProtection(
        rawValue: readOnlyExecutable.rawValue | PageTableEntry.writableMask)
    /// Read and write (`PAGE_SHARED`).
    public static let shared = LinuxProtection(rawValue: readOnly.rawValue | PageTableEntry.writableMask)
}

extension LinuxGeneration {
    /// Gives an entry another protection, keeping its frame, its dirtiness and what software noted in it.
    ///
    /// `pte_modify` (6.1: line 610, 6.12: line 822). The bits of ``keptByModify`` stay, the others come from the
    /// protection. The frame is inverted if exactly one of the old and the new value is one that
    /// ``storesFrameInverted(_:)``. From 6.6 on, W=1 before: D moves to SavedDirty if the new entry has W=0; W=0
    /// before: SavedDirty moves to D if the new entry has W=1. A shadow-stack entry that stays W=0 thus stays a
    /// shadow-stack entry.
    /// - Parameters:
    ///   - entry: the old value.
    ///   - protection: the new protection; its kept bits are ignored.
    ///   - supported: the bits that the CPU supports (`__supported_pte_mask`); others are taken out of a protection
    ///     with P=1.
    public func modified(
        _ entry: PageTableEntry, to protection: LinuxProtection, supported: UInt64 = .max
    ) -> PageTableEntry {
        let isPresent = protection.rawValue & PageTableEntry.presentMask != 0
        let wanted = isPresent ? protection.rawValue & supported : protection.rawValue
        var result = PageTableEntry(rawValue: entry.rawValue & keptByModify | wanted & ~keptByModify)
        if storesFrameInverted(entry) != storesFrameInverted(result) {
            result.rawValue ^= PageTableEntry.frameMask
        }
        return entry.isWritable ? dirtyMovedToSavedDirty(result) : savedDirtyMovedToDirty(result)
    }

    /// Whether Linux stores the frame of this entry inverted: P=0 and any bit set.
    ///
    /// `__pte_needs_invert` (`arch/x86/include/asm/pgtable-invert.h`). A CPU with the L1TF flaw reads speculatively
    /// through entries with P=0; the inverted frame lies where there is no memory. The empty entry is left empty.
    @inlinable @inline(__always)
    public func storesFrameInverted(_ entry: PageTableEntry) -> Bool { entry != .empty && !entry.isPresent }

    /// The frame number that Linux reads out of an entry, inverted back where it is stored inverted.
    ///
    /// `pte_pfn` (6.1: line 187, 6.12: line 263).
    @inlinable @inline(__always)
    public func frameNumber(of entry: PageTableEntry) -> UInt64 {
        let mask = storesFrameInverted(entry) ? PageTableEntry.frameMask : 0
        return PageTableEntry(rawValue: entry.rawValue ^ mask).frameNumber
    }

    /// An entry with a frame and a protection.
    ///
    /// `pfn_pte` (6.1: line 578, 6.12: line 784). The frame is stored inverted for a protection with P=0, and is cut to
    /// 40 bits. Frame bits in the protection, where a kernel protection has none, are merged in as the kernel would.
    public func entry(
        frameNumber: UInt64, protection: LinuxProtection, supported: UInt64 = .max
    ) -> PageTableEntry {
        let value = PageTableEntry(rawValue: protection.rawValue)
        var result = PageTableEntry(rawValue: 0)
        result.frameNumber = frameNumber
        if storesFrameInverted(value) { result.rawValue ^= PageTableEntry.frameMask }
        return result.setting(value.isPresent ? protection.rawValue & supported : protection.rawValue)
    }
}
