/// What a search may still use for what it does once all states are known: a limit ends that like the rest.
///
/// Asked before each small piece of work. It looks at the clock, the memory and the flag of interruption now and then.
final class Allowance {
    /// Pieces of work between two looks.
    private static let pace = 256

    private let limits: SearchLimits
    private let stopwatch: Stopwatch
    private let otherBytes: () -> Int
    private let hasFailed: () -> Bool
    private var pieces = 0
    /// Bytes that the work holds itself.
    private var bytes = 0
    /// Which limit was reached; `complete` while none was.
    private(set) var end = SearchEnd.complete

    /// - Parameters:
    ///   - limits: the limits of the whole search.
    ///   - stopwatch: what has run since the search began.
    ///   - otherBytes: bytes that are held besides those of the work.
    ///   - hasFailed: whether the system cannot go on.
    init(
        _ limits: SearchLimits, _ stopwatch: Stopwatch, otherBytes: @escaping () -> Int,
        hasFailed: @escaping () -> Bool
    ) {
        self.limits = limits
        self.stopwatch = stopwatch
        self.otherBytes = otherBytes
        self.hasFailed = hasFailed
        look()
    }

    /// Notes that the work holds more bytes, or fewer for a negative number.
    func hold(_ more: Int) { bytes += more }

    /// Notes that the work is about to hold more bytes; false when there is no room for them.
    func reserve(_ more: Int) -> Bool {
        bytes += more
        look()
        return end == .complete
    }

    /// Whether there is time and room for another piece of work.
    func goesOn() -> Bool {
        pieces += 1
        if pieces % Self.pace == 0 { look() }
        return end == .complete
    }

    private func look() {
        guard end == .complete else { return }
        if hasFailed() {
            end = .failed
        } else if otherBytes() + bytes > limits.maxMemory {
            end = .memoryLimit
        } else if let timeout = limits.timeout, stopwatch.seconds > timeout {
            end = .timeLimit
        } else if limits.interruption.isRequested {
            end = .interrupted
        }
    }
}
