import PageTable
import Synchronization

/// Which CPUs run which address space: a word for each CPU, in memory of the caller's.
///
/// A view: copies share the words, and may be used by all CPUs at a time without a lock. Each CPU changes its own word
/// only; who sends a shootdown reads all of them.
///
/// # Order
///
/// A CPU announces itself *before* it loads CR3, and a full fence lies between the two; a sender looks *after* it has
/// changed entries, and a full fence lies between those two (``Shootdown/ordersEarlierStores``). So at least one of the two
/// sees the other: the sender finds the CPU and asks it, or the CPU walks to the new entries. With either fence left out,
/// both stores can still be in their store buffers when the other side looks, the CPU caches an old entry, and nobody asks
/// it to forget it (the test SB; SDM volume 3A, section 8.2.3.4). ``enter(_:_:)`` has the CPU's fence: its store is an
/// `xchg`.
///
/// The other way needs no fence. A CPU leaves, or becomes lazy, by a plain store after its last access; x86 makes stores
/// visible in order (section 8.2.3.2), so that who finds the new word also finds what the CPU wrote to its pages before.
public struct CPUDirectory: @unchecked Sendable {
    // SAFETY: the words are used through atomic operations only, after a comparison with the count.
    private let words: UnsafeMutablePointer<UInt64>?
    /// The number of CPUs.
    public let count: Int

    /// A CPU's number that is not one of a directory's, 0 to `count - 1`.
    public struct NoSuchCPU: Error, Hashable, Sendable, CustomStringConvertible {
        /// The number given.
        public let cpu: Int
        /// The number of CPUs.
        public let count: Int

        /// What is wrong, and what to do about it.
        public var description: String {
            "there is no CPU \(cpu): a directory of \(count) words has " + (count > 0 ? "0 to \(count - 1)" : "none")
        }
    }

    /// Lays a directory out, in which no CPU runs anything.
    /// - Parameter memory: a word for each CPU, which stays allocated while the directory is used.
    public init(_ memory: UnsafeMutableBufferPointer<UInt64>) {
        memory.initialize(repeating: CPUPresence.absent.rawValue)
        words = memory.baseAddress
        count = memory.count
    }

    private func word(_ cpu: Int) throws(NoSuchCPU) -> UnsafeMutablePointer<Atomic<UInt64>> {
        guard let words, cpu >= 0, cpu < count else { throw NoSuchCPU(cpu: cpu, count: count) }
        return CPUPresence.atomic(words + cpu)
    }

    // MARK: The side of the CPU

    /// Announces that a CPU is about to load a root table, or is no longer lazy in the one that it has.
    ///
    /// The CPU loads CR3 after this, also when it comes back from lazy: what it missed meanwhile goes with that. A CPU that
    /// has another address space loaded calls ``leave(_:)`` before, after it has loaded a root table of the kernel's own, or
    /// uses ``enter(_:_:loadingRoot:)``.
    /// - Throws: ``NoSuchCPU``.
    public func enter(_ cpu: Int, _ root: Frame) throws(NoSuchCPU) {
        // The full fence of this exchange is what the order above needs.
        _ = try word(cpu).pointee.exchange(CPUPresence(root: root).rawValue, ordering: .sequentiallyConsistent)
    }

    /// Changes from any root table to another.
    ///
    /// While CR3 is loaded, the CPU counts for every address space: it must not miss that tables of the old one are freed,
    /// which it may walk by speculation until the load, nor that entries of the new one change.
    /// - Parameters:
    ///   - cpu: the CPU that calls this.
    ///   - root: the new root table.
    ///   - load: loads CR3.
    /// - Throws: ``NoSuchCPU``; the root table is not loaded then.
    public func enter(_ cpu: Int, _ root: Frame, loadingRoot load: () -> Void) throws(NoSuchCPU) {
        let word = try word(cpu)
        _ = word.pointee.exchange(CPUPresence.changing.rawValue, ordering: .sequentiallyConsistent)
        load()
        word.pointee.store(CPUPresence(root: root).rawValue, ordering: .releasing)
    }

    /// Says that a CPU keeps its root table but runs no user code of it; without one, nothing.
    ///
    /// Shootdowns pass it over then, unless they free tables (``Invalidation/concerns(cpuWith:isLazy:)``).
    /// - Throws: ``NoSuchCPU``.
    public func enterLazy(_ cpu: Int) throws(NoSuchCPU) {
        let word = try word(cpu)
        // Nobody else changes the word.
        let presence = CPUPresence(rawValue: word.pointee.load(ordering: .relaxed))
        word.pointee.store(presence.lazy.rawValue, ordering: .releasing)
    }

    /// Says that a CPU has no root table of an address space any more: after it has loaded another, or stopped.
    /// - Throws: ``NoSuchCPU``.
    public func leave(_ cpu: Int) throws(NoSuchCPU) {
        try word(cpu).pointee.store(CPUPresence.absent.rawValue, ordering: .releasing)
    }

    // MARK: The side of the sender, after a full fence

    /// Names the CPUs that have a root table loaded, as ``Shootdown/forEachCPU(running:_:)``.
    public func forEachCPU(running root: Frame, _ body: (_ cpu: Int, _ isLazy: Bool) -> Void) {
        forEach { cpu, presence in
            if presence.runs(root) { body(cpu, presence.isLazy) }
        }
    }

    /// Names the CPUs that have to be asked for an invalidation.
    ///
    /// For one in the kernel's half (``Invalidation/isGlobal``) these are all CPUs, also those that have left.
    public func forEachCPU(concernedBy request: Invalidation, _ body: (_ cpu: Int) -> Void) {
        forEach { cpu, presence in
            if presence.isConcerned(by: request) { body(cpu) }
        }
    }

    private func forEach(_ body: (Int, CPUPresence) -> Void) {
        guard let words else { return }
        for cpu in 0..<count {
            let word = CPUPresence.atomic(words + cpu)
            body(cpu, CPUPresence(rawValue: word.pointee.load(ordering: .sequentiallyConsistent)))
        }
    }
}

/// What a CPU has loaded, in a word: the root table's address with flags below it.
struct CPUPresence: Equatable {
    /// Bit 0: a root table is loaded; bit 1: the CPU is lazy; bit 2: CR3 is being loaded.
    let rawValue: UInt64

    /// No root table of an address space.
    static let absent = CPUPresence(rawValue: 0)
    /// On the way from any root table to any other.
    static let changing = CPUPresence(rawValue: 4)

    init(rawValue: UInt64) { self.rawValue = rawValue }
    init(root: Frame) { rawValue = root.address | 1 }

    /// The same, running no user code.
    var lazy: CPUPresence { isLoaded ? CPUPresence(rawValue: rawValue | 2) : self }
    var isLoaded: Bool { rawValue & 1 != 0 }
    var isLazy: Bool { rawValue & 2 != 0 }

    /// Whether the CPU has a root table loaded, or may have.
    func runs(_ root: Frame) -> Bool {
        self == .changing || isLoaded && rawValue & PageTableEntry.frameMask == root.address
    }

    /// Whether the CPU has to be asked for an invalidation.
    func isConcerned(by request: Invalidation) -> Bool {
        if self == .changing { return true }
        guard isLoaded else { return request.isGlobal }
        return request.concerns(cpuWith: Frame(of: PageTableEntry(rawValue: rawValue)), isLazy: isLazy)
    }

    /// A word as what all CPUs use at a time.
    static func atomic(_ word: UnsafeMutablePointer<UInt64>) -> UnsafeMutablePointer<Atomic<UInt64>> {
        // SAFETY: as in AtomicPageTableEntry: same size, alignment and bits.
        UnsafeMutableRawPointer(word).assumingMemoryBound(to: Atomic<UInt64>.self)
    }
}
