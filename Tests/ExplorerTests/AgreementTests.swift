import Testing

@testable import Explorer

/// Graphs at random, the same on every platform.
private struct Numbers {
    var state: UInt64

    mutating func below(_ limit: Int) -> Int {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return Int((state >> 33) % UInt64(limit))
    }
}

/// Both searches agree.
@Suite struct AgreementTests {
    private static func edges(seed: UInt64) -> [[Int]] {
        var numbers = Numbers(state: seed &* 0x9e37_79b9_7f4a_7c15 &+ 1)
        let count = 1 + numbers.below(60)
        let density = 1 + numbers.below(3)
        return (0..<count).map { _ in (0..<numbers.below(density + 2)).map { _ in numbers.below(count) } }
    }

    /// Distances from vertex 0, by the textbook.
    private static func distances(_ edges: [[Int]]) -> [Int: Int] {
        var distance = [0: 0]
        var queue = [0]
        while !queue.isEmpty {
            let vertex = queue.removeFirst()
            for target in edges[vertex] where distance[target] == nil {
                distance[target] = (distance[vertex] ?? 0) + 1
                queue.append(target)
            }
        }
        return distance
    }

    @Test(arguments: 0..<150)
    func bothAgreeOnRandomGraphs(_ seed: Int) throws {
        let edges = Self.edges(seed: UInt64(seed))
        let distances = Self.distances(edges)
        let goal = edges.count - 1
        for search in EitherSearch.allCases {
            let system = Puzzle.graph(edges, words: 1 + seed % 3, hasFollowers: true, goal: goal)
            let found = search.explore(system)
            #expect(found.end == .complete)
            #expect(found.statistics.states == distances.count, "\(search)")
            #expect(found.statistics.transitions == distances.keys.reduce(0) { $0 + edges[$1].count }, "\(search)")
            #expect(found.statistics.depth == distances.values.max(), "\(search)")
            #expect(found.goalRun?.count == distances[goal], "\(search)")
            let ends = distances.keys.filter { edges[$0].isEmpty }
            #expect(found.livelocks.lowerBound == ends.count, "\(search)")
            let depths = found.finalDepths.prefix(ends.count)
            #expect(depths.sorted() == ends.compactMap { distances[$0] }.sorted(), "\(search)")
            for position in found.finalStates.indices {
                #expect(system.state(after: found.run(toFinal: position)) == found.finalStates[position], "\(search)")
            }
        }
    }

    @Test(arguments: 150..<300)
    func bothFindTheSameFinalStatesAndLivelocks(_ seed: Int) {
        let edges = Self.edges(seed: UInt64(seed))
        let reference = EitherSearch.reference.explore(.graph(edges, words: 2))
        for search in [EitherSearch.fast, .twoThreads] {
            let found = search.explore(.graph(edges, words: 2, hasFollowers: true))
            #expect(Set(found.finalStates) == Set(reference.finalStates))
            #expect(found.livelocks == reference.livelocks)
        }
    }

    /// Counters large enough for levels that several threads share.
    private static func lattice() -> Puzzle {
        Puzzle(from: [0, 0, 0], hasFollowers: true, goal: { $0 == [30, 0, 31] }) { state in
            state.indices.filter { state[$0] < 34 }.map { counter in
                var next = state
                next[counter] += 1
                return next
            }
        }
    }

    @Test func anyNumberOfThreadsFindsTheSameAndARunTwiceIsTheSameRun() throws {
        let one = EitherSearch.fast.explore(Self.lattice(), findLivelocks: false)
        #expect(one.statistics.states == 35 * 35 * 35)
        for search in [EitherSearch.fast, .twoThreads, .twoThreads] {
            let found = search.explore(Self.lattice(), findLivelocks: false)
            #expect(found.statistics.states == one.statistics.states)
            #expect(found.statistics.transitions == one.statistics.transitions)
            #expect(found.statistics.depth == one.statistics.depth)
            #expect(found.goalRun == one.goalRun)
            #expect(found.finalStates == one.finalStates)
            #expect(found.run(toFinal: 0) == one.run(toFinal: 0))
        }
        #expect(one.goalRun?.count == 61)
    }

    @Test func progressIsReportedDuringLongSearchesAndNeverAfterTheEnd() {
        var last = 0
        let found = ReferenceSearch().explore(Self.lattice(), limits: SearchLimits(), findLivelocks: false) { figures in
            #expect(figures.states >= last)
            last = figures.states
        }
        #expect(last > 0)
        #expect(last <= found.statistics.states)
    }
}
