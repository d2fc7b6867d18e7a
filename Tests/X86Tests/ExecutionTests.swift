import TestSupport
import Testing

@testable import X86

/// What the comparison with the processor cannot show: control flow, machine values, stores that do not happen, errors.
@Suite struct ExecutionTests {
    /// Runs a program on flat memory with a stack at 0x3f00.
    private func run(
        _ text: String, _ values: [Register: UInt64] = [:], isLost: Bool = false
    ) throws -> (RegisterFile, FlatMemory) {
        let program = try parseText(text).linked { ["x": 0x1000, "y": 0x1008][$0] }
        var memory = FlatMemory()
        var file = registers(values.merging([.rsp: 0x3f00]) { given, _ in given }, flags: .interrupt)
        #expect(memory.run(program, &file), "the program does not end")
        #expect(isLost ? file.rip < 0 : file.rip == program.instructions.count)
        return (file, memory)
    }

    @Test func aLoopWithAForwardAndABackwardJump() throws {
        let (file, _) = try run(
            "movl $10,%ecx; xorl %eax,%eax\n1: testl %ecx,%ecx; jz 1f; addl %ecx,%eax; decl %ecx; jmp 1b\n1: nop")
        #expect(file[.rax] == 55)
    }

    @Test func callPushesTheReturnAddressRetTakesItLeaveEndsAFrame() throws {
        let (file, memory) = try run(
            "movq $5,%rdi; call double; jmp end\ndouble: pushq %rbp; movq %rsp,%rbp; subq $16,%rsp; leaq (%rdi,%rdi),%rax; leave; ret $0\nend:"
        )
        #expect(file[.rax] == 10)
        #expect(file[.rsp] == 0x3f00)
        #expect(memory[MemoryAccess(address: 0x3ef8, width: .quad)] == Program.codeBase + 2)
    }

    @Test func indirectCallsAndJumpsThroughRegistersAndMemory() throws {
        let (file, _) = try run(
            "leaq f(%rip),%rax; call *%rax; movq $f,(x); call *(x); movq $end,%rdx; jmp *%rdx; ud2\nf: incl %ecx; ret\nend:"
        )
        #expect(file[.rcx] == 2)
    }

    @Test func retRemovesArgumentBytesAndMayLeadNowhere() throws {
        let (file, _) = try run("pushq $77; pushq $88; ret $8; incl %eax; incl %eax", isLost: true)
        #expect(file[.rax] == 0)
        #expect(file[.rsp] == 0x3f00)
        #expect(file.rip == -3)
        let (tail, _) = try run("jmp *(x); incl %eax", isLost: true)
        #expect(tail[.rax] == 0)
        #expect(tail.rip == -1)
        let (call, _) = try run("nop; movl $77,%ecx; call *%rcx; incl %eax", isLost: true)
        #expect(call[.rax] == 0 && call.rip == -3)
    }

    @Test func aFailingCmpxchgStoresTheOldValueLockedOrNotAndSaysThatItFails() throws {
        for line in ["cmpxchgl %ecx,(x)", "lock cmpxchgl %ecx,(x)"] {
            var file = registers([.rax: 1, .rcx: 2])
            #expect(try instruction(line).failsComparison(file, loaded: 9))
            #expect(try !instruction(line).failsComparison(file, loaded: 1))
            #expect(try instruction(line).execute(on: &file, loaded: 9) == 9)
            #expect(file[.rax] == 9)
            #expect(!file.flags.contains(.zero))
            file[.rax] = 9
            #expect(try instruction(line).execute(on: &file, loaded: 9) == 2)
            #expect(file.flags.contains(.zero))
        }
        var file = registers([.rax: 1, .rdx: 2])
        #expect(try instruction("cmpxchg8b (x)").failsComparison(file, loaded: 9))
        #expect(try !instruction("cmpxchg8b (x)").failsComparison(file, loaded: 2 << 32 | 1))
        #expect(try instruction("cmpxchg8b (x)").execute(on: &file, loaded: 9) == 9)
        #expect(file[.rax] == 9 && file[.rdx] == 0)
        // A register keeps what it has.
        file = registers([.rax: 1, .rcx: 2, .rdx: 7])
        #expect(try instruction("cmpxchgq %rcx,%rdx").execute(on: &file, loaded: 0) == nil)
        #expect(file[.rdx] == 7 && file[.rax] == 7)
    }

    @Test func registersOfInvlpgbNameARangeAPCIDAndWhatIsDropped() {
        let range = BroadcastInvalidation(rax: 0x5000 | 1 | 2 | 8, ecx: 0xabcd_0001, edx: 0x0123_0004)
        #expect(range.hasAddress && range.hasTag && range.includesGlobal && !range.isFinalOnly)
        #expect(range.tag == 0x123 && range.pageCount == 2)
        // ECX[31] is set: the second step is 2 MiB on.
        #expect(range.covers(pageAt: 0x5000) && range.covers(pageAt: 0x20_5000) && !range.covers(pageAt: 0x6000))
        let pages = BroadcastInvalidation(rax: 0x5001, ecx: 1, edx: 0)
        #expect(pages.covers(pageAt: 0x5000) && pages.covers(pageAt: 0x6000))
        #expect(!pages.covers(pageAt: 0x7000) && !pages.covers(pageAt: 0x4000) && !pages.includesGlobal)
        #expect(BroadcastInvalidation(rax: 0x5000, ecx: 0, edx: 0).covers(pageAt: 0x1000))
    }

    @Test func divisionThatTheProcessorRefusesEndsTheThreadAndNeverTraps() throws {
        var random = SeededNumbers(seed: 7)
        let forms = try ["b %cl", "w %cx", "l %ecx", "q %rcx"].flatMap {
            [try instruction("div" + $0), try instruction("idiv" + $0)]
        }
        let memoryForm = try parseText("divq (x); incl %edi").linked { _ in 0x1000 }
        var refused = 0
        for _ in 0..<2000 {
            let file = registers([.rax: random.operand(), .rdx: random.operand(), .rcx: random.operand()])
            for form in forms where form.request(file) == .undefined {
                refused += 1
                var after = file
                _ = form.execute(on: &after, loaded: 0)
            }
            // Exactly the divisors above the upper half are fine for the unsigned quad form.
            #expect((forms[6].request(file) == .undefined) == (file[.rcx] <= file[.rdx]))
            var ended = file
            _ = memoryForm.instructions[0].execute(on: &ended, loaded: file[.rcx])
            #expect(ended.rip == (file[.rcx] <= file[.rdx] ? 2 : 1))
        }
        #expect(refused > 100)
        // The smallest number divided by -1 has no quotient; by 1 it has.
        let smallest: [Register: UInt64] = [.rax: 1 << 63, .rdx: ~0]
        #expect(try instruction("idivq %rcx").request(registers(smallest.merging([.rcx: ~0]) { $1 })) == .undefined)
        #expect(try instruction("idivq %rcx").request(registers(smallest.merging([.rcx: 1]) { $1 })) == .none)
    }

    @Test func interruptFlagCR3ShadowStackStoreCpuid() throws {
        var file = registers([.rax: 0x1_0000_0007], flags: .interrupt)
        _ = try instruction("cli").execute(on: &file, loaded: 0)
        #expect(!file.flags.contains(.interrupt))
        _ = try instruction("sti").execute(on: &file, loaded: 0)
        #expect(file.flags.contains(.interrupt))
        #expect(try instruction("wrssd %eax,(x)").execute(on: &file, loaded: 0) == 7)
        _ = try instruction("movq %cr3,%rdx").execute(on: &file, loaded: 0x5000)
        #expect(file[.rdx] == 0x5000)
        _ = try instruction("cpuid").execute(on: &file, loaded: 0)
        #expect(file[.rax] == 0 && file[.rdx] == 0)
        #expect(file.rip == 5)
    }

    @Test func popfqRestoresStatusDirectionAndInterruptFlagOnly() throws {
        var file = registers([.rsp: 0x3000])
        _ = try instruction("popfq").execute(on: &file, loaded: ~0)
        #expect(file.flags == Flags.status.union([.interrupt, .direction]))
        #expect(file[.rsp] == 0x3008)
        #expect(try instruction("pushfq").execute(on: &file, loaded: 0) == 0xed7)
    }

    @Test func repRunsOneAccessAtATime() throws {
        let (file, memory) = try run(
            "movl $3,%ecx; movq $x,%rdi; movl $7,%eax; rep stosl; movl $x,%esi; movl $y,%edi; movl $2,%ecx; rep movsw")
        #expect(file[.rcx] == 0)
        #expect(memory[MemoryAccess(address: 0x1000, width: .quad)] == 0x7_0000_0007)
        #expect(memory[MemoryAccess(address: 0x1008, width: .quad)] == 0x7)
        #expect(file[.rdi] == 0x100c && file[.rsi] == 0x1004)
    }

    @Test func linkingAsksForACPUsOwnInstanceOfAVariableFirst() throws {
        let program = try parse("movq %gs:count(%rip),%rax")
        let file = RegisterFile()
        #expect(
            try program.linked { ["count": 0x10, "%gs:count": 0x20][$0] }.instructions[0].request(file)
                == .load(MemoryAccess(address: 0x20, width: .quad)))
        #expect(
            try program.linked { ["count": 0x10][$0] }.instructions[0].request(file)
                == .load(MemoryAccess(address: 0x10, width: .quad)))
        let canary = try parse("movq %gs:40,%rax").linked { ["%gs": 0x100][$0] }
        #expect(canary.instructions[0].request(file) == .load(MemoryAccess(address: 0x128, width: .quad)))
        let relative = try parse("movq %gs:8(%rdx),%rax").linked { ["%gs": 0x100, "%gs:": 0x400][$0] }
        #expect(
            relative.instructions[0].request(registers([.rdx: 0x2000]))
                == .load(MemoryAccess(address: 0x2408, width: .quad)))
    }

    @Test func aServiceMovesOnToTheNextInstructionAndKeepsTheRegisters() throws {
        var file = registers([.rax: 3])
        let before = file
        #expect(try instruction("call spin_lock(x)").execute(on: &file, loaded: 0) == nil)
        #expect(file.rip == 1)
        file.rip = 0
        #expect(file == before)
    }

    @Test func jumpsOfAProgramThatWasNeverLinkedEndIt() throws {
        let program = try parse("L: jmp L")
        var file = RegisterFile()
        _ = program.instructions[0].execute(on: &file, loaded: 0)
        #expect(file.rip == 1)
    }
}
