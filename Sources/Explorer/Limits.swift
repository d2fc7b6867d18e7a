import Synchronization

/// What a search may use; reaching a limit makes the answer inconclusive, never wrong.
public struct SearchLimits: Sendable {
    /// The number of states to store.
    public var maxStates: Int
    /// Bytes of states, of the visited set, and of what the system keeps.
    public var maxMemory: Int
    /// Seconds of wall time, or nil.
    public var timeout: Double?

    /// Limits; by default only what indices can hold.
    public init(maxStates: Int = 4_000_000_000, maxMemory: Int = .max, timeout: Double? = nil) {
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

/// A flag that another thread or a signal handler raises to end every search of the process early.
public enum Interruption {
    private static let flag = Atomic<Bool>(false)

    /// Asks running searches to stop at the next opportunity.
    public static func request() { flag.store(true, ordering: .relaxed) }

    /// Whether a stop was asked for.
    public static var isRequested: Bool { flag.load(ordering: .relaxed) }

    /// Forgets the request (tests use it).
    public static func clear() { flag.store(false, ordering: .relaxed) }
}
