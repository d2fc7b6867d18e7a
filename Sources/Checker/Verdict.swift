import Diagnostics
import Explorer
import Litmus
import X86

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
    /// A run that answers the condition, if there is one, as ``Witness/replay`` has it; a shortest where ``replayEnd``
    /// says so.
    public var replay: String?
    /// How the search for a shortest run ended; where it is not complete, a shorter one than ``replay`` may exist.
    public var replayEnd = SearchEnd.complete
    /// The same run told step by step, where that was asked for.
    public var witness: Witness?
    /// Figures of the search.
    public var statistics: SearchStatistics
    /// The profile whose search this verdict is from, where it is not one of its own: the two cannot differ on the test.
    public var sharedWith: String?
    /// How the search ended.
    public var end: SearchEnd
    /// Why an inconclusive search ended, in words.
    public var reason: String?
    /// Digest of the test.
    public var hash: String
    /// By thread whether some run came to each instruction, for code from a compiler; empty where not all runs were seen.
    public var reachedInstructions: [[Bool]] = []

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

/// A shortest run that shows what a condition asks about.
public struct Witness: Sendable {
    /// What `ptero replay --witness` takes: the number of the step taken, in base 36, or in parentheses from 36 on.
    public var replay: String
    /// The steps in order.
    public var steps: [WitnessStep]
    /// What ran before the first step: instructions on registers and private memory alone.
    public var start = LocalLines()
    /// Which CPUs there are, with their profiles.
    public var cpus: [String]
    /// The page-table entries at the start: name and `PWUADS` columns.
    public var entries: [EntryView]
    /// What went wrong, in words.
    public var conclusion: String
    /// Whether the run goes on to its end; a violation that cannot be undone stops it before.
    public var isComplete: Bool
    /// Whether what has happened by the end of the run decides the condition, whatever follows.
    public var isDecided: Bool
}

/// A page-table entry at some moment.
public struct EntryView: Sendable, Hashable {
    /// `PTE(x)` or `PTE(child:x)`.
    public var name: String
    /// Six columns, `PWUADS`.
    public var columns: String
}

/// One step of a witness.
public struct WitnessStep: Sendable {
    /// The CPU.
    public var cpu: Int
    /// Whether hardware took it by itself: walker, store buffer, interrupt.
    public var isHardware: Bool
    /// What happens, in a few words.
    public var text: String
    /// The instruction's place in the test, for steps of software.
    public var place: SourcePlace?
    /// The entries that the step changes, as they are after it.
    public var changes: [EntryView]
    /// Violations that this step is the first to show, by their condition spelling.
    public var violations: [String]
    /// Why nobody else can notice the step, where it is one of compiled code; nil where somebody can.
    public var unnoticed: Unnoticed?
    /// What the step's instruction was compiled from, from the innermost of inlined functions outwards; empty in columns.
    public var source: [CompiledCode.SourceLine] = []
    /// What ran together with the step, after it: instructions on registers and private memory alone.
    public var locals = LocalLines()
}

/// Why nobody else can notice a step.
public enum Unnoticed: Sendable, Hashable {
    /// Only its CPU touches the memory in this run.
    case ownMemory
    /// Nobody writes the memory in this run.
    case unwritten
}

/// Instructions on registers and private memory alone, in order; they are no steps and have no number.
public struct LocalLines: Sendable {
    /// One of them.
    public struct Line: Sendable {
        /// The CPU.
        public var cpu: Int
        /// The instruction, and what it has changed.
        public var text: String
        /// Its place in the test.
        public var place: SourcePlace?
        /// What it was compiled from, from the innermost of inlined functions outwards; empty in columns.
        public var source: [CompiledCode.SourceLine] = []
        /// Whether a reader who does not ask for everything needs it: it changes a register in code that the test's
        /// author wrote, or ends the thread.
        public var isTelling: Bool
    }

    /// Those that are told.
    public var lines: [Line] = []
    /// How many more there were.
    public var omitted = 0
}
