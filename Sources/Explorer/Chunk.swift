import Synchronization

/// How many states a chunk takes: their successors fit the processor's second-level cache.
let chunkLength = 256

/// Some consecutive states of a level, and their successors by shard.
final class Chunk<System: TransitionSystem> {
    private let stride: Int
    /// By shard, what is to be added: hash, origin and state of each successor, one after the other.
    private let pending: UnsafeMutablePointer<Pending>
    /// By state, 1 when it is final or a step leads farther away from the initial state; set by several threads.
    private let goesOn: UnsafeMutablePointer<Atomic<UInt8>>
    // One thread at a time has a chunk; checking each access for exclusivity would cost more than the access.
    @exclusivity(unchecked) private var finals: [Int] = []
    /// Steps, which are the states that are to be added, known ones included.
    @exclusivity(unchecked) private(set) var transitions = 0
    @exclusivity(unchecked) private var goal: Int?
    /// How many of the states are expanded; fewer than there are when a system was at a loss.
    @exclusivity(unchecked) private var expanded = 0
    @exclusivity(unchecked) private var length = 0

    /// Whether states are left that a system was at a loss with.
    var isIncomplete: Bool { expanded < length }

    /// Successors that belong to one shard.
    private struct Pending {
        var words: UnsafeMutablePointer<UInt64>
        var count = 0
        var capacity = 16

        init() { words = .allocate(capacity: capacity) }

        mutating func grow(_ length: Int) {
            let larger = UnsafeMutablePointer<UInt64>.allocate(capacity: (capacity + length) * 2)
            larger.update(from: words, count: count)
            words.deallocate()
            words = larger
            capacity = (capacity + length) * 2
        }
    }

    init(stride: Int) {
        self.stride = stride
        pending = .allocate(capacity: StateStore.shardCount)
        for shard in 0..<StateStore.shardCount { (pending + shard).initialize(to: Pending()) }
        goesOn = .allocate(capacity: chunkLength)
        for place in 0..<chunkLength { (goesOn + place).initialize(to: Atomic(0)) }
    }

    deinit {
        for shard in 0..<StateStore.shardCount { pending[shard].words.deallocate() }
        pending.deallocate()
        goesOn.deallocate()
    }

    /// Bytes held.
    var bytes: Int { (0..<StateStore.shardCount).reduce(0) { $0 + pending[$1].capacity } * 8 }

    /// Takes up the states at some positions of a level.
    func begin(_ positions: Range<Int>) {
        for shard in 0..<StateStore.shardCount { pending[shard].count = 0 }
        finals.removeAll(keepingCapacity: true)
        transitions = 0
        goal = nil
        expanded = 0
        length = positions.count
    }

    /// Computes the successors of the states at these positions, from the first on that has none yet, up to one with which
    /// the system is at a loss.
    func expand(_ level: Level, at positions: Range<Int>, _ system: System, _ store: StateStore, wantsGoal: Bool) {
        system.isAtALoss = false
        // In variables of this thread alone: chunks of other threads may share a cache line with this one.
        var place = expanded
        var steps = 0
        level.forEach(at: positions.lowerBound + expanded..<positions.upperBound) { number in
            if system.isAtALoss { return }
            let state = store.state(number)
            let isGoal = wantsGoal && goal == nil && system.isGoal(state)
            let view = system.successors(of: state)
            if system.isAtALoss { return }
            if isGoal { goal = number }
            if view.isFinal { finals.append(number) }
            goesOn[place].store(view.isFinal ? 1 : 0, ordering: .relaxed)
            steps &+= view.count
            keep(
                view, store,
                origin: UInt64(truncatingIfNeeded: place) << StateStore.originShift
                    | UInt64(truncatingIfNeeded: number))
            place &+= 1
        }
        expanded = place
        transitions += steps
    }

    @inline(__always)
    private func keep(_ view: Successors, _ store: StateStore, origin: UInt64) {
        let length = stride &+ StateStore.headWords
        var successor = view.states
        for _ in 0..<view.count {
            let hash = store.hash(successor)
            let list = pending + StateStore.shard(of: hash)
            if list.pointee.count &+ length > list.pointee.capacity { list.pointee.grow(length) }
            let entry = list.pointee.words + list.pointee.count
            entry[0] = hash
            entry[1] = origin
            for word in 0..<stride { entry[word &+ StateStore.headWords] = successor[word] }
            list.pointee.count &+= length
            successor += stride
        }
    }

    /// Adds the successors of one shard, and notes which states lead to one that was not there before their level.
    func insert(shard: Int, into store: StateStore, levelEnd: Int) {
        store.insert(pending[shard].words, words: pending[shard].count, shard: shard) { place, known in
            if let known, known < levelEnd { return }
            goesOn[Int(truncatingIfNeeded: place)].store(1, ordering: .relaxed)
        }
    }

    /// Adds what was found to the outcome of the stretch.
    func report(
        _ level: Level, at positions: Range<Int>, _ wantsSummits: Bool, _ outcome: inout Expansion<System>.Outcome
    ) {
        outcome.finals += finals
        outcome.transitions += transitions
        if outcome.goal == nil { outcome.goal = goal }
        guard wantsSummits else { return }
        var place = 0
        level.forEach(at: positions) { number in
            if goesOn[place].load(ordering: .relaxed) == 0 { outcome.summits.append(number) }
            place += 1
        }
    }
}
