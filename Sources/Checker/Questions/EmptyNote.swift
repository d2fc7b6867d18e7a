import Diagnostics
import Litmus
import Machine
import X86

/// Why a verdict could not have been otherwise, or says less than it seems to.
///
/// Each is certain: it rests on what no run of the whole search did, not on how the test looks. A note changes no verdict.
public enum EmptyNote: Sendable, Hashable {
    /// Software writes no entry of the page in any run, and the property is about such writes.
    case entryNotWritten(property: Property, page: String)
    /// Nobody flushes the page in any run, and the property is about what follows a flush.
    case notFlushed(property: Property, page: String)
    /// Nobody declares the frame free in any run.
    case notFreed(property: Property, variable: String)
    /// Software reads no entry of the page in any run.
    case entryNotRead(property: Property, page: String)
    /// Nobody tries to write the page through its translation in any run.
    case pageNotWritten(property: Property, page: String)
    /// The page belongs to a shadow-stack mapping, for which the property does not apply.
    case shadowStackPage(property: Property, page: String)
    /// No CPU of the verdict has shadow stacks.
    case noShadowStacks(property: Property, page: String)
    /// Nobody writes what the condition or the filter reads, by its name there; it keeps the value it starts with.
    case notWritten(name: String, state: String)
    /// The CPU makes no access in any run that could raise the fault, by its spelling in the condition.
    case noAccess(fault: String)
    /// The thread has nothing that it could wait for, and no loop.
    case cannotBlock(cpu: Int)
    /// The thread finishes in no run; it waits, always for the same and at the same place, or now here, now there.
    case blocked(cpu: Int, wait: ThreadWait?, place: SourcePlace?)
    /// The CPU accesses user memory while it is lazy, which a kernel thread must not do.
    case lazyAccess(cpu: Int)
    /// No final state passes the filter.
    case filteredAll
    /// No run ends.
    case noFinalState
    /// The condition is true, or false, of every state there could be.
    case constant(Bool)
    /// Kernel code got to a warning in some run.
    case warning(cpu: Int, line: CompiledCode.SourceLine?)
    /// Kernel code got to a BUG in some run, which ends the thread.
    case bug(cpu: Int, line: CompiledCode.SourceLine?)
    /// No run gets to some lines of a function that `Function=` names.
    case notReached(cpu: Int, function: String, gap: CodeGap)
}

extension EmptyNote {
    /// Whether it is a reason to doubt the verdict; that no run gets to lines that nobody keeps them from, such as those for
    /// huge pages, is good to know and nothing more.
    public var isDoubt: Bool {
        if case .notReached(_, _, let gap) = self { gap.stub != nil } else { true }
    }

    /// Whether it tells of something that no run did; where runs on other CPUs do it, these CPUs lack something and the
    /// test is right.
    public var isAbsence: Bool {
        switch self {
        case .entryNotWritten, .notFlushed, .notFreed, .entryNotRead, .pageNotWritten, .shadowStackPage,
            .noShadowStacks,
            .notWritten, .noAccess, .cannotBlock, .notReached:
            true
        case .blocked, .lazyAccess, .filteredAll, .noFinalState, .constant, .warning, .bug: false
        }
    }
}
