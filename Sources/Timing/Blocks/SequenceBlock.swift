import Litmus
import Synthesis
import X86

/// The column P0 of a test as code that can be timed.
struct SequenceBlock {
    /// The code, for clean entries.
    private(set) var block = TimedBlock()
    /// Instructions that are not run, because they only make sense in a kernel.
    private(set) var leftOut: [String] = []

    /// Instructions that drop translations; a sequence is timed without them.
    private static let flushes: Set<String> = ["invlpg", "invpcid", "invlpgb", "tlbsync"]
    /// Other instructions that only a kernel may execute, or that end the program.
    private static let privileged: Set<String> = [
        "cli", "sti", "iretq", "iret", "hlt", "ud2", "wbinvd", "wbnoinvd", "wrssd", "wrssq", "swapgs",
    ]
    /// Registers that the loop around the sequence may have, the first that the sequence leaves.
    private static let forLoop: [Register] = [.r14, .r15, .r13, .r12, .rbx, .rbp, .r11, .r10, .r9, .r8, .rsi, .rdx]

    /// Takes the column out of a test.
    ///
    /// - Throws: why it cannot be run.
    init(_ test: LitmusTest) throws(SequenceProblem) {
        guard test.compiled == nil else { throw .notColumns }
        guard let column = test.threads.first(where: { $0.processor == 0 }) else { throw .noColumn }
        let program = column.program
        let starts = try Self.starts(of: test)
        guard starts.contains(where: { $0.value.isEntry }) else { throw .noEntry }
        try takeLoopRegisters(program, starts)
        let prelude = starts.map { register, start in
            switch start {
            case .entry(let number): "leaq \(8 * number)(%\(block.entryRegister)),%\(register)"
            case .number(let number): "movabsq $\(Int64(bitPattern: number)),%\(register)"
            }
        }
        block.minus = [prelude]
        block.text = prelude
        // A register that the sequence changes may lead anywhere.
        var entries = Set(starts.filter { $0.value.isEntry }.map { $0.register })
        for instruction in program.instructions where !Self.isLeftOut(instruction) {
            entries.subtract(instruction.effects.writes)
        }
        for index in 0...program.instructions.count {
            // Labels by number, so that the same sequence can stand in the program several times.
            if program.labels.values.contains(index) { block.text.append("\(Self.label(index)):") }
            guard index < program.instructions.count else { break }
            if let text = try Self.text(program, index, entries) {
                block.text.append(text)
            } else {
                leftOut.append(program.instructions[index].text)
            }
        }
    }

    /// What a register starts with.
    private enum Start {
        case entry(Int)
        case number(UInt64)

        var isEntry: Bool {
            if case .entry = self { true } else { false }
        }
    }

    private static func starts(of test: LitmusTest) throws(SequenceProblem) -> [(register: Register, value: Start)] {
        var starts: [(register: Register, value: Start)] = []
        var pages: [MemoryName] = []
        for initialization in test.initializations {
            guard case .register(0, let operand) = initialization.location.kind else { continue }
            switch initialization.values.first?.kind {
            case .integer(let number): starts.append((operand.register, .number(number)))
            case .address(.leaf(let page, let space)):
                let name = MemoryName.leaf(page: page, space: space)
                if !pages.contains(name) { pages.append(name) }
                starts.append((operand.register, .entry(pages.firstIndex(of: name) ?? 0)))
            // Which entry it is has no part in how long it takes.
            case .entry: starts.append((operand.register, .number(0x30_0027)))
            // An address that is not an entry's is refused where it is used.
            case .address, nil: continue
            }
        }
        return starts
    }

    private mutating func takeLoopRegisters(
        _ program: Program, _ starts: [(register: Register, value: Start)]
    ) throws(SequenceProblem) {
        var used = Set(starts.map { $0.register })
        for instruction in program.instructions {
            used.formUnion(instruction.effects.reads)
            if !Self.isLeftOut(instruction) { used.formUnion(instruction.effects.writes) }
        }
        let free = Self.forLoop.filter { !used.contains($0) }
        guard free.count >= 2 else { throw .registers }
        block.entryRegister = "\(free[0])"
        block.endRegister = "\(free[1])"
    }

    private static func mnemonic(_ instruction: Instruction) -> String {
        let words = instruction.text.split(separator: " ").filter { $0 != "lock" }
        return words.first.map { String($0) } ?? ""
    }

    /// Calls of services, and flushes.
    private static func isLeftOut(_ instruction: Instruction) -> Bool {
        if case .service = instruction.request(RegisterFile()) { return true }
        return flushes.contains(mnemonic(instruction)) || instruction.text.contains(",%cr")
    }

    /// The instruction as it is run; nil for one that is left out.
    private static func text(
        _ program: Program, _ index: Int, _ entries: Set<Register>
    ) throws(SequenceProblem) -> String? {
        let instruction = program.instructions[index]
        if isLeftOut(instruction) { return nil }
        guard !privileged.contains(mnemonic(instruction)), !instruction.text.contains("%cr") else {
            throw .instruction(instruction.text)
        }
        let effects = instruction.effects
        switch effects.flow {
        case .next: break
        case .branch(let label), .jump(let label):
            guard let target = program.labels[label] else { throw .instruction(instruction.text) }
            let direction = target <= index ? "b" : "f"
            return mnemonic(instruction) + " \(Self.label(target))\(direction)"
        case .call, .leave: throw .instruction(instruction.text)
        }
        guard !effects.writes.contains(.rsp), !effects.reads.contains(.rsp) else {
            throw .instruction(instruction.text)
        }
        let isOnEntry = effects.base.map { entries.contains($0) } ?? false
        let isAddressed = effects.memory != .none || instruction.text.contains("(")
        let isPlain = isOnEntry && !indexed(instruction.text) && effects.memory != .other
        guard !isAddressed || isPlain || isAddressOnly(instruction),
            !effects.hasSegment, effects.symbol == nil, !namesSymbol(instruction.text)
        else { throw .memory(instruction.text) }
        return instruction.text
    }

    /// `lea` computes an address and accesses nothing.
    private static func isAddressOnly(_ instruction: Instruction) -> Bool { mnemonic(instruction).hasPrefix("lea") }

    /// Whether an address has an index register: `(%rdi,%rcx,8)`.
    private static func indexed(_ text: String) -> Bool {
        var isInside = false
        for character in text {
            if character == "(" { isInside = true }
            if character == ")" { isInside = false }
            if character == ",", isInside { return true }
        }
        return false
    }

    /// Whether a number is a symbol's: `$x`.
    private static func namesSymbol(_ text: String) -> Bool {
        var previous: Character = " "
        for character in text {
            if previous == "$", character.isLetter || character == "_" { return true }
            previous = character
        }
        return false
    }

    /// A local label's number (GNU as, "Local Labels"); `BuildingBlocks` has those below 10.
    private static func label(_ index: Int) -> Int { 10 + index }
}
