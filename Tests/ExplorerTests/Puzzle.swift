@testable import Explorer

/// A transition system given by closures, for puzzles small enough to be counted by hand.
final class Puzzle: TransitionSystem, @unchecked Sendable {
    let stateWords: Int
    private let initial: [UInt64]
    private let moves: ([UInt64]) -> [[UInt64]]
    private let goal: ([UInt64]) -> Bool
    private let ends: (([UInt64]) -> Bool)?
    private let fails: ([UInt64]) -> Bool
    private let hasFollowers: Bool
    private var flat: UnsafeMutablePointer<UInt64>
    private var labels: UnsafeMutablePointer<UInt32>
    private var capacity = 16
    private(set) var hasFailed = false
    var isAtALoss = false
    var bytes = 0

    /// Makes a puzzle.
    ///
    /// - Parameters:
    ///   - moves: the states after each step, in order.
    ///   - ends: where runs end; where there are no moves, if nil.
    ///   - fails: states whose successors cannot be computed.
    init(
        from initial: [UInt64], hasFollowers: Bool = false, goal: @escaping ([UInt64]) -> Bool = { _ in false },
        ends: (([UInt64]) -> Bool)? = nil, fails: @escaping ([UInt64]) -> Bool = { _ in false },
        moves: @escaping ([UInt64]) -> [[UInt64]]
    ) {
        stateWords = initial.count
        self.initial = initial
        self.hasFollowers = hasFollowers
        self.moves = moves
        self.goal = goal
        self.ends = ends
        self.fails = fails
        flat = .allocate(capacity: 16 * initial.count)
        labels = .allocate(capacity: 16)
    }

    deinit {
        flat.deallocate()
        labels.deallocate()
    }

    func writeInitialState(to state: UnsafeMutablePointer<UInt64>) {
        for (word, value) in initial.enumerated() { state[word] = value }
    }

    func successors(of state: UnsafePointer<UInt64>) -> Successors {
        let here = words(state)
        if fails(here) { hasFailed = true }
        let next = moves(here)
        if next.count > capacity {
            flat.deallocate()
            labels.deallocate()
            capacity = next.count
            flat = .allocate(capacity: capacity * stateWords)
            labels = .allocate(capacity: capacity)
        }
        for (number, target) in next.enumerated() {
            labels[number] = UInt32(number)
            for (word, value) in target.enumerated() { flat[number * stateWords + word] = value }
        }
        return Successors(states: flat, labels: labels, count: next.count, isFinal: ends?(here) ?? next.isEmpty)
    }

    func isGoal(_ state: UnsafePointer<UInt64>) -> Bool { goal(words(state)) }

    func follower() -> Puzzle? {
        guard hasFollowers else { return nil }
        return Puzzle(from: initial, hasFollowers: true, goal: goal, ends: ends, fails: fails, moves: moves)
    }

    private func words(_ state: UnsafePointer<UInt64>) -> [UInt64] {
        Array(UnsafeBufferPointer(start: state, count: stateWords))
    }

    /// The state at the end of a run.
    func state(after run: [Int]) -> [UInt64]? {
        var here = initial
        for step in run {
            let next = moves(here)
            guard next.indices.contains(step) else { return nil }
            here = next[step]
        }
        return here
    }
}

extension Exploration {
    /// The final states as arrays, in the order in which they were found.
    var finalStates: [[UInt64]] {
        var all: [[UInt64]] = []
        finals.forEach { _, state in all.append(Array(UnsafeBufferPointer(start: state, count: finals.stateWords))) }
        return all
    }
}

/// Both searches, for tests that hold for either.
enum EitherSearch: String, CaseIterable, Sendable {
    case reference
    case fast
    case twoThreads

    func explore(_ system: Puzzle, limits: SearchLimits = SearchLimits(), findLivelocks: Bool = true) -> Exploration {
        switch self {
        case .reference: ReferenceSearch().explore(system, limits: limits, findLivelocks: findLivelocks)
        case .fast: FastSearch().explore(system, limits: limits, findLivelocks: findLivelocks)
        case .twoThreads:
            // Short enough that nearly every level is shared out.
            FastSearch(threads: 2, sharedLevelLength: 2).explore(
                system, limits: limits, findLivelocks: findLivelocks)
        }
    }
}

extension Puzzle {
    /// A graph, given by the states that each state goes to.
    ///
    /// A state is spread over several words.
    static func graph(_ edges: [[Int]], words: Int = 1, hasFollowers: Bool = false, goal: Int? = nil) -> Puzzle {
        func encode(_ number: Int) -> [UInt64] {
            // The number stands in the upper bits of the first word, noise in all others.
            (0..<words).map { word in
                let noise = ((UInt64(number) &+ UInt64(word)) &* 0x9e37_79b9_7f4a_7c15) >> 16
                return word == 0 ? UInt64(number) << 48 | noise : noise
            }
        }
        func decode(_ state: [UInt64]) -> Int { Int(state[0] >> 48) }
        return Puzzle(from: encode(0), hasFollowers: hasFollowers, goal: { decode($0) == goal }) { state in
            edges[decode(state)].map(encode)
        }
    }
}
