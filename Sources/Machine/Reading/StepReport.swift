import X86

/// What one step was, read off its label and the state it leaves; for witnesses, outside the hot path.
public struct StepReport: Sendable, Hashable {
    /// The CPU that steps.
    public var cpu: Int
    /// The kind of step.
    public var kind: StepKind
    /// The instruction that the CPU is at, or nil for threads that have ended.
    public var instruction: Instruction?
    /// Its place in the program, counted from 0, or nil.
    public var index: Int?
    /// Whether that instruction is in the fault handler.
    public var isHandler: Bool
    /// Whether the step is the load half of an instruction that loads and stores in two steps.
    public var isFirstHalf: Bool
    /// Whether the step is the store half of an instruction that loads and stores in two steps.
    public var isSecondHalf: Bool
    /// The page and address space that the step is about.
    public var leaf: LeafPlace?
    /// The entry that a walker reads or changes, as a word of memory, in a test with upper levels.
    public var entryWord: Int?
    /// The table that is read, or freed.
    public var table: Int?
    /// The translation or entry that was used: P, R/W, U/S, D, G and the frame.
    public var entry: UInt64?
    /// The level of the leaf that it was made from: 2 for 2 MByte, 3 for 1 GByte.
    public var entryLevel = 1
    /// The number of the frame that it gives the page.
    public var frameNumber: UInt64?
    /// Whether the walk ended at a reserved bit, and not at P=0.
    public var isReserved = false
    /// What the step's own access reads.
    public var read: AccessedBytes?
    /// Where it reads that from.
    public var readSource: ReadSource?
    /// What the step's own access writes, to memory or into the store buffer.
    public var written: AccessedBytes?
    /// The register, or the part of one, that holds what was read as it was read.
    public var receiver: RegisterOperand?
    /// The CPU whose request is taken.
    public var initiator: Int?
    /// What the request is, taken or made; nil for steps that are not about one.
    public var request: KernelService?
    /// Whether the CPU is lazy in the address space that the request flushes, and leaves it.
    public var leavesLazily = false
    /// Whether the CPU has missed a flush of the address space that it loads, and drops what its tag holds.
    public var catchesUp = false
    /// The buffered store that reaches memory.
    public var store: BufferedStore?

    /// The word of memory that the step reads or writes, or nil.
    public var word: Int? { read?.word ?? written?.word ?? store?.word }
}

/// Bytes of a word as an access sees them.
public struct AccessedBytes: Sendable, Hashable {
    /// The word.
    public var word: Int
    /// The first byte of it.
    public var byte: Int
    /// How many.
    public var width: Width
    /// What they hold, as a number.
    public var value: UInt64
    /// Whether nobody is told the value, because it stands in the instruction or is a lock's business.
    public var isEvident = false
}

extension Machine {
    /// Reads a step's label, given the state it leaves.
    public func report(label: UInt32, from state: UnsafePointer<UInt64>) -> StepReport {
        let label = StepLabel(rawValue: label)
        let (cpu, kind, operand) = (label.cpu, label.kind, label.operand)
        let number = cpus[cpu].thread.read(state)
        let thread = tables.threads[cpu].states[number]
        let program = tables.threads[cpu].program(of: thread)
        let record = records[cpu][number]
        let isAtCode = !record.isEnded && program.instructions.indices.contains(thread.registers.rip)
        var report = StepReport(
            cpu: cpu, kind: kind, instruction: isAtCode ? program.instructions[thread.registers.rip] : nil,
            index: isAtCode ? thread.registers.rip : nil, isHandler: thread.isInHandler, isFirstHalf: false,
            isSecondHalf: thread.stage == 1)
        if let instruction = report.instruction, thread.stage == 0 {
            switch instruction.request(thread.registers) {
            case .update(_, locked: false), .copy: report.isFirstHalf = true
            default: break
            }
        }
        switch kind {
        case .access, .beginDirty, .setDirty, .setDirtyAndFault, .fault:
            guard record.page >= 0 else { break }
            let leaf = leafNumber(page: Int(record.page), space: Int(record.space))
            report.leaf = LeafPlace(page: leaves[leaf].page, space: leaves[leaf].space)
            if operand < translations[leaf].count { note(translations[leaf][operand], leaf: leaf, &report) }
        case .readTable: report.table = operand
        case .walk, .goWild, .beginAccessed, .setAccessed, .walkAgain, .speculate, .evict, .abandonWalk, .retry:
            noteEntry(kind, operand, record, &report)
        case .acknowledge, .takeBroadcast, .interrupt:
            report.initiator = operand
            report.request = request(ofCPU: operand, in: state)
            report.leavesLazily = kind == .acknowledge && leavesLazily(record, for: operand, in: state)
        case .drain:
            report.store = bufferedStore(cpus[cpu].stores[0].read(state))
        case .flush:
            report.request = request(ofCPU: cpu, in: state)
            report.leavesLazily = leavesLazily(record, for: cpu, in: state) && takesPart(state, cpu, record)
        case .instruction, .broadcast: break
        }
        if record.kind == .freeTable { report.table = Int(record.frame) }
        if record.kind == .switchSpace && kind == .instruction { report.catchesUp = catchesUp(cpu, record, in: state) }
        if kind.finishesAccess, let word = accessedWord(of: record, translation: operand) {
            noteAccess(to: word, record, thread, cpu, state, &report)
        }
        return report
    }

    /// Notes what an access goes through, or a fault is based on.
    private func note(_ translation: Translation, leaf: Int, _ report: inout StepReport) {
        report.entry = translation.entryBits
        report.entryLevel = translation.level
        report.isReserved = !translation.isPresent && translation.bits & Translation.reserved != 0
        if translation.isPresent { report.frameNumber = frameNumber(of: translation.bits, leaf: leaf) }
    }

    /// What a CPU asks others to take part in.
    private func request(ofCPU cpu: Int, in state: UnsafePointer<UInt64>) -> KernelService? {
        switch request(of: cpu, in: state).pointee.kind {
        case .sendInterrupt: .sendInterrupt
        case .syncTables: .syncTables
        case .synchronizeRCU: .synchronizeRCU
        case .flush: .flushSpace
        default: nil
        }
    }

    /// Whether a CPU is lazy in the address space that another, or it itself, flushes.
    private func leavesLazily(_ record: ThreadRecord, for initiator: Int, in state: UnsafePointer<UInt64>) -> Bool {
        let request = request(of: initiator, in: state).pointee
        return request.kind == .flush && record.isLazy && !request.isOfKernel && !traits[initiator].broadcasts
            && isSame(space: record.space, as: request.flushedSpace)
    }

    /// The entry that a step of the walker is about.
    private func noteEntry(_ kind: StepKind, _ operand: Int, _ record: ThreadRecord, _ report: inout StepReport) {
        if kind == .evict && operand >= leafCount {
            report.table = walks.pointTables[operand - leafCount]
        } else if walks.hasUpperLevels && (kind == .walkAgain || kind == .retry) {
            if record.page >= 0 { report.leaf = LeafPlace(page: Int(record.page), space: Int(record.space)) }
        } else if walks.hasUpperLevels && kind != .evict {
            let word = walks.firstEntry + operand
            report.entryWord = word
            report.leaf = map.leaf(ofWord: word).map { LeafPlace(page: $0.page, space: $0.space) }
        } else if operand < leafCount {
            report.leaf = LeafPlace(page: leaves[operand].page, space: leaves[operand].space)
        }
    }

    /// The word that the current access of a thread reaches, through a translation where it is a page's.
    private func accessedWord(of record: ThreadRecord, translation: Int) -> Int? {
        if record.word >= 0 { return Int(record.word) }
        if record.kind == .readPageDirty { return map.dataWord(ofVariable: Int(record.frame)) }
        guard record.page >= 0 else { return nil }
        let leaf = leafNumber(page: Int(record.page), space: Int(record.space))
        guard translation < translations[leaf].count else { return nil }
        if let table = TableFrame.table(translations[leaf][translation].frame) {
            return map.word(ofTable: table, offset: Int(record.offset))
        }
        guard translations[leaf][translation].frame >= 0 else { return nil }
        return plan.frames[Int(translations[leaf][translation].frame)].firstWord + Int(record.offset)
    }

    /// Notes what the access itself reads and writes, before anything that the instruction makes of it.
    private func noteAccess(
        to word: Int, _ record: ThreadRecord, _ thread: ThreadState, _ cpu: Int, _ state: UnsafePointer<UInt64>,
        _ report: inout StepReport
    ) {
        guard let instruction = report.instruction, let width = Width(rawValue: record.width) else { return }
        func bytes(_ content: UInt64) -> AccessedBytes {
            AccessedBytes(
                word: word, byte: Int(record.shift / 8), width: width,
                value: (content >> UInt64(record.shift)) & width.mask)
        }
        let isService: Bool
        if case .service = instruction.request(thread.registers) { isService = true } else { isService = false }
        switch record.kind {
        case .load:
            let read = bytes(value(view(state, cpu, word: word)))
            report.read = read
            report.readSource = readSource(ofBytes: record.mask, word: word, cpu, in: state)
            if !report.isFirstHalf { report.receiver = instruction.receiver(of: read.value, from: thread.registers) }
        case .update:
            let read = bytes(value(inMemory(state, word)))
            var registers = thread.registers
            report.read = read
            report.readSource = .memory
            report.receiver = instruction.receiver(of: read.value, from: thread.registers)
            report.written = instruction.execute(on: &registers, loaded: read.value).map(bytes(shifted:))
        case .store:
            report.written = bytes(value(Int(record.value)))
            report.written?.isEvident = isService || instruction.storesConstant
        case .lock:
            report.read = bytes(value(inMemory(state, word)))
            report.read?.isEvident = true
            report.readSource = .memory
        case .waitFor:
            report.read = bytes(value(view(state, cpu, word: word)))
            report.read?.isEvident = true
            report.readSource = readSource(ofBytes: record.mask, word: word, cpu, in: state)
        case .readPageDirty:
            report.read = bytes(UInt64(ghost.pageDirty[Int(record.frame)].read(state)))
            report.receiver = RegisterOperand(.rax)
        default: break
        }
        func bytes(shifted stored: UInt64) -> AccessedBytes { bytes(stored << UInt64(record.shift)) }
    }
}

extension Machine {
    /// Whether nobody can tell that a step was taken: a translation leaves a TLB, or one comes that its CPU does not use, as
    /// far as its code says.
    public func isIdle(_ report: StepReport) -> Bool {
        switch report.kind {
        case .evict, .abandonWalk: true
        case .speculate: report.leaf.map { plan.accessedPages[report.cpu] & (1 << UInt64($0.page)) == 0 } ?? false
        default: false
        }
    }
}

extension StepKind {
    /// Whether an instruction's access happens in such a step, and the instruction, or its half, is over after it.
    public var finishesAccess: Bool {
        switch self {
        case .instruction, .access, .setDirty: true
        case .drain, .walk, .beginAccessed, .setAccessed, .beginDirty, .setDirtyAndFault, .walkAgain, .speculate,
            .evict, .abandonWalk, .fault, .retry, .flush, .acknowledge, .broadcast, .takeBroadcast, .readTable,
            .goWild, .interrupt:
            false
        }
    }
}
