import Synchronization

/// What a search may use; reaching a limit makes the answer inconclusive, never wrong.
public struct SearchLimits: Sendable {
    /// The number of states to store.
    public var maxStates: Int
    /// Bytes of states, of the visited set, and of what the system keeps.
    public var maxMemory: Int
    /// Seconds of wall time, or nil.
    public var timeout: Double?
    /// What ends the search early.
    public var interruption = Interruption.process

    /// States that a number of 32 bits can tell apart, with room to spare.
    public static let mostStates = Int(clamping: 4_000_000_000 as UInt64)

    /// Limits; by default only what indices can hold.
    public init(maxStates: Int = mostStates, maxMemory: Int = .max, timeout: Double? = nil) {
        self.maxStates = maxStates
        self.maxMemory = maxMemory
        self.timeout = timeout
    }
}

/// How a search ended.
public enum SearchEnd: Sendable, Hashable {
    /// Every reachable state was visited.
    case complete
    /// `maxStates` was reached.
    case stateLimit
    /// `maxMemory` was reached.
    case memoryLimit
    /// The timeout ran out.
    case timeLimit
    /// Somebody asked it to stop (Ctrl-C).
    case interrupted
    /// The system failed; it knows why.
    case failed
}

/// Figures of a search, complete or not.
public struct SearchStatistics: Sendable, Hashable {
    /// Distinct states stored.
    public var states = 0
    /// Steps computed, duplicates included.
    public var transitions = 0
    /// Length of the longest shortest run.
    public var depth = 0
    /// Bytes of state storage, visited set included.
    public var bytes = 0
    /// Wall time in seconds.
    public var seconds = 0.0

    /// All zero.
    public init() {}
}

/// A flag that another thread or a signal handler raises to end searches early.
public final class InterruptionFlag: Sendable {
    private let flag = Atomic<Bool>(false)

    /// A flag that is down.
    public init() {}

    /// Asks the searches that look at it to stop at the next opportunity.
    public func request() { flag.store(true, ordering: .relaxed) }

    /// Whether a stop was asked for.
    public var isRequested: Bool { flag.load(ordering: .relaxed) }
}

/// The flag that every search of the process looks at, unless its limits name another.
public enum Interruption {
    /// The flag itself.
    public static let process = InterruptionFlag()

    /// Asks running searches to stop at the next opportunity.
    public static func request() { process.request() }

    /// Whether a stop was asked for.
    public static var isRequested: Bool { process.isRequested }
}
