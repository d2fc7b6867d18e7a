import X86

/// What one step was, read off its label and the states around it; for witnesses, outside the hot path.
public struct StepReport: Sendable {
    /// The CPU that steps.
    public var cpu: Int
    /// The kind of step.
    public var kind: StepKind
    /// The instruction that the CPU is at, or nil for threads that are over.
    public var instruction: Instruction?
    /// Whether that instruction is in the fault handler.
    public var isHandler: Bool
    /// Whether the step is the load half of an unlocked read-modify-write.
    public var isFirstHalf: Bool
    /// Whether the step is the store half of an unlocked read-modify-write.
    public var isSecondHalf: Bool
    /// The page and address space that the step is about.
    public var leaf: (page: Int, space: Int)?
    /// The translation or entry that was used: P, R/W, U/S, D, G and the frame.
    public var entry: UInt64?
    /// The register that gets what the step reads from memory.
    public var loaded: Register?
    /// The CPU whose request is taken.
    public var initiator: Int?
    /// The word that a buffered store goes to, and the bytes and value it carries (shifted to their place).
    public var store: (word: Int, bytes: UInt8, value: UInt64)?
}

extension Machine {
    /// The register that depends on what an instruction reads: it differs when different values are read.
    private static func target(of instruction: Instruction, _ registers: RegisterFile) -> Register? {
        var (first, second) = (registers, registers)
        _ = instruction.execute(on: &first, loaded: 0x5555_5555_5555_5555)
        _ = instruction.execute(on: &second, loaded: 0xaaaa_aaaa_aaaa_aaaa)
        return Register.allCases.first { first[$0] != second[$0] }
    }

    /// Reads a step's label, given the state it leaves.
    public func report(label: UInt32, from state: UnsafePointer<UInt64>) -> StepReport {
        let cpu = Int(label >> 24)
        let kind = StepKind(rawValue: UInt8((label >> 16) & 0xff)) ?? .instruction
        let operand = Int(label & 0xffff)
        let number = cpus[cpu].thread.read(state)
        let thread = threads[cpu].states[number]
        let program = threads[cpu].program(of: thread)
        let record = records[cpu][number]
        var report = StepReport(
            cpu: cpu, kind: kind,
            instruction: record.isEnded || thread.registers.rip >= program.instructions.count
                ? nil : program.instructions[thread.registers.rip],
            isHandler: thread.interrupted != nil, isFirstHalf: false, isSecondHalf: thread.stage == 1)
        if let instruction = report.instruction, thread.stage == 0 {
            switch instruction.request(thread.registers) {
            case .update(_, locked: false), .copy: report.isFirstHalf = true
            case .load, .update(_, locked: true): report.loaded = Self.target(of: instruction, thread.registers)
            default: break
            }
        }
        switch kind {
        case .access, .beginDirty, .setDirty, .setDirtyAndFault, .fault:
            guard record.page >= 0 else { break }
            let leaf = leafNumber(page: Int(record.page), space: Int(record.space))
            report.leaf = (leaves[leaf].page, leaves[leaf].space)
            if operand < leaves[leaf].count { report.entry = leaves[leaf].translations[operand].bits }
        case .walk, .beginAccessed, .setAccessed, .walkAgain, .speculate, .evict, .abandonWalk, .retry:
            guard operand < leafCount else { break }
            report.leaf = (leaves[operand].page, leaves[operand].space)
        case .acknowledge, .takeBroadcast: report.initiator = operand
        case .drain:
            let info = store(cpus[cpu].stores[0].read(state))
            report.store = (Int(info.word), info.covered, value(Int(info.value)))
        case .instruction, .flush, .broadcast: break
        }
        return report
    }
}
