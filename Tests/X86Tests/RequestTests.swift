import Testing

@testable import X86

@Suite struct RequestTests {
    private static let values: [Register: UInt64] = [
        .rax: 0x1234_5678, .rcx: 3, .rdx: 0x2000, .rsp: 0x3000, .rdi: 0x1100, .rsi: 0x1200, .rbp: 0x2f00,
    ]

    private static func at(_ address: UInt64, _ width: Width) -> MemoryAccess {
        MemoryAccess(address: address, width: width)
    }

    static let cases: [(String, Request)] = [
        ("movl %eax,%ecx", .none), ("movl (x),%eax", .load(at(0x1000, .long))),
        ("movb $1,x+3(%rip)", .store(at(0x1003, .byte))),
        ("movq $1,(PTE(x))", .store(at(0x3000, .quad))), ("movzbl (%rdx),%eax", .load(at(0x2000, .byte))),
        ("movslq 4(%rdx,%rcx,8),%rax", .load(at(0x201c, .long))), ("leaq (x),%rax", .none),
        ("cmovew (%rdx),%ax", .load(at(0x2000, .word))),
        ("sete (x)", .store(at(0x1000, .byte))), ("cmpl $1,(x)", .load(at(0x1000, .long))),
        ("cmpb (x),%al", .load(at(0x1000, .byte))),
        ("testb $32,(x)", .load(at(0x1000, .byte))), ("addl $1,(x)", .update(at(0x1000, .long), locked: false)),
        ("addl (x),%eax", .load(at(0x1000, .long))), ("lock andb $-3,(x)", .update(at(0x1000, .byte), locked: true)),
        ("lock; incq (x)", .update(at(0x1000, .quad), locked: true)),
        ("notw (x)", .update(at(0x1000, .word), locked: false)),
        ("shll %cl,(x)", .update(at(0x1000, .long), locked: false)),
        ("xchgq %rax,(x)", .update(at(0x1000, .quad), locked: true)),
        ("xchgq %rax,%rcx", .none), ("cmpxchgl (x),%ecx", .update(at(0x1000, .long), locked: false)),
        ("lock cmpxchg8b (x)", .update(at(0x1000, .quad), locked: true)), ("btq $63,(x)", .load(at(0x1000, .quad))),
        ("btl %eax,(x)", .load(at(0x1000 + (0x1234_5678 >> 5) * 4, .long))),
        ("lock btsq %rcx,(x)", .update(at(0x1000, .quad), locked: true)),
        ("btrl $37,(x)", .update(at(0x1000, .long), locked: false)), ("pushq %rax", .store(at(0x2ff8, .quad))),
        ("pushw $1", .store(at(0x2ffe, .word))),
        ("pushq (x)", .copy(from: at(0x1000, .quad), to: at(0x2ff8, .quad))), ("popq %rax", .load(at(0x3000, .quad))),
        ("popq 8(%rsp)", .copy(from: at(0x3000, .quad), to: at(0x3010, .quad))), ("leave", .load(at(0x2f00, .quad))),
        ("ret", .load(at(0x3000, .quad))), ("call *(x)", .copy(from: at(0x1000, .quad), to: at(0x2ff8, .quad))),
        ("jmp *(x)", .load(at(0x1000, .quad))), ("jmp *%rax", .none), ("call *%rax", .store(at(0x2ff8, .quad))),
        ("pushfq", .store(at(0x2ff8, .quad))), ("movsl", .copy(from: at(0x1200, .long), to: at(0x1100, .long))),
        ("rep stosq", .store(at(0x1100, .quad))), ("lodsb", .load(at(0x1200, .byte))),
        ("mfence", .fence), ("lfence", .none), ("sfence", .none), ("pause", .none), ("nop", .none), ("endbr64", .none),
        ("cpuid", .serialize),
        ("serialize", .serialize), ("prefetchw (x)", .none), ("wbinvd", .serialize),
        ("clflush 8(x)", .load(at(0x1008, .byte))), ("clflushopt (%rdx)", .load(at(0x2000, .byte))),
        ("clwb (x)", .load(at(0x1000, .byte))),
        ("invlpg 8(x)", .invalidatePage(0x1008)), ("invpcid (x),%rcx", .invalidateContext(type: 3, descriptor: 0x1000)),
        (
            "invlpgb",
            .broadcastInvalidate(BroadcastInvalidation(rax: 0x1234_5678, ecx: values[.rcx] ?? 0, edx: 0x2000))
        ), ("tlbsync", .broadcastSynchronize),
        ("movq %rdx,%cr3", .writeCR3(0x2000)), ("movq %rdx,%cr4", .writeCR4(0x2000)), ("movq %cr4,%rax", .readCR4),
        ("movq %cr3,%rax", .readCR3), ("movq %cr2,%rax", .readCR2), ("cli", .setInterruptFlag(false)),
        ("sti", .setInterruptFlag(true)),
        ("iretq", .interruptReturn), ("hlt", .halt), ("ud2", .undefined),
        ("wrssq %rax,(x)", .shadowStackStore(at(0x1000, .quad))),
        ("wrssd %eax,(x)", .shadowStackStore(at(0x1000, .long))), ("divl (x)", .load(at(0x1000, .long))),
        ("divb %cl", .undefined),
        ("divq %rdx", .undefined), ("imull (x),%eax", .load(at(0x1000, .long))), ("mulq (x)", .load(at(0x1000, .quad))),
        ("call flush_tlb_page(PTE(x), 1)", .service(.flushPage, arguments: ["PTE(x)", "1"])),
        ("call flush_tlb_mm", .service(.flushSpace, arguments: [])),
    ]

    @Test(arguments: cases)
    func anInstructionAsksForWhatItNeeds(line: String, expected: Request) throws {
        let file = registers(Self.values)
        #expect(try instruction(line).request(file) == expected)
        #expect(file == registers(Self.values))
    }

    @Test func aRepeatedStringInstructionWithRCX0AsksForNothing() throws {
        #expect(try instruction("rep movsb").request(registers([.rcx: 0])) == .none)
    }
}
