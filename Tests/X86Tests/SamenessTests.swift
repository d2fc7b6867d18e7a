import Testing

@testable import X86

/// Instructions that do the same.
@Suite struct SamenessTests {
    private func linked(_ text: String) throws -> Program {
        try parseText(text.split(separator: ";").joined(separator: "\n")).linked {
            ["x": 0x1000, "y": 0x2000, "%gs:x": 0x9000][$0]
        }
    }

    private func areSame(_ first: String, _ second: String, exceptConstants: Bool = false) throws -> Bool {
        let (first, second) = (try linked(first), try linked(second))
        return zip(first.instructions, second.instructions).allSatisfy {
            $0.doesTheSame(as: $1, exceptConstants: exceptConstants)
        }
    }

    @Test(arguments: [
        ("movl $1,(x)", "   movl   $1,  (x)"), ("movq %rax,%rbx", "mov %rax,%rbx"),
        ("L: jmp L", "M: jmp M"), ("movl (x),%eax", "movl x(%rip),%eax"), ("movl $16,%eax", "movl $0x10,%eax"),
        ("call flush_tlb_page(x)", "call flush_tlb_page(x)"),
    ])
    func whereAndHowItWasWrittenPlaysNoPart(_ first: String, _ second: String) throws {
        #expect(try areSame(first, second))
    }

    @Test(arguments: [
        ("movl $1,(x)", "movl $2,(x)"), ("movl $1,(x)", "movl $1,(y)"), ("movl $1,(x)", "movb $1,(x)"),
        ("movq %rax,%rbx", "movq %rax,%rcx"), ("movq %rax,%rbx", "movq %rbx,%rax"),
        ("lock andb $-3,(%rdi)", "andb $-3,(%rdi)"), ("movq (%rdi),%rax", "movq 8(%rdi),%rax"),
        ("movq (%rdi,%rsi,2),%rax", "movq (%rdi,%rsi,4),%rax"), ("movq (x),%rax", "movq %gs:x(%rip),%rax"),
        ("L: jmp L", "jmp L; L: nop"), ("call flush_tlb_page(x)", "call flush_tlb_page(y)"),
        ("movzbl (x),%eax", "movzwl (x),%eax"), ("imulq $3,%rax,%rbx", "imulq $5,%rax,%rbx"),
        ("sete %al", "setne %al"), ("andl $1,%eax", "orl $1,%eax"),
    ])
    func everyOperandCounts(_ first: String, _ second: String) throws { #expect(try !areSame(first, second)) }

    @Test func constantsCanBeLeftOutOfAccount() throws {
        #expect(try areSame("movl $1,(x)", "movl $2,(x)", exceptConstants: true))
        #expect(try !areSame("movl $1,(x)", "movl $2,(y)", exceptConstants: true))
        #expect(try !areSame("movl $1,(x)", "movl %eax,(x)", exceptConstants: true))
    }

    @Test func theAddressOfAStoredConstant() throws {
        func address(_ text: String) throws -> UInt64? { try linked(text).instructions.first?.addressOfStoredConstant }
        #expect(try address("movl $1,(x)") == 0x1000)
        #expect(try address("movq $1,8(x)") == nil || address("movq $1,x+8(%rip)") == 0x1008)
        #expect(try address("movq $1,x+8(%rip)") == 0x1008)
        #expect(try address("movl $1,(%rdi)") == nil)
        #expect(try address("movl %eax,(x)") == nil)
        #expect(try address("addl $1,(x)") == nil)
        #expect(try address("xchgl %eax,(x)") == nil)
    }
}
