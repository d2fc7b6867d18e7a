/// What a fault handler adds to an entry: see ``AtomicPageTableEntry/setAccessFlags(_:)``.
public struct AccessFlags: OptionSet, Hashable, Sendable {
    /// The bits, in the layout of an entry.
    public let rawValue: UInt64

    /// Makes flags from bits; other bits than A, D and W mean nothing.
    @inlinable
    public init(rawValue: UInt64) { self.rawValue = rawValue }

    /// A.
    @inlinable public static var accessed: AccessFlags { AccessFlags(rawValue: PageTableEntry.accessedMask) }
    /// Dirty: D where W=1, SavedDirty where W=0.
    @inlinable public static var dirty: AccessFlags { AccessFlags(rawValue: PageTableEntry.dirtyMask) }
    /// W, for an ordinary mapping.
    @inlinable public static var writable: AccessFlags { AccessFlags(rawValue: PageTableEntry.writableMask) }

    /// The bits that mean something.
    @inlinable static var meaningful: AccessFlags {
        AccessFlags(rawValue: accessed.rawValue | dirty.rawValue | writable.rawValue)
    }
}

extension AtomicPageTableEntry {
    /// Sets A, D and W of an ordinary mapping's entry, never clears any: a load, then `lock cmpxchg` until it holds.
    ///
    /// What `ptep_set_access_flags` is for (6.1: `arch/x86/mm/pgtable.c` line 486, 6.12: line 502). Works for
    /// everybody, and needs no flush: a translation that permits less raises a fault, which drops it. With W=1 after,
    /// SavedDirty moves to D; with W=0 after, D moves to SavedDirty.
    /// - Returns: whether the entry changed.
    @inlinable @inline(__always)
    @discardableResult
    public func setAccessFlags(_ flags: AccessFlags) -> Bool {
        let mask = flags.rawValue & AccessFlags.meaningful.rawValue
        var old = load()
        while true {
            let set = old.setting(mask)
            let new = LinuxGeneration.savedDirty.savedDirtyMovedToDirty(
                LinuxGeneration.savedDirty.dirtyMovedToSavedDirty(set))
            if new == old { return false }
            guard let seen = replace(old, by: new) else { return true }
            old = seen
        }
    }

    /// Gives a shadow-stack mapping's entry its right to write, W=0, D=1, and sets A: `lock cmpxchg` until it holds.
    ///
    /// The counterpart of ``setAccessFlags(_:)`` for a mapping with `VM_SHADOW_STACK` (6.12: `pte_mkwrite_shstk`, line
    /// 491 of `pgtable.h`). For a CPU with shadow stacks; for an ordinary mapping it breaks the rule.
    /// - Returns: whether the entry changed.
    @inlinable @inline(__always)
    @discardableResult
    public func setShadowStackAccessFlags() -> Bool {
        var old = load()
        while true {
            let new = LinuxGeneration.savedDirty.madeShadowStack(old)
                .setting(PageTableEntry.accessedMask).clearing(PageTableEntry.savedDirtyMask)
            if new == old { return false }
            guard let seen = replace(old, by: new) else { return true }
            old = seen
        }
    }

    /// Sets the flags of an entry by a plain store, as Linux does.
    ///
    /// `ptep_set_access_flags` as compiled: a load, a comparison, and if they differ `movq`. Right on every CPU only if
    /// `entry` has A=1 and D=1, or W=0 and A=1 and the entry has been read-only since the last flush: then hardware has
    /// nothing left to set, and the store can lose nothing. Linux stores only when `entry` is dirty for that reason.
    /// - Returns: whether the entry differed; if so and `isDirty`, it was stored.
    @inlinable
    @discardableResult
    public func setAccessFlagsByPlainStore(_ entry: PageTableEntry, isDirty: Bool) -> Bool {
        let differs = load() != entry
        if differs && isDirty { store(entry) }
        return differs
    }
}
