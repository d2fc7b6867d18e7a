import Dispatch
import Synchronization

/// Computes the steps out of a stretch of states on several threads, and adds what is new.
///
/// The stretch is cut into chunks of consecutive states. First the chunks are expanded, each by whichever thread is
/// free; the successors are kept by chunk and shard. Then the shards are filled, each by one thread, chunk after chunk.
/// So states enter a shard in the order in which one thread alone would have added them, and get the same numbers
/// whatever the number of threads. Where a follower was at a loss the leader expands the chunk again, in order.
final class Expansion<System: TransitionSystem> {
    static var chunkLength: Int { 256 }

    private let store: StateStore
    private let leader: System
    private let followers: [System]
    private let chunks: [Chunk]

    init?(_ store: StateStore, _ leader: System, threads: Int) {
        guard threads > 1 else { return nil }
        var followers: [System] = []
        for _ in 0..<threads {
            guard let follower = leader.follower() else { return nil }
            followers.append(follower)
        }
        self.store = store
        self.leader = leader
        self.followers = followers
        chunks = (0..<threads * 16).map { _ in Chunk(stride: store.stride) }
    }

    /// How many states one call of ``expand(_:levelEnds:wantsGoal:wantsSummits:)`` can take.
    var capacity: Int { chunks.count * Self.chunkLength }

    /// What came of a stretch.
    struct Outcome {
        var finals: [Int] = []
        var transitions = 0
        var goal: Int?
        /// States without an end that no step leads farther away from.
        var summits: [Int] = []
    }

    /// Expands states, given by number; `levelEnds` are the shards' lengths when their level began.
    func expand(_ states: ArraySlice<Int>, levelEnds: [Int], wantsGoal: Bool, wantsSummits: Bool) -> Outcome {
        let used = (states.count + Self.chunkLength - 1) / Self.chunkLength
        func stretch(_ chunk: Int) -> ArraySlice<Int> {
            let start = states.startIndex + chunk * Self.chunkLength
            return states[start..<min(start + Self.chunkLength, states.endIndex)]
        }
        share(used) { worker, chunk in
            chunks[chunk].expand(stretch(chunk), followers[worker], store, wantsGoal: wantsGoal)
        }
        for chunk in 0..<used where chunks[chunk].isIncomplete {
            chunks[chunk].expand(stretch(chunk), leader, store, wantsGoal: wantsGoal)
        }
        share(StateStore.shardCount) { _, shard in
            for chunk in 0..<used { chunks[chunk].insert(shard: shard, into: store, levelEnd: levelEnds[shard]) }
        }
        var outcome = Outcome()
        for (number, chunk) in chunks.prefix(used).enumerated() {
            if wantsSummits { outcome.summits += chunk.summits(among: stretch(number)) }
            outcome.finals += chunk.finals
            outcome.transitions += chunk.transitions
            if outcome.goal == nil { outcome.goal = chunk.goal }
        }
        return outcome
    }

    /// Runs `body` for each of `count` pieces of work on all threads; the first argument is the thread's number.
    private func share(_ count: Int, _ body: (Int, Int) -> Void) {
        let next = Atomic<Int>(0)
        withoutActuallyEscaping(body) { body in
            // SAFETY: `concurrentPerform` returns after the last call; each piece touches its own chunk or shard.
            nonisolated(unsafe) let body = body
            DispatchQueue.concurrentPerform(iterations: followers.count) { worker in
                while true {
                    let piece = next.wrappingAdd(1, ordering: .relaxed).oldValue
                    if piece >= count { return }
                    body(worker, piece)
                }
            }
        }
    }

    /// The successors of some consecutive states, by shard.
    private final class Chunk {
        private let stride: Int
        /// Where, above the parent's number, its place in the chunk begins.
        private static var placeShift: UInt64 { 48 }
        /// By shard: hash, parent and state of each successor, one behind the other.
        private var successors: [[UInt64]]
        /// By state, 1 when it is final or a step leads farther away from the initial state; set by several threads.
        private let goOn: UnsafeMutablePointer<Atomic<UInt8>>
        private(set) var finals: [Int] = []
        private(set) var transitions = 0
        private(set) var goal: Int?
        private(set) var isIncomplete = false

        init(stride: Int) {
            self.stride = stride
            successors = [[UInt64]](repeating: [], count: StateStore.shardCount)
            goOn = .allocate(capacity: Expansion.chunkLength)
            for place in 0..<Expansion.chunkLength { (goOn + place).initialize(to: Atomic(0)) }
        }

        deinit { goOn.deallocate() }

        /// Those of the chunk's states that are not final and that no step leads farther away from.
        func summits(among states: ArraySlice<Int>) -> [Int] {
            states.enumerated().filter { goOn[$0.offset].load(ordering: .relaxed) == 0 }.map(\.element)
        }

        func expand(_ states: ArraySlice<Int>, _ system: System, _ store: StateStore, wantsGoal: Bool) {
            for shard in 0..<StateStore.shardCount { successors[shard].removeAll(keepingCapacity: true) }
            finals.removeAll(keepingCapacity: true)
            transitions = 0
            goal = nil
            isIncomplete = false
            system.isAtALoss = false
            for (place, number) in states.enumerated() {
                let state = store.state(number)
                if wantsGoal && goal == nil && system.isGoal(state) { goal = number }
                let view = system.successors(of: state)
                if view.isFinal { finals.append(number) }
                goOn[place].store(view.isFinal ? 1 : 0, ordering: .relaxed)
                transitions += view.count
                var successor = view.states
                for _ in 0..<view.count {
                    let hash = store.hash(successor)
                    let shard = StateStore.shard(of: hash)
                    successors[shard].append(hash)
                    successors[shard].append(UInt64(place) << Self.placeShift | UInt64(number))
                    successors[shard].append(contentsOf: UnsafeBufferPointer(start: successor, count: stride))
                    successor += stride
                }
                if system.isAtALoss {
                    isIncomplete = true
                    return
                }
            }
        }

        /// Adds the successors of one shard, and notes which states lead to one that was not there before their level.
        func insert(shard: Int, into store: StateStore, levelEnd: Int) {
            successors[shard].withUnsafeBufferPointer { buffer in
                guard var entry = buffer.baseAddress else { return }
                let end = entry + buffer.count
                while entry < end {
                    let parent = Int(entry[1] & (1 << Self.placeShift - 1))
                    let (number, isNew) = store.insert(entry + 2, hash: entry[0], parent: parent)
                    if isNew || number >> StateStore.shardBits >= levelEnd {
                        goOn[Int(entry[1] >> Self.placeShift)].store(1, ordering: .relaxed)
                    }
                    entry += stride + 2
                }
            }
        }
    }
}
