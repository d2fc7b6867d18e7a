import Testing

@testable import Explorer

// The flag that ends searches early belongs to the process, so these run one after the other.
@Suite("Limits", .serialized)
struct LimitTests {
    /// Numbers counting up for ever.
    private static func endless() -> Puzzle { Puzzle(from: [0]) { [[$0[0] + 1], [$0[0] + 2]] } }

    private func limits(_ change: (inout SearchLimits) -> Void) -> SearchLimits {
        var limits = SearchLimits()
        change(&limits)
        return limits
    }

    @Test("a limit of states ends the search", arguments: EitherSearch.allCases)
    func states(_ search: EitherSearch) {
        let found = search.explore(Self.endless(), limits: limits { $0.maxStates = 1000 })
        #expect(found.end == .stateLimit)
        #expect(found.statistics.states >= 1000)
        #expect(found.livelocks.isEmpty, "an incomplete search knows nothing of livelocks")
    }

    @Test("a limit that is not reached changes nothing", arguments: EitherSearch.allCases)
    func exactLimit(_ search: EitherSearch) {
        let found = search.explore(.graph([[1, 2], [3], [3], []]), limits: limits { $0.maxStates = 4 })
        #expect(found.end == .complete)
        #expect(found.statistics.states == 4)
    }

    @Test(
        "a limit of states ends the search at the same place at any number of threads",
        arguments: [50, 3000, 20_000, 70_000])
    func sameLimit(_ most: Int) {
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

    @Test("what a system keeps counts as memory")
    func systemMemory() {
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

    @Test("a limit of memory ends the search", arguments: EitherSearch.allCases)
    func memory(_ search: EitherSearch) {
        let found = search.explore(Self.endless(), limits: limits { $0.maxMemory = 1 << 18 })
        #expect(found.end == .memoryLimit)
    }

    @Test("a limit of time ends the search", arguments: EitherSearch.allCases)
    func time(_ search: EitherSearch) {
        let found = search.explore(Self.endless(), limits: limits { $0.timeout = 0.02 })
        #expect(found.end == .timeLimit)
    }

    @Test("an interruption ends the search", arguments: EitherSearch.allCases)
    func interruption(_ search: EitherSearch) {
        Interruption.request()
        defer { Interruption.clear() }
        let found = search.explore(Self.endless())
        #expect(found.end == .interrupted)
    }

    @Test("a failure of the system ends the search", arguments: EitherSearch.allCases)
    func failure(_ search: EitherSearch) {
        let system = Puzzle(from: [0], fails: { $0[0] == 5 }) { [[$0[0] + 1]] }
        let found = search.explore(system, limits: limits { $0.maxStates = 100_000 })
        #expect(found.end == .failed)
        #expect(system.hasFailed)
    }
}
