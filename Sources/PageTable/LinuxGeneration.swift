/// Which Linux gives an entry its meaning: the way it keeps the dirtiness of a write-protected page changed in 6.6.
///
/// The functions of this type are the kernel's value transforms and predicates of `arch/x86/include/asm/pgtable.h`,
/// read off Debian's 6.1.192 and 6.12.117 as built for x86-64 with soft-dirty tracking, userfaultfd and protection
/// keys; on CPUs without memory encryption. They change values only: what the kernel does to a live entry in memory,
/// and in how many steps, is for a machine to say.
///
/// * `LinuxTransforms.swift`: write-protect, mark dirty, clean, old, young, writable, and the SavedDirty shift.
/// * `LinuxModify.swift`: change the protection, with the frame inversion of entries with P=0.
/// * `LinuxPredicates.swift`: dirty, writable, present, accessible, permitted.
/// * `LinuxFlushNeed.swift`: whether a change needs a TLB flush.
public enum LinuxGeneration: UInt8, CaseIterable, Hashable, Sendable {
    /// Before 6.6 (read off 6.1): a write-protected dirty page keeps D=1, and bit 58 is Devmap.
    case dirtyOnly
    /// From 6.6 on (read off 6.12): W=0, D=1 means shadow stack, so that a write-protected dirty page has D=0 and
    /// SavedDirty=1.
    ///
    /// This holds on every x86-64 CPU, with or without shadow stacks.
    case savedDirty
}

extension LinuxGeneration {
    /// The bits that mean dirty: D, from 6.6 on also SavedDirty (`_PAGE_DIRTY`, `_PAGE_DIRTY_BITS`).
    @inlinable public var dirtyBits: UInt64 {
        switch self {
        case .dirtyOnly: PageTableEntry.dirtyMask
        case .savedDirty: PageTableEntry.dirtyMask | PageTableEntry.savedDirtyMask
        }
    }

    /// The bit of a page of a memory device (`_PAGE_DEVMAP`): bit 58 before 6.6, bit 57 since.
    @inlinable public var deviceMapMask: UInt64 {
        switch self {
        case .dirtyOnly: 1 << 58
        case .savedDirty: 1 << 57
        }
    }

    /// The bit that, in an entry with P=0, says that the page is there but PROT_NONE (`_PAGE_PROTNONE`): G, bit 8.
    @inlinable public static var protNoneMask: UInt64 { PageTableEntry.globalMask }

    /// The bits that a change of protection keeps (`_PAGE_CHG_MASK`).
    ///
    /// Frame, PCD, PWT, PAT, special, A, the dirty bits, soft-dirty, Devmap and userfaultfd; the protection key is part
    /// of the protection. As compiled: 0x040FFFFFFFFFFEF8 in 6.1, 0x060FFFFFFFFFFEF8 in 6.12.
    @inlinable public var keptByModify: UInt64 {
        let caching =
            PageTableEntry.cacheDisableMask | PageTableEntry.writeThroughMask | PageTableEntry.patMask
        let software =
            PageTableEntry.software1Mask | PageTableEntry.userfaultfdMask | PageTableEntry.softDirtyMask
        return PageTableEntry.frameMask | PageTableEntry.accessedMask | caching | software | dirtyBits | deviceMapMask
    }
}
