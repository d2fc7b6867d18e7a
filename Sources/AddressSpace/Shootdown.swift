/// How the translations that CPUs have cached are taken from them: the caller's interrupts and invalidations.
///
/// An address space calls it with its lock held, after it has changed entries, when the changes are in memory and not in
/// a store buffer: an implementation may look which CPUs run the address space, and ask only those, without a fence of its
/// own, if a CPU announces itself before it loads the root table. The address space relies on this: when a call returns,
/// no CPU uses any of the translations, or is between deciding to set A or D through one of them and doing it, and the
/// stores that went through them are in memory. A CPU that waits for the lock must take part meanwhile. See ``WalkerInterrupts`` for one
/// that works on software walkers.
public protocol Shootdown {
    /// Invalidates the translations of consecutive pages.
    /// - Parameters:
    ///   - first: the address of the first page.
    ///   - count: the number of pages, at least one. An implementation may invalidate more.
    ///   - root: the root table of the address space.
    func invalidate(first: UInt64, count: Int, in root: Frame)

    /// Invalidates all translations of an address space.
    /// - Parameter root: the root table of the address space.
    func invalidateAll(in root: Frame)
}

/// The lock that keeps software out of the tables while they change: the caller's type.
///
/// Held through the shootdown of each operation. Thereby outside of the lock no CPU has a cached translation that
/// permits more than the entry does, which is why no operation has to ask whether someone else's flush is pending (the
/// question that KSM's `mm_tlb_flush_pending` answers in Linux).
public protocol PageTableLock: ~Copyable {
    /// Waits for the lock and takes it. A CPU that waits must take shootdowns.
    borrowing func lock()
    /// Gives the lock back.
    borrowing func unlock()
}
