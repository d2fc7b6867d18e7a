import Diagnostics
import Testing

@testable import X86

/// Assembly parser.
@Suite struct ParserTests {
    @Test(arguments: [
        ("lock; cmpxchgq %rcx, (%rdx)", "lock cmpxchgq %rcx,(%rdx)"),
        ("lock cmpxchgl (x),%ecx", "lock cmpxchgl %ecx,(x)"),
        ("xadd (x),%eax", "xaddl %eax,(x)"),
        ("mov %rax,%rbx", "movq %rax,%rbx"),
        ("MOV %EAX, %EBX", "movl %eax,%ebx"),
        ("movl $1,(x)", "movl $1,(x)"),
        ("movl $1,x", "movl $1,(x)"),
        ("movl $1 , x(%rip)", "movl $1,x(%rip)"),
        ("movq x+8(%rip),%rax", "movq x+8(%rip),%rax"),
        ("movq 8(x),%rax", "movq (x+8),%rax"),
        ("movq $x+4,%rax", "movq $x+4,%rax"),
        ("movq $PTE(child:x),%rdi", "movq $PTE(child:x),%rdi"),
        ("movq (PTE(x)),%rax", "movq (PTE(x)),%rax"),
        ("movq PTE(x),%rax", "movq (PTE(x)),%rax"),
        ("movq PA(x), %rax", "movq (PA(x)),%rax"),
        ("addl %gs:count(%rip),%eax", "addl %gs:count(%rip),%eax"),
        ("movq %gs:40,%rax", "movq %gs:40,%rax"),
        ("movq -16(%rbp,%rcx,8),%r9", "movq -16(%rbp,%rcx,8),%r9"),
        ("leaq (,%rax,4),%rdx", "leaq (,%rax,4),%rdx"),
        ("leaq (%rax,%rax),%rdx", "leaq (%rax,%rax),%rdx"),
        ("andb $-3,(%rdi)", "andb $-3,(%rdi)"),
        ("andb $~2,(%rdi)", "andb $-3,(%rdi)"),
        ("orl $(1<<5)|2,%eax", "orl $34,%eax"),
        ("movl $0x10,%eax", "movl $16,%eax"),
        ("movl $010,%eax", "movl $8,%eax"),
        ("movl $0b101,%eax", "movl $5,%eax"),
        ("shll %eax", "shll $1,%eax"),
        ("sal $2,%rdx", "shlq $2,%rdx"),
        ("imul $3,%rax", "imulq $3,%rax"),
        ("imulq $3,(%rbx),%rax", "imulq $3,(%rbx),%rax"),
        ("shld %ecx,%edx", "shldl %cl,%ecx,%edx"),
        ("jlt x", "jl x"), ("jgt x", "jg x"), ("jle x", "jle x"), ("jge x", "jge x"), ("jnz x", "jne x"),
        ("jc x", "jb x"),
        ("cmovnz %rax,%rbx", "cmovneq %rax,%rbx"),
        ("setnae %al", "setb %al"),
        ("movzx %al,%ecx", "movzbl %al,%ecx"),
        ("movslq %eax,%rcx", "movslq %eax,%rcx"),
        ("movzb %al,%ecx", "movzbl %al,%ecx"),
        ("cdqe", "cltq"),
        ("rep bsfq %rax,%rcx", "tzcntq %rax,%rcx"), ("repz bsr %eax,%ecx", "lzcntl %eax,%ecx"),
        ("rep nop", "pause"),
        ("rep; stosq", "rep stosq"), ("movsb", "movsb"), ("rep movsq (%rsi),%es:(%rdi)", "rep movsq"),
        ("callq *%rax", "call *%rax"), ("jmp *8(%rax)", "jmp *8(%rax)"), ("call f@PLT", "call f"),
        ("call flush_tlb_page( x )", "call flush_tlb_page(x)"), ("call wait_for(l, 1)", "call wait_for(l,1)"),
        ("retq", "ret"), ("rep ret", "ret"), ("ret $8", "ret $8"), ("cs; jmp x", "jmp x"),
        ("movq %cr3,%rax", "movq %cr3,%rax"), ("mov %rdi,%cr3", "movq %rdi,%cr3"),
        ("mov %rdi,%cr4", "movq %rdi,%cr4"),
        ("mov %cr2,%rax", "movq %cr2,%rax"),
        ("invlpg (x)", "invlpg (x)"), ("invpcid (%rsi),%rax", "invpcid (%rsi),%rax"),
        ("invlpgb %rax,%ecx,%edx", "invlpgb"),
        ("wrssq %rax,(x)", "wrssq %rax,(x)"), ("iret", "iretq"), ("nopw %cs:0(%rax,%rax)", "nop"),
        ("push $1", "pushq $1"),
        ("xchg %rax,(%rdx)", "xchgq %rax,(%rdx)"), ("movabs $1,%rax", "movabsq $1,%rax"),
        ("test (%rax),%ecx", "testl %ecx,(%rax)"),
    ])
    func textIsNormalised(line: String, text: String) throws {
        let program = try parse(line)
        try #require(program.instructions.count == 1)
        #expect(program.instructions[0].text == text)
        #expect("\(program.instructions[0])" == text)
        // What is printed is understood again and means the same.
        let again = try #require(try parse(text).instructions.first)
        #expect(again.text == text)
        #expect(again.operation == program.instructions[0].operation)
    }

    @Test func aCellMayHoldLabelsAnInstructionBothOrNothing() throws {
        #expect(try parse("").instructions.isEmpty)
        #expect(try parse("  # only a comment").instructions.isEmpty)
        let program = try parse("L0: L1: lock incl (x) // comment")
        #expect(program.labels == ["L0": 0, "L1": 0])
        #expect(program.instructions.map(\.isLocked) == [true])
        #expect(try parse("end:").labels == ["end": 0])
    }

    @Test func placesCountFromWhereTheCellStands() throws {
        var parser = AssemblyParser()
        try parser.parse(line: "L: movl $1,(x)", at: SourcePlace(line: 7, column: 20))
        let program = try parser.finish()
        #expect(program.instructions[0].place == SourcePlace(line: 7, column: 23))
        #expect(program.symbolReferences.map(\.place) == [SourcePlace(line: 7, column: 32)])
    }

    @Test func xchgWithMemoryIsLockedWithoutAPrefixWithRegistersItIsNot() throws {
        #expect(try instruction("xchgl %eax,(x)").isLocked)
        #expect(try instruction("xchgl (x),%eax").isLocked)
        #expect(try !instruction("xchgl %eax,%ecx").isLocked)
        #expect(try !instruction("addl %eax,(x)").isLocked)
    }

    @Test func compilerOutputIsRead() throws {
        let program = try parseText(
            """
            \t.file\t"a # b; c.c"
            \t.text
            \t.globl f
            f:                                      # @f
            /* a comment
               over lines; lock */ .cfi_startproc
            1:\tmovq\t(%rdx), %rax
            #APP
            \t.section\t.smp_locks,"a",@progbits
            \t.p2align 2
            data_label:
            \t.long\t.Ltmp0-.Ltmp1
            \t.text
            .Ltmp0:
            \tlock
            \tcmpxchgq\t%rcx, (%rdx)

            #NO_APP
            \tjne\t1b
            \tjmp 1f ; nop
            1:
            \t.byte\t15
            \t.byte\t11
            \tretq
            .Lfunc_end0:
            \t.size\tf, .Lfunc_end0-f
            \t.ident\t"clang"
            """)
        #expect(
            program.instructions.map(\.text) == [
                "movq (%rdx),%rax", "lock cmpxchgq %rcx,(%rdx)", "jne 1b", "jmp 1f", "nop", "ud2", "ret",
            ])
        #expect(program.labels == ["f": 0, "1#1": 0, ".Ltmp0": 1, "1#2": 5, ".Lfunc_end0": 7])
        #expect(program.instructions[1].place == SourcePlace(line: 16, column: 2))
        let linked = try program.linked { _ in nil }
        var registers = RegisterFile()
        registers.rip = 3
        _ = linked.instructions[3].execute(on: &registers, loaded: 0)
        #expect(registers.rip == 5)
    }

    @Test func codeInOtherSectionsStaysApartReplacementsAreNotRun() throws {
        let program = try parseText(
            """
            movl $1,%eax
            .pushsection .altinstr_aux,"ax",@progbits
            aux: testb $1,x(%rip)
            jne yes
            .popsection
            .section .altinstr_replacement,"ax"
            stac
            .previous
            yes: ret
            .data
            x: .quad 1
            """)
        #expect(program.instructions.map(\.text) == ["movl $1,%eax", "ret", "testb $1,x(%rip)", "jne yes"])
        #expect(program.labels == ["yes": 1, "aux": 2])
    }

    @Test func machineCodeBytesAmongTheInstructionsAreRecognisedOrRefused() throws {
        #expect(
            try parseText(".byte 0x0f,0x01,0xca\n.byte 243, 15, 30, 250").instructions.map(\.text) == [
                "clac", "endbr64",
            ])
        var registers = RegisterFile()
        (registers[.rax], registers[.rdx]) = (5, 6)
        let rdpkru = try #require(try parseText(".byte 0x0f,0x01,0xee").instructions.first)
        #expect(rdpkru.text == "rdpkru")
        #expect(rdpkru.execute(on: &registers, loaded: 0) == nil)
        #expect(registers[.rax] == 0 && registers[.rdx] == 0)
        #expect(throws: Diagnostic.self) { try parseText(".byte 15\nret") }
        #expect(throws: Diagnostic.self) { try parseText(".byte 15") }
        #expect(throws: Diagnostic.self) { try parseText(".byte 0x48") }
        #expect(try parseText(".data\n.byte 0x48").instructions.isEmpty)
    }

    @Test func symbolsAreListedInOrderLabelsAndServicesAreNot() throws {
        let program = try parseText(
            "L: movq $x+8,%rax; movl y(%rip),%ecx; jmp L; call writeback(z); leaq L(%rip),%rax; movq $x,PTE(child:y); call f"
        )
        #expect(program.symbolReferences.map(\.symbol) == ["x", "y", "x", "PTE(child:y)"])
    }
}
