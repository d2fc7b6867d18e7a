import Diagnostics
import Litmus
import X86

/// What software did in the runs of a search that is over: what is missing here, no run did.
///
/// Everything is a superset, read off the numbered thread states and stores. A thread state gets its number when some run
/// gets there, and what a reduction leaves out are orders and copies of runs, never a thread's way through its code
/// (`PartialOrder.swift`, `UnseenStores.swift`); interchangeable CPUs share a table, so that what one of them did
/// counts for each.
public struct Coverage: Sendable {
    /// Words that software stores to or updates.
    public internal(set) var writtenWords: Set<Int> = []
    /// Words that software reads through the direct map.
    public internal(set) var readWords: Set<Int> = []
    /// Leaves that a flush covers, a bit each; all of them where somebody broadcasts invalidations.
    public internal(set) var flushedLeaves: UInt64 = 0
    /// Tables that are declared free.
    public internal(set) var freedTables: Set<Int> = []
    /// Variables whose frame is declared free.
    public internal(set) var freedFrames: Set<Int> = []
    /// Variables whose page is written back, reclaimed, or has its dirty flag set or cleared.
    public internal(set) var declaredFrames: Set<Int> = []
    /// Pages that somebody tries to write through their translations, a bit each.
    public internal(set) var storePages: UInt64 = 0
    /// Faults that an access could raise, by their position among ``Watches/faults``, a bit each.
    public internal(set) var faultBits: UInt64 = 0
    /// CPUs whose thread can come to wait: for a lock, a value, another's answer, an entry that faults.
    public internal(set) var waitingCPUs: Set<Int> = []
    /// CPUs whose thread accesses a page through its translation while it is lazy.
    public internal(set) var lazyCPUs: Set<Int> = []
}

/// Where a thread came in some run: kept while its states get their numbers.
struct CodeTrace {
    /// By instruction of the column, and of the handler, whether some run got there; the last is for running off the end.
    private(set) var column: [Bool]
    private(set) var handler: [Bool]
    /// The same of the handler of interrupts.
    private(set) var interruptHandler: [Bool]
    /// Where the thread stored in its private memory besides the stack.
    private(set) var privateStores: Set<MemoryAccess> = []
    private let stackTop: UInt64

    init(_ processor: Processor) {
        column = [Bool](repeating: false, count: processor.program.instructions.count + 1)
        handler = [Bool](repeating: false, count: (processor.handler?.instructions.count ?? 0) + 1)
        interruptHandler = [Bool](
            repeating: false, count: (processor.interruptHandler?.instructions.count ?? 0) + 1)
        stackTop = processor.stackTop
    }

    /// The thread is at an instruction, or after the last.
    mutating func note(_ state: ThreadState) {
        let index = max(0, state.registers.rip)
        if state.interruption != nil {
            interruptHandler[min(index, interruptHandler.count - 1)] = true
        } else if state.interrupted == nil {
            column[min(index, column.count - 1)] = true
        } else {
            handler[min(index, handler.count - 1)] = true
        }
    }

    /// Writes private memory.
    mutating func store(_ value: UInt64, _ place: MemoryAccess, _ state: inout ThreadState) {
        state.memory.write(value, place)
        if place.address >= stackTop { privateStores.insert(place) }
    }
}

extension Machine {
    /// What software did; call it when the search is over.
    public var coverage: Coverage {
        var coverage = Coverage()
        for number in 0..<numbers.pointee.stores.count {
            coverage.writtenWords.insert(Int(numbers.pointee.storeInfos[number].word))
        }
        for cpu in 0..<cpuCount {
            if scenario.cpus[cpu].onFault == .retry { coverage.waitingCPUs.insert(cpu) }
            // Those who share a table did the same.
            let isKnown = cpu > 0 && tables.threads[..<cpu].contains { $0 === tables.threads[cpu] }
            for number in tables.threads[cpu].states.indices {
                let record = tables.threads[cpu].records[number]
                if Self.canWait(record.kind) { coverage.waitingCPUs.insert(cpu) }
                if record.isLazy && record.page >= 0 && record.word < 0 && record.isAccess {
                    coverage.lazyCPUs.insert(cpu)
                }
                if !isKnown { note(record, &coverage) }
            }
        }
        return coverage
    }

    private static func canWait(_ kind: ThreadRecord.Kind) -> Bool {
        switch kind {
        case .spinning, .lock, .waitFor, .flush, .broadcast, .broadcastSync, .syncTables, .synchronizeRCU,
            .sendInterrupt:
            true
        default: false
        }
    }

    private func note(_ record: ThreadRecord, _ coverage: inout Coverage) {
        let word = Int(record.word)
        switch record.kind {
        case .load, .waitFor: if word >= 0 { coverage.readWords.insert(word) }
        case .store: if word >= 0 { coverage.writtenWords.insert(word) }
        case .update, .lock:
            if word >= 0 {
                coverage.readWords.insert(word)
                coverage.writtenWords.insert(word)
            } else if record.page >= 0 {
                noteTranslatedUpdate(page: Int(record.page), offset: Int(record.offset), &coverage)
            }
        case .flush: coverage.flushedLeaves |= record.flushedLeaves
        case .broadcast, .broadcastSync: coverage.flushedLeaves = ~0
        case .freeTable: if record.frame >= 0 { coverage.freedTables.insert(Int(record.frame)) }
        case .freeFrame: if record.frame >= 0 { coverage.freedFrames.insert(Int(record.frame)) }
        case .setPageDirty, .clearPageDirty, .writeback, .reclaim:
            if record.frame >= 0 { coverage.declaredFrames.insert(Int(record.frame)) }
        default: break
        }
        switch record.kind {
        case .load, .store, .update:
            coverage.faultBits |= record.faultBits
            if record.access != .read, record.page >= 0 { coverage.storePages |= 1 << UInt64(record.page) }
        default: break
        }
    }

    /// A locked operation on a page writes the frame that some translation of the page leads to.
    private func noteTranslatedUpdate(page: Int, offset: Int, _ coverage: inout Coverage) {
        for space in map.spaces.indices {
            for variable in frames(ofLeaf: leafNumber(page: page, space: space))
            where offset < map.variables[variable].words {
                coverage.writtenWords.insert(map.dataWord(ofVariable: variable) + offset)
            }
            let leaf = leafNumber(page: page, space: space)
            for number in 0..<translations[leaf].count {
                guard let table = TableFrame.table(translations[leaf][number].frame),
                    let word = map.word(ofTable: table, offset: offset)
                else { continue }
                coverage.writtenWords.insert(word)
            }
        }
    }

    /// The variables whose frames a leaf has mapped in some run, as far as anybody looked.
    private func frames(ofLeaf leaf: Int) -> Set<Int> {
        var frames: Set<Int> = []
        for number in 0..<translations[leaf].count where translations[leaf][number].frame >= 0 {
            frames.insert(Int(translations[leaf][number].frame))
        }
        return frames
    }

    /// Pages, a bit each, through which a variable's frame may have been reached.
    public func pages(mappingFrameOf variable: Int) -> UInt64 {
        var pages: UInt64 = 0
        for leaf in 0..<leafCount where frames(ofLeaf: leaf).contains(variable) {
            pages |= 1 << UInt64(leaves[leaf].page)
        }
        return pages
    }

    /// Whether the content of a word can change at all; that of others is what it was at the start.
    public func canChange(word: Int) -> Bool { memory[word].isPresent }

    /// Whether some CPU has shadow stacks.
    public var hasShadowStacks: Bool { ghost.someShadowStacks }

    /// Whether a page belongs to a shadow-stack mapping.
    public func isShadowStack(page: Int) -> Bool { plan.shadowStackPages & (1 << UInt64(page)) != 0 }

    /// CPUs that the search told apart from this one only where it had to; the CPU itself is one.
    public func interchangeable(with cpu: Int) -> [Int] { plan.interchangeable.all(like: cpu) }

    // MARK: Code

    /// The instructions that some run got to, of a CPU's column and its handler.
    public func reachedInstructions(ofCPU cpu: Int) -> [Instruction] {
        let table = tables.threads[cpu]
        let column = table.processor.program.instructions.enumerated().filter { table.trace.column[$0.offset] }
        let handler = (table.processor.handler ?? Program()).instructions.enumerated()
            .filter { table.trace.handler[$0.offset] }
        let interrupts = (table.processor.interruptHandler ?? Program()).instructions.enumerated()
            .filter { table.trace.interruptHandler[$0.offset] }
        return (column + handler + interrupts).map { $0.element }
    }

    /// By instruction of a CPU's column, whether some run got there; one more at the end for running off the end.
    public func reached(ofCPU cpu: Int) -> [Bool] { tables.threads[cpu].trace.column }

    /// Whether some run stored to bytes of a CPU's private memory besides the stack.
    public func isStored(privateAddress address: UInt64, bytes: Int, ofCPU cpu: Int) -> Bool {
        tables.threads[cpu].trace.privateStores.contains { store in
            store.address < address &+ UInt64(max(1, bytes))
                && address < store.address &+ UInt64(store.width.rawValue)
        }
    }

    // MARK: Ends

    /// What a thread that has not ended waits for in a state in which runs end, and at which instruction.
    public func wait(ofCPU cpu: Int, in state: UnsafePointer<UInt64>) -> (wait: ThreadWait, place: SourcePlace?) {
        let thread = cpus[cpu].thread.read(state)
        let record = record(state, cpu)
        let place = place(of: record, cpu, thread)
        switch Phase(rawValue: cpus[cpu].phase.read(state)) ?? .run {
        case .faulted: return (.fault, place)
        case .flushing: return (.acknowledgement, place)
        default: break
        }
        switch record.pointee.kind {
        case .lock: return (.lock, place)
        case .waitFor: return (.value, place)
        default: return (.loop, place)
        }
    }
}

/// What a thread waits for.
public enum ThreadWait: Sendable, Hashable {
    case lock, value, acknowledgement
    /// A page fault that no handler resolves.
    case fault
    /// It goes round in circles, or is somewhere in a circle of steps.
    case loop
}

extension ThreadRecord {
    /// Whether it loads or stores.
    fileprivate var isAccess: Bool { kind == .load || kind == .store || kind == .update }
}
