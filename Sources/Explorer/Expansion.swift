/// Computes the steps out of a stretch of a level and adds what is new, on one thread or several.
///
/// The stretch is cut into chunks of consecutive states. First the chunks are expanded, each by whichever thread is
/// free; the successors are kept by chunk and shard. Then the shards are filled, each by one thread, chunk after chunk.
/// So states enter a shard in the order in which one thread alone would have added them, and get the same numbers
/// whatever the number of threads.
final class Expansion<System: TransitionSystem> {
    /// Levels shorter than this are explored by one thread: handing them out would take longer.
    let sharedLevelLength: Int

    private let store: StateStore
    private let leader: System
    private let threads: Int
    /// Systems for the other threads, once some level is shared.
    private var followers: [System] = []
    /// How many stretches the leader expands alone because followers would be at a loss, and how many next time.
    private var stretchesAlone = 0
    private var nextAlone = 16
    private var chunks: [Chunk<System>]

    init(_ store: StateStore, _ leader: System, threads: Int, sharedLevelLength: Int) {
        self.store = store
        self.leader = leader
        self.threads = threads
        self.sharedLevelLength = sharedLevelLength
        chunks = [Chunk(stride: store.stride)]
    }

    /// What came of a stretch.
    struct Outcome {
        /// The final states, by number.
        var finals: [Int] = []
        /// Steps.
        var transitions = 0
        /// The first state that is a goal.
        var goal: Int?
        /// States without an end that no step leads farther away from.
        var summits: [Int] = []
    }

    /// Bytes held beside the store: what the systems keep, and the successors on their way.
    var bytes: Int { followers.reduce(leader.bytes) { $0 + $1.bytes } + chunks.reduce(0) { $0 + $1.bytes } }

    /// Expands the states of a level from a position on, as many as it takes at once; returns the next position.
    ///
    /// - Parameters:
    ///   - wantsGoal: ask for goals.
    ///   - wantsSummits: look for states that no step leads farther away from.
    ///   - room: where more new states come of it, it ends with the chunk that has the first too many, as with one thread.
    ///   - outcome: what was found is added.
    func expand(
        _ level: Level, from start: Int, wantsGoal: Bool, wantsSummits: Bool, room: Int, _ outcome: inout Outcome
    ) -> Int {
        stretchesAlone = max(0, stretchesAlone - 1)
        let isShared = level.length >= sharedLevelLength && stretchesAlone == 0 && engageFollowers()
        let used = min(isShared ? chunks.count : 1, (level.length - start + chunkLength - 1) / chunkLength)
        func stretch(_ chunk: Int) -> Range<Int> {
            let first = start + chunk * chunkLength
            return first..<min(first + chunkLength, level.length)
        }
        for chunk in 0..<used { chunks[chunk].begin(stretch(chunk)) }
        if isShared { expandShared(used, level, stretch, wantsGoal) }
        for chunk in 0..<used where chunks[chunk].isIncomplete {
            chunks[chunk].expand(level, at: stretch(chunk), leader, store, wantsGoal: wantsGoal)
        }
        func add(_ added: Range<Int>, threads: Int) {
            Workers.share(StateStore.shardCount, threads: threads) { _, shard in
                for chunk in added { chunks[chunk].insert(shard: shard, into: store, levelEnd: level.ends[shard]) }
            }
            for chunk in added { chunks[chunk].report(level, at: stretch(chunk), wantsSummits, &outcome) }
        }
        if used > 1 && chunks[0..<used].reduce(0, { $0 + $1.transitions }) > room {
            let most = store.count + room
            for chunk in 0..<used {
                add(chunk..<chunk + 1, threads: 1)
                if store.count > most { return stretch(chunk).upperBound }
            }
        } else {
            add(0..<used, threads: isShared ? threads : 1)
        }
        return stretch(used - 1).upperBound
    }

    /// Expands chunks on all threads, the leader helping out where followers are at a loss.
    ///
    /// Only the leader gives new numbers, and it gives them in the order in which one thread alone would have: it finishes
    /// the first chunk that is incomplete, from which followers mostly know enough to finish the rest.
    private func expandShared(_ used: Int, _ level: Level, _ stretch: (Int) -> Range<Int>, _ wantsGoal: Bool) {
        var rounds = 0
        while true {
            let incomplete = (0..<used).filter { chunks[$0].isIncomplete }
            Workers.share(incomplete.count, threads: threads) { worker, piece in
                let chunk = incomplete[piece]
                chunks[chunk].expand(level, at: stretch(chunk), followers[worker], store, wantsGoal: wantsGoal)
            }
            rounds += 1
            guard let first = incomplete.first(where: { chunks[$0].isIncomplete }) else { break }
            chunks[first].expand(level, at: stretch(first), leader, store, wantsGoal: wantsGoal)
        }
        if rounds > max(2, used / 4) {
            stretchesAlone = nextAlone
            nextAlone *= 2
        }
    }

    /// Makes ready for several threads; false where the system has no followers.
    private func engageFollowers() -> Bool {
        guard threads > 1 else { return false }
        if !followers.isEmpty { return true }
        for _ in 0..<threads {
            guard let follower = leader.follower() else { return false }
            followers.append(follower)
        }
        while chunks.count < threads * 16 { chunks.append(Chunk(stride: store.stride)) }
        return true
    }
}
