/// A fixed number of ports in memory of the caller's, for walkers that come and go.
///
/// A view: copies share the memory. A walker takes a port by ``claim()`` and has it until its life ends; then another can
/// claim it. The memory stays, so that a shootdown that is under way looks at ports that are gone without harm, and no lock
/// is needed: ``WalkerInterrupts`` of this collection works at any time, in any number of threads.
public struct WalkerPorts: RandomAccessCollection, @unchecked Sendable {
    // SAFETY: a view of words that ports use through atomic operations, or for one walker each.
    private let words: UnsafeMutablePointer<UInt64>?
    /// The position after the last port.
    public let endIndex: Int

    /// Lays ports out, none of them taken.
    /// - Parameter memory: ``WalkerPort/wordCount`` words for each port; a rest that is not a port is left unused. It must
    ///   stay allocated while ports or shootdowns for them are used.
    public init(_ memory: UnsafeMutableBufferPointer<UInt64>) {
        memory.initialize(repeating: 0)
        words = memory.baseAddress
        endIndex = memory.count / WalkerPort.wordCount
    }

    /// The position of the first port.
    public var startIndex: Int { 0 }

    /// A port by its position, which must be one.
    public subscript(position: Int) -> WalkerPort {
        guard let words, position >= 0, position < endIndex else { preconditionFailure("no such port") }
        return WalkerPort(words + position * WalkerPort.wordCount)
    }

    /// Takes a port for a walker that is made next.
    ///
    /// The port comes back when the walker ends; without a walker, by ``WalkerPort/giveBack()``.
    /// - Returns: nil if all are taken.
    public func claim() -> WalkerPort? { first { $0.claim() } }
}
