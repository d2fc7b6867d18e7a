import PageTable

/// A way to write-protect the entries of the source of a fork.
///
/// It is called with the page-table lock held, and may store plainly: a full fence comes before the shootdown.
public protocol WriteProtection: Sendable {
    /// Takes away the right to write of a live, present entry.
    /// - Returns: the value before, of which the copy is made.
    static func writeProtect(_ entry: AtomicPageTableEntry) -> PageTableEntry
}

/// Write-protection that works for everybody: ``/PageTable/AtomicPageTableEntry/setWriteProtected()``.
public enum CompareAndExchange: WriteProtection {
    /// Takes away the right to write, and moves D to SavedDirty.
    @inlinable @inline(__always)
    public static func writeProtect(_ entry: AtomicPageTableEntry) -> PageTableEntry { entry.setWriteProtected() }
}

/// Write-protection that works for everybody, by a plain store where hardware has nothing left to set:
/// ``/PageTable/AtomicPageTableEntry/setWriteProtectedByStoreOrLoop()``.
public enum StoreOrLoop: WriteProtection {
    /// Takes away the right to write, and moves D to SavedDirty.
    @inlinable @inline(__always)
    public static func writeProtect(_ entry: AtomicPageTableEntry) -> PageTableEntry {
        entry.setWriteProtectedByStoreOrLoop()
    }
}

/// Write-protection by one locked AND, as Linux had it before 6.6, for CPUs without shadow stacks.
///
/// It leaves W=0, D=1 behind in the source, against the rule; on a CPU with shadow stacks the page is exposed to them,
/// and a shadow stack keeps its right to write. The copy is made of a value read before, as there, so that it can lack a
/// D that was set between: the source has it.
public enum LockedAnd: WriteProtection {
    /// Reads the entry, then clears W.
    @inlinable @inline(__always)
    public static func writeProtect(_ entry: AtomicPageTableEntry) -> PageTableEntry {
        let old = entry.load()
        entry.setWriteProtectedByLockedAnd()
        return old
    }
}

/// Write-protection by taking the entry away and putting it back, without a flush between.
///
/// Other CPUs fault while it is away, and their handlers have to wait for the lock. Right but for CPUs that would set D
/// in an entry with P=0 and go on with the store: see
/// ``/PageTable/AtomicPageTableEntry/setWriteProtectedByExchange()``.
public enum ExchangeDance: WriteProtection {
    /// Exchanges the entry with 0, then stores it write-protected.
    @inlinable @inline(__always)
    public static func writeProtect(_ entry: AtomicPageTableEntry) -> PageTableEntry {
        entry.setWriteProtectedByExchange()
    }
}
