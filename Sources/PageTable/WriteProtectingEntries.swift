import Synchronization

/// Write-protection of a live entry, as `fork()` does it to the entries of the parent.
///
/// None of these flushes unless it says so. Until the caller's flush completes, other CPUs may go on writing through
/// their cached translations; afterwards D (or SavedDirty) is final on every CPU.
extension AtomicPageTableEntry {
    /// Takes away the right to write, for everybody: a load, then `lock cmpxchg` with W=0 and D moved to SavedDirty.
    ///
    /// `ptep_set_wrprotect` of Linux from 6.6 on (6.12: line 1345 of `pgtable.h`). For a present entry.
    ///
    /// * CPUs with shadow stacks: hardware never sets D where W=0, so that the entry is never W=0, D=1.
    /// * CPUs that set D late (`late`, `book`), or set it and then fault (`shadowed`): hardware, not software, can make
    ///   W=0, D=1 before the flush completes. The page is dirty then in D, which readers of D and SavedDirty see.
    /// * Xeon Phi x200 (`knl`): as late; P stays 1, so that its erratum does not come into play.
    ///
    /// A shadow-stack entry loses its right to write too: W=0, D=1 becomes W=0, D=0, SavedDirty=1.
    /// - Returns: the value that was replaced, which has the D of that moment.
    @inlinable @inline(__always)
    @discardableResult
    public func setWriteProtected() -> PageTableEntry { update { LinuxGeneration.savedDirty.writeProtected($0) } }

    /// Takes away the right to write, for everybody: a plain store where D=1 and A=1, otherwise as ``setWriteProtected()``.
    ///
    /// The cheapest answer of `ptero synth Corpus/synth/write-protect-for-everybody`. For a present entry. Two things are
    /// the caller's: the page-table lock, and ``fenceBeforeShootdown()`` once after the last entry. Why a store will do:
    ///
    /// * A walker changes an entry only by setting A and D. Where both are set it has nothing left to change, and software
    ///   is kept out by the lock; so the entry cannot change between the look and the moment at which the store reaches
    ///   memory, however long it stays in the store buffer, and nothing can be lost. The value returned is exact.
    /// * A Dirty update that was decided on an older translation with D=0 may still come. Before the store it sets a D
    ///   that is set; after it, it meets W=0, and does what it does after ``setWriteProtected()``.
    /// * The value is the same, in one store of eight bytes: nobody sees the entry clean, or W=0, D=1, not for a moment.
    /// * D=1 alone will not do: a walk that sets A meanwhile would be undone. With D=0 a Dirty bit would be lost.
    /// * The store is not a fence. Who asks which CPUs run the address space while it is buffered can miss one that
    ///   arrives after the question and still walks to the old entry.
    /// - Returns: the value that was replaced, which has the D of that moment.
    @inlinable @inline(__always)
    @discardableResult
    public func setWriteProtectedByStoreOrLoop() -> PageTableEntry {
        let used = PageTableEntry.accessedMask | PageTableEntry.dirtyMask
        var old = load()
        while true {
            let new = LinuxGeneration.savedDirty.writeProtected(old)
            if old.containsAll(used) {
                store(new)
                return old
            }
            guard let seen = replace(old, by: new) else { return old }
            old = seen
        }
    }

    /// Waits until all stores of this CPU are in memory: a full fence, once for many entries.
    ///
    /// After the last of the plain stores to live entries, and before a shootdown looks which CPUs run the address space. A CPU that the
    /// look misses loads the root table after it, and walks to the new entries.
    @inlinable @inline(__always)
    public static func fenceBeforeShootdown() { atomicMemoryFence(ordering: .sequentiallyConsistent) }

    /// Takes away the right to write and the dirtiness: a load, then `lock cmpxchg` with W, D and SavedDirty clear.
    ///
    /// For write-back, with a flush after it and before the page is read: a store that was let through before this
    /// step is in the page then. Works for everybody: where hardware sets D late, the entry is simply dirty again.
    /// - Returns: the value that was replaced: the page is to be written back if it was dirty.
    @inlinable @inline(__always)
    @discardableResult
    public func setWriteProtectedAndClean() -> PageTableEntry {
        update { LinuxGeneration.savedDirty.markedClean($0.clearing(PageTableEntry.writableMask)) }
    }

    /// Clears W and nothing else, in one step: `lock and`.
    ///
    /// `ptep_set_wrprotect` of Linux before 6.6 (6.1: line 1078 of `pgtable.h`). Loses no Dirty bit on any CPU. Right on
    /// CPUs without shadow stacks; on a CPU with them it is wrong, since a dirty entry becomes W=0, D=1, a shadow-stack
    /// page. By the rule *the kernel never itself creates W=0, D=1* it is wrong everywhere, which costs something
    /// where entries of both making meet.
    @inlinable
    public func setWriteProtectedByLockedAnd() {
        word.pointee.bitwiseAnd(~PageTableEntry.writableMask, ordering: .acquiringAndReleasing)
    }

    /// Takes the entry away and puts it back write-protected: `xchg` with 0, then `movq`, with no flush between.
    ///
    /// The exchange dance. While the entry is away other CPUs fault, and their handlers have to wait for the lock; the
    /// compare-and-exchange has no such window. Right on every CPU whose hardware sets nothing, or only nonsense, in an
    /// entry with P=0: wrong in the paranoid reading of the manual (`book`), where a D that is set while P=0, and whose
    /// store goes on, is overwritten. On the CPUs that set D late, it keeps hardware from making W=0, D=1 only with a
    /// flush in the middle: ``setWriteProtectedByExchange(flush:)``.
    /// - Returns: the value that was taken away.
    @inlinable @inline(__always)
    @discardableResult
    public func setWriteProtectedByExchange() -> PageTableEntry {
        let old = clear()
        store(LinuxGeneration.savedDirty.writeProtected(old))
        return old
    }

    /// Takes the entry away, flushes, and puts it back write-protected: the dance as KSM dances it.
    ///
    /// `ptep_clear_flush`, `pte_wrprotect`, `set_pte_at` (`mm/ksm.c`, 6.1: line 1024, 6.12: line 1246), and what
    /// hardware set in the entry while it was away is kept. Works for everybody, and D is final on return: no CPU ever
    /// makes W=0, D=1 of it. The price is a flush for each entry, and faults on other CPUs meanwhile.
    /// - Parameter flush: returns when no CPU uses a translation of this entry, or is about to set A or D in it.
    /// - Returns: the value that was taken away, with what hardware set in it since.
    @inlinable @inline(__always)
    @discardableResult
    public func setWriteProtectedByExchange(flush: () -> Void) -> PageTableEntry {
        let old = clear(flush: flush)
        store(LinuxGeneration.savedDirty.writeProtected(old))
        return old
    }
}
