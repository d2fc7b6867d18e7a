import Litmus
import X86

/// What the column P0 of a test costs an entry when nobody interferes: a sum of the prices of building blocks.
///
/// Flushes are counted where the entry is written after them. What comes after the last write, flushes and fences, is left
/// out: it serves many entries at once.
package struct SequencePrice: Hashable, Sendable {
    /// The instructions, as a ratio to `lock andb`.
    package let ratio: Double
    /// How many flushes there are before a write of the entry.
    package let flushes: Int
    /// The widest spread of the prices in the sum, as a part of a price.
    package let spread: Double

    /// Runs the column on an entry and adds up what it did.
    ///
    /// Nil where the column is compiled, is not there, or does something that has no price: touches memory other than
    /// entries that a register leads to, calls a service that does not flush, or does not end.
    package init?(_ test: LitmusTest, entry: UInt64, _ costs: CostTable) {
        guard test.compiled == nil, let column = test.threads.first(where: { $0.processor == 0 }) else { return nil }
        var run = SoleRun(test, entry: entry)
        guard run.run(column.program), let last = run.steps.lastIndex(where: { $0?.written != nil }) else { return nil }
        flushes = run.steps[..<last].count { $0 == nil }
        let counted = run.steps.enumerated().filter { $0.offset <= last || $0.element?.item != .mfence }.map {
            $0.element
        }
        ratio = Pricing(costs: costs, mix: [:]).price(counted)
        spread = counted.compactMap { $0.flatMap { costs.price($0.item)?.spread } }.max() ?? 0
    }
}

/// A column that runs alone, one instruction after the other, on entries that are all the same at the start.
private struct SoleRun {
    /// What was done; nil for a flush.
    private(set) var steps: [PricedStep?] = []
    private var registers = RegisterFile()
    private var words: [UInt64] = []

    /// Where the first entry lies; the others follow.
    private static let base: UInt64 = 0x1000
    /// No sequence of interest has as many steps.
    private static let mostSteps = 1000

    init(_ test: LitmusTest, entry: UInt64) {
        var entries: [MemoryName] = []
        for initialization in test.initializations {
            guard case .register(0, let operand) = initialization.location.kind else { continue }
            switch initialization.values.first?.kind {
            case .integer(let number): registers[operand.register] = number
            case .address(.leaf(let page, let space)):
                let name = MemoryName.leaf(page: page, space: space)
                if !entries.contains(name) { entries.append(name) }
                registers[operand.register] = Self.base + 8 * UInt64(entries.firstIndex(of: name) ?? 0)
            // Which entry is put there has no part in the price. Other addresses lead to no entry, and are refused.
            case .entry: registers[operand.register] = entry
            case .address, nil: continue
            }
        }
        words = entries.map { _ in entry }
    }

    /// Returns false where something has no price.
    mutating func run(_ program: Program) -> Bool {
        while program.instructions.indices.contains(registers.rip) {
            guard steps.count < Self.mostSteps, step(program) else { return false }
        }
        return true
    }

    private mutating func step(_ program: Program) -> Bool {
        let instruction = program.instructions[registers.rip]
        switch instruction.request(registers) {
        case .none: return compute(instruction, program)
        case .load(let access):
            guard let value = read(access), let item = CostItem.load(Int(access.width.rawValue)) else { return false }
            _ = instruction.execute(on: &registers, loaded: value)
            steps.append(PricedStep(item, loaded: access.width.rawValue))
        case .store(let access):
            guard read(access) != nil, let item = CostItem.store(Int(access.width.rawValue)) else { return false }
            if let value = instruction.execute(on: &registers, loaded: 0) { write(value, access) }
            steps.append(PricedStep(item, written: access.width.rawValue))
        case .update(let access, let isLocked):
            guard let value = read(access), let item = item(instruction, access.width, isLocked, value) else {
                return false
            }
            if let new = instruction.execute(on: &registers, loaded: value) { write(new, access) }
            steps.append(PricedStep(item, written: access.width.rawValue, isLocked: isLocked))
        case .fence:
            _ = instruction.execute(on: &registers, loaded: 0)
            steps.append(PricedStep(.mfence))
        case .service(.flushPage, _), .service(.flushSpace, _), .service(.flushRange, _):
            registers.rip += 1
            steps.append(nil)
        default: return false
        }
        return true
    }

    /// An instruction on registers, or a jump.
    ///
    /// The program is not linked: a jump that is taken leads to its end, wherever it comes from.
    private mutating func compute(_ instruction: Instruction, _ program: Program) -> Bool {
        let next = registers.rip + 1
        registers.rip = -2
        _ = instruction.execute(on: &registers, loaded: 0)
        let isTaken = registers.rip != -1
        registers.rip = next
        switch instruction.effects.flow {
        case .next: steps.append(PricedStep(.register))
        case .branch(let label), .jump(let label):
            steps.append(PricedStep(isTaken ? .branchTaken : .branchNotTaken))
            guard isTaken else { break }
            guard let target = program.labels[label] else { return false }
            registers.rip = target
        case .call, .leave: return false
        }
        return true
    }

    /// What an instruction is that reads and writes an entry; nil where it has no price.
    private func item(_ instruction: Instruction, _ width: Width, _ isLocked: Bool, _ value: UInt64) -> CostItem? {
        let bytes = Int(width.rawValue)
        guard isLocked else { return .update(bytes) }
        let mnemonic = instruction.text.split(separator: " ").first { $0 != "lock" } ?? ""
        if mnemonic.hasPrefix("cmpxchg") {
            return instruction.failsComparison(registers, loaded: value) ? .cmpxchgFails : .cmpxchgSucceeds
        }
        if mnemonic.hasPrefix("xchg") { return .xchg(bytes) }
        if mnemonic.hasPrefix("xadd") { return .lockedExchangeAdd8 }
        return mnemonic.hasPrefix("bt") ? .lockedBit8 : .locked(bytes)
    }

    /// What an access reads; nil outside of the entries.
    private func read(_ access: MemoryAccess) -> UInt64? {
        guard let (index, shift) = place(access) else { return nil }
        return words[index] >> shift & access.width.mask
    }

    private mutating func write(_ value: UInt64, _ access: MemoryAccess) {
        guard let (index, shift) = place(access) else { return }
        let mask = access.width.mask << shift
        words[index] = words[index] & ~mask | (value << shift) & mask
    }

    private func place(_ access: MemoryAccess) -> (index: Int, shift: UInt64)? {
        let offset = access.address &- Self.base
        guard offset < UInt64(8 * words.count), offset % 8 + UInt64(access.width.rawValue) <= 8 else { return nil }
        return (Int(offset / 8), 8 * (offset % 8))
    }
}
