/// The search for daily use: breadth first over packed states in flat storage, on one thread or several.
///
/// States are visited level by level, within a level in an order that follows from the states alone, so the first
/// final state that satisfies a condition is a nearest one, and the same on every run and at any number of threads.
public struct FastSearch: Search {
    /// Stop as soon as a goal is found; the exploration is then not complete, but its `goalRun` is a shortest one.
    public var stopsAtGoal: Bool
    /// How many threads explore one system, where the system has followers.
    public var threads: Int

    /// Makes the search.
    public init(stopsAtGoal: Bool = false, threads: Int = 1) {
        self.stopsAtGoal = stopsAtGoal
        self.threads = threads
    }

    /// Levels shorter than this are explored by one thread: handing them out would take longer.
    public var sharedLevelLength = 4096

    /// Explores breadth first; see ``Search``.
    public func explore(
        _ system: some TransitionSystem, limits: SearchLimits, findLivelocks: Bool,
        progress: (SearchStatistics) -> Void = { _ in }
    ) -> Exploration {
        let store = StateStore(stride: system.stateWords)
        var run = Run(system, store, limits)
        run.explore(self, findLivelocks: findLivelocks, progress)

        let ends = run.finals.count
        if run.end == .complete && !run.canAlwaysEnd() { run.addLivelocks() }
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
    let start = ContinuousClock.now
    var finals: [Int] = []
    var finalDepths: [Int] = []
    var goal: Int?
    var end = SearchEnd.complete
    var statistics = SearchStatistics()
    /// States without an end that no step leads farther away from; every set of states that runs cannot leave and in
    /// which none ends has one, the farthest of the set.
    var summits: [Int] = []
    /// By level, how long each shard was when the level was complete.
    var levels: [[Int]] = []

    init(_ system: System, _ store: StateStore, _ limits: SearchLimits) {
        self.system = system
        self.store = store
        self.limits = limits
        let initial = UnsafeMutablePointer<UInt64>.allocate(capacity: system.stateWords)
        defer { initial.deallocate() }
        initial.initialize(repeating: 0, count: system.stateWords)
        system.writeInitialState(to: initial)
        let hash = store.hash(initial)
        // The initial state is its own parent.
        let number = StateStore.number(place: 0, shard: StateStore.shard(of: hash))
        _ = store.insert(initial, hash: hash, parent: number)
    }

    mutating func explore(
        _ search: FastSearch, findLivelocks: Bool, _ progress: (SearchStatistics) -> Void
    ) {
        var expansion: Expansion<System>?
        var begins = [Int](repeating: 0, count: StateStore.shardCount)
        var reported = 0.0
        while end == .complete {
            let ends = (0..<StateStore.shardCount).map(store.count(ofShard:))
            let length = zip(begins, ends).reduce(0) { $0 + $1.1 - $1.0 }
            if length == 0 { break }
            levels.append(ends)
            let level = zip(begins, ends).enumerated().flatMap { shard, range in
                (range.0..<range.1).map { StateStore.number(place: $0, shard: shard) }
            }
            if length >= search.sharedLevelLength && expansion == nil {
                expansion = Expansion(store, system, threads: search.threads)
            }
            var next = 0
            while next < level.count && end == .complete {
                if let expansion, length >= search.sharedLevelLength {
                    let stretch = level[next..<min(next + expansion.capacity, level.count)]
                    let outcome = expansion.expand(
                        stretch, levelEnds: ends, wantsGoal: goal == nil, wantsSummits: findLivelocks)
                    finals += outcome.finals
                    finalDepths += [Int](repeating: statistics.depth, count: outcome.finals.count)
                    statistics.transitions += outcome.transitions
                    if goal == nil { goal = outcome.goal }
                    summits += outcome.summits
                    next += stretch.count
                } else {
                    let stop = min(next + 1024, level.count)
                    while next < stop && !(search.stopsAtGoal && goal != nil) {
                        expand(level[next], levelEnds: ends, findLivelocks: findLivelocks)
                        next += 1
                    }
                }
                if search.stopsAtGoal && goal != nil { return }
                checkLimits()
                if end == .complete && statistics.seconds - reported > 0.25 {
                    reported = statistics.seconds
                    progress(statistics)
                }
            }
            begins = ends
            statistics.depth += 1
        }
        statistics.depth = max(0, statistics.depth - 1)
    }

    /// Computes the steps out of one state and adds what is new.
    private mutating func expand(_ number: Int, levelEnds: [Int], findLivelocks: Bool) {
        let state = store.state(number)
        if goal == nil, system.isGoal(state) { goal = number }
        let successors = system.successors(of: state)
        if successors.isFinal {
            finals.append(number)
            finalDepths.append(statistics.depth)
        }
        statistics.transitions += successors.count
        store.foresee(successors.states, count: successors.count)
        var goesOn = successors.isFinal
        var successor = successors.states
        for place in 0..<successors.count {
            let (found, isNew) = store.insert(successor, hash: store.foreseen[place], parent: number)
            if isNew || found >> StateStore.shardBits >= levelEnds[found & (StateStore.shardCount - 1)] {
                goesOn = true
            }
            successor += store.stride
        }
        if findLivelocks && !goesOn { summits.append(number) }
    }

    /// A failure is looked for seldom: by then the system knows all that it lacks, not only the first of it.
    private mutating func checkLimits() {
        measure()
        if system.failure != nil {
            end = .failed
        } else if statistics.states > limits.maxStates || statistics.states >= 4_294_000_000 {
            end = .stateLimit
        } else if statistics.bytes > limits.maxMemory {
            end = .memoryLimit
        } else if let timeout = limits.timeout, statistics.seconds > timeout {
            end = .timeLimit
        } else if Interruption.isRequested {
            end = .interrupted
        }
    }

    mutating func measure() {
        statistics.states = store.count
        statistics.bytes = store.bytes
        statistics.seconds = (ContinuousClock.now - start).seconds
    }

    /// Whether every cycle can be left for a final state.
    func canAlwaysEnd() -> Bool {
        if summits.isEmpty { return true }
        let longest = (0..<StateStore.shardCount).map(store.count(ofShard:)).max() ?? 0
        var ends = [Bool](repeating: false, count: longest << StateStore.shardBits)
        for final in finals {
            var state = final
            while !ends[state] {
                ends[state] = true
                state = store.parent(of: state)
            }
        }
        return Livelock.allCanEnd(summits, ends: &ends) { state, isEnough in steps(from: state, isEnough) }
    }

    /// Tells a state's successors one by one until somebody has heard enough.
    private func steps(from state: Int, _ isEnough: (Int) -> Bool) -> Bool {
        let view = system.successors(of: store.state(state))
        for successor in 0..<view.count {
            if let found = store.find(view.states + successor * store.stride), isEnough(found) { return true }
        }
        return false
    }

    /// Adds the states of cycles that runs cannot leave to the final ones.
    mutating func addLivelocks() {
        // In the order of their levels, because steps mostly lead to later ones.
        var numbers: [Int] = []
        var positions = (0..<StateStore.shardCount).map { [Int](repeating: 0, count: store.count(ofShard: $0)) }
        var begins = [Int](repeating: 0, count: StateStore.shardCount)
        for ends in levels {
            for shard in 0..<StateStore.shardCount {
                for place in begins[shard]..<ends[shard] {
                    positions[shard][place] = numbers.count
                    numbers.append(StateStore.number(place: place, shard: shard))
                }
            }
            begins = ends
        }
        func position(_ number: Int) -> Int {
            positions[number & (StateStore.shardCount - 1)][number >> StateStore.shardBits]
        }
        let livelocked = Livelock.states(count: numbers.count, finals: finals.map(position)) { state, isEnough in
            steps(from: numbers[state]) { isEnough(position($0)) }
        }
        finals += livelocked.map { numbers[$0] }
        finalDepths += livelocked.map { store.path(to: numbers[$0]).count - 1 }
    }
}
