import PageTable
import Synchronization

/// Where a software walker is reached by shootdowns, and keeps its TLB: 512 words.
///
/// Who sends a shootdown writes down what to invalidate, then waits for the end of the access under way, if there is
/// one. The walker looks for requests at the beginning of each access. That is an interrupt taken at an instruction
/// boundary: never between deciding to set D and setting it. A walker that is between two accesses, say waiting for a
/// lock in a fault handler, is not waited for, nor is one that has ended.
///
/// The order of accesses is that of ``CPUDirectory``, whose word each port has.
public struct WalkerPort: @unchecked Sendable {
    // SAFETY: the first words are used through atomic operations only, the TLB by the walker's own thread only.
    private let words: UnsafeMutablePointer<UInt64>

    /// The number of words of a port.
    public static var wordCount: Int { 512 }

    /// The frame of the port; nil for one of ``WalkerPorts``.
    public let frame: Frame?

    /// Takes a frame for the port.
    ///
    /// It belongs to the caller, who gives it back when the walker is gone and no shootdown knows the port any more.
    /// - Throws: ``AddressSpaceError/outOfFrames``, or ``AddressSpaceError/frameNotReachable(_:)``.
    public init(in frames: some FrameProvider) throws(AddressSpaceError) {
        guard let frame = frames.allocate() else { throw .outOfFrames }
        guard let words = frames.words(of: frame) else {
            frames.release(frame)
            throw .frameNotReachable(frame)
        }
        self.words = words
        self.frame = frame
        clear()
    }

    /// A port in words of somebody else's, as they are.
    init(_ words: UnsafeMutablePointer<UInt64>) {
        self.words = words
        frame = nil
    }

    /// Makes the port one that no walker has.
    func clear() {
        // A frame may still be looked at through a stale translation: atomic, as all words of frames are changed.
        for index in 0..<Self.wordCount { AtomicPageTableEntry(words + index).store(.empty) }
    }

    /// Counts the beginnings and ends of accesses: odd during one.
    private var epoch: UnsafeMutablePointer<Atomic<UInt64>> { CPUPresence.atomic(words) }
    /// What to invalidate before the next access: see ``Request``.
    private var request: UnsafeMutablePointer<Atomic<UInt64>> { CPUPresence.atomic(words + 8) }
    /// The root table that is loaded: a ``CPUPresence``.
    private var presence: UnsafeMutablePointer<Atomic<UInt64>> { CPUPresence.atomic(words + 16) }
    /// Which walker has the port, or who claimed it for one: 0 for none, otherwise the number below at that time.
    private var owner: UnsafeMutablePointer<Atomic<UInt64>> { CPUPresence.atomic(words + 24) }
    /// The number of walkers and claims up to now.
    private var ownerCount: UnsafeMutablePointer<Atomic<UInt64>> { CPUPresence.atomic(words + 25) }

    /// The TLB, in the upper half.
    var tlb: WalkerTLB { WalkerTLB(words + 256) }

    /// A request to invalidate, in a word.
    enum Request: Equatable {
        case none, everything
        case page(UInt64)

        init(rawValue: UInt64) {
            switch rawValue {
            case 0: self = .none
            case 1: self = .everything
            default: self = .page(rawValue & ~4095)
            }
        }

        /// One page: its address with bit 1 set.
        var rawValue: UInt64 {
            switch self {
            case .none: 0
            case .everything: 1
            case .page(let address): address & ~4095 | 2
            }
        }
    }
}

// MARK: - The side of the sender

extension WalkerPort {
    /// What the walker has loaded.
    var loaded: CPUPresence { CPUPresence(rawValue: presence.pointee.load(ordering: .sequentiallyConsistent)) }

    /// Asks the walker for an invalidation, if it is concerned.
    func ask(for wanted: Invalidation) {
        // Before: the change of the entry, in memory. A walker that loads the root after this look walks after the change.
        guard loaded.isConcerned(by: wanted) else { return }
        let new: Request = wanted.count == 1 ? .page(wanted.first) : .everything
        var seen = request.pointee.load(ordering: .relaxed)
        while true {
            let combined = seen == Request.none.rawValue || seen == new.rawValue ? new : .everything
            let (isExchanged, other) = request.pointee.compareExchange(
                expected: seen, desired: combined.rawValue, ordering: .sequentiallyConsistent)
            if isExchanged { return }
            seen = other
        }
    }

    /// Waits until no access is under way that was so when this was called, if the walker is concerned.
    ///
    /// A walker changes what it has loaded between two accesses only: one that is not concerned any more has ended the
    /// access in which it was.
    func waitForEndOfAccess(concernedBy wanted: Invalidation, _ whileWaiting: WhileWaiting) {
        let begun = epoch.pointee.load(ordering: .sequentiallyConsistent)
        guard begun & 1 == 1, loaded.isConcerned(by: wanted) else { return }
        while epoch.pointee.load(ordering: .acquiring) == begun { whileWaiting() }
    }
}

// MARK: - The side of the walker

extension WalkerPort {
    /// Begins an access, and takes the requests.
    func beginAccess() -> Request {
        epoch.pointee.wrappingAdd(1, ordering: .sequentiallyConsistent)
        return Request(rawValue: request.pointee.exchange(Request.none.rawValue, ordering: .sequentiallyConsistent))
    }

    /// Ends an access.
    func endAccess() { epoch.pointee.wrappingAdd(1, ordering: .sequentiallyConsistent) }

    /// Announces a root table, loads it, and empties the TLB, between two accesses.
    func load(root frame: Frame) {
        epoch.pointee.wrappingAdd(1, ordering: .sequentiallyConsistent)
        presence.pointee.store(CPUPresence(root: frame).rawValue, ordering: .sequentiallyConsistent)
        tlb.removeAll()
        epoch.pointee.wrappingAdd(1, ordering: .sequentiallyConsistent)
    }

    /// Says that the walker runs no user code.
    func enterLazy() { presence.pointee.store(loaded.lazy.rawValue, ordering: .releasing) }

    /// Takes the port if no walker has it and nobody has claimed it.
    func claim() -> Bool {
        let number = ownerCount.pointee.wrappingAdd(1, ordering: .relaxed).newValue
        return owner.pointee.compareExchange(expected: 0, desired: number, ordering: .acquiringAndReleasing).exchanged
    }

    /// Makes a walker the one that has the port.
    /// - Returns: its number, for ``detach(_:)``.
    func attach() -> UInt64 {
        let number = ownerCount.pointee.wrappingAdd(1, ordering: .relaxed).newValue
        owner.pointee.store(number, ordering: .releasing)
        return number
    }

    /// Ends a walker: nothing is loaded, and another can have the port.
    ///
    /// Nothing if another has it already.
    func detach(_ number: UInt64) {
        guard owner.pointee.load(ordering: .acquiring) == number else { return }
        presence.pointee.store(CPUPresence.absent.rawValue, ordering: .releasing)
        owner.pointee.store(0, ordering: .releasing)
    }

    /// Whether a walker has the port, or it was claimed for one.
    public var isTaken: Bool { owner.pointee.load(ordering: .acquiring) != 0 }

    /// Gives a port back that was claimed, and that no walker has come to use.
    public func giveBack() { detach(owner.pointee.load(ordering: .acquiring)) }
}
