import Testing

@testable import Explorer

/// Expansion of levels.
@Suite struct ExpansionTests {
    /// Numbers names in the order in which they are first met, like a machine its thread states; followers cannot.
    private final class Naming: TransitionSystem {
        /// What leader and followers know together.
        private final class Names {
            var numbers: [UInt64: UInt64] = [0: 0]
            var names: [UInt64] = [0]
        }

        private let known: Names
        private let isFollower: Bool
        private let width: UInt64
        private let flat = UnsafeMutablePointer<UInt64>.allocate(capacity: 4)
        private let labels = UnsafeMutablePointer<UInt32>.allocate(capacity: 4)
        var isAtALoss = false
        let stateWords = 1
        let hasFailed = false

        convenience init(width: UInt64) { self.init(Names(), width, isFollower: false) }

        private init(_ known: Names, _ width: UInt64, isFollower: Bool) {
            self.known = known
            self.width = width
            self.isFollower = isFollower
        }

        deinit {
            flat.deallocate()
            labels.deallocate()
        }

        func follower() -> Naming? { Naming(known, width, isFollower: true) }

        func writeInitialState(to state: UnsafeMutablePointer<UInt64>) { state[0] = 0 }

        func isGoal(_ state: UnsafePointer<UInt64>) -> Bool { known.names[Int(state[0])] % 1009 == 1008 }

        /// A name has up to three successors that share most of theirs with those of other names.
        func successors(of state: UnsafePointer<UInt64>) -> Successors {
            let name = known.names[Int(state[0])]
            let (level, place) = (name >> 32, name & 0xffff_ffff)
            var count = 0
            if level < 12 {
                for step in 0..<3 as Range<UInt64> {
                    flat[count] = number((level + 1) << 32 | (place * 2 + step) % width)
                    count += 1
                }
            }
            return Successors(states: flat, labels: labels, count: count, isFinal: count == 0)
        }

        private func number(_ name: UInt64) -> UInt64 {
            if let number = known.numbers[name] { return number }
            if isFollower {
                isAtALoss = true
                return 0
            }
            known.numbers[name] = UInt64(known.names.count)
            known.names.append(name)
            return UInt64(known.names.count - 1)
        }
    }

    @Test(arguments: [2, 3, 5])
    func numbersAreTheSameAtAnyNumberOfThreads(_ threads: Int) {
        // Wider than several chunks, so that some chunks are finished by followers and some by the leader.
        let alone = FastSearch().explore(Naming(width: 3000), limits: SearchLimits(), findLivelocks: true)
        let shared = FastSearch(threads: threads, sharedLevelLength: 2).explore(
            Naming(width: 3000), limits: SearchLimits(), findLivelocks: true)
        #expect(alone.end == .complete)
        #expect(alone.statistics.states > 10_000)
        #expect(alone.livelocks.isEmpty)
        #expect(shared.statistics.states == alone.statistics.states)
        #expect(shared.statistics.transitions == alone.statistics.transitions)
        #expect(shared.finalStates == alone.finalStates)
        #expect(shared.goalRun == alone.goalRun)
        #expect(alone.goalRun != nil)
        for final in [0, 100, 2000] { #expect(shared.run(toFinal: final) == alone.run(toFinal: final)) }
    }

    @Test func aLevelsStatesComeInOrderFromAnyPositionOn() {
        let store = StateStore(stride: 1)
        func add(_ states: Range<UInt64>) {
            for state in states {
                withUnsafePointer(to: state) { pointer in
                    let entry = [store.hash(pointer), 0, state]
                    store.insert(entry, words: 3, shard: StateStore.shard(of: entry[0])) { _, _ in }
                }
            }
        }
        withUnsafePointer(to: 0 as UInt64, store.insertInitial)
        let first = Level(after: nil, in: store)
        #expect(first.length == 1)
        add(1..<700)
        let second = Level(after: first, in: store)
        #expect(second.length == 699)
        var all: [Int] = []
        second.forEach(at: 0..<699) { all.append($0) }
        #expect(Set(all.map { store.state($0)[0] }) == Set(1..<700))
        for start in stride(from: 0, to: 699, by: 50) {
            var part: [Int] = []
            second.forEach(at: start..<min(start + 50, 699)) { part.append($0) }
            #expect(part == Array(all[start..<min(start + 50, 699)]))
        }
        #expect(Level(after: second, in: store).length == 0)
    }

    @Test(arguments: [10, 5000, 60_000])
    func aStateThatIsKnownIsToldByItsPlaceANewOneIsNot(_ count: Int) {
        let store = StateStore(stride: 2)
        var entries = [[UInt64]](repeating: [], count: StateStore.shardCount)
        for state in 0..<UInt64(count) {
            let words = [state, state &* 0x9e37_79b9]
            let hash = words.withUnsafeBufferPointer { $0.baseAddress.map(store.hash) ?? 0 }
            entries[StateStore.shard(of: hash)] += [hash, state << StateStore.originShift] + words
        }
        for round in 0..<2 {
            for shard in 0..<StateStore.shardCount {
                var place = 0
                store.insert(entries[shard], words: entries[shard].count, shard: shard) { _, known in
                    #expect(known == (round == 0 ? nil : place))
                    place += 1
                }
            }
        }
        #expect(store.count == count)
        #expect(store.bytes >= count * 20)
    }
}
