import X86

/// An instruction on registers and private memory alone, which runs together with a step before it.
public struct LocalInstruction: Sendable, Hashable {
    /// A general register and what it holds.
    public struct Change: Sendable, Hashable {
        /// The register.
        public var register: Register
        /// What it holds after the instruction.
        public var value: UInt64
    }

    /// The CPU.
    public var cpu: Int
    /// The instruction.
    public var instruction: Instruction
    /// Its place in the program, counted from 0.
    public var index: Int
    /// Whether it is in the fault handler.
    public var isHandler: Bool
    /// The general registers that it has changed, with what they hold then.
    public var changes: [Change]
    /// Where in private memory it has read, or nil.
    public var loadPlace: MemoryAccess?
    /// Where in private memory it has stored, or nil.
    public var storePlace: MemoryAccess?
    /// What it has stored in private memory, or nil.
    public var written: UInt64?
    /// Whether the thread ends with it: `hlt`, `ud2`, an opcode that the CPU does not have.
    public var endsThread: Bool

    /// Describes an instruction that changes nothing.
    public init(cpu: Int, _ instruction: Instruction, index: Int = 0, endsThread: Bool = false) {
        self.cpu = cpu
        self.instruction = instruction
        self.index = index
        self.endsThread = endsThread
        isHandler = false
        changes = []
    }
}

/// The instructions that ran together with a step, or before the first.
public struct LocalRun: Sendable {
    /// How many are told at most; a loop that counts may have a million.
    private static let most = 256

    /// Those that are told, in order.
    public private(set) var instructions: [LocalInstruction] = []
    /// How many more there were.
    public private(set) var omitted = 0

    mutating func append(_ instruction: () -> LocalInstruction) {
        if instructions.count < Self.most { instructions.append(instruction()) } else { omitted += 1 }
    }
}

/// Registers and private memory, which never make a step of their own; for witnesses, outside the hot path.
extension Machine {
    /// The instructions that run before the first step.
    public func localRunAtStart() -> LocalRun {
        var run = LocalRun()
        for cpu in 0..<cpuCount { listen(to: cpu, &run) { $0.start(self) } }
        return run
    }

    /// The instructions that run together with a step, after what the step itself is.
    ///
    /// Nil when what the CPUs went through could not be found again.
    public func localRun(
        label: UInt32, from state: UnsafePointer<UInt64>, to next: UnsafePointer<UInt64>
    ) -> LocalRun? {
        let report = report(label: label, from: state)
        var run = LocalRun()
        for cpu in 0..<cpuCount {
            let (old, new) = (cpus[cpu].thread.read(state), cpus[cpu].thread.read(next))
            // An access at which the run goes wild is not over.
            let isOwn = cpu == report.cpu && report.kind.finishesAccess && !isWild(in: next)
            guard isOwn || old != new else { continue }
            let reached = listen(to: cpu, &run) { table in
                if cpu == report.cpu && report.kind.isFault { return table.computeAfterFault(old, self) }
                if cpu == report.cpu, let entry = entry(of: report, in: state) {
                    let entered = table.computeEntry(entry, old, self)
                    // A lazy CPU that flushes has no other CPU to wait for.
                    return entered == new ? entered : table.computeNext(entered, self)
                }
                // A half, or a whole instruction, goes on with what its word holds.
                if isOwn, let read = report.read, !read.isEvident {
                    let isFlag = records[cpu][old].kind == .readPageDirty
                    let content =
                        isFlag
                        ? number(ofValue: read.value)
                        : records[cpu][old].kind == .load
                            ? view(state, cpu, word: read.word) : inMemory(state, read.word)
                    return Int(table.computeAnswer(old, toWord: content, self).next)
                }
                let next = table.computeNext(old, self)
                // After a handler a CPU passes what has been answered meanwhile.
                let isReturn = isOwn && records[cpu][old].kind == .interruptReturn && records[cpu][old].suspended >= 0
                return next != new && isReturn ? table.computeNext(next, self) : next
            }
            if reached != new { return nil }
        }
        return run
    }

    /// How another CPU's request, or the own flush of a lazy CPU, takes the thread elsewhere in a step; nil where none does.
    private func entry(of report: StepReport, in state: UnsafePointer<UInt64>) -> InterruptEntry? {
        if report.kind == .interrupt {
            let isWaiting = cpus[report.cpu].phase.read(state) == Phase.flushing.rawValue
            return .interrupt(sender: UInt8(report.initiator ?? 0), isWaiting: isWaiting)
        }
        return report.leavesLazily ? .kernelSpace : nil
    }

    /// Notes what a CPU's thread runs on its own while `body` takes it on.
    @discardableResult
    private func listen(to cpu: Int, _ run: inout LocalRun, _ body: (ThreadTable) -> Int) -> Int {
        var heard = run
        tables.threads[cpu].listener = { instruction, before, after in
            // The load half of a copy changes nothing that anybody sees.
            if after.stage == 1 { return }
            heard.append { LocalInstruction(cpu, instruction, before, after) }
        }
        defer { tables.threads[cpu].listener = nil }
        let reached = body(tables.threads[cpu])
        run = heard
        return reached
    }
}

extension LocalInstruction {
    fileprivate init(_ cpu: Int, _ instruction: Instruction, _ before: ThreadState, _ after: ThreadState) {
        self.cpu = cpu
        self.instruction = instruction
        index = before.registers.rip
        isHandler = before.isInHandler
        changes = Register.allCases.filter { before.registers[$0] != after.registers[$0] }
            .map { Change(register: $0, value: after.registers[$0]) }
        switch instruction.request(before.registers) {
        case .load(let place): loadPlace = place
        case .store(let place): storePlace = place
        case .update(let place, _): (loadPlace, storePlace) = (place, place)
        case .copy(let from, let to): (loadPlace, storePlace) = (from, to)
        default: break
        }
        func own(_ place: MemoryAccess?) -> MemoryAccess? { place.flatMap { after.memory.contains($0) ? $0 : nil } }
        loadPlace = own(loadPlace)
        storePlace = own(storePlace)
        written = storePlace.map(after.memory.read)
        endsThread = after.progress == .ended
    }
}

extension StepKind {
    /// Whether the thread takes a page fault in such a step.
    fileprivate var isFault: Bool { self == .fault || self == .setDirtyAndFault }
}
