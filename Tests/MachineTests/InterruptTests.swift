import Testing
import X86

@testable import Machine

/// Interrupts from other CPUs that run code.
@Suite struct InterruptTests {
    private func bench(_ code: String..., handler: String, ofCPU target: Int = 1) throws -> Bench {
        var bench = try Bench(code[0])
        bench.code = code
        bench.interruptHandlers[target] = handler
        return bench
    }

    @Test(arguments: [false, true])
    func theSenderWaitsForTheHandler(_ isEager: Bool) throws {
        let sent = try bench("call send_ipi(P1)\n movl (a),%eax", "nop", handler: "movl $1,(a)\n iretq")
        #expect(try sent.ends(.rax, ofCPU: 0, isEager: isEager) == [1])
        // P1's thread has ended, or has not begun.
        let ended = try bench("call send_ipi(P1)\n movl (a),%eax", "", handler: "movl $1,(a)\n iretq")
        #expect(try ended.ends(.rax, ofCPU: 0, isEager: isEager) == [1])
    }

    @Test(arguments: [false, true])
    func itComesBetweenInstructionsWithInterruptsOn(_ isEager: Bool) throws {
        func reads(_ code: String) throws -> Set<[UInt64]> {
            try bench("call send_ipi(P1)", code, handler: "lock incl (a)\n iretq").explore(isEager: isEager) {
                machine, state in
                [Register.rax, .rbx].map { machine.register(RegisterOperand($0), ofCPU: 1, in: state) }
            }.finals
        }
        #expect(try reads("movl (a),%eax\n movl (a),%ebx") == [[0, 0], [0, 1], [1, 1]])
        #expect(try reads("cli\n movl (a),%eax\n movl (a),%ebx\n sti") == [[0, 0], [1, 1]])
    }

    @Test func registersComeBack() throws {
        var bench = try bench(
            "call send_ipi(P1)", "movl $2,%eax\n movl (b),%ebx\n addl $1,%eax",
            handler: "addl $7,%eax\n movl %eax,(a)\n movl $0,%ebx\n iretq")
        bench.adjust = { number, cpu in if number == 1 { cpu.registers[.rax] = 10 } }
        #expect(try bench.ends(.rax, ofCPU: 1) == [3])
        // The handler begins with the registers of the start.
        #expect(try bench.ends("a") == [17])
    }

    @Test func itDrainsTheTargetsBuffer() throws {
        let bench = try bench(
            "movl $1,(b)\n call send_ipi(P1)\n movl (a),%eax", "movl $1,(a)\n movl (b),%eax", handler: "iretq")
        let found = try bench.explore { machine, state in
            [0, 1].map { machine.register(RegisterOperand(.rax), ofCPU: $0, in: state) }
        }
        #expect(!found.finals.contains([0, 0]))
    }

    @Test(arguments: [false, true])
    func twoThatInterruptEachOtherBothEnd(_ isEager: Bool) throws {
        var bench = try bench("call send_ipi(P1)", "call send_ipi(P0)", handler: "lock incl (a)\n iretq")
        bench.interruptHandlers[0] = "lock incl (a)\n iretq"
        let found = try bench.explore(isEager: isEager) { machine, state in
            [0, 1].map { machine.isEnded(cpu: $0, in: state) }
        }
        #expect(found.finals == [[true, true]])
        #expect(try bench.ends("a") == [2])
    }

    @Test func aFlushCompletesWhileItsCPUServesAnInterrupt() throws {
        let bench = try bench(
            "call flush_tlb_page(x)\n movl $1,(b)", "call send_ipi(P0)\n movl (b),%eax",
            handler: "movl (b),%ecx\n iretq",
            ofCPU: 0)
        let found = try bench.explore { machine, state in [0, 1].map { machine.isEnded(cpu: $0, in: state) } }
        #expect(found.finals == [[true, true]])
        #expect(try bench.ends("b") == [1])
    }

    @Test func aFaultInsideItEndsTheThreadAndTheSenderWaits() throws {
        var bench = try bench("call send_ipi(P1)", "movl $1,(a)", handler: "movl (x),%eax\n iretq")
        bench.entries["x"] = 0
        let found = try bench.explore { machine, state in [0, 1].map { machine.isEnded(cpu: $0, in: state) } }
        #expect(found.finals == [[false, true]])
    }

    @Test func oneThatWaitsForAnEntryTriesAgain() throws {
        var bench = try bench(
            "call send_ipi(P1)", "movl (x),%eax", handler: "lock orb $1,(%rdi)\n iretq")
        bench.entries["x"] = Bench.entry("x") & ~1
        bench.onFault = .retry
        let found = try bench.explore { machine, state in [0, 1].map { machine.isEnded(cpu: $0, in: state) } }
        #expect(found.finals == [[true, true]])
    }
}
