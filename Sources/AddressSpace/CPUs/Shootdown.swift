/// What CPUs have to forget: translations of consecutive pages of one address space, or all of them.
public struct Invalidation: Hashable, Sendable {
    /// The root table of the address space.
    public let root: Frame
    /// The address of the first page; 0 for everything.
    public let first: UInt64
    /// The number of pages of 4 KByte; 0 for everything.
    public let count: Int
    /// The size in bytes of the smallest page among them: how far apart single invalidations may be.
    public let stride: UInt64
    /// Whether tables were unlinked that are freed next.
    ///
    /// Then partial walks have to go too, and CPUs that have the root table loaded but run no user code (*lazy* ones) have to
    /// be asked as well: they do not use the pages, but may walk the tables at any time by speculation.
    public let freesTables: Bool
    /// Whether the pages are in the kernel's half, which all address spaces share.
    ///
    /// Then every CPU has to be asked, whatever it has loaded, and global translations (G=1) have to go too.
    public let isGlobal: Bool

    /// Makes a request for consecutive pages.
    public init(
        root: Frame, first: UInt64, count: Int, stride: UInt64 = 4096, freesTables: Bool = false, isGlobal: Bool = false
    ) {
        self.root = root
        self.first = first
        self.count = count
        self.stride = stride
        self.freesTables = freesTables
        self.isGlobal = isGlobal
    }

    /// Makes a request for all translations of an address space.
    public static func everything(in root: Frame, freesTables: Bool = false, isGlobal: Bool = false) -> Invalidation {
        Invalidation(root: root, first: 0, count: 0, freesTables: freesTables, isGlobal: isGlobal)
    }

    /// Whether all translations are meant, not those of a range.
    public var isEverything: Bool { count == 0 }

    /// Whether a CPU has to be asked.
    /// - Parameters:
    ///   - loaded: the root table that the CPU has loaded.
    ///   - isLazy: whether it runs no user code of it.
    @inlinable
    public func concerns(cpuWith loaded: Frame, isLazy: Bool) -> Bool {
        isGlobal || (loaded == root && (freesTables || !isLazy))
    }
}

/// How the translations that CPUs have cached are taken from them: the caller's interrupts and invalidations.
///
/// An address space calls it with its lock held, after it has changed entries. It relies on this: when ``invalidate(_:)``
/// returns, no CPU uses any of the translations, or is between deciding to set A or D through one of them and doing it, and
/// the stores that went through them are in memory. A CPU that waits for the lock must take part meanwhile. See
/// ``WalkerInterrupts`` for one that works on software walkers, and ``CPUDirectory`` for a way to know whom to ask.
public protocol Shootdown {
    /// Whether ``invalidate(_:)`` makes sure by itself that the caller's earlier stores are in memory before it looks which
    /// CPUs run the address space.
    ///
    /// A CPU announces itself, then loads the root table, then walks. Whoever looks for it while a changed entry is still in
    /// the store buffer can miss it, and the CPU can walk to the old entry: the flush is lost (Ptero shows it on every
    /// class of CPUs: `Corpus/swift/store-or-loop+late-arrival+no-fence.swift`). With `false`, the address space puts one
    /// full fence before each call; a locked instruction or `mfence` before the look allows `true`.
    static var ordersEarlierStores: Bool { get }

    /// Names the CPUs that have a root table loaded.
    /// - Parameters:
    ///   - root: the root table of the address space.
    ///   - body: gets a CPU's number, and whether it is lazy: runs no user code of that address space.
    func forEachCPU(running root: Frame, _ body: (_ cpu: Int, _ isLazy: Bool) -> Void)

    /// Invalidates translations, and returns when no CPU that is concerned uses them.
    ///
    /// An implementation may invalidate more than it is asked for.
    func invalidate(_ request: Invalidation)
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
