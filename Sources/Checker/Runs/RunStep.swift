import Diagnostics
import Litmus
import Machine

/// One step of a run.
public struct RunStep: Sendable, Hashable {
    /// What was done: kind, instruction, entry, what was read and written.
    public var report: StepReport
    /// Why it was possible.
    public var cause: StepCause
    /// The earlier steps that it rests on, in order: who wrote what it reads, who filled the translation that it uses, which
    /// decision it carries out, which reads a stored value depends on; the CPU's step before only if there is nothing else.
    public var because: [Int] = []
    /// The step that wrote what it reads; nil where that is there from the start, or it reads nothing.
    public var writtenBy: Int?
    /// The step that cached the translation that it uses; nil where that is there from the start, or it uses none.
    public var filledBy: Int?
    /// The place in the test of the instruction that the step is for: hardware walks and sets bits for one, too.
    public var place: SourcePlace?
    /// What the step's instruction was compiled from, from the innermost of inlined functions outwards; empty in columns.
    public var source: [CompiledCode.SourceLine] = []
    /// Violations that this step is the first to show, by their condition spelling.
    public var violations: [String] = []
    /// Why no other CPU can notice the step, where it is one of compiled code; nil where one can.
    public var unnoticed: Unnoticed?
    /// What ran together with the step, after it: instructions on registers and private memory alone.
    public var locals = LocalLines()
    /// The machine after the step.
    public var after: RunState

    /// The CPU.
    public var cpu: Int { report.cpu }
    /// Whether hardware took it by itself: walker, store buffer, interrupt.
    public var isHardware: Bool { report.kind.isHardware }
    /// Whether the step is for the instruction that its CPU is at.
    package var isForItsInstruction: Bool {
        switch report.kind {
        case .instruction, .access, .fault, .retry, .flush, .broadcast, .beginDirty, .setDirty, .setDirtyAndFault,
            .walkAgain:
            true
        case .walk, .beginAccessed, .setAccessed: cause == .demandWalk || cause == .walkGoesOn
        case .drain, .speculate, .evict, .abandonWalk, .acknowledge, .takeBroadcast, .readTable, .goWild, .interrupt:
            false
        }
    }
}

/// Why no other CPU can notice a step.
public enum Unnoticed: Sendable, Hashable {
    /// Only its CPU touches the memory in this run.
    case ownMemory
    /// No CPU writes the memory in this run.
    case unwritten
}

/// Instructions on registers and private memory alone, in order; they are not steps and have no number.
public struct LocalLines: Sendable, Hashable {
    /// One of them.
    public struct Line: Sendable, Hashable {
        /// The instruction, and what it has changed.
        public var local: LocalInstruction
        /// What it was compiled from, from the innermost of inlined functions outwards; empty in columns.
        public var source: [CompiledCode.SourceLine] = []
        /// Whether a reader who does not ask for everything needs it: it changes a register in code that the test's
        /// author wrote, or ends the thread.
        public var isTelling: Bool

        /// The CPU.
        public var cpu: Int { local.cpu }

        /// Describes an instruction.
        package init(_ local: LocalInstruction, source: [CompiledCode.SourceLine] = [], isTelling: Bool) {
            self.local = local
            self.source = source
            self.isTelling = isTelling
        }
    }

    /// Those that are told.
    public var lines: [Line] = []
    /// How many more there were.
    public var omitted = 0
}

extension StepKind {
    /// Whether hardware takes such a step by itself.
    public var isHardware: Bool {
        switch self {
        case .instruction, .access, .fault, .retry, .flush, .broadcast: false
        case .drain, .walk, .beginAccessed, .setAccessed, .beginDirty, .setDirty, .setDirtyAndFault, .walkAgain,
            .speculate, .evict, .abandonWalk, .acknowledge, .takeBroadcast, .readTable, .goWild, .interrupt:
            true
        }
    }
}
