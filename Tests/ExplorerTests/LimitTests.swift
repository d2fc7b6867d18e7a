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
