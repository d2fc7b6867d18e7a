import Explorer
import Litmus

/// What one removal does to the verdict on one profile.
public struct RemovalVerdict: Sendable {
    /// What follows for the step.
    public enum Outcome: Sendable, Hashable {
        /// Without it the verdict is not the good one any more.
        case needed
        /// Without it the verdict is the same, and the question is as full as before.
        case unneeded
        /// Without it the question is empty, for reasons that the whole test has not; or the test makes no sense.
        case meaningless([EmptyNote])
        /// The test makes no sense without it: the machine has no meaning for it.
        case impossible(Diagnostic)
        /// A limit was hit.
        case inconclusive(reason: String?, end: SearchEnd)
    }

    /// What goes wrong without the step.
    public enum Harm: Sendable, Hashable {
        /// Violations, faults and the like, by their condition spelling.
        case happened([String])
        /// A final state that the condition is about, by its parts.
        case state([String])
    }

    /// The profile's name, or that of the assignment.
    public var profile: String
    /// What follows.
    public var outcome: Outcome
    /// The verdict without the step; nil when there is none.
    public var observation: Observation?
    /// What goes wrong; nil where nothing does.
    public var harm: Harm?
    /// The run that shows it.
    public var replay: String?
    /// The run step by step, where that was asked for.
    public var witness: Witness?

    /// Judges the verdict without a step beside the one with it, which has to be good.
    public init(_ without: Verdict, base: Verdict) {
        profile = without.profile
        observation = without.observation
        if without.observation == .inconclusive {
            outcome = .inconclusive(reason: without.reason, end: without.end)
        } else if !without.isGood {
            outcome = .needed
            harm = Self.harm(without)
            replay = without.replay
            witness = without.witness
        } else {
            let notes = without.notes.filter { note in
                note.emptiesQuestion && !base.notes.contains { $0.isSame(as: note) }
            }
            outcome = notes.isEmpty ? .unneeded : .meaningless(notes)
        }
    }

    /// The test cannot be explored without the step.
    public init(profile: String, impossible diagnostic: Diagnostic) {
        self.profile = profile
        outcome = .impossible(diagnostic)
    }

    /// How many bad final states are looked at: a test can have hundreds of thousands.
    private static let mostStates = 10_000

    private static func harm(_ verdict: Verdict) -> Harm? {
        let isBad = verdict.quantifier != .forall
        var happened: [String] = []
        var first: [String]?
        for state in verdict.states.lazy.filter({ $0.isPositive == isBad }).prefix(mostStates) {
            if first == nil { first = state.parts }
            for part in state.parts where part.hasSuffix(")=true") {
                let name = String(part.dropLast("=true".count))
                if !happened.contains(name) { happened.append(name) }
            }
        }
        return happened.isEmpty ? first.map(Harm.state) : .happened(happened)
    }
}

extension Verdict {
    /// Whether the verdict is the one that a condition is written for: Always for `forall`, Never for the others.
    public var isGood: Bool { observation == (quantifier == .forall ? .always : .never) }
}

extension EmptyNote {
    /// Whether the note says that the question is empty, rather than something beside it.
    fileprivate var emptiesQuestion: Bool {
        switch self {
        case .warning, .bug: false
        default: true
        }
    }

    /// Whether two notes tell the same, wherever in the text it is.
    fileprivate func isSame(as other: EmptyNote) -> Bool {
        if case .blocked(let cpu, _, _) = self, case .blocked(cpu, _, _) = other { return true }
        return self == other
    }
}

/// What is known of a step on all profiles.
public struct RemovalFinding: Sendable {
    /// The step, and the test without it.
    public var removal: Removal
    /// The verdicts on the profiles where the whole test's is good, in their order; those that were not reached are missing.
    public var verdicts: [RemovalVerdict]
    /// Where `--output` wrote the test, as the user names it.
    public var file: String?

    /// Brings a step and its verdicts together.
    public init(removal: Removal, verdicts: [RemovalVerdict], file: String? = nil) {
        self.removal = removal
        self.verdicts = verdicts
        self.file = file
    }

    /// What follows for the step on all profiles together.
    public enum Kind: String, Sendable, Hashable, CaseIterable {
        case needed
        case unneeded
        case meaningless
        case inconclusive
        case unjudged
    }

    /// Needed somewhere; else what the question is about; else not known, if something is not; else not needed.
    public var kind: Kind {
        if verdicts.isEmpty { return .unjudged }
        if verdicts.contains(where: { $0.outcome == .needed }) { return .needed }
        let isEmptied = verdicts.contains {
            switch $0.outcome {
            case .meaningless, .impossible: true
            default: false
            }
        }
        if isEmptied { return .meaningless }
        return verdicts.allSatisfy { $0.outcome == .unneeded } ? .unneeded : .inconclusive
    }
}

/// What carries a test's verdicts.
public struct Removals: Sendable {
    /// The test.
    public var test: LitmusTest
    /// The file as the user named it.
    public var file: String
    /// The verdicts of the whole test, profile by profile.
    public var base: [Verdict]
    /// The steps in the order of the text.
    public var findings: [RemovalFinding]
    /// Why not everything was looked at, if it was not: Ctrl-C.
    public var isInterrupted: Bool

    /// Gathers what was found.
    public init(test: LitmusTest, file: String, base: [Verdict], findings: [RemovalFinding], isInterrupted: Bool) {
        self.test = test
        self.file = file
        self.base = base
        self.findings = findings
        self.isInterrupted = isInterrupted
    }
}
