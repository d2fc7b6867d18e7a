/// Linux's value transforms: line numbers are those of `arch/x86/include/asm/pgtable.h` in 6.1.192 and 6.12.117.
extension LinuxGeneration {
    // MARK: The SavedDirty shift

    /// Moves the dirtiness of an entry with W=0 from D to SavedDirty; an entry with W=1 stays as it is.
    ///
    /// `mksaveddirty_shift` (6.12: line 404), without a branch as there: the condition is a bit that is shifted into
    /// place. Before 6.6 there is no such shift, and the entry stays as it is.
    @inlinable @inline(__always)
    public func dirtyMovedToSavedDirty(_ entry: PageTableEntry) -> PageTableEntry {
        guard self == .savedDirty else { return entry }
        let isReadOnly = ~(entry.rawValue >> 1) & 1
        let moved = (entry.rawValue >> 6) & isReadOnly
        return PageTableEntry(rawValue: (entry.rawValue | moved << 58) & ~(isReadOnly << 6))
    }

    /// Moves the dirtiness of an entry with W=1 from SavedDirty back to D; an entry with W=0 stays as it is.
    ///
    /// `clear_saveddirty_shift` (6.12: line 414). Before 6.6 the entry stays as it is.
    @inlinable @inline(__always)
    public func savedDirtyMovedToDirty(_ entry: PageTableEntry) -> PageTableEntry {
        guard self == .savedDirty else { return entry }
        let isWritable = (entry.rawValue >> 1) & 1
        let moved = (entry.rawValue >> 58) & isWritable
        return PageTableEntry(rawValue: (entry.rawValue | moved << 6) & ~(isWritable << 58))
    }

    // MARK: Writable or not

    /// Takes away the right to write: W:=0, and from 6.6 on D moves to SavedDirty.
    ///
    /// `pte_wrprotect` (6.1: line 319, 6.12: line 440). Before 6.6 a dirty entry becomes W=0, D=1, which a CPU with CET
    /// takes for a shadow stack.
    @inlinable @inline(__always)
    public func writeProtected(_ entry: PageTableEntry) -> PageTableEntry {
        dirtyMovedToSavedDirty(entry.clearing(PageTableEntry.writableMask))
    }

    /// Gives the right to write, as the mapping means it.
    ///
    /// `pte_mkwrite` (6.1: line 339, 6.12: `arch/x86/mm/pgtable.c` line 902). An ordinary mapping: W:=1, and from 6.6
    /// on SavedDirty moves to D. A shadow-stack mapping (`VM_SHADOW_STACK`): as ``madeShadowStack(_:)``; before 6.6
    /// there are none, and the argument is ignored.
    @inlinable
    public func madeWritable(_ entry: PageTableEntry, inShadowStackMapping isShadowStack: Bool = false)
        -> PageTableEntry
    {
        if self == .savedDirty && isShadowStack { return madeShadowStack(entry) }
        return savedDirtyMovedToDirty(entry.setting(PageTableEntry.writableMask))
    }

    /// Sets W and nothing else, so that SavedDirty stays behind next to W=1.
    ///
    /// `pte_mkwrite_novma` (6.12: line 503). Before 6.6 it is what `pte_mkwrite` does.
    @inlinable
    public func madeWritableWithoutMapping(_ entry: PageTableEntry) -> PageTableEntry {
        entry.setting(PageTableEntry.writableMask)
    }

    /// Makes a shadow-stack entry: W:=0, D:=1; SavedDirty stays as it is.
    ///
    /// `pte_mkwrite_shstk` (6.12: line 491), the only transform that makes W=0, D=1 of an entry that was not so.
    /// 6.1 has no such function; the value is the same for both generations.
    @inlinable @inline(__always)
    public func madeShadowStack(_ entry: PageTableEntry) -> PageTableEntry {
        entry.clearing(PageTableEntry.writableMask).setting(PageTableEntry.dirtyMask)
    }

    // MARK: Dirty and accessed

    /// Marks dirty and soft-dirty: D where W=1, from 6.6 on SavedDirty where W=0.
    ///
    /// `pte_mkdirty` (6.1: line 329, 6.12: line 484). From 6.6 on it makes an ordinary read-only entry of a
    /// shadow-stack entry, since it shifts whatever has W=0.
    @inlinable
    public func markedDirty(_ entry: PageTableEntry) -> PageTableEntry {
        dirtyMovedToSavedDirty(entry.setting(PageTableEntry.dirtyMask | PageTableEntry.softDirtyMask))
    }

    /// Marks clean: D:=0, from 6.6 on also SavedDirty:=0; soft-dirty stays.
    ///
    /// `pte_mkclean` (6.1: line 309, 6.12: line 469).
    @inlinable @inline(__always)
    public func markedClean(_ entry: PageTableEntry) -> PageTableEntry { entry.clearing(dirtyBits) }

    /// Marks not accessed: A:=0.
    ///
    /// `pte_mkold` (6.1: line 314, 6.12: line 474).
    @inlinable @inline(__always)
    public func markedOld(_ entry: PageTableEntry) -> PageTableEntry { entry.clearing(PageTableEntry.accessedMask) }

    /// Marks accessed: A:=1.
    ///
    /// `pte_mkyoung` (6.1: line 334, 6.12: line 498).
    @inlinable
    public func markedYoung(_ entry: PageTableEntry) -> PageTableEntry { entry.setting(PageTableEntry.accessedMask) }

    // MARK: Tracking by software

    /// Marks for userfaultfd write-protection, from 6.6 on also taking away the right to write.
    ///
    /// `pte_mkuffd_wp` (6.1: line 298, 6.12: line 458). Before 6.6 the callers write-protect by themselves.
    @inlinable
    public func userfaultfdProtected(_ entry: PageTableEntry) -> PageTableEntry {
        let marked = entry.setting(PageTableEntry.userfaultfdMask)
        return self == .savedDirty ? writeProtected(marked) : marked
    }

    /// Clears the userfaultfd mark; the right to write does not come back.
    ///
    /// `pte_clear_uffd_wp` (6.1: line 303, 6.12: line 463).
    @inlinable
    public func userfaultfdCleared(_ entry: PageTableEntry) -> PageTableEntry {
        entry.clearing(PageTableEntry.userfaultfdMask)
    }

    /// Sets soft-dirty.
    ///
    /// `pte_mksoft_dirty` (6.1: line 515, 6.12: line 721).
    @inlinable
    public func markedSoftDirty(_ entry: PageTableEntry) -> PageTableEntry {
        entry.setting(PageTableEntry.softDirtyMask)
    }

    /// Clears soft-dirty.
    ///
    /// `pte_clear_soft_dirty` (6.1: line 530, 6.12: line 736).
    @inlinable
    public func softDirtyCleared(_ entry: PageTableEntry) -> PageTableEntry {
        entry.clearing(PageTableEntry.softDirtyMask)
    }
}
