import TestSupport
import Testing

@testable import X86

/// Programs as bytes, and back.
@Suite struct EncodingTests {
    private static func bytes(_ program: Program) throws -> [UInt8] {
        var coder = ByteCoder()
        var program = program
        try program.code(&coder)
        return coder.bytes
    }

    private static func program(_ bytes: [UInt8]) throws(ByteCoder.Damage) -> Program {
        var coder = ByteCoder(reading: bytes)
        var program = Program()
        try program.code(&coder)
        guard coder.isAtEnd else { throw ByteCoder.Damage() }
        return program
    }

    /// Everything that operands can have, and the forms that the kernel's code has.
    private static func samples() throws -> [Program] {
        let others = [
            "movq $x+8,%rax", "movl %fs:8(%rdx,%rcx,4),%eax", "movq %gs:own+8(%rip),%rax", "movb %ah,%al", "1: jmp 1b",
            "f: call f", "call flush_tlb_page(x)", "call unknown_target()", "imulq $7,%rax,%rcx", "rep stosb",
            "shldq $3,%rax,%rcx", "lodsb", "rep lodsq", "movabsq $-1,%rax", "movl $1,(x)", "movq %cr2,%rax",
            "jmp *(%rax)", "call *8(%rbx)", "cmpxchg8b (%rdi)", "xchgb %al,(%rdi)", "wrssq %rsi,(%rdi)",
        ]
        return try (InstructionSetTests.kernelForms + others).map { try parse($0) }
    }

    @Test func programsAreReadAsTheyWereWritten() throws {
        for program in try Self.samples() {
            let bytes = try #require(try? Self.bytes(program), "\(program.instructions)")
            #expect(try Self.program(bytes) == program, "\(program.instructions)")
        }
        let text = "P0:\n\tcmpl $1,(%rdi)\n\tje 1f\n1:\tmovl $2,(%rsi)\n\tcall g\n\tret\ng:\n\tret\n.Lend:\n"
        let program = try parseText(text)
        #expect(program.labels.count == 4)
        let read = try Self.program(Self.bytes(program))
        #expect(read == program)
        #expect(read.instructions.allSatisfy { $0.programEnd == program.instructions.count })
        let linked = try program.linked { _ in nil }
        #expect(try Self.program(Self.bytes(linked)) == linked)
    }

    @Test func everyOperationHasItsOwnName() throws {
        var seen: [Operation: [UInt8]] = [:]
        var operations = MnemonicTable.entries.map(\.operation)
        operations += [.readControl, .writeControl, .moveString(isRepeated: true)]
        for operation in operations {
            let program = Program(instructions: [Instruction(operation, .quad, at: origin)])
            seen[operation] = try Self.bytes(program)
            let read = try Self.program(Self.bytes(program))
            #expect(read.instructions.map(\.operation) == [operation])
        }
        #expect(Set(seen.values).count == seen.count)
    }

    @Test(arguments: [0, 1, 127, 128, 1 << 32, UInt64.max, 1 << 63])
    func numbersOfAllSizes(_ number: UInt64) throws {
        var (unsigned, signed) = (number, Int(bitPattern: UInt(number)))
        var coder = ByteCoder()
        try coder.code(&unsigned)
        try coder.code(&signed)
        var reader = ByteCoder(reading: coder.bytes)
        (unsigned, signed) = (7, 7)
        try reader.code(&unsigned)
        try reader.code(&signed)
        #expect(unsigned == number && signed == Int(bitPattern: UInt(number)) && reader.isAtEnd)
    }

    @Test func textsStandOnce() throws {
        var coder = ByteCoder()
        var list = ["memory.c", "", "é", "memory.c", "memory.c"]
        try coder.code(&list)
        #expect(coder.bytes.count < 20)
        var reader = ByteCoder(reading: coder.bytes)
        var read: [String] = []
        try reader.code(&read)
        #expect(read == list)
    }

    /// Whatever bytes say, they are a program or damage, and take no more memory than they can fill.
    @Test func damageIsTold() throws {
        var random = SeededNumbers(seed: 20261130)
        let samples = try Self.samples().map(Self.bytes)
        for bytes in samples {
            for count in 0..<bytes.count {
                #expect(throws: ByteCoder.Damage.self) { try Self.program(Array(bytes.prefix(count))) }
            }
            #expect(throws: ByteCoder.Damage.self) { try Self.program(bytes + [0]) }
        }
        var refused = 0
        let rounds = Volume.rounds("PTERO_FUZZ_ROUNDS", full: 100_000, sample: 10_000)
        for round in 0..<rounds {
            var bytes = samples[round % samples.count]
            for _ in 0...random.below(3) { bytes[random.below(bytes.count)] = UInt8(random.below(256)) }
            if (try? Self.program(bytes)) == nil { refused += 1 }
        }
        #expect(refused > rounds / 4 && refused < rounds)
    }
}
