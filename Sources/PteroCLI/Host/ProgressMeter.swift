import Explorer
import Report
import Synchronization

/// One line on a terminal that says how far a run is; nothing during the first second, and nothing elsewhere.
final class ProgressMeter: Sendable {
    private struct Figures {
        var running: [CheckPlan.Unit: SearchStatistics] = [:]
        var finished = 0
        var lastDrawn: ContinuousClock.Instant?
        var isVisible = false
    }

    private let output: Output
    private let searches: Int
    private let start = ContinuousClock.now
    private let figures = Mutex(Figures())

    init(_ output: Output, searches: Int) {
        self.output = output
        self.searches = searches
    }

    /// Takes up the figures of a search that goes on.
    func note(_ unit: CheckPlan.Unit, _ statistics: SearchStatistics) {
        guard output.isTerminal else { return }
        figures.withLock { figures in
            figures.running[unit] = statistics
            draw(&figures)
        }
    }

    /// Counts a search that has ended.
    func finish(_ unit: CheckPlan.Unit) {
        guard output.isTerminal else { return }
        figures.withLock { figures in
            figures.running[unit] = nil
            figures.finished += 1
            draw(&figures)
        }
    }

    /// Clears the line before something else is written.
    func erase() {
        guard output.isTerminal else { return }
        figures.withLock { figures in
            if figures.isVisible { output.write("\r\u{1b}[K") }
            figures.isVisible = false
        }
    }

    /// The line: searches done, and what the running ones have reached.
    static func line(finished: Int, of searches: Int, running: [SearchStatistics]) -> String {
        var parts = ["\(finished)/\(searches) searches"]
        if !running.isEmpty {
            let states = running.map(\.states).reduce(0, +)
            let rate = running.map { Double($0.states) / max(0.001, $0.seconds) }.reduce(0, +)
            parts.append("\(Report.Figures.grouped(states)) states")
            parts.append("\(Report.Figures.grouped(Int(min(rate, 1e15)))) states/s")
            parts.append("depth \(running.map(\.depth).max() ?? 0)")
            parts.append(Report.Figures.bytes(running.map(\.bytes).reduce(0, +)))
        }
        return parts.joined(separator: ", ")
    }

    private func draw(_ figures: inout Figures) {
        let now = ContinuousClock.now
        guard now - start > .seconds(1), figures.lastDrawn.map({ now - $0 > .milliseconds(200) }) ?? true else {
            return
        }
        figures.lastDrawn = now
        figures.isVisible = true
        let line = Self.line(finished: figures.finished, of: searches, running: Array(figures.running.values))
        output.write("\r\u{1b}[K" + line)
    }
}
