/// Whether a change of an entry needs a TLB flush: `arch/x86/include/asm/tlbflush.h`, lines of 6.1.192 and 6.12.117.
extension LinuxGeneration {
    /// Whether a change of a user page's leaf needs a TLB flush.
    ///
    /// `pte_needs_flush` (6.1: line 319, 6.12: line 353). Never if P was 0, as nothing was cached; always if the frame
    /// changed; else as ``flagsNeedFlush(from:to:ignoringAccessed:)`` with A ignored, since a stale A costs only
    /// accuracy of ageing.
    @inlinable @inline(__always)
    public func needsFlush(from old: PageTableEntry, to new: PageTableEntry) -> Bool {
        guard old.isPresent else { return false }
        if frameNumber(of: old) != frameNumber(of: new) { return true }
        return flagsNeedFlush(
            from: old.rawValue & ~PageTableEntry.frameMask, to: new.rawValue & ~PageTableEntry.frameMask,
            ignoringAccessed: true)
    }

    /// Whether a change of flags demotes what a TLB may hold.
    ///
    /// `pte_flags_need_flush` (6.1: line 264, 6.12: line 297). Yes if D, P or A was cleared, or if W, U, PWT, PCD, PS
    /// or PAT, G, bit 12 (PAT of a large page), the protection key or XD changed in either direction. The bits of
    /// software do not count.
    /// - Parameters:
    ///   - old: the flags before, without the frame of a 4-KByte page.
    ///   - new: the flags after.
    ///   - ignoringAccessed: whether clearing A does not count.
    @inlinable @inline(__always)
    public func flagsNeedFlush(from old: UInt64, to new: UInt64, ignoringAccessed: Bool) -> Bool {
        let accessed = ignoringAccessed ? 0 : PageTableEntry.accessedMask
        let cleared = old & ~new
        if cleared & (PageTableEntry.dirtyMask | PageTableEntry.presentMask | accessed) != 0 { return true }
        return (old ^ new) & Self.flushOnChange != 0
    }

    /// The flags whose change in either direction needs a flush.
    @inlinable @inline(__always) static var flushOnChange: UInt64 {
        let rights = PageTableEntry.writableMask | PageTableEntry.userMask | PageTableEntry.noExecuteMask
        let caching =
            PageTableEntry.writeThroughMask | PageTableEntry.cacheDisableMask | PageTableEntry.patMask
        return rights | caching | PageTableEntry.globalMask | PageTableEntry.largePatMask
            | PageTableEntry.protectionKeyMask
    }
}
