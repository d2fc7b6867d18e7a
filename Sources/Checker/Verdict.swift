import Diagnostics
import Explorer
import Litmus
import Machine

/// What is known about a test on one profile.
public struct Verdict: Sendable {
    /// The test's name, with that of the condition where it has one: `fork:lost`.
    public var test: String
    /// The condition's name, where it has one.
    public var conditionName: String?
    /// The file as the user named it, or nil.
    public var file: String?
    /// The profile's name; for tests that give each CPU its own, `P0:cet P1:late`.
    public var profile: String
    /// The quantifier and proposition as written, for `Condition ...`.
    public var condition: String
    /// How the condition quantifies.
    public var quantifier: Quantifier
    /// Never, Sometimes or Always; Inconclusive when the search did not end.
    public var observation: Observation
    /// What the test expects on this profile, or nil.
    public var expected: Observation?
    /// Why the verdict could not have been otherwise, or says less than it seems to; mostly nothing.
    public var notes: [EmptyNote] = []
    /// The distinct final states in order.
    public var states: FinalStates
    /// How many of them satisfy the proposition.
    public var positive: Int
    /// How many do not.
    public var negative: Int
    /// Wall time in seconds.
    public var seconds: Double
    /// A run that answers the condition, if there is one, as ``Run/replay`` has it; a shortest where ``replayEnd``
    /// says so.
    public var replay: String?
    /// How the search for a shortest run ended; where it is not complete, a shorter one than ``replay`` may exist.
    public var replayEnd = SearchEnd.complete
    /// The same run step by step, where that was asked for.
    public var witness: Run?
    /// The run as the literal machine takes it, with every fill of a TLB, where that was asked for and found.
    public var literalWitness: Run?
    /// The run to show: as the literal machine takes it where that is known.
    public var shownRun: Run? { literalWitness ?? witness }
    /// Figures of the search.
    public var statistics: SearchStatistics
    /// The profile whose search this verdict is from, where it is not one of its own: the two cannot differ on the test.
    public var sharedWith: String?
    /// How the search ended.
    public var end: SearchEnd
    /// Why an inconclusive search ended.
    public var reason: InconclusiveReason?
    /// Digest of the test.
    public var hash: String
    /// By thread whether some run came to each instruction, for code from a compiler; empty where not all runs were seen.
    package var reachedInstructions: [[Bool]] = []

    /// Whether the verdict is as expected; true when nothing is expected, false when inconclusive.
    public var isAsExpected: Bool {
        observation != .inconclusive && (expected.map { $0 == observation } ?? true)
    }

    /// herd7's `Ok` or `No`: whether the condition as quantified holds.
    public var isValidated: Bool {
        switch quantifier {
        case .exists: positive > 0
        case .notExists: positive == 0
        case .forall: negative == 0
        }
    }
}

/// A final state as the question sees it.
public struct FinalState: Sendable, Hashable {
    /// `[x]=1`, `0:rax=0`, `lost_dirty(x)=true`, in the order of the question's items.
    public var parts: [String]
    /// Whether the proposition is true of it.
    public var isPositive: Bool

    /// The state on one line, as herd7 prints it: each part followed by `;`.
    public var text: String { parts.map { $0 + ";" }.joined(separator: " ") }
}
