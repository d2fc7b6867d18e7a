import CHost

/// Wall time from when it was made.
public struct Stopwatch: Sendable {
    private let start = host_seconds()

    /// Starts it.
    public init() {}

    /// Seconds so far.
    public var seconds: Double { host_seconds() - start }
}
