import Testing

@testable import Explorer

/// Runs that never end.
@Suite struct LivelockTests {
    /// A graph by its edges, and the vertices of components that cannot be left and hold no end.
    struct Case: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var edges: [[Int]]
        var livelocked: Set<Int>

        init(_ description: String, _ edges: [[Int]], _ livelocked: Set<Int>) {
            testDescription = description
            self.edges = edges
            self.livelocked = livelocked
        }
    }

    static let cases = [
        Case("a single end", [[]], []),
        Case("a circle with no way out", [[1], [2], [0]], [0, 1, 2]),
        Case("a circle that can be left for an end", [[1], [2], [0, 3], []], []),
        Case("a step to itself", [[0]], [0]),
        Case("a step to itself behind a fork", [[1, 2], [], [2]], [2]),
        Case("a way into a circle is no part of it", [[1], [2], [3], [2]], [2, 3]),
        Case("two circles", [[1, 3], [2], [1], [4], [3]], [1, 2, 3, 4]),
        Case("a circle that leads into another", [[1], [0, 2], [3], [2]], [2, 3]),
        Case("a circle within a circle", [[1], [2], [1, 3], [0]], [0, 1, 2, 3]),
        Case("an end beside a livelock", [[1, 2], [], [3], [2]], [2, 3]),
    ]

    @Test(arguments: EitherSearch.allCases, cases)
    func bottomComponentsWithoutAnEndAreFound(_ search: EitherSearch, _ example: Case) {
        // The vertex's number is all of the state, so that finals can be read back.
        let system = Puzzle(from: [0]) { state in example.edges[Int(state[0])].map { [UInt64($0)] } }
        let found = search.explore(system)
        #expect(found.end == .complete)
        let numbers = found.finalStates.map { Int($0[0]) }
        #expect(Set(found.livelocks.map { numbers[$0] }) == example.livelocked)
        let ends = Set(example.edges.indices.filter { example.edges[$0].isEmpty })
        #expect(Set(numbers.prefix(found.livelocks.lowerBound)) == ends)
        for (position, number) in numbers.enumerated() {
            let run = found.run(toFinal: position)
            #expect(system.state(after: run) == [UInt64(number)])
            #expect(run.count == found.finalDepths[position])
        }
    }

    @Test(arguments: EitherSearch.allCases)
    func nobodyLooksForLivelocksWhereThatIsNotAskedFor(_ search: EitherSearch) {
        let found = search.explore(.graph([[1], [0]]), findLivelocks: false)
        #expect(found.livelocks.isEmpty)
        #expect(found.finalStates.isEmpty)
    }

    @Test(arguments: EitherSearch.allCases)
    func anEndWhereStepsRemainIsAnEndNotALivelock(_ search: EitherSearch) {
        // State 1 is final although it can step to itself, as a machine that only speculates.
        let system = Puzzle(from: [0], ends: { $0 == [1] }) { $0 == [0] ? [[1]] : [[1]] }
        let found = search.explore(system)
        #expect(found.finalStates == [[1]])
        #expect(found.livelocks.isEmpty)
    }
}
