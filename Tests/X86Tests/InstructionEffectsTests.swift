import Testing

@testable import X86

@Suite struct InstructionEffectsTests {
    /// Instructions on registers: what they compute can be tried out.
    private static let computing = [
        "movq %rax,%rbx", "movb %al,%bl", "movl $3,%ecx", "movzbl %al,%edx", "movslq %eax,%rdx",
        "leaq 8(%rax,%rbx,2),%rcx",
        "addq %rax,%rbx", "adcq %rax,%rbx", "subl %ecx,%edx", "sbbq %rax,%rax", "andq $-67,%rax", "orq %rdx,%rcx",
        "xorl %eax,%eax", "xorl %eax,%ebx", "notq %rax", "negq %rbx", "incq %rax", "decl %ecx", "shlq $52,%rdx",
        "shrq %cl,%rax", "rolq $3,%rbx", "rcrq $1,%rbx", "shldq $4,%rax,%rbx", "imulq %rax,%rbx", "imulq $3,%rax,%rbx",
        "mulq %rbx", "btsq $3,%rax", "btq $3,%rax", "bsfq %rax,%rbx", "popcntq %rax,%rbx", "cmoveq %rax,%rbx",
        "sete %al",
        "cmpq %rax,%rbx", "testq %rax,%rax", "cltq", "cqto", "cbtw", "xchgq %rax,%rbx", "xaddq %rax,%rbx",
        "cmpxchgq %rcx,%rbx", "bswapq %rax", "lahf", "sahf", "clc", "stc", "cmc", "nop",
    ]

    private static func random(_ numbers: inout SystemRandomNumberGenerator) -> RegisterFile {
        var file = RegisterFile()
        for register in Register.allCases { file[register] = numbers.next() >> UInt64(numbers.next() % 60) }
        file.flags = Flags(rawValue: numbers.next() & Flags.status.rawValue)
        return file
    }

    @Test(arguments: computing) func noRegisterIsWrittenThatIsNotTold(line: String) throws {
        let instruction = try instruction(line)
        let effects = instruction.effects
        var numbers = SystemRandomNumberGenerator()
        for _ in 0..<200 {
            let before = Self.random(&numbers)
            var after = before
            _ = instruction.execute(on: &after, loaded: 0)
            for register in Register.allCases where before[register] != after[register] {
                #expect(effects.writes.contains(register), "\(line) writes \(register)")
            }
            if before.flags != after.flags { #expect(effects.writesFlags, "\(line) writes flags") }
        }
    }

    @Test(arguments: computing) func noRegisterMattersThatIsNotTold(line: String) throws {
        let instruction = try instruction(line)
        let effects = instruction.effects
        var numbers = SystemRandomNumberGenerator()
        for _ in 0..<200 {
            let first = Self.random(&numbers)
            var second = Self.random(&numbers)
            for register in effects.reads { second[register] = first[register] }
            if effects.readsFlags { second.flags = first.flags }
            var (one, other) = (first, second)
            _ = instruction.execute(on: &one, loaded: 0)
            _ = instruction.execute(on: &other, loaded: 0)
            for register in effects.writes {
                let isKept = first[register] == one[register] && second[register] == other[register]
                #expect(one[register] == other[register] || isKept, "\(line) computes \(register) from something else")
            }
            if effects.writesFlags && !effects.readsFlags {
                #expect(one.flags == other.flags, "\(line) computes flags from something else")
            }
        }
    }

    @Test func memoryIsMetAsTold() throws {
        #expect(try instruction("movq (%rdi),%rax").effects.memory == .load)
        #expect(try instruction("movl $1,(x)").effects.memory == .store)
        #expect(try instruction("lock cmpxchgq %rcx,(%rdi)").effects.memory == .update)
        #expect(try instruction("cmpl $0,(x)").effects.memory == .load)
        let effects = try #require(try parse("lock cmpxchgq %rcx,8(%rdi,%rsi)").instructions.first).effects
        #expect(effects.reads == [.rax, .rcx, .rdi, .rsi])
        #expect(effects.writes == [.rax])
        #expect(try #require(try parse("movq %rax,%gs:y(%rip)").instructions.first).effects.hasSegment)
    }

    @Test func servicesWriteNothingUnlessTheyAnswer() throws {
        #expect(try instruction("call flush_tlb_page(x)").effects.writes.isEmpty)
        #expect(try instruction("call page_dirty(x)").effects.writes == [.rax])
    }

    @Test func aLoopKeepsRegistersAndFlagsAlive() throws {
        let program = try parseText(
            "movq (%rdi),%rax\nL: movq %rax,%rcx\nlock cmpxchgq %rcx,(%rdi)\njne L\nmovl $0,%eax\naddl $1,%ebx\n")
        #expect(program.isLive(nil, after: 2, atEnd: false))
        #expect(program.isLive(.rax, after: 2, atEnd: false))
        #expect(!program.isLive(.rcx, after: 2, atEnd: false))
        // The jump may be taken, and then it is read again.
        #expect(program.isLive(.rax, after: 3, atEnd: false))
        #expect(!program.isLive(.rax, after: 4, atEnd: false))
        #expect(program.isLive(.rax, after: 5, atEnd: true))
        #expect(!program.isLive(nil, after: 4, atEnd: true))
    }
}
