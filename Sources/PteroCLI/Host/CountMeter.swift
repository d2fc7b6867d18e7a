import Synchronization

/// One line on a terminal that says how many of something are done; nothing during the first second, and nothing elsewhere.
final class CountMeter: Sendable {
    private struct State {
        var drawn: Int?
    }

    private let output: Output
    private let total: Int
    private let noun: String
    private let start = ContinuousClock.now
    private let state = Mutex(State())

    init(_ output: Output, of total: Int, _ noun: String) {
        self.output = output
        self.total = total
        self.noun = noun
    }

    /// Shows how many are done, when that is another number than the one that is shown.
    func show(_ done: Int) {
        guard output.isTerminal, ContinuousClock.now - start > .seconds(1) else { return }
        state.withLock { state in
            guard state.drawn != done else { return }
            state.drawn = done
            output.write("\r\u{1b}[K\(done)/\(total) \(noun)")
        }
    }

    /// Clears the line before something else is written.
    func erase() {
        state.withLock { state in
            if state.drawn != nil { output.write("\r\u{1b}[K") }
            state.drawn = nil
        }
    }
}
