/// Linux's questions about an entry: line numbers are those of `arch/x86/include/asm/pgtable.h` in 6.1.192 and
/// 6.12.117.
///
/// Most of them mean something only for an entry that ``isPresent(_:)``; they answer for every value, as the kernel's
/// do.
extension LinuxGeneration {
    /// Whether the page was written: D, from 6.6 on D or SavedDirty.
    ///
    /// `pte_dirty` (6.1: line 127, 6.12: line 155).
    @inlinable @inline(__always)
    public func isDirty(_ entry: PageTableEntry) -> Bool { entry.containsAny(of: dirtyBits) }

    /// Whether the page can be written, be it by shadow-stack stores: W, from 6.6 on W or a shadow-stack entry.
    ///
    /// `pte_write` (6.1: line 158, 6.12: line 212).
    /// - Parameters:
    ///   - entry: the entry.
    ///   - hasShadowStacks: whether the CPU has shadow stacks; before 6.6 Linux does not ask.
    public func isWritable(_ entry: PageTableEntry, hasShadowStacks: Bool) -> Bool {
        entry.isWritable || isShadowStack(entry, hasShadowStacks: hasShadowStacks)
    }

    /// Whether Linux takes the entry for a shadow stack: W=0 and D=1 on a CPU that has them, whatever P is; never
    /// before 6.6.
    ///
    /// `pte_shstk` (6.12: line 160).
    public func isShadowStack(_ entry: PageTableEntry, hasShadowStacks: Bool) -> Bool {
        self == .savedDirty && hasShadowStacks && entry.isShadowStackEncoding
    }

    /// Whether the page was used: A.
    ///
    /// `pte_young` (6.1: line 132, 6.12: line 166).
    public func isYoung(_ entry: PageTableEntry) -> Bool { entry.isAccessed }

    /// Whether a page is mapped: P, or PROT_NONE.
    ///
    /// `pte_present` (6.1: line 735, 6.12: line 1010). The PROT_NONE bit is G, so that it is not told apart from a
    /// global entry: with P=1 the answer is the same.
    public func isPresent(_ entry: PageTableEntry) -> Bool {
        entry.containsAny(of: PageTableEntry.presentMask | Self.protNoneMask)
    }

    /// Whether the page is mapped but not accessible: P=0 with the PROT_NONE bit.
    ///
    /// `pte_protnone` (6.1: line 776, 6.12: line 1051).
    public func isProtNone(_ entry: PageTableEntry) -> Bool {
        !entry.isPresent && entry.containsAny(of: Self.protNoneMask)
    }

    /// Whether the entry is empty but for A and D.
    ///
    /// `pte_none` (6.1: line 724, 6.12: line 991). Xeon Phi x200 (erratum KNL4) can set A and D in an entry after P was
    /// cleared.
    public func isNone(_ entry: PageTableEntry) -> Bool {
        entry.clearing(PageTableEntry.accessedMask | PageTableEntry.dirtyMask) == .empty
    }

    /// Whether two entries are the same in all bits, stray A and D included.
    ///
    /// `pte_same` (6.1: line 730, 6.12: line 997).
    public func isSame(_ entry: PageTableEntry, as other: PageTableEntry) -> Bool { entry == other }

    /// Whether a TLB can hold a translation from this entry: P, or PROT_NONE while a flush is pending.
    ///
    /// `pte_accessible` (6.1: line 748, 6.12: line 1023).
    /// - Parameters:
    ///   - entry: the entry.
    ///   - isFlushPending: whether the address space has changed entries and not flushed yet (`mm->tlb_flush_pending`).
    public func isAccessible(_ entry: PageTableEntry, isFlushPending: Bool) -> Bool {
        entry.isPresent || entry.containsAny(of: Self.protNoneMask) && isFlushPending
    }

    /// Whether the kernel may use the page on behalf of its user without a fault: the test of GUP-fast.
    ///
    /// `pte_access_permitted` (6.1: line 1397, 6.12: line 1692). P and U, for a write also W, and the protection key. A
    /// shadow-stack entry does not permit a write, since W=0.
    /// - Parameters:
    ///   - entry: the entry.
    ///   - isWrite: whether the page is to be written.
    ///   - pkru: the PKRU register, two bits for each key: access disable, write disable; 0 also stands for a CPU
    ///     without it.
    public func permitsAccess(_ entry: PageTableEntry, isWrite: Bool, pkru: UInt32 = 0) -> Bool {
        let needed = PageTableEntry.presentMask | PageTableEntry.userMask | (isWrite ? PageTableEntry.writableMask : 0)
        guard entry.containsAll(needed) else { return false }
        let disabled = pkru >> (UInt32(entry.protectionKey) * 2)
        return disabled & (isWrite ? 0b11 : 0b01) == 0
    }

    /// Whether the page belongs to a memory device.
    ///
    /// `pte_devmap` (6.1: line 741, 6.12: line 1016).
    public func isDeviceMapped(_ entry: PageTableEntry) -> Bool { entry.containsAny(of: deviceMapMask) }
}
