/// The search for daily use: breadth first over packed states in flat storage, on one thread or several.
///
/// States are visited level by level, within a level in an order that follows from the states alone, so the first
/// final state that satisfies a condition is a nearest one, and the same on every run and at any number of threads.
public struct FastSearch: Search {
    /// Stop as soon as a goal is found; the exploration is then not complete, but its `goalRun` is a shortest one.
    public var stopsAtGoal: Bool
    /// How many threads explore one system, where the system has followers.
    public var threads: Int

    /// Levels shorter than this are explored by one thread: handing them out would take longer.
    public var sharedLevelLength: Int

    /// Makes the search.
    public init(stopsAtGoal: Bool = false, threads: Int = 1, sharedLevelLength: Int = 4096) {
        self.stopsAtGoal = stopsAtGoal
        self.threads = threads
        self.sharedLevelLength = sharedLevelLength
    }

    /// Explores breadth first; see ``Search``.
    public func explore(
        _ system: some TransitionSystem, limits: SearchLimits, findLivelocks: Bool,
        progress: (SearchStatistics) -> Void = { _ in }
    ) -> Exploration {
        let store = StateStore(stride: system.stateWords)
        var run = Run(system, store, limits)
        run.explore(self, findLivelocks: findLivelocks, progress)

        let ends = run.finals.count
        if run.end == .complete && !(stopsAtGoal && run.goal != nil) { run.findLivelocks() }
        run.measure()
        let finals = run.finals
        var list = FinalStateList(stateWords: store.stride)
        for state in finals { list.append(store.state(state)) }
        func steps(to state: Int) -> [Int] {
            let path = store.path(to: state)
            return zip(path, path.dropFirst()).map { from, target in
                let view = system.successors(of: store.state(from))
                return (0..<view.count).first { store.find(view.states + $0 * store.stride) == target } ?? 0
            }
        }
        return Exploration(
            end: run.end, statistics: run.statistics, finals: list, runTo: { steps(to: finals[$0]) },
            finalDepths: run.finalDepths, goalRun: run.goal.map(steps(to:)), livelocks: ends..<finals.count)
    }
}

/// One exploration under way.
private struct Run<System: TransitionSystem> {
    let system: System
    let store: StateStore
    let limits: SearchLimits
    let stopwatch = Stopwatch()
    var finals: [Int] = []
    var finalDepths: [Int] = []
    var goal: Int?
    var end = SearchEnd.complete
    var statistics = SearchStatistics()
    /// States without an end that no step leads farther away from; every set of states that runs cannot leave and in
    /// which none ends has one, the farthest of the set.
    var summits: [Int] = []
    var levels: [Level] = []

    init(_ system: System, _ store: StateStore, _ limits: SearchLimits) {
        self.system = system
        self.store = store
        self.limits = limits
        let initial = UnsafeMutablePointer<UInt64>.allocate(capacity: system.stateWords)
        defer { initial.deallocate() }
        initial.initialize(repeating: 0, count: system.stateWords)
        system.writeInitialState(to: initial)
        store.insertInitial(initial)
    }

    mutating func explore(
        _ search: FastSearch, findLivelocks: Bool, _ progress: (SearchStatistics) -> Void
    ) {
        let expansion = Expansion(store, system, threads: search.threads, sharedLevelLength: search.sharedLevelLength)
        var reported = 0.0
        while end == .complete {
            let level = Level(after: levels.last, in: store)
            if level.length == 0 { break }
            levels.append(level)
            var next = 0
            while next < level.length && end == .complete {
                var outcome = Expansion<System>.Outcome()
                next = expansion.expand(
                    level, from: next, wantsGoal: goal == nil, wantsSummits: findLivelocks,
                    room: limits.maxStates - store.count, &outcome)
                finals += outcome.finals
                finalDepths += [Int](repeating: statistics.depth, count: outcome.finals.count)
                statistics.transitions += outcome.transitions
                if goal == nil { goal = outcome.goal }
                summits += outcome.summits
                if search.stopsAtGoal && goal != nil { return }
                checkLimits(otherBytes: expansion.bytes)
                if end == .complete && statistics.seconds - reported > 0.25 {
                    reported = statistics.seconds
                    progress(statistics)
                }
            }
            statistics.depth += 1
        }
        statistics.depth = max(0, statistics.depth - 1)
    }

    /// A failure is looked for seldom: by then the system knows all that it lacks, not only the first of it.
    private mutating func checkLimits(otherBytes: Int) {
        measure()
        if system.hasFailed {
            end = .failed
        } else if statistics.states > limits.maxStates || store.isFull {
            end = .stateLimit
        } else if statistics.bytes + otherBytes > limits.maxMemory {
            end = .memoryLimit
        } else if let timeout = limits.timeout, statistics.seconds > timeout {
            end = .timeLimit
        } else if limits.interruption.isRequested {
            end = .interrupted
        }
    }

    mutating func measure() {
        statistics.states = store.count
        statistics.bytes = store.bytes
        statistics.seconds = stopwatch.seconds
    }

    /// Adds the states of cycles that runs cannot leave to the final ones; a limit ends that, too.
    mutating func findLivelocks() {
        if summits.isEmpty { return }
        let allowance = Allowance(
            limits, stopwatch, otherBytes: { [store, system] in store.bytes + system.bytes },
            hasFailed: { [system] in system.hasFailed })
        if canAlwaysEnd(allowance) == false { addLivelocks(allowance) }
        end = allowance.end
    }

    /// Whether every cycle can be left for a final state; nil when a limit was reached.
    private func canAlwaysEnd(_ allowance: Allowance) -> Bool? {
        let longest = (0..<StateStore.shardCount).map(store.count(ofShard:)).max() ?? 0
        guard allowance.reserve(longest << StateStore.shardBits) else { return nil }
        defer { allowance.hold(-(longest << StateStore.shardBits)) }
        var ends = [Bool](repeating: false, count: longest << StateStore.shardBits)
        for final in finals {
            var state = final
            while !ends[state] {
                ends[state] = true
                state = store.parent(of: state)
            }
        }
        return Livelock.allCanEnd(summits, ends: &ends, allowance) { state, isEnough in steps(from: state, isEnough) }
    }

    /// Tells a state's successors one by one until somebody has heard enough.
    private func steps(from state: Int, _ isEnough: (Int) -> Bool) -> Bool {
        let view = system.successors(of: store.state(state))
        for successor in 0..<view.count {
            if let found = store.find(view.states + successor * store.stride), isEnough(found) { return true }
        }
        return false
    }

    private mutating func addLivelocks(_ allowance: Allowance) {
        // A number and a position of each state.
        guard allowance.reserve(store.count * 16) else { return }
        defer { allowance.hold(store.count * -16) }
        // In the order of their levels, because steps mostly lead to later ones.
        var numbers: [Int] = []
        var positions = (0..<StateStore.shardCount).map { [Int](repeating: 0, count: store.count(ofShard: $0)) }
        numbers.reserveCapacity(store.count)
        for level in levels {
            level.forEach(at: 0..<level.length) { number in
                positions[number & (StateStore.shardCount - 1)][number >> StateStore.shardBits] = numbers.count
                numbers.append(number)
            }
            guard allowance.reserve(0) else { return }
        }
        func position(_ number: Int) -> Int {
            positions[number & (StateStore.shardCount - 1)][number >> StateStore.shardBits]
        }
        let found = Livelock.states(count: numbers.count, finals: finals.map(position), allowance) { state, isEnough in
            steps(from: numbers[state]) { isEnough(position($0)) }
        }
        // What is told of a final state is a copy of it, its number and its depth.
        guard let found, allowance.reserve(found.count * (store.stride * 8 + 16)) else { return }
        finals += found.map { numbers[$0] }
        // Positions ascend with levels, and a level is a depth.
        var (depth, end) = (0, levels[0].length)
        for position in found {
            while position >= end {
                depth += 1
                end += levels[depth].length
            }
            finalDepths.append(depth)
        }
    }
}
