import Diagnostics
import Litmus
import X86

/// Takes the steps of a test in columns away, one at a time.
///
/// What is taken away leaves a `nop`, so that everything else keeps its place. Where somebody uses what a step computes,
/// the step is weakened: its write goes, what it reads and computes stays.
package struct ColumnRemovals {
    private let test: LitmusTest

    /// All removals in the order of the text.
    package static func all(of test: LitmusTest) -> [Removal] {
        let finder = ColumnRemovals(test: test)
        return test.threads.flatMap { column in
            finder.removals(in: column, isHandler: false)
                + (test.handlers[column.processor].map { finder.removals(in: $0, isHandler: true) } ?? [])
        }
    }

    /// Another test in columns, made from the same text, without the step of this removal too; nil when it is not there.
    package static func without(_ removal: Removal, from test: LitmusTest) -> LitmusTest? {
        all(of: test).first { other in
            other.step == removal.step && other.processor == removal.processor && other.isHandler == removal.isHandler
                && other.parts.map { $0.text } == removal.parts.map { $0.text }
                && other.parts.map { $0.place } == removal.parts.map { $0.place }
        }?.test
    }

    private func removals(in column: ThreadColumn, isHandler: Bool) -> [Removal] {
        let finder = ColumnFinder(test: test, column: column, isHandler: isHandler)
        var removals: [Removal] = []
        for index in column.program.instructions.indices {
            removals += finder.removals(at: index) + finder.orders(to: index)
        }
        return removals
    }
}

/// What can be taken away from one column.
private struct ColumnFinder {
    let test: LitmusTest
    let column: ThreadColumn
    let isHandler: Bool
    private var program: Program { column.program }

    init(test: LitmusTest, column: ThreadColumn, isHandler: Bool) {
        self.test = test
        self.column = column
        self.isHandler = isHandler
    }

    private func removal(_ step: Removal.Step, _ indices: [Int], _ program: Program?) -> Removal? {
        guard let program else { return nil }
        var changed = test
        if isHandler {
            changed.handlers[column.processor]?.program = program
        } else if let position = changed.threads.firstIndex(where: { $0.processor == column.processor }) {
            changed.threads[position].program = program
        }
        keepNames(&changed)
        let parts = indices.map { index in
            let instruction = self.program.instructions[index]
            return Removal.Part(text: instruction.text, place: instruction.place, index: index)
        }
        return Removal(step, processor: column.processor, isHandler: isHandler, parts: parts, test: changed)
    }

    /// Declares what only the step that is gone has named: an entry that is named exists, and so does a variable.
    private func keepNames(_ changed: inout LitmusTest) {
        func names(_ test: LitmusTest) -> TestNames { TestNames(test.withoutQuestion) }
        let (before, after) = (names(test), names(changed))
        func declare(_ name: MemoryName, _ value: Value) {
            changed.initializations.append(
                Initialization(location: .memory(name, index: 0), values: [value], place: column.place))
        }
        let lost = before.leaves.filter { !after.leaves.contains($0) }
        for leaf in lost.sorted(by: { LitmusWriter.text(of: $0) < LitmusWriter.text(of: $1) }) {
            if case .leaf(let page, _) = leaf { declare(leaf, .entry(EntryLiteral(frame: page))) }
        }
        let upper = before.upperEntries.filter { !after.upperEntries.contains($0) }
        for entry in upper.sorted(by: { LitmusWriter.text(of: $0) < LitmusWriter.text(of: $1) }) {
            declare(entry, .entry(EntryLiteral(table: entry.ownTable)))
        }
        for variable in before.variables.subtracting(names(changed).variables).sorted() {
            declare(.variable(variable), .integer(0))
        }
    }

    // MARK: One step

    func removals(at index: Int) -> [Removal] {
        let instruction = program.instructions[index]
        func plain(_ step: Removal.Step) -> [Removal] {
            [removal(step, [index], program.without(index))].compactMap { $0 }
        }
        switch SoftwareStep(instruction) {
        case .spinLock(let variable): return [spinLock(index, variable)].compactMap { $0 }
        case .flush: return plain(.flush)
        case .service: return plain(.service)
        case .fence: return isUsed(instruction.effects.writes, after: index) ? [] : plain(.fence)
        case .store: return plain(.store)
        case .update:
            let unlocked = instruction.isLocked ? [unlock(index)] : []
            return (unlocked + [removal(.write, [index], withoutWrite(index))]).compactMap { $0 }
        case .load, .wait, .spinUnlock, .none: return []
        }
    }

    /// A locked operation as two steps.
    private func unlock(_ index: Int) -> Removal? {
        let instruction = program.instructions[index]
        let text = InstructionText(instruction)
        let step = Removal.Step.lock(isImplied: !text.isLocked)
        guard text.mnemonic.hasPrefix("xchg") else {
            let line = "\(text.mnemonic) \(text.operands.joined(separator: ","))"
            return InstructionText.instructions([line], at: instruction.place).flatMap {
                removal(step, [index], program.replacing(index, with: $0))
            }
        }
        guard let memory = text.memory, text.operands.count == 2, let scratch = scratch(instruction.operandWidth) else {
            return nil
        }
        let (place, register) = (text.operands[memory], text.operands[1 - memory])
        let move = "mov\(suffix(instruction))"
        let lines = ["\(move) \(place),\(scratch)", "\(move) \(register),\(place)", "\(move) \(scratch),\(register)"]
        return InstructionText.instructions(lines, at: instruction.place).flatMap {
            removal(step, [index], program.replacing(index, with: $0))
        }
    }

    /// A read-modify-write without its write; nil when that cannot be written.
    private func withoutWrite(_ index: Int) -> Program? {
        let instruction = program.instructions[index]
        let effects = instruction.effects
        let usesFlags = effects.writesFlags && (program.isLive(nil, after: index, atEnd: false))
        if !usesFlags && !isUsed(effects.writes, after: index) { return program.without(index) }
        let text = InstructionText(instruction)
        guard let memory = text.memory else { return nil }
        let place = text.operands[memory]
        let move = "mov\(suffix(instruction))"
        var lines: [String]
        if text.mnemonic.hasPrefix("xchg") {
            lines = ["\(move) \(place),\(text.operands[1 - memory])"]
        } else {
            guard let scratch = scratch(instruction.operandWidth) else { return nil }
            lines = ["\(move) \(place),\(scratch)"]
            if text.mnemonic.hasPrefix("cmpxchg") {
                guard text.operands.count == 2, instruction.operandWidth != .byte else { return nil }
                let accumulator = "%" + RegisterOperand(.rax, instruction.operandWidth).name
                lines.append("cmp\(suffix(instruction)) \(scratch),\(accumulator)")
                lines.append("cmovne\(suffix(instruction)) \(scratch),\(accumulator)")
            } else {
                var operands = text.operands
                operands[memory] = scratch
                lines.append("\(text.mnemonic) \(operands.joined(separator: ","))")
            }
        }
        return InstructionText.instructions(lines, at: instruction.place).map { program.replacing(index, with: $0) }
    }

    /// A lock is not taken, nor released where it would be.
    private func spinLock(_ index: Int, _ variable: String) -> Removal? {
        var changed = program.without(index)
        var indices = [index]
        for next in program.instructions.indices.dropFirst(index + 1) {
            switch SoftwareStep(program.instructions[next]) {
            case .spinLock(variable):
                return removal(.spinLock, indices, changed)
            case .spinUnlock(variable):
                changed = changed?.without(next)
                indices.append(next)
            default: break
            }
        }
        return removal(.spinLock, indices, changed)
    }

    // MARK: Orders

    /// The step at `second` exchanged with the one before it, where neither needs what the other does.
    func orders(to second: Int) -> [Removal] {
        guard SoftwareStep(program.instructions[second]).hasOrder, let first = neighbour(before: second) else {
            return []
        }
        let effects = program.instructions.map { $0.effects }
        let between = effects[(first + 1)..<second]
        let labels = Set(program.labels.values)
        if faultLabels.contains(first) || faultLabels.contains(second) { return [] }
        if (first + 1...second).contains(where: labels.contains) { return [] }
        var isStraight = true
        for effect in between {
            switch effect.flow {
            case .next: break
            // Out of a loop: what needs no register can be done inside it as well.
            case .branch(let label):
                guard let target = program.labels[label], target <= first else { return [] }
                isStraight = false
            case .jump, .call, .leave: return []
            }
        }
        let (own, other) = (effects[first], effects[second])
        guard own.commutes(with: other), !(own.writesFlags && other.writesFlags) else { return [] }
        func commutes(_ moved: InstructionEffects) -> Bool {
            between.allSatisfy { $0.commutes(with: moved) && !($0.writesFlags && moved.writesFlags) }
        }
        let parts = [first, second]
        if isStraight {
            if commutes(own) { return [removal(.order, parts, program.moving(first, after: second))].compactMap { $0 } }
            if commutes(other) {
                return [removal(.order, parts, program.moving(second, before: first))].compactMap { $0 }
            }
            return []
        }
        guard other.reads.isEmpty, other.writes.isEmpty || !isUsed(other.writes, after: second), !other.readsFlags,
            !other.writesFlags
        else { return [] }
        return [removal(.order, parts, program.moving(second, before: first))].compactMap { $0 }
    }

    /// The last step before one whose order can matter; nil where something else than computing comes in between.
    private func neighbour(before second: Int) -> Int? {
        for index in (0..<second).reversed() {
            let step = SoftwareStep(program.instructions[index])
            if step.hasOrder { return index }
            if case .none = step { continue }
            return nil
        }
        return nil
    }

    /// Instructions that the condition names by their label.
    private var faultLabels: Set<Int> {
        var found: Set<Int> = []
        for proposition in [test.condition.proposition] + (test.filter.map { [$0] } ?? []) {
            proposition.visit { part in
                if case .fault(column.processor, let label?, _) = part.kind, let index = program.labels[label] {
                    found.insert(index)
                }
            }
        }
        return found
    }

    // MARK: Registers

    /// Whether somebody asks for what these registers hold after an instruction.
    private func isUsed(_ registers: Set<Register>, after index: Int) -> Bool {
        registers.contains { register in
            program.isLive(register, after: index, atEnd: asked.contains(register)) || isInHandler(register)
        }
    }

    private func isInHandler(_ register: Register) -> Bool {
        // A handler's registers are the thread's, which may be anywhere.
        if isHandler {
            return test.threads.contains { $0.processor == column.processor && $0.program.mentions(register) }
        }
        return test.handlers[column.processor]?.program.mentions(register) ?? false
    }

    /// Registers that the condition, the filter or `locations` read.
    private var asked: Set<Register> {
        var found: Set<Register> = []
        for location in test.askedLocations {
            if case .register(column.processor, let operand) = location.kind { found.insert(operand.register) }
        }
        return found
    }

    /// A register that nobody uses, by its name for a width.
    private func scratch(_ width: Width) -> String? {
        let set = test.initializations.compactMap { initialization -> Register? in
            if case .register(column.processor, let operand) = initialization.location.kind { return operand.register }
            return nil
        }
        let free = [Register.r11, .r10, .r9, .r8, .r12, .r13, .r14, .r15, .rbx, .rdx, .rcx, .rsi, .rax].first {
            register in
            !set.contains(register) && !asked.contains(register) && !program.mentions(register)
                && !isInHandler(register)
        }
        return free.map { "%" + RegisterOperand($0, width).name }
    }

    private func suffix(_ instruction: Instruction) -> String {
        switch instruction.operandWidth {
        case .byte: "b"
        case .word: "w"
        case .long: "l"
        case .quad: "q"
        }
    }
}

extension Program {
    /// Whether an instruction reads or writes a register.
    func mentions(_ register: Register) -> Bool {
        instructions.contains { instruction in
            let effects = instruction.effects
            return effects.reads.contains(register) || effects.writes.contains(register)
        }
    }
}
