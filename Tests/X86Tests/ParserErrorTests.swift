import Diagnostics
import Testing

@testable import X86

/// A wrong line, the column of the complaint, a part of the message and of the remedy.
struct WrongLine: Sendable, CustomTestStringConvertible {
    var line: String
    var column: Int
    var message: String
    var remedy: String?

    init(_ line: String, _ column: Int, _ message: String, _ remedy: String? = nil) {
        (self.line, self.column, self.message, self.remedy) = (line, column, message, remedy)
    }

    var testDescription: String { line }
}

/// Parser and linker errors.
@Suite struct ParserErrorTests {
    static let wrong = [
        WrongLine("frobnicate %eax", 1, "unknown instruction", "ptero isa"),
        WrongLine("mvol $1,%eax", 1, "unknown instruction", "ptero isa"),
        WrongLine("movqq %rax,%rbx", 1, "unknown instruction", "did you mean movq?"),
        WrongLine("cmpxchg16b (x)", 1, "cmpxchg16b is 16 bytes wide", "8 bytes"),
        WrongLine("wrmsr", 1, "model-specific", "leave it out"),
        WrongLine("swapgs", 1, "segment's base", "%gs:x"),
        WrongLine("rdtsc", 1, "reads a number that the machine does not have", "mov"),
        WrongLine("RDTSCP", 1, "RDTSCP reads a number", "leave it out"),
        WrongLine("rdsspq %rax", 1, "shadow-stack pointer", "wrssq"),
        WrongLine("incsspd %eax", 1, "shadow-stack pointer", "wrssd"),
        WrongLine("wrussq %rax,(x)", 1, "user's shadow stack", "0:cpl=3"),
        WrongLine("invd", 1, "caches", "wbinvd"),
        WrongLine("clflush %rax", 9, "cannot take %rax", "clflush mem"),
        WrongLine("lock clflush (x)", 1, "cannot have a lock prefix"),
        WrongLine("mov $1,(x)", 1, "no operand tells the width of mov", "movb, movw, movl, movq"),
        WrongLine("lock incx (x)", 6, "unknown instruction"),
        WrongLine("inc (%rax)", 1, "width", "incb, incw, incl, incq"),
        WrongLine("movq %eax,%rbx", 6, "%eax has 32 bits, the q of movq means 64", "%rax"),
        WrongLine("mov %eax,%rbx", 10, "%rbx has 64 bits, %eax has 32", "%ebx"),
        WrongLine("popl %eax", 1, "unknown instruction"),
        WrongLine("pop %eax", 1, "no form of 32 bits", "16, 64"),
        WrongLine("btb $1,%al", 1, "unknown instruction"),
        WrongLine("movl (x),(y)", 10, "two memory operands", "register first"),
        WrongLine("movl 1,%eax", 6, "memory at that address", "$1"),
        WrongLine("movl 1,(x)", 8, "two memory operands", "$"),
        WrongLine("movl %eax,$1", 11, "cannot take $1", "mov reg/imm, reg/mem"),
        WrongLine("movl %eax", 1, "takes 2 operands, not 1", "mov reg/imm, reg/mem"),
        WrongLine("nop %eax,%ebx", 1, "takes 0 to 1 operand, not 2"),
        WrongLine("mfence %eax", 1, "takes 0 operands"),
        WrongLine("addl $1,%eax,%ebx,%ecx", 19, "more than three operands"),
        WrongLine("movl $1,%xmm0", 10, "not a general register", "vector"),
        WrongLine("movl $1,(rax)", 10, "is a register", "write %rax"),
        WrongLine("movl $1,(%eax)", 11, "64-bit registers", "use %rax"),
        WrongLine("movl $1,(%rax,%rsp)", 16, "%rsp cannot be an index"),
        WrongLine("movl $1,(%rax,%rcx,3)", 20, "scale must be"),
        WrongLine("movl $1,(%rax", 14, "expected )"),
        WrongLine("movl $1,8(%rip)", 10, "must name a symbol", "x(%rip)"),
        WrongLine("movl $1,x(y", 12, "expected )"),
        WrongLine("movl $,%eax", 7, "expected a number or a symbol"),
        WrongLine("movl $0x,%eax", 7, "is not a number"),
        WrongLine("movl $12ab,%eax", 7, "does not fit", "0x"),
        WrongLine("movl $0x11112222333344445,%eax", 7, "does not fit 64 bits"),
        WrongLine("movb $256,%al", 6, "does not fit 8 bits"),
        WrongLine("addq $0x80000000,%rax", 6, "32-bit signed immediate", "movabsq"),
        WrongLine("movq $0x123456789,(x)", 6, "32-bit signed immediate", "movabsq"),
        WrongLine("movl x-y,%eax", 7, "only a number", "symbol+number"),
        WrongLine("movl $-x,%eax", 7, "cannot be negated"),
        WrongLine("movl $x*2,%eax", 8, "cannot be multiplied"),
        WrongLine("movq x@GOTPCREL(%rip),%rax", 6, "relocation", "-fno-pic"),
        WrongLine("movl $1,%zs:(%rax)", 10, "not a segment register"),
        WrongLine("movq %cr8,%rax", 6, "%cr8 is not modelled", "%cr2, %cr3 and %cr4"),
        WrongLine("movq %rax,%cr2", 11, "writing %cr2"),
        WrongLine("addq %cr3,%rax", 6, "mov only"),
        WrongLine("lock movl $1,(x)", 1, "movl cannot have a lock prefix", "cmpxchg"),
        WrongLine("lock cmpl $1,(x)", 1, "cannot have a lock prefix"),
        WrongLine("lock btl $1,(x)", 1, "cannot have a lock prefix"),
        WrongLine("lock addl (x),%eax", 1, "memory destination"),
        WrongLine("lock xchgl %eax,%ecx", 1, "memory destination"),
        WrongLine("lock call flush_tlb_mm()", 1, "cannot have a lock prefix"),
        WrongLine("lock", 1, "has no instruction after it", "remove lock"),
        WrongLine("rep addl $1,%eax", 1, "does nothing defined"),
        WrongLine("shll %dl,%eax", 6, "cannot be a shift count", "%cl"),
        WrongLine("movzbl %ax,%ecx", 8, "%ax has 16 bits", "%al"),
        WrongLine("movz (x),%ecx", 1, "width that movz reads"),
        WrongLine("movzb (x),%cl", 1, "cannot extend"),
        WrongLine("imulb $3,%al", 1, "no form of 8 bits", "imulb"),
        WrongLine("stosq %rcx,(%rdi)", 7, "fixed operands"),
        WrongLine("jmp", 4, "expected a label"),
        WrongLine("jmp %rax", 5, "needs a label", "*"),
        WrongLine("jne *%rax", 5, "no indirect form"),
        WrongLine("jmp *%eax", 5, "64 bits", "%rax"),
        WrongLine("incl *%rax", 6, "targets of jumps"),
        WrongLine("jmp nowhere", 5, "no label nowhere", "nowhere:"),
        WrongLine("jmp 1f", 5, "no label 1 after"),
        WrongLine("jmp 1b", 5, "no label 1 before"),
        WrongLine("jmp 1", 5, "is not a label"),
        WrongLine("1x: nop", 1, "is not a label"),
        WrongLine("call f(x", 9, "expected )"),
        WrongLine("call f(,x)", 8, "expected an argument"),
        WrongLine("call f(x) y", 11, "unexpected text"), WrongLine("call f(x)", 6, "no kernel service f"),
        WrongLine("movl $1,%eax movl $2,%eax", 14, "unexpected text"),
        WrongLine("L: nop; L: nop", 9, "defined twice", "line 1, column 1"),
        WrongLine("= 3", 1, "expected an instruction"),
        WrongLine("movl z,%eax", 6, "unknown symbol z", "initial state"),
        WrongLine("movq $PTE(z),%rax", 7, "unknown symbol PTE(z)"),
        WrongLine("movb $x,%al", 7, "does not fit 8 bits", "movq"),
        WrongLine("movq %gs:40,%rax", 1, "base of segment"),
    ]

    @Test(arguments: wrong)
    func whatIsWrongIsToldWithItsPlaceAndRemedy(_ wrong: WrongLine) throws {
        let error = try #require(failure(wrong.line), "nothing was reported")
        #expect(error.message.contains(wrong.message), "\(error.message)")
        #expect(error.place == SourcePlace(line: 1, column: wrong.column), "\(error.message)")
        #expect(error.length >= 1)
        if let remedy = wrong.remedy {
            #expect(error.remedy?.contains(remedy) == true, "\(error.remedy ?? "no remedy")")
        }
        #expect(!error.message.hasSuffix("."))
    }

    @Test func linesOfATextAreCounted() {
        #expect {
            try parseText("nop\r\n\r\n  movl $1,(x)\n /* a\n b */ bogus")
        } throws: {
            ($0 as? Diagnostic)?.place == SourcePlace(line: 5, column: 7)
        }
    }

    @Test func deepNestingAndLongWordsAreRefusedNotFollowed() throws {
        #expect(failure("movl $" + String(repeating: "(", count: 100_000) + ",%eax")?.message.contains("nests") == true)
        #expect(
            failure("movl $" + String(repeating: "-", count: 100_000) + "1,%eax")?.message.contains("nests") == true)
        #expect((failure(String(repeating: "a", count: 100_000))?.message.count ?? 1000) < 100)
        #expect(failure("jmp 99999999999999999999f") != nil)
    }
}
