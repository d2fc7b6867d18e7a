import Testing

@testable import Explorer

/// Puzzles with known answers.
@Suite struct PuzzleTests {
    /// Farmer, wolf, goat, cabbage: a bit each, set on the far bank.
    private static func crossing() -> Puzzle {
        Puzzle(from: [0], goal: { $0 == [15] }) { state in
            let banks = state[0]
            let farmer = banks & 1
            return [0, 1, 2, 3].compactMap { passenger in
                let bit = UInt64(1) << UInt64(passenger)
                // The passenger (or nobody, for number 0) has to be where the farmer is.
                guard passenger == 0 || (banks & bit != 0) == (farmer != 0) else { return nil }
                let next = banks ^ (passenger == 0 ? 1 : 1 | bit)
                let others = (next & 1 == 0 ? next : ~next) >> 1 & 7
                return others & 3 == 3 || others & 6 == 6 ? nil : [next]
            }
        }
    }

    @Test(arguments: EitherSearch.allCases)
    func theRiverIsCrossedInSevenTripsAndTenStatesAreSafe(_ search: EitherSearch) throws {
        let crossing = Self.crossing()
        let found = search.explore(crossing)
        #expect(found.end == .complete)
        #expect(found.statistics.states == 10)
        let run = try #require(found.goalRun)
        #expect(run.count == 7)
        #expect(crossing.state(after: run) == [15])
        // Every state can go back, so runs never end: all ten are one component that cannot be left.
        #expect(found.livelocks.count == 10)
    }

    @Test(arguments: EitherSearch.allCases, [(1, 7), (2, 5), (3, 4), (4, 3)])
    func countersCount(_ search: EitherSearch, _ shape: (count: Int, limit: Int)) {
        let system = Puzzle(from: [UInt64](repeating: 0, count: shape.count)) { state in
            state.indices.filter { state[$0] < UInt64(shape.limit) - 1 }.map { counter in
                var next = state
                next[counter] += 1
                return next
            }
        }
        let found = search.explore(system)
        var states = 1
        for _ in 0..<shape.count { states *= shape.limit }
        #expect(found.statistics.states == states)
        #expect(found.statistics.transitions == shape.count * states / shape.limit * (shape.limit - 1))
        #expect(found.statistics.depth == shape.count * (shape.limit - 1))
        #expect(found.finalStates == [[UInt64](repeating: UInt64(shape.limit) - 1, count: shape.count)])
        #expect(found.finalDepths == [shape.count * (shape.limit - 1)])
        #expect(found.livelocks.isEmpty)
        #expect(found.goalRun == nil)
    }

    /// Peterson's lock for two processes: pc of each, both flags, whose turn it is.
    ///
    /// pc: 0 raise the flag, 1 give the turn away, 2 wait, 3 inside, 4 out.
    private static func peterson(raisesFlag: Bool) -> Puzzle {
        Puzzle(from: [0, 0, 0, 0, 0], goal: { $0[0] == 3 && $0[1] == 3 }) { state in
            [0, 1].compactMap { own in
                let other = 1 - own
                var next = state
                switch state[own] {
                case 0: if raisesFlag { next[2 + own] = 1 }
                case 1: next[4] = UInt64(other)
                case 2: if state[2 + other] == 1 && state[4] == UInt64(other) { return nil }
                case 3: next[2 + own] = 0
                default: return nil
                }
                next[own] += 1
                return next
            }
        }
    }

    @Test(arguments: EitherSearch.allCases)
    func petersonsLockExcludesAndWithoutTheFlagsItDoesNot(_ search: EitherSearch) throws {
        let good = search.explore(Self.peterson(raisesFlag: true))
        #expect(good.end == .complete)
        #expect(good.goalRun == nil)
        #expect(good.finalStates.allSatisfy { $0[0] == 4 && $0[1] == 4 })
        #expect(good.livelocks.isEmpty)
        let broken = Self.peterson(raisesFlag: false)
        let run = try #require(search.explore(broken).goalRun)
        #expect(run.count == 6)
        #expect(broken.state(after: run).map { [$0[0], $0[1]] } == [3, 3])
    }

    @Test func aSearchMayStopAtItsGoal() throws {
        let whole = FastSearch().explore(Self.crossing(), limits: SearchLimits(), findLivelocks: false)
        let early = FastSearch(stopsAtGoal: true).explore(Self.crossing(), limits: SearchLimits(), findLivelocks: false)
        #expect(early.goalRun == whole.goalRun)
        #expect(early.statistics.states <= whole.statistics.states)
    }
}
