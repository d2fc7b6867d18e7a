import Synchronization

/// Taking a live entry away.
extension AtomicPageTableEntry {
    /// Takes the entry away in one step, `xchg` with 0, and returns what it was.
    ///
    /// `ptep_get_and_clear` (6.1: line 1050, 6.12: line 1317 of `pgtable.h`). On CPUs that set nothing in an entry with
    /// P=0, the D of the value returned is final, though stores through translations with D=1 go on until the flush.
    /// On Xeon Phi x200 (erratum KNL4) A and D can appear in the entry after this step; the store then faults. In the
    /// paranoid reading of the manual (`book`) the store goes on: there only ``clear(flush:)`` has the final D.
    @inlinable
    public func clear() -> PageTableEntry { exchange(PageTableEntry(rawValue: 0)) }

    /// Takes the entry away, flushes, and returns what it was with what hardware set in it until then.
    ///
    /// `ptep_clear_flush` (`mm/pgtable-generic.c`, 6.1: line 91, 6.12: line 94), and a second exchange that collects
    /// the A and D that hardware may have set while P=0, which Linux ignores. Works for everybody: the value's D is
    /// final, and the entry is empty. Reading those strays is on purpose; only `knl` and `book` produce any.
    /// - Parameter flush: returns when no CPU uses a translation of this entry, or is about to set A or D in it. Not
    ///   called if the entry had P=0.
    @inlinable @inline(__always)
    public func clear(flush: () -> Void) -> PageTableEntry {
        let old = clear()
        guard old.isPresent else { return old }
        flush()
        return old.setting(clear().rawValue & (PageTableEntry.accessedMask | PageTableEntry.dirtyMask))
    }

    /// Clears P and nothing else, in one step: `lock and`.
    ///
    /// The first half of an unmapping with one flush for many entries: the rest of the entry stays where it is, so that
    /// no memory is needed for the values, and D may still be set by the CPUs that do so with P=0. After the flush
    /// ``clear()`` gives the final value. Works for everybody. As in Linux's `pmdp_invalidate`, but that inverts the
    /// frame, for entries that stay; this is for entries whose second half follows at once.
    @inlinable
    public func invalidate() {
        word.pointee.bitwiseAnd(~PageTableEntry.presentMask, ordering: .acquiringAndReleasing)
    }
}
