extension LitmusTest {
    /// `BUG` is a verdict of its own: extends each condition by it, unless the condition names `n:bug` itself.
    package mutating func noteBugs() {
        let failing = compiled?.bugProcessors ?? []
        condition.noteBugs(of: failing)
        for number in furtherConditions.indices { furtherConditions[number].condition.noteBugs(of: failing) }
    }
}

extension Condition {
    fileprivate mutating func noteBugs(of processors: [Int]) {
        let named = proposition.locations
        for processor in processors {
            let bug = Location.memory(.variable("\(processor):bug"), index: 0)
            guard !named.contains(bug) else { continue }
            let happened = Proposition.equal(bug, .integer(1))
            switch quantifier {
            case .exists, .notExists: proposition = .or([proposition, happened])
            case .forall: proposition = .and([proposition, .not(happened)])
            }
        }
    }
}
