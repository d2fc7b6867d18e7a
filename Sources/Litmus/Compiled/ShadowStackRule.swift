extension LitmusTest {
    /// A test without what it asks about shadow stacks, and the question whether software keeps their rule; nil for the
    /// second where the test does not ask it.
    ///
    /// The rule: software never makes the entry of an ordinary page W=0, D=1. Kernels that know no shadow stacks break it
    /// without harm, so that what else is asked has to be asked apart. Only alternatives of an `exists` are taken away.
    package func withoutShadowStackRule() -> (rest: LitmusTest, rule: LitmusTest?) {
        guard condition.quantifier == .exists, case .or = condition.proposition.kind else { return (self, nil) }
        var rest: [Proposition] = []
        var rule: [Proposition] = []
        func take(_ proposition: Proposition) {
            switch proposition.kind {
            case .or(let parts): parts.forEach(take)
            case .property(.kernelShadowStack, _): rule.append(proposition)
            case .property(.shadowStackExposed, _): break
            default: rest.append(proposition)
            }
        }
        take(condition.proposition)
        guard !rule.isEmpty, let first = rest.first else { return (self, nil) }
        var others = self
        others.condition.proposition = rest.count == 1 ? first : .or(rest)
        var own = self
        own.condition.proposition = rule.count == 1 ? rule[0] : .or(rule)
        own.expectation = Expectation()
        own.furtherConditions = []
        return (others, own)
    }
}
