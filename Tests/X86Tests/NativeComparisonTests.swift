import TestSupport
import Testing
import X86Native

@testable import X86

#if arch(x86_64)
    private let isNative = true
#else
    private let isNative = false
#endif

/// Every form of the native table on seeded random operands, against the processor the tests run on.
@Suite struct NativeComparisonTests {
    private static let runsPerForm = 200

    @Test(.enabled(if: isNative, "the processor is not x86-64, so there is nothing to compare with"))
    func registersFlagsAndMemoryAgreeWithTheProcessor() throws {
        var count = 0
        let table = try #require(x86_native_forms(&count))
        #expect(count > 900)
        var comparisons = 0
        for index in 0..<count {
            let form = table + index
            let text = String(cString: form.pointee.text).replacing("%%", with: "%")
            let program = try parseText(text).linked { _ in nil }
            if !program.instructions.allSatisfy(Self.isSupportedHere) { continue }
            var comparison = Comparison(text: text, program: program, seed: UInt64(index))
            for run in 0..<Self.runsPerForm {
                if let difference = comparison.run(form) {
                    Issue.record("\(text), run \(run): \(difference)")
                    break
                }
            }
            #expect(comparison.compared > Self.runsPerForm / 10, "\(text): nearly all operands were skipped")
            comparisons += comparison.compared
        }
        #expect(comparisons > 100_000)
    }

    /// Bit counting came with BMI1 and LZCNT; on older processors the same bytes are `bsf` and `bsr`.
    private static func isSupportedHere(_ instruction: Instruction) -> Bool {
        switch instruction.operation {
        case .scan(.trailingZeros), .scan(.leadingZeros), .scan(.populationCount): x86_native_counts_bits() != 0
        default: true
        }
    }

    @Test(.enabled(if: !isNative, "the processor is x86-64"))
    func theNativeTableIsEmptyElsewhere() {
        var count = 1
        #expect(x86_native_forms(&count) == nil)
        #expect(count == 0)
    }
}

/// One form with its random operands; keeps native and modelled memory side by side.
private struct Comparison {
    let text: String
    let program: Program
    var random: SeededNumbers
    var compared = 0
    private var native: [UInt64]
    private var model: [UInt64]

    private static let words = 512

    init(text: String, program: Program, seed: UInt64) {
        self.text = text
        self.program = program
        random = SeededNumbers(seed: seed)
        var filler = SeededNumbers(seed: seed ^ 0xfeed)
        native = (0..<Self.words).map { _ in filler.next() }
        model = native
    }

    /// Runs once; returns what differs, or nil.
    mutating func run(_ form: UnsafePointer<X86NativeForm>) -> String? {
        // The array's storage must not move while native code holds its address.
        native.withUnsafeMutableBytes { nativeBytes -> String? in
            let base = UInt64(UInt(bitPattern: nativeBytes.baseAddress))
            return model.withUnsafeMutableBytes { modelBytes in
                Self.run(
                    form, text, program, &random, &compared, nativeBytes, modelBytes, base: base)
            }
        }
    }

    private static func run(
        _ form: UnsafePointer<X86NativeForm>, _ text: String, _ program: Program, _ random: inout SeededNumbers,
        _ compared: inout Int, _ native: UnsafeMutableRawBufferPointer, _ model: UnsafeMutableRawBufferPointer,
        base: UInt64
    ) -> String? {
        let before = initialRegisters(text, program, &random, base: base)
        var registers = before
        // The words that are about to be accessed get values with edges, the same on both sides.
        if let first = program.instructions.first, let address = accessed(first.request(registers)) {
            let offset = Int(address &- base) & ~7
            let equalsAccumulator = random.below(3) == 0
            for word in 0..<2 where offset >= 0 && offset + 8 * word + 8 <= native.count {
                let value = equalsAccumulator ? before[.rax] : random.operand()
                native.storeBytes(of: value, toByteOffset: offset + 8 * word, as: UInt64.self)
                model.storeBytes(of: value, toByteOffset: offset + 8 * word, as: UInt64.self)
            }
        }
        var undefined: Flags = []
        var steps = 0
        while registers.rip < program.instructions.count {
            let instruction = program.instructions[registers.rip]
            let loaded = read(instruction.request(registers), model, base)
            if case .divide = instruction.operation, instruction.quotient(registers, loaded: loaded) == nil {
                return nil
            }
            undefined = UndefinedFlags.of(instruction, registers, loaded: loaded)
            step(instruction, &registers, model, base)
            steps += 1
            if steps > 100 { return "the model does not end" }
        }
        var state = Register.allCases.map { before[$0] } + [before.flags.rawValue | 2, 0, 0]
        x86_native_run(&state, form)
        compared += 1
        var message: [String] = []
        for register in Register.allCases where register != .r15 {
            var (mine, actual) = (registers[register], state[Int(register.rawValue)])
            if hasUndefinedUpperHalf(register, program.instructions[0], registers) {
                (mine, actual) = (mine & 0xffff_ffff, actual & 0xffff_ffff)
            }
            if mine != actual {
                message.append("\(register) was \(hex(before[register])), processor \(hex(actual)), model \(hex(mine))")
            }
        }
        let visible = Flags.status.union(.direction).subtracting(undefined).rawValue
        if (state[16] ^ registers.flags.rawValue) & visible != 0 {
            message.append(
                "flags were \(hex(before.flags.rawValue)), processor \(hex(state[16] & visible)), model \(hex(registers.flags.rawValue & visible))"
            )
        }
        let offset = x86_native_difference(native.baseAddress, model.baseAddress, native.count)
        if offset >= 0 {
            message.append("memory differs from byte \(offset - native.count / 2) off %rbx on")
            model.copyMemory(from: UnsafeRawBufferPointer(native))
        }
        guard !message.isEmpty else { return nil }
        return message.joined(separator: "; ")
            + "; before: rax \(hex(before[.rax])) rcx \(hex(before[.rcx])) rdx \(hex(before[.rdx]))"
    }

    /// Whether a 32-bit destination that keeps its value may lose its upper half: a scan of zero, and a `cmpxchg` with a
    /// register that fails (SDM 2A writes the old value back, AMD's processors do not).
    private static func hasUndefinedUpperHalf(_ register: Register, _ instruction: Instruction, _ after: RegisterFile)
        -> Bool
    {
        guard instruction.width == .long, instruction.destination?.register?.register == register else { return false }
        switch instruction.operation {
        case .scan(.forward), .scan(.reverse): return after.flags.contains(.zero)
        case .compareExchange: return !after.flags.contains(.zero)
        default: return false
        }
    }

    /// Random registers under the conventions of forms.h.
    private static func initialRegisters(
        _ text: String, _ program: Program, _ random: inout SeededNumbers, base: UInt64
    ) -> RegisterFile {
        var registers = RegisterFile()
        for register in Register.allCases { registers[register] = random.operand() }
        let middle = base &+ UInt64(words * 4)
        registers[.rbx] = middle
        registers[.rsp] = middle &+ UInt64(random.below(64) * 8)
        var index = random.below(61) - 30
        if case .bitTest = program.instructions[0].operation { index *= 5 } else { index &= ~1 }
        registers[.rsi] = UInt64(bitPattern: Int64(index))
        let fixesAddresses = program.instructions.contains {
            switch $0.operation {
            case .moveString, .storeString, .loadString: true
            default: false
            }
        }
        if fixesAddresses {
            registers[.rsi] = middle &+ UInt64(random.below(512))
            registers[.rdi] = middle &- UInt64(random.below(512))
        }
        if text == "leave" { registers[.rbp] = middle &+ UInt64(random.below(64)) }
        if case .compareExchangePair = program.instructions[0].operation, random.below(2) == 0 {
            registers[.rdx] = registers[.rax]
        }
        if case .divide(let isSigned) = program.instructions[0].operation {
            prepareDividend(&registers, isSigned, &random)
        }
        registers.flags = Flags(rawValue: random.next()).intersection([.status, .direction]).union(.interrupt)
        return registers
    }

    /// Random dividends nearly always overflow; small upper halves seldom do.
    private static func prepareDividend(
        _ registers: inout RegisterFile, _ isSigned: Bool, _ random: inout SeededNumbers
    ) {
        switch random.below(4) {
        case 0: break
        case 1: registers[.rdx] = UInt64(random.below(4))
        case 2: registers[.rax] = UInt64(random.below(256))
        default: registers[.rdx] = isSigned ? UInt64(bitPattern: Int64(bitPattern: registers[.rax]) >> 63) : 0
        }
        if random.below(2) == 0 { registers[.rax] &= random.below(2) == 0 ? 0x00ff : 0x1fff_ffff_1fff_01ff }
    }

    private static func accessed(_ request: Request) -> UInt64? {
        switch request {
        case .load(let access), .store(let access), .update(let access, _), .copy(let access, _): access.address
        default: nil
        }
    }

    private static func read(_ request: Request, _ memory: UnsafeMutableRawBufferPointer, _ base: UInt64) -> UInt64 {
        switch request {
        case .load(let access), .update(let access, _), .copy(let access, _):
            (0..<Int(access.width.rawValue)).reduce(0) { sum, byte in
                sum | UInt64(memory[Int(access.address &- base) + byte]) << UInt64(8 * byte)
            }
        default: 0
        }
    }

    private static func step(
        _ instruction: Instruction, _ registers: inout RegisterFile, _ memory: UnsafeMutableRawBufferPointer,
        _ base: UInt64
    ) {
        let request = instruction.request(registers)
        let stored = instruction.execute(on: &registers, loaded: read(request, memory, base))
        switch request {
        case .store(let access), .update(let access, _), .copy(_, let access):
            guard let stored else { return }
            for byte in 0..<Int(access.width.rawValue) {
                memory[Int(access.address &- base) + byte] = UInt8(truncatingIfNeeded: stored >> UInt64(8 * byte))
            }
        default: break
        }
    }

    private static func hex(_ value: UInt64) -> String { "0x" + String(value, radix: 16) }
}
