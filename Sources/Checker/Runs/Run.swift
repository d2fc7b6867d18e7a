import Litmus
import Machine
import PageTable
import X86

/// A run of a test, step by step: what each step did, why it was possible, and which steps it rests on.
///
/// Steps, CPUs, pages and words have numbers from 0; the names that belong to them are in ``map`` and ``profiles``. There
/// are no sentences here; `Report` makes them.
public struct Run: Sendable {
    /// What `ptero replay --witness` takes: the number of the step taken, in base 36, or in parentheses from 36 on.
    public var replay: String
    /// Whether it is a run of the literal machine, in which each fill and eviction of a TLB is a step; in others a TLB holds
    /// all that it could hold.
    public var isLiteral: Bool
    /// Where everything lies, and what it is called.
    public var map: AddressMap
    /// By CPU, the name of its profile.
    public var profiles: [String]
    /// By CPU, what it is there for in the words of the test's author; nil where the test does not say it.
    public var roles: [String?]
    /// The leaves whose content states give, space by space, page by page.
    public var leaves: [LeafPlace]
    /// The other entries whose content states give, in a test with upper levels, as words of memory: from the highest level down.
    public var upperWords: [Int] = []
    /// The words of data whose content states give: those that can change, or that the test's question names.
    public var words: [Int]
    /// The state that the run starts in.
    public var start: RunState
    /// What ran before the first step: instructions on registers and private memory alone.
    public var startLocals = LocalLines()
    /// The steps in order.
    public var steps: [RunStep]
    /// What the run comes to.
    public var ending: RunEnding
    /// Whether the run goes on to its end; a violation that cannot be undone stops it before.
    public var isComplete: Bool
    /// Whether what has happened by the end of the run decides the condition, whatever follows.
    public var isDecided: Bool
}

extension Run {
    /// The state before a step.
    public func state(before step: Int) -> RunState { step == 0 ? start : steps[step - 1].after }

    /// The steps that what went wrong rests on, directly or through others; in order.
    public var stepsThatMatter: [Int] {
        var found: Set<Int> = []
        var pending = ending.because + steps.indices.filter { !steps[$0].violations.isEmpty }
        while let step = pending.popLast() {
            if found.insert(step).inserted { pending += steps[step].because }
        }
        return found.sorted()
    }

    /// What a translation says that memory's entry does not say any more; empty where both agree, as far as an access goes.
    public func staleness(of translation: CachedTranslation, in state: RunState) -> [StaleBit] {
        let cached = PageTableEntry(rawValue: translation.bits)
        let content =
            translation.level == 1
            ? leaves.firstIndex(of: translation.leaf).map { state.entries[$0] }
            : upperWords.firstIndex(of: translation.word).map { state.upperEntries[$0] }
        guard let entry = content.map({ PageTableEntry(rawValue: $0) }) else { return [] }
        if !entry.isPresent { return [.present] }
        if translation.level > 1 && entry[.pageSize] == 0 { return [.size] }
        var found: [StaleBit] = []
        if cached.isWritable && !entry.isWritable { found.append(.writable) }
        // Bit 12 of a large page is PAT.
        let different = cached.frameNumber ^ entry.frameNumber
        if (translation.level > 1 ? different & ~1 : different) != 0 { found.append(.frame) }
        if cached.isDirty && !entry.isDirty { found.append(.dirty) }
        return found
    }
}

/// What of a cached translation memory's entry does not say any more.
public enum StaleBit: Sendable, Hashable, CaseIterable {
    /// The entry has P=0.
    case present
    /// The translation permits writing, the entry does not.
    case writable
    /// The entry maps another frame.
    case frame
    /// The entry maps no page of this size.
    case size
    /// The translation remembers D, which the entry has lost.
    case dirty
}

/// The machine at some moment of a run.
public struct RunState: Sendable, Hashable {
    /// The entries in memory, in the order of ``Run/leaves``.
    public var entries: [UInt64]
    /// The other entries in memory, in the order of ``Run/upperWords``.
    public var upperEntries: [UInt64] = []
    /// The data in memory, in the order of ``Run/words``.
    public var words: [UInt64]
    /// The CPUs.
    public var cpus: [CPUState]
}

/// A CPU at some moment of a run.
public struct CPUState: Sendable, Hashable {
    /// A store in the buffer.
    public struct Store: Sendable, Hashable {
        /// The store.
        public var store: BufferedStore
        /// The step that put it there.
        public var storedBy: Int?
    }

    /// A translation in the TLB.
    public struct Translation: Sendable, Hashable {
        /// The translation.
        public var translation: CachedTranslation
        /// The step that cached it, or after which it could be cached; nil where that holds from the start.
        public var filledBy: Int?
    }

    /// Registers, flags and program counter.
    public var registers: RegisterFile
    /// The number of the address space that it has loaded.
    public var space: Int
    /// Whether its thread has ended.
    public var isEnded: Bool
    /// The CPUs whose acknowledgement it waits for.
    public var awaits: [Int]
    /// The store buffer, oldest store first.
    public var stores: [Store]
    /// The TLB.
    public var translations: [Translation]
}

/// What a run comes to.
public struct RunEnding: Sendable, Hashable {
    /// Something that went wrong.
    public enum Harm: Sendable, Hashable {
        /// A violated property, and the name of its subject.
        case property(Property, String)
        /// A thread that can never finish.
        case stuck(cpu: Int)
        /// A CPU that came to a frame of which nothing is known.
        case wild(cpu: Int)
        /// A fault that the condition names, as it spells it.
        case fault(String)
    }

    /// What went wrong, in the order of the condition.
    public var harms: [Harm]
    /// What the condition and `locations` ask for, with the values at the end of the run: `[x]=1`.
    public var values: [String]
    /// The steps that this rests on.
    public var because: [Int]
}
