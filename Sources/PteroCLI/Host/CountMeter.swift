import Synchronization

/// One line on a terminal that says how many of something are done; nothing during the first second, and nothing elsewhere.
final class CountMeter: Sendable {
    private struct State {
        var drawn: String?
        var time = ContinuousClock.now
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
    func show(_ done: Int) { show("\(done)/\(total) \(noun)") }

    /// Shows a line, when it is another than the one that is shown.
    func show(_ line: String) {
        guard output.isTerminal, ContinuousClock.now - start > .seconds(1) else { return }
        state.withLock { state in
            let now = ContinuousClock.now
            guard state.drawn != line, state.drawn == nil || now - state.time > .milliseconds(100) else { return }
            state.drawn = line
            state.time = now
            output.write("\r\u{1b}[K" + line)
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
