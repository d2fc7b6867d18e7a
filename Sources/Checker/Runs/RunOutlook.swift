import Explorer
import Litmus

/// What is known of the ends of all runs that go on from some state.
package struct RunOutlook {
    /// Whether what the condition asks about can still come.
    package enum Fate: Sendable, Hashable {
        /// Every run comes to it.
        case certain
        /// Some runs come to it; that others do not is known unless the search hit a limit.
        case possible
        /// No run comes to it.
        case impossible
        /// The search hit a limit before it saw one that does.
        case unknown
    }

    /// How the search ended.
    package let end: SearchEnd
    /// The distinct final states that were found.
    package let states: FinalStates
    /// Whether what the condition asks about can still come.
    package let fate: Fate
    /// A shortest way to it among those that were seen, as numbers of steps.
    package let way: [Int]?
    /// Whether the condition asks about states that satisfy its proposition; a `forall` about those that do not.
    package let asksForPositive: Bool

    init(_ exploration: Exploration, _ answers: Answers, _ quantifier: Quantifier) {
        end = exploration.end
        states = answers.states
        way = answers.witness
        asksForPositive = quantifier != .forall
        let positive = answers.states.positive
        let found = asksForPositive ? positive : answers.states.count - positive
        if end != .complete {
            fate = way == nil ? .unknown : .possible
        } else if found == 0 {
            fate = .impossible
        } else {
            fate = found == answers.states.count ? .certain : .possible
        }
    }
}

extension TestChecker {
    /// Whether what the condition asks about is something that goes wrong: a violated property, or a thread that never ends.
    package var asksForHarm: Bool { lowered.question.asksForHarm }
}
