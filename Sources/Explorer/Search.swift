/// One way of exploring a transition system completely.
///
/// Two searches of the same system must find the same final states and the same shortest distance to a goal.
public protocol Search {
    /// Explores from the initial state until nothing is new or a limit is hit.
    ///
    /// - Parameters:
    ///   - system: what to explore.
    ///   - limits: what may be used.
    ///   - findLivelocks: also look for runs that never end (costs a second pass).
    ///   - progress: called now and then with the figures so far.
    func explore(
        _ system: some TransitionSystem, limits: SearchLimits, findLivelocks: Bool,
        progress: (SearchStatistics) -> Void
    ) -> Exploration
}

/// What a search found.
public struct Exploration {
    /// How it ended.
    public var end: SearchEnd
    /// Its figures.
    public var statistics: SearchStatistics
    /// The states in which runs end, in the order in which they were found.
    public var finals: FinalStateList
    let runTo: (Int) -> [Int]
    /// Distance of each final state from the initial one, in steps.
    public var finalDepths: [Int]
    /// The first state, in order of distance, that the system called a goal: its run, or nil.
    public var goalRun: [Int]?
    /// Positions in `finals` of states that are not ends but part of a cycle that runs cannot leave.
    public var livelocks: Range<Int>

    /// The run by which a final state was found first, as the number of the successor taken at each step.
    public func run(toFinal position: Int) -> [Int] { runTo(position) }
}

/// Final states one after the other, in flat storage.
public struct FinalStateList: Sendable {
    /// Length of a state in 64-bit words.
    public let stateWords: Int
    /// How many there are.
    public private(set) var count = 0
    private var words: [UInt64] = []

    init(stateWords: Int) { self.stateWords = stateWords }

    mutating func append(_ state: UnsafePointer<UInt64>) {
        words.append(contentsOf: UnsafeBufferPointer(start: state, count: stateWords))
        count += 1
    }

    /// Calls `body` with each state in turn.
    public func forEach(_ body: (Int, UnsafePointer<UInt64>) -> Void) {
        words.withUnsafeBufferPointer { buffer in
            guard let base = buffer.baseAddress else { return }
            for number in 0..<count { body(number, base + number * stateWords) }
        }
    }
}
