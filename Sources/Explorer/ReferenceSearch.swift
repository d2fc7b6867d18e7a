/// The search in its plainest form: breadth first, a dictionary of whole states, nothing left out.
///
/// Every other search is compared with this one. It is slow on purpose: there is nothing in it to get wrong.
public struct ReferenceSearch: Search {
    /// Makes the search.
    public init() {}

    /// Explores breadth first; see ``Search``.
    public func explore(
        _ system: some TransitionSystem, limits: SearchLimits, findLivelocks: Bool = true,
        progress: (SearchStatistics) -> Void = { _ in }
    ) -> Exploration {
        let stopwatch = Stopwatch()
        var initial = [UInt64](repeating: 0, count: system.stateWords)
        initial.withUnsafeMutableBufferPointer { buffer in
            if let base = buffer.baseAddress { system.writeInitialState(to: base) }
        }

        var states = [initial]
        var numbers = [initial: 0]
        var cameFrom = [(state: 0, step: 0)]
        var depths = [0]
        var edges: [[Int]] = []
        var finals: [Int] = []
        var goal: Int?
        var end = SearchEnd.complete
        var statistics = SearchStatistics()

        var next = 0
        while next < states.count {
            let (successors, isFinal) = Self.successors(of: states[next], in: system)
            if system.hasFailed { end = .failed }
            if goal == nil, states[next].withUnsafeBufferPointer({ system.isGoal($0.baseAddress.unsafelyUnwrapped) }) {
                goal = next
            }
            if isFinal { finals.append(next) }
            var targets: [Int] = []
            for (step, successor) in successors.enumerated() {
                if let known = numbers[successor] {
                    targets.append(known)
                } else {
                    numbers[successor] = states.count
                    targets.append(states.count)
                    states.append(successor)
                    cameFrom.append((next, step))
                    depths.append(depths[next] + 1)
                }
            }
            edges.append(targets)
            statistics.transitions += targets.count
            next += 1

            let seconds = stopwatch.seconds
            if states.count > limits.maxStates { end = .stateLimit }
            if states.count * system.stateWords * 16 > limits.maxMemory { end = .memoryLimit }
            if let timeout = limits.timeout, seconds > timeout { end = .timeLimit }
            if limits.interruption.isRequested { end = .interrupted }
            if end != .complete { break }
            if next % 10_000 == 0 {
                statistics.states = states.count
                statistics.seconds = seconds
                progress(statistics)
            }
        }

        let ends = finals.count
        if findLivelocks && end == .complete {
            let bytes = states.count * system.stateWords * 16
            let allowance = Allowance(
                limits, stopwatch, otherBytes: { bytes }, hasFailed: { system.hasFailed })
            finals +=
                Livelock.states(count: states.count, finals: finals, allowance) { edges[$0].contains(where: $1) } ?? []
            end = allowance.end
        }
        statistics.states = states.count
        statistics.depth = depths.last ?? 0
        statistics.bytes = states.count * system.stateWords * 16
        statistics.seconds = stopwatch.seconds

        func run(to state: Int) -> [Int] {
            var steps: [Int] = []
            var state = state
            while state != 0 {
                steps.append(cameFrom[state].step)
                state = cameFrom[state].state
            }
            return steps.reversed()
        }
        let finalNumbers = finals
        var list = FinalStateList(stateWords: system.stateWords)
        for state in finals { states[state].withUnsafeBufferPointer { list.append($0.baseAddress.unsafelyUnwrapped) } }
        return Exploration(
            end: end, statistics: statistics, finals: list, runTo: { run(to: finalNumbers[$0]) },
            finalDepths: finals.map { depths[$0] }, goalRun: goal.map(run(to:)), livelocks: ends..<finals.count)
    }

    private static func successors(
        of state: [UInt64], in system: some TransitionSystem
    ) -> (states: [[UInt64]], isFinal: Bool) {
        state.withUnsafeBufferPointer { buffer in
            let view = system.successors(of: buffer.baseAddress.unsafelyUnwrapped)
            let words = system.stateWords
            let states = (0..<view.count).map {
                Array(UnsafeBufferPointer(start: view.states + $0 * words, count: words))
            }
            return (states, view.isFinal)
        }
    }
}
