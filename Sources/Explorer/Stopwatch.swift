import CHost

/// Wall time from when it was made.
package struct Stopwatch: Sendable {
    private let start = host_seconds()

    /// Starts it.
    package init() {}

    /// Seconds so far.
    package var seconds: Double { host_seconds() - start }
}
