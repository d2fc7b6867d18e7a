import PageTable
import Synchronization

/// Where a software walker is reached by shootdowns, and keeps its TLB: one frame.
///
/// Who sends a shootdown writes down what to invalidate, then waits for the end of the access under way, if there is
/// one. The walker looks for requests at the beginning of each access. That is an interrupt taken at an instruction
/// boundary: never between deciding to set D and setting it. A walker that is between two accesses, say waiting for a
/// lock in a fault handler, is not waited for.
public struct WalkerPort: @unchecked Sendable {
    // SAFETY: the first words are used through atomic operations only, the TLB by the walker's own thread only.
    private let words: UnsafeMutablePointer<UInt64>

    /// Takes a frame for the port.
    ///
    /// It belongs to the caller, who gives it back when the walker is gone.
    /// - Throws: ``AddressSpaceError/outOfFrames``, or ``AddressSpaceError/frameNotReachable(_:)``.
    public init(in frames: some FrameProvider) throws(AddressSpaceError) {
        var reserve = FrameReserve()
        try reserve.add(from: frames)
        guard let table = reserve.take(from: frames) else { throw .outOfFrames }
        words = table.words
        frame = table.frame
    }

    /// The frame of the port.
    public let frame: Frame

    /// Counts the beginnings and ends of accesses: odd during one.
    private var epoch: UnsafeMutablePointer<Atomic<UInt64>> { Self.atomic(words) }
    /// What to invalidate before the next access: see ``Request``.
    private var request: UnsafeMutablePointer<Atomic<UInt64>> { Self.atomic(words + 8) }
    /// The number of the root table's frame.
    private var root: UnsafeMutablePointer<Atomic<UInt64>> { Self.atomic(words + 16) }

    private static func atomic(_ word: UnsafeMutablePointer<UInt64>) -> UnsafeMutablePointer<Atomic<UInt64>> {
        // SAFETY: as in AtomicPageTableEntry: same size, alignment and bits.
        UnsafeMutableRawPointer(word).assumingMemoryBound(to: Atomic<UInt64>.self)
    }

    /// A request to invalidate, in a word.
    private enum Request {
        static let none: UInt64 = 0
        static let everything: UInt64 = 1
        /// One page: its address with bit 1 set.
        static func page(_ address: UInt64) -> UInt64 { address & ~4095 | 2 }
    }

    // MARK: The side of the sender

    /// Asks for the invalidation of a page, or of everything for nil, if the walker has this root table.
    func ask(for page: UInt64?, in space: Frame) {
        // Before: the change of the entry, in memory. A walker that loads the root after this look walks after the change.
        guard root.pointee.load(ordering: .sequentiallyConsistent) == space.number else { return }
        var seen = request.pointee.load(ordering: .relaxed)
        while true {
            let wanted = page.map(Request.page) ?? Request.everything
            let combined = seen == Request.none || seen == wanted ? wanted : Request.everything
            let (isExchanged, other) = request.pointee.compareExchange(
                expected: seen, desired: combined, ordering: .sequentiallyConsistent)
            if isExchanged { return }
            seen = other
        }
    }

    /// Waits until no access is under way that was so when this was called.
    func waitForEndOfAccess(_ whileWaiting: () -> Void) {
        let begun = epoch.pointee.load(ordering: .sequentiallyConsistent)
        guard begun & 1 == 1 else { return }
        while epoch.pointee.load(ordering: .acquiring) == begun { whileWaiting() }
    }

    // MARK: The side of the walker

    /// Begins an access: takes the requests.
    func beginAccess() {
        epoch.pointee.wrappingAdd(1, ordering: .sequentiallyConsistent)
        let taken = request.pointee.exchange(Request.none, ordering: .sequentiallyConsistent)
        if taken == Request.everything {
            invalidateAll()
        } else if taken != Request.none {
            invalidate(taken & ~4095)
        }
    }

    /// Ends an access.
    func endAccess() { epoch.pointee.wrappingAdd(1, ordering: .sequentiallyConsistent) }

    /// Loads another root table, which empties the TLB, between two accesses.
    func load(root frame: Frame) {
        epoch.pointee.wrappingAdd(1, ordering: .sequentiallyConsistent)
        root.pointee.store(frame.number, ordering: .sequentiallyConsistent)
        invalidateAll()
        epoch.pointee.wrappingAdd(1, ordering: .sequentiallyConsistent)
    }

    // MARK: The TLB: 128 translations in the upper half of the frame, each at the place that its address says

    /// A cached translation: its leaf, with W and U as all levels allow them.
    func cached(_ page: UInt64) -> PageTableEntry? {
        let slot = slot(of: page)
        return slot[0] == page | 1 ? PageTableEntry(rawValue: slot[1]) : nil
    }

    /// Caches a translation in place of whatever is there.
    func fill(_ page: UInt64, _ entry: PageTableEntry) {
        let slot = slot(of: page)
        slot[0] = page | 1
        slot[1] = entry.rawValue
    }

    /// Drops a translation.
    func invalidate(_ page: UInt64) {
        let slot = slot(of: page)
        if slot[0] == page | 1 { slot[0] = 0 }
    }

    /// Drops all translations.
    func invalidateAll() { (words + 256).update(repeating: 0, count: 256) }

    private func slot(of page: UInt64) -> UnsafeMutablePointer<UInt64> {
        words + 256 + 2 * Int(truncatingIfNeeded: (page >> 12) & 127)
    }
}

/// The shootdown for software walkers.
///
/// For a few pages, exactly those are invalidated, so that a walker shows whether the right ones were named.
public struct WalkerInterrupts<Ports: Collection & Sendable>: Shootdown, Sendable where Ports.Element == WalkerPort {
    private let ports: Ports
    private let whileWaiting: @Sendable () -> Void

    /// Makes a shootdown for some walkers.
    /// - Parameters:
    ///   - ports: the ports of all walkers that may have the address space loaded. An empty collection stands for a
    ///     machine on which no CPU translates.
    ///   - whileWaiting: called between two looks whether a walker's access has ended, to let other threads run.
    public init(_ ports: Ports, whileWaiting: @escaping @Sendable () -> Void = {}) {
        self.ports = ports
        self.whileWaiting = whileWaiting
    }

    /// Invalidates the translations of consecutive pages.
    public func invalidate(first: UInt64, count: Int, in root: Frame) {
        for port in ports { port.ask(for: count == 1 ? first : nil, in: root) }
        for port in ports { port.waitForEndOfAccess(whileWaiting) }
    }

    /// Invalidates all translations of an address space.
    public func invalidateAll(in root: Frame) {
        for port in ports { port.ask(for: nil, in: root) }
        for port in ports { port.waitForEndOfAccess(whileWaiting) }
    }
}
