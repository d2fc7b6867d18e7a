import Machine
import X86

/// Which steps of a run the registers of a thread depend on, and what its CPU is in the middle of.
///
/// What an instruction reads flows into all that it writes. The stack pointer is left out, because everything would seem to
/// depend on everything; of branches the last one counts. Instructions that a run does not tell, because there are too many
/// of them, are missing here too.
struct ThreadOrigins {
    /// By register, the steps that its value depends on.
    private(set) var registers = [Set<Int>](repeating: [], count: Register.allCases.count)
    /// By aligned address in private memory, the same.
    private(set) var own: [UInt64: Set<Int>] = [:]
    /// The steps that the last conditional branch depends on.
    private(set) var control: Set<Int> = []
    private var flags: Set<Int> = []
    /// What the first half of an instruction has loaded.
    private var loaded: Set<Int> = []

    /// What the entry code of an interrupt has saved.
    private struct Saved {
        var registers: [Set<Int>]
        var control: Set<Int>
        var flags: Set<Int>
    }
    private var saved: Saved?

    /// The last step of the thread itself.
    var last: Int?
    /// Steps that took broadcast invalidations of this CPU.
    var taken: [Int] = []
    /// The step that began what an instruction is in the middle of: a walk, a Dirty update.
    private(set) var decision: Int?
    /// By leaf, the step that began a walk that nothing asked for.
    private(set) var walks: [LeafPlace: Int] = [:]
    /// By table, the last step that cached a partial walk to it.
    var partialWalks: [Int: Int] = [:]
    private(set) var fault: Int?
    private(set) var flush: Int?
    private(set) var broadcast: Int?
    /// The last step in which stores of this CPU reached memory.
    private(set) var drain: Int?

    /// The steps that what an instruction reads depends on.
    func sources(of instruction: Instruction, isSecondHalf: Bool = false) -> Set<Int> {
        let effects = instruction.effects
        var found = isSecondHalf ? loaded : []
        for register in effects.reads where register != .rsp { found.formUnion(registers[Int(register.rawValue)]) }
        if effects.readsFlags { found.formUnion(flags) }
        return found
    }

    /// Takes note of a step of the CPU.
    mutating func note(_ step: RunStep, number: Int) {
        switch step.report.kind {
        case .beginAccessed:
            if step.cause == .speculation, let leaf = step.report.leaf {
                walks[leaf] = number
            } else {
                decision = number
            }
        case .setAccessed:
            if let leaf = step.report.leaf, walks[leaf] != nil { walks[leaf] = nil } else { decision = number }
        case .beginDirty, .walkAgain: decision = number
        case .fault, .setDirtyAndFault: fault = number
        case .flush: flush = number
        case .broadcast: broadcast = number
        case .drain, .acknowledge: drain = number
        case .interrupt:
            drain = number
            saved = Saved(registers: registers, control: control, flags: flags)
        case .instruction, .access, .setDirty, .walk, .speculate, .evict, .abandonWalk, .retry, .takeBroadcast,
            .readTable, .goWild:
            break
        }
        switch step.report.kind {
        case .instruction, .access, .setDirty, .setDirtyAndFault, .fault, .retry, .flush, .broadcast:
            decision = nil
            last = number
        case .beginDirty, .walkAgain, .walk: last = number
        default: break
        }
        if step.report.kind.finishesAccess || step.report.kind == .broadcast { noteInstruction(step.report, number) }
    }

    private mutating func noteInstruction(_ report: StepReport, _ number: Int) {
        guard let instruction = report.instruction else { return }
        var result = sources(of: instruction, isSecondHalf: report.isSecondHalf)
        if report.read != nil { result.insert(number) }
        loaded = report.isFirstHalf ? result : []
        write(result, instruction)
        if let saved, case .interruptReturn = instruction.request(RegisterFile()) {
            (registers, control, flags) = (saved.registers, saved.control, saved.flags)
            self.saved = nil
        }
    }

    /// Takes note of an instruction on registers and private memory.
    mutating func note(_ local: LocalInstruction) {
        let effects = local.instruction.effects
        var result = sources(of: local.instruction)
        if let place = local.loadPlace { result.formUnion(own[place.address & ~7] ?? []) }
        if let place = local.storePlace {
            // A part of a word leaves the rest.
            let rest = place.width == .quad ? [] : own[place.address & ~7] ?? []
            own[place.address & ~7] = result.union(rest)
        }
        if case .branch = effects.flow { control = result }
        write(result, local.instruction)
    }

    private mutating func write(_ result: Set<Int>, _ instruction: Instruction) {
        let effects = instruction.effects
        for register in effects.writes where register != .rsp { registers[Int(register.rawValue)] = result }
        if effects.writesFlags { flags = result }
    }
}
