import Synchronization

/// A page-table entry in memory, which software and the walkers of all CPUs change together.
///
/// A view of eight bytes of a table: it owns nothing, and making one costs nothing. Each operation that is said to be
/// one step is one instruction on x86-64, also as Embedded Swift, and orders like that instruction: a locked
/// instruction or `xchg` is a full fence, a plain load and store are as x86-TSO has them.
///
/// The operations carry Linux's meaning; its name stands in each comment with the file and the lines of 6.1.192 and
/// 6.12.117 (`pgtable.h` is `arch/x86/include/asm/pgtable.h`). Changes by software need the page-table lock, the
/// caller's; the operations are safe against *hardware*, which takes no lock, and against readers without the lock.
///
/// Where an operation is not right on every CPU, its comment says on which it is. Two things tell CPUs apart (SDM
/// volume 3A, section 4.8): what a store that was let through earlier does to an entry that lost W meanwhile (nothing
/// on CPUs with shadow stacks; elsewhere it may set D *late*), and the same for an entry that lost P (nothing, but for
/// Xeon Phi x200, erratum KNL4). *Works for everybody* means that no Dirty bit is lost, and software never makes W=0,
/// D=1, on any of them.
///
/// * This file: load, store, and the single steps.
/// * `WriteProtectingEntries.swift`: write-protection, for everybody and otherwise.
/// * `ClearingEntries.swift`: taking an entry away and putting it back.
public struct AtomicPageTableEntry: @unchecked Sendable {
    // SAFETY: the word is used only through atomic operations, so that views of it may be in many threads at a time.
    // That the memory stays there while views are used is the caller's promise, in the initialiser.
    @usableFromInline let word: UnsafeMutablePointer<Atomic<UInt64>>

    /// Makes a view of an entry.
    /// - Parameter word: eight bytes, aligned to eight, that stay allocated and initialised while the view is used, and
    ///   that no CPU changes by ordinary stores meanwhile.
    @inlinable @inline(__always)
    public init(_ word: UnsafeMutablePointer<UInt64>) {
        // SAFETY: `Atomic<UInt64>` has the size, the alignment and the bits of `UInt64`, and no destructor.
        self.word = UnsafeMutableRawPointer(word).assumingMemoryBound(to: Atomic<UInt64>.self)
    }

    /// Reads the entry in one step: `movq`.
    ///
    /// `ptep_get`. Hardware may set A, and D if W=1, at any time after.
    @inlinable @inline(__always)
    public func load() -> PageTableEntry { PageTableEntry(rawValue: word.pointee.load(ordering: .acquiring)) }

    /// Writes the entry by a plain store, `movq`: for an entry that no walker can be changing.
    ///
    /// `set_pte_at` (6.1: `pgtable.h` line 1006, 6.12: `include/linux/pgtable.h` line 282). Right on every CPU if the
    /// entry had P=0 and every CPU's translations of it were flushed since P was cleared, or if it was never in use.
    /// Otherwise the A and D that hardware set since the last load are lost.
    @inlinable @inline(__always)
    public func store(_ entry: PageTableEntry) { word.pointee.store(entry.rawValue, ordering: .releasing) }

    /// Replaces the entry in one step, `xchg`, and returns what it displaced.
    ///
    /// The building block of ``clear()`` and ``establish(_:)``; loses nothing by itself, since the old A and D are in
    /// the value returned.
    @inlinable @inline(__always)
    public func exchange(_ entry: PageTableEntry) -> PageTableEntry {
        PageTableEntry(rawValue: word.pointee.exchange(entry.rawValue, ordering: .acquiringAndReleasing))
    }

    /// Replaces the entry if it still is what it was, in one step: `lock cmpxchg`.
    /// - Returns: nil if it was replaced, otherwise what the entry is instead.
    @inlinable @inline(__always)
    public func replace(_ expected: PageTableEntry, by entry: PageTableEntry) -> PageTableEntry? {
        let (isExchanged, seen) = word.pointee.compareExchange(
            expected: expected.rawValue, desired: entry.rawValue, ordering: .acquiringAndReleasing)
        return isExchanged ? nil : PageTableEntry(rawValue: seen)
    }

    /// Replaces the entry by a function of itself: a load, then `lock cmpxchg` until no other CPU came between.
    ///
    /// Nothing that hardware sets is lost on any CPU, and the entry is never seen with anything but the old or the new
    /// value. Others than hardware are kept away by the lock, so that a retry comes from A or D being set, each once.
    /// - Parameter change: the new value for an old one; called again after a failed attempt.
    /// - Returns: the value that was replaced.
    @inlinable @inline(__always)
    @discardableResult
    public func update(_ change: (PageTableEntry) -> PageTableEntry) -> PageTableEntry {
        var old = word.pointee.load(ordering: .relaxed)
        while true {
            let new = change(PageTableEntry(rawValue: old)).rawValue
            let (isExchanged, seen) = word.pointee.weakCompareExchange(
                expected: old, desired: new, ordering: .acquiringAndReleasing)
            if isExchanged { return PageTableEntry(rawValue: old) }
            old = seen
        }
    }

    /// Puts another entry in place of a live one in one step, `xchg`, and returns what it displaced.
    ///
    /// `pmdp_establish` (6.1: line 1150, 6.12: line 1425 of `pgtable.h`). The entry is never seen with P=0, unlike with
    /// ``clear()``. The caller carries over the A and D of the value returned. With another frame they are final
    /// where the Dirty update compares frames: a CPU that was about to set D finds that frame and walks again. No manual
    /// promises it (profile field `onFrameChanged`; profile `book` does not compare). With the same frame and W=0, a CPU that sets D late
    /// may set it in the new entry until the flush completes, where it is not lost.
    @inlinable @inline(__always)
    public func establish(_ entry: PageTableEntry) -> PageTableEntry { exchange(entry) }

    // MARK: Accessed

    /// Clears A and says whether it was set: a load, then if it was, `lock btr`.
    ///
    /// `ptep_test_and_clear_young` (6.1: `arch/x86/mm/pgtable.c` line 541, 6.12: line 557). Works for everybody. No
    /// flush is needed: while a CPU keeps the translation A stays 0, which costs only accuracy of ageing.
    @inlinable @inline(__always)
    public func testAndClearAccessed() -> Bool {
        guard word.pointee.load(ordering: .relaxed) & PageTableEntry.accessedMask != 0 else { return false }
        let old = word.pointee.bitwiseAnd(~PageTableEntry.accessedMask, ordering: .acquiringAndReleasing).oldValue
        return old & PageTableEntry.accessedMask != 0
    }
}
