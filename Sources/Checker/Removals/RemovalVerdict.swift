import Diagnostics
import Explorer
import Litmus

/// What one removal does to the verdict on one profile.
package struct RemovalVerdict: Sendable {
    /// What follows for the step.
    package enum Outcome: Sendable, Hashable {
        /// Without it the verdict is not the good one any more.
        case needed
        /// Without it the verdict is the same, and the question is as full as before.
        case unneeded
        /// Without it the question is empty, for reasons that the whole test has not; or the test makes no sense.
        case meaningless([EmptyNote])
        /// The danger comes from it: without it no other step is needed.
        case disarmed
        /// The test makes no sense without it: the machine has no meaning for it.
        case impossible(Diagnostic)
        /// A limit was hit.
        case inconclusive(reason: InconclusiveReason?, end: SearchEnd)
    }

    /// What goes wrong without the step.
    package enum Harm: Sendable, Hashable {
        /// Violations, faults and the like, by their condition spelling.
        case happened([String])
        /// A final state that the condition is about, by its parts.
        case state([String])
    }

    /// The profile's name, or that of the assignment.
    package var profile: String
    /// What follows.
    package internal(set) var outcome: Outcome
    /// The verdict without the step; nil when there is none.
    package var observation: Observation?
    /// What goes wrong; nil where nothing does.
    package var harm: Harm?
    /// The run that shows it.
    package var replay: String?
    /// The run step by step, where that was asked for.
    package var witness: Run?

    /// Judges the verdict without a step beside the one with it, which has to be good.
    package init(_ without: Verdict, base: Verdict) {
        profile = without.profile
        observation = without.observation
        if without.observation == .inconclusive {
            outcome = .inconclusive(reason: without.reason, end: without.end)
        } else if !without.isGood {
            outcome = .needed
            harm = Self.harm(without)
            replay = without.replay
            witness = without.shownRun
        } else {
            let notes = without.notes.filter { note in
                note.emptiesQuestion && !base.notes.contains { $0.isSame(as: note) }
            }
            outcome = notes.isEmpty ? .unneeded : .meaningless(notes)
        }
    }

    /// The test cannot be explored without the step.
    package init(profile: String, impossible diagnostic: Diagnostic) {
        self.profile = profile
        outcome = .impossible(diagnostic)
    }

    /// Takes note that without this step no other one is needed.
    package mutating func disarm() { if outcome == .unneeded { outcome = .disarmed } }

    /// Takes note that an order has no meaning, for reasons that one of its steps has.
    fileprivate mutating func empty(_ notes: [EmptyNote]) { if outcome == .unneeded { outcome = .meaningless(notes) } }

    /// The notes that tell why the question is empty.
    fileprivate var notes: [EmptyNote] {
        if case .meaningless(let notes) = outcome { notes } else { [] }
    }

    /// How many bad final states are looked at: a test can have hundreds of thousands.
    private static let mostStates = 10_000

    private static func harm(_ verdict: Verdict) -> Harm? {
        let isBad = verdict.quantifier != .forall
        var happened: [String] = []
        var first: [String]?
        for state in verdict.states.lazy.filter({ $0.isPositive == isBad }).prefix(mostStates) {
            if first == nil {
                // What did not happen is not what goes wrong, unless it is all that the condition asks.
                let told = state.parts.filter { !$0.hasSuffix(")=false") }
                first = told.isEmpty ? state.parts : told
            }
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
    package var isGood: Bool { observation == (quantifier == .forall ? .always : .never) }
}

extension EmptyNote {
    /// Whether the note says that the question is empty, rather than something beside it.
    fileprivate var emptiesQuestion: Bool {
        switch self {
        case .warning, .bug, .notReached: false
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
package struct RemovalFinding: Sendable {
    /// The step, and the test without it.
    package var removal: Removal
    /// The verdicts on the profiles where the whole test's is good, in their order; those that were not reached are missing.
    package internal(set) var verdicts: [RemovalVerdict]
    /// Whether there is a verdict on every such profile.
    package var isComplete: Bool
    /// Where `--output` wrote the test, as the user names it.
    package var file: String?

    /// Brings a step and its verdicts together.
    package init(removal: Removal, verdicts: [RemovalVerdict], isComplete: Bool = true, file: String? = nil) {
        self.isComplete = isComplete
        self.removal = removal
        self.verdicts = verdicts
        self.file = file
    }

    /// What follows for the step on all profiles together.
    package enum Kind: String, Sendable, Hashable, CaseIterable {
        case needed
        case unneeded
        case meaningless
        case inconclusive
        case unjudged
    }

    /// Needed somewhere; else what the question is about; else not known, if something is not; else not needed.
    package var kind: Kind {
        if verdicts.isEmpty { return isComplete ? .unjudged : .inconclusive }
        if verdicts.contains(where: { $0.outcome == .needed }) { return .needed }
        let isEmptied = verdicts.contains {
            switch $0.outcome {
            case .meaningless, .disarmed, .impossible: true
            default: false
            }
        }
        if isEmptied { return .meaningless }
        return isComplete && verdicts.allSatisfy { $0.outcome == .unneeded } ? .unneeded : .inconclusive
    }
}

extension [RemovalFinding] {
    /// Tells orders that the question is about: of a flush and the write of an entry, where the question asks about what
    /// follows a flush of that page after that write, and there is one of each.
    ///
    /// With the flush first none follows the write any more, so that a good verdict says nothing.
    package mutating func noteEmptiedOrders() {
        let findings = self
        for number in indices where self[number].removal.step == .order {
            let removal = self[number].removal
            func own(_ part: Removal.Part?) -> [RemovalFinding] {
                findings.filter {
                    $0.removal.step != .order && $0.removal.processor == removal.processor
                        && $0.removal.isHandler == removal.isHandler
                        && $0.removal.parts.first.map { [$0.place.line, $0.index ?? -1] }
                            == part.map { [$0.place.line, $0.index ?? -1] }
                }
            }
            let (writes, flushes) = (own(removal.parts.first), own(removal.parts.last))
            for position in self[number].verdicts.indices {
                let profile = self[number].verdicts[position].profile
                func notes(_ findings: [RemovalFinding]) -> [EmptyNote] {
                    findings.flatMap { $0.verdicts.filter { $0.profile == profile }.flatMap { $0.notes } }
                }
                let written = notes(writes).compactMap {
                    if case .entryNotWritten(_, let page) = $0 { page } else { nil }
                }
                let lost = notes(flushes).filter {
                    if case .notFlushed(_, let page) = $0 { written.contains(page) } else { false }
                }
                if !lost.isEmpty { self[number].verdicts[position].empty(lost) }
            }
        }
    }
}

/// What carries a test's verdicts.
package struct Removals: Sendable {
    /// The test.
    package var test: LitmusTest
    /// The file as the user named it.
    package var file: String
    /// The verdicts of the whole test, profile by profile.
    package var base: [Verdict]
    /// The steps in the order of the text.
    package var findings: [RemovalFinding]
    /// Why not everything was looked at, if it was not: Ctrl-C.
    package var isInterrupted: Bool

    /// Gathers what was found.
    package init(test: LitmusTest, file: String, base: [Verdict], findings: [RemovalFinding], isInterrupted: Bool) {
        self.test = test
        self.file = file
        self.base = base
        self.findings = findings
        self.isInterrupted = isInterrupted
    }
}
