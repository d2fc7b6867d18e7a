import Synchronization
import SystemPackage

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// Where text goes: a stream of the process, or memory in tests.
package final class Output: Sendable {
    private let sink: @Sendable (String) -> Bool
    private let failure = Mutex(false)
    /// Whether a person watches.
    package let isTerminal: Bool

    /// An output that hands text to `sink`, which says whether it could take it.
    package init(isTerminal: Bool = false, sink: @escaping @Sendable (String) -> Bool) {
        self.isTerminal = isTerminal
        self.sink = sink
    }

    /// Writes text as it is.
    package func write(_ text: String) {
        guard !text.isEmpty, !hasFailed else { return }
        if !sink(text) { failure.withLock { $0 = true } }
    }

    /// Whether some text could not be written: a full disk, a closed pipe.
    package var hasFailed: Bool { failure.withLock { $0 } }

    /// The process's standard output.
    package static let standardOutput = stream(.standardOutput)
    /// The process's standard error.
    package static let standardError = stream(.standardError)

    private static func stream(_ descriptor: FileDescriptor) -> Output {
        Output(isTerminal: isatty(descriptor.rawValue) == 1) { text in
            (try? descriptor.writeAll(text.utf8)) != nil
        }
    }
}

/// An output that keeps what is written, for tests.
package final class CapturedOutput: Sendable {
    private let content = Mutex("")

    /// An empty one.
    package init() {}

    /// What was written so far.
    package var text: String { content.withLock { $0 } }

    /// The output to hand out.
    package func output(isTerminal: Bool = false) -> Output {
        Output(isTerminal: isTerminal) { text in
            self.content.withLock { $0 += text }
            return true
        }
    }
}
