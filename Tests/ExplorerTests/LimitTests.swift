import TestSupport
import Testing

@testable import Explorer

@Suite struct LimitTests {
    /// Numbers counting up for ever.
    private static func endless() -> Puzzle { Puzzle(from: [0]) { [[$0[0] + 1], [$0[0] + 2]] } }

    private func limits(_ change: (inout SearchLimits) -> Void) -> SearchLimits {
        var limits = SearchLimits()
        change(&limits)
        return limits
    }

    @Test(arguments: EitherSearch.allCases)
    func aLimitOfStatesEndsTheSearch(_ search: EitherSearch) {
        let found = search.explore(Self.endless(), limits: limits { $0.maxStates = 1000 })
        #expect(found.end == .stateLimit)
        #expect(found.statistics.states >= 1000)
        #expect(found.livelocks.isEmpty, "an incomplete search knows nothing of livelocks")
    }

    @Test(arguments: EitherSearch.allCases)
    func aLimitThatIsNotReachedChangesNothing(_ search: EitherSearch) {
        let found = search.explore(.graph([[1, 2], [3], [3], []]), limits: limits { $0.maxStates = 4 })
        #expect(found.end == .complete)
        #expect(found.statistics.states == 4)
    }

    @Test(arguments: [50, 3000, 20_000, 70_000])
    func aLimitOfStatesEndsTheSearchAtTheSamePlaceAtAnyNumberOfThreads(_ most: Int) {
        // Levels grow by a quarter: a stretch of several threads would go far beyond the limit.
        let puzzle = {
            Puzzle(from: [1], hasFollowers: true, ends: { $0[0] % 7 == 0 }) { [[$0[0] &* 5 / 4 &+ 1], [$0[0] &+ 3]] }
        }
        let alone = FastSearch().explore(puzzle(), limits: limits { $0.maxStates = most }, findLivelocks: true)
        #expect(alone.end == .stateLimit)
        for threads in [2, 3] {
            let shared = FastSearch(threads: threads, sharedLevelLength: 2).explore(
                puzzle(), limits: limits { $0.maxStates = most }, findLivelocks: true)
            #expect(shared.end == .stateLimit)
            #expect(shared.statistics.states == alone.statistics.states)
            #expect(shared.statistics.transitions == alone.statistics.transitions)
            #expect(shared.finalStates == alone.finalStates)
            #expect(shared.statistics.depth == alone.statistics.depth)
        }
    }

    @Test func whatASystemKeepsCountsAsMemory() {
        let system = Puzzle(from: [0]) { [[($0[0] + 1) % 1000]] }
        system.bytes = 1 << 30
        #expect(
            FastSearch().explore(system, limits: limits { $0.maxMemory = 1 << 29 }, findLivelocks: false).end
                == .memoryLimit)
        system.bytes = 1 << 20
        #expect(
            FastSearch().explore(system, limits: limits { $0.maxMemory = 1 << 29 }, findLivelocks: false).end
                == .complete)
    }

    @Test(arguments: EitherSearch.allCases)
    func aLimitOfMemoryEndsTheSearch(_ search: EitherSearch) {
        let found = search.explore(Self.endless(), limits: limits { $0.maxMemory = 1 << 18 })
        #expect(found.end == .memoryLimit)
    }

    @Test(arguments: EitherSearch.allCases)
    func aLimitOfTimeEndsTheSearch(_ search: EitherSearch) {
        let found = search.explore(Self.endless(), limits: limits { $0.timeout = 0.02 })
        #expect(found.end == .timeLimit)
    }

    @Test(arguments: EitherSearch.allCases)
    func anInterruptionEndsTheSearch(_ search: EitherSearch) {
        let flag = InterruptionFlag()
        flag.request()
        let found = search.explore(Self.endless(), limits: limits { $0.interruption = flag })
        #expect(found.end == .interrupted)
    }

    @Test(arguments: EitherSearch.allCases)
    func aFailureOfTheSystemEndsTheSearch(_ search: EitherSearch) {
        let system = Puzzle(from: [0], fails: { $0[0] == 5 }) { [[$0[0] + 1]] }
        let found = search.explore(system, limits: limits { $0.maxStates = 100_000 })
        #expect(found.end == .failed)
        #expect(system.hasFailed)
    }

    // MARK: Runs that never end

    /// So many states in a ring that runs cannot leave.
    private static let ringLength = 20_000

    /// A ring; `late` is called for each state whose steps are asked for again, once all have been asked for.
    private static func ring(_ late: @escaping @Sendable (Int) -> Void = { _ in }) -> Puzzle {
        var asked = 0
        return Puzzle(from: [0]) { state in
            asked += 1
            if asked > ringLength { late(asked - ringLength) }
            return [[(state[0] + 1) % UInt64(ringLength)]]
        }
    }

    @Test(arguments: EitherSearch.allCases)
    func withoutLimitsTheRingIsAllLivelock(_ search: EitherSearch) {
        let found = search.explore(Self.ring())
        #expect(found.end == .complete)
        #expect(found.livelocks.count == Self.ringLength)
        #expect(found.finalDepths == Array(0..<Self.ringLength))
    }

    @Test(.takesLong, arguments: EitherSearch.allCases)
    func memoryThatLookingForLivelocksNeedsCounts(_ search: EitherSearch) {
        // The ring itself fits, with nothing to spare for the second pass.
        let most = search.explore(Self.ring(), findLivelocks: false).statistics.bytes + (1 << 17)
        let plain = search.explore(Self.ring(), limits: limits { $0.maxMemory = most }, findLivelocks: false)
        #expect(plain.end == .complete)
        let found = search.explore(Self.ring(), limits: limits { $0.maxMemory = most })
        #expect(found.end == .memoryLimit)
        #expect(found.livelocks.isEmpty, "an incomplete search knows nothing of livelocks")
    }

    @Test func anInterruptionWhileLivelocksAreLookedForEndsThat() {
        let (asked, flag) = (Counter(), InterruptionFlag())
        let found = FastSearch().explore(
            Self.ring {
                asked.value = $0
                if $0 == 1000 { flag.request() }
            }, limits: limits { $0.interruption = flag }, findLivelocks: true)
        #expect(found.end == .interrupted)
        #expect(found.livelocks.isEmpty)
        #expect(1000...1300 ~= asked.value, "it goes on for \(asked.value - 1000) states")
    }

    @Test func timeRunsOutWhileLivelocksAreLookedFor() {
        let found = FastSearch().explore(
            Self.ring { if $0 == 500 { sleep(forSeconds: 1.1) } }, limits: limits { $0.timeout = 1 },
            findLivelocks: true)
        #expect(found.end == .timeLimit)
        #expect(found.livelocks.isEmpty)
    }

    @Test func aFailureOfTheSystemWhileLivelocksAreLookedForIsTold() {
        let system = Puzzle(from: [0], fails: { $0[0] == 9 && $0.count == 1 && Self.isLate($0) }) {
            [[($0[0] + 1) % 4000]]
        }
        Self.lookups = 0
        #expect(FastSearch().explore(system, limits: SearchLimits(), findLivelocks: true).end == .failed)
    }

    nonisolated(unsafe) private static var lookups = 0

    /// Whether this state was asked for before.
    private static func isLate(_ state: [UInt64]) -> Bool {
        lookups += 1
        return lookups > 1
    }

    /// The two passes themselves, whose steps may be slow to tell or held in lists.
    @Test(arguments: [1, 255, 256, 1000, 30_000])
    func eachPassStopsWithinAFewHundredStates(_ when: Int) {
        var (asked, flag) = (0, InterruptionFlag())
        func allowance() -> Allowance {
            (asked, flag) = (0, InterruptionFlag())
            return Allowance(limits { $0.interruption = flag }, Stopwatch(), otherBytes: { 0 }, hasFailed: { false })
        }
        let count = 40_000
        let edges: Livelock.Edges = { state, isEnough in
            asked += 1
            if asked == when { flag.request() }
            return isEnough((state + 1) % count)
        }
        var ends = [Bool](repeating: false, count: count)
        #expect(Livelock.allCanEnd([0], ends: &ends, allowance(), edges: edges) == nil)
        #expect(asked <= when + 256)
        #expect(Livelock.states(count: count, finals: [], allowance(), edges: edges) == nil)
        #expect(asked <= when + 256)
        #expect(Livelock.states(count: count, finals: [0], allowance(), edges: edges) == nil)
        #expect(asked <= when + 256)
    }

    @Test func whatAPassHeldItGivesBack() {
        let allowance = Allowance(
            SearchLimits(maxMemory: 1 << 20), Stopwatch(), otherBytes: { 0 }, hasFailed: { false })
        let edges: Livelock.Edges = { state, isEnough in isEnough((state + 1) % 5000) }
        for _ in 0..<20 {
            var ends = [Bool](repeating: false, count: 5000)
            #expect(Livelock.allCanEnd([0, 1], ends: &ends, allowance, edges: edges) == false)
            #expect(Livelock.states(count: 5000, finals: [], allowance, edges: edges)?.count == 5000)
            #expect(Livelock.states(count: 5000, finals: [17], allowance, edges: edges)?.isEmpty == true)
        }
        #expect(allowance.end == .complete)
    }
}

/// A number that closures of one test share.
private final class Counter: @unchecked Sendable {
    var value = 0
}

private func sleep(forSeconds seconds: Double) {
    let stopwatch = Stopwatch()
    while stopwatch.seconds < seconds {}
}
