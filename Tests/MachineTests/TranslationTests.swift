import Testing
import X86

@testable import Machine

/// Hardware's bits of an entry.
private let present: UInt64 = 1, writable: UInt64 = 2, user: UInt64 = 4, accessed: UInt64 = 0x20, dirty: UInt64 = 0x40

/// Walker, TLB and Dirty update.
@Suite struct TranslationTests {
    @Test(arguments: [false, true])
    func aReadSetsAccessedAWriteSetsAccessedAndDirty(_ isEager: Bool) throws {
        var read = try Bench("movl (x),%eax")
        read.entries["x"] = Bench.entry("x", present | writable | user)
        #expect(try read.entryEnds(isEager: isEager) == [present | writable | user | accessed])
        var write = try Bench("movl $1,(x)")
        write.entries = read.entries
        #expect(try write.entryEnds(isEager: isEager) == [present | writable | user | accessed | dirty])
    }

    @Test(arguments: [false, true])
    func aWriteWithoutTheRightFaultsSetsNothingAndStopsTheThread(_ isEager: Bool) throws {
        var bench = try Bench("movl $1,(x)\n movl $7,%eax")
        bench.entries["x"] = Bench.entry("x", present | user | accessed)
        bench.watches.faults = [Watches.Fault(cpu: 0, instruction: 0, page: 0)]
        let found = try bench.explore(isEager: isEager) { machine, state in
            [machine.hasFaulted(bit: 0, in: state), machine.isEnded(cpu: 0, in: state)]
        }
        #expect(found.finals == [[true, true]])
        #expect(try bench.entryEnds(isEager: isEager) == [present | user | accessed])
        #expect(try bench.ends(.rax, ofCPU: 0) == [0])
    }

    /// What the entry ends as when W goes away under a writer.
    private static let lateDirty: [(profile: String, lock: String, ends: Set<UInt64>)] = [
        ("cet", "lock andb $-3,(%rdi)", [0x25, 0x65]), ("strict", "lock andb $-3,(%rdi)", [0x25, 0x65]),
        ("late", "lock andb $-67,(%rdi)", [0x25, 0x65]), ("strict", "lock andb $-67,(%rdi)", [0x25]),
        ("shadowed", "lock andb $-67,(%rdi)", [0x25, 0x65]), ("knl", "xorl %eax,%eax\n xchgq %rax,(%rdi)", [0, 0x60]),
        ("book", "xorl %eax,%eax\n xchgq %rax,(%rdi)", [0, 0x40]), ("cet", "xorl %eax,%eax\n xchgq %rax,(%rdi)", [0]),
    ]

    @Test(arguments: 0..<lateDirty.count, [false, true])
    func theDirtyUpdateOfEachProfileWhenTheEntryIsRevoked(_ number: Int, _ isEager: Bool) throws {
        let example = Self.lateDirty[number]
        let bench = try Bench(example.lock, "movl $1,(x)", on: example.profile)
        #expect(try bench.entryEnds(isEager: isEager) == example.ends, "\(example.profile)")
    }

    @Test(arguments: [false, true])
    func aStaleTranslationLetsAWriteThroughUntilItIsInvalidated(_ isEager: Bool) throws {
        func written(_ invalidation: String) throws -> Set<Bool> {
            var bench = try Bench("movl (x),%eax\n lock andb $-67,(%rdi)\n \(invalidation)\n movl $1,(x)")
            bench.entries["x"] = Bench.entry("x", 0x67)
            let word = Bench.map.dataWord(ofVariable: try #require(Bench.map.variable(named: "x")))
            return try bench.explore(isEager: isEager) { $0.content(ofWord: word, in: $1) != 0 }.finals
        }
        #expect(try written("nop") == [true, false])
        #expect(try written("invlpg (x)") == [false])
        #expect(try written("invlpg (y)") == [true, false])
        #expect(try written("call flush_tlb_page(x)") == [false])
        #expect(try written("call flush_tlb_local(x)") == [false])
        #expect(try written("call flush_tlb_mm()") == [false])
    }

    @Test func iretqGivesBackWhatTheFaultSaved() throws {
        // ZF is set by the comparison, cleared by the handler, and must be set again at the jump.
        var bench = try Bench("cmpl %eax,%eax\n movl (x),%ebx\n jne wrong\n movl $1,%ebp\n wrong: nop")
        bench.entries["x"] = Bench.entry("x", writable | user | accessed)
        bench.handlers[0] = "lock orb $1,(%rdi)\n iretq"
        #expect(try bench.ends(.rbp, ofCPU: 0) == [1])
        // Interrupts come back too: the flush ends.
        bench = try Bench("call flush_tlb_page(x)", "movl (x),%ebx")
        bench.entries["x"] = Bench.entry("x", writable | user | accessed)
        bench.handlers[1] = "cli\n lock orb $1,(%rdi)\n iretq"
        #expect(try bench.explore { $0.isEnded(cpu: 0, in: $1) }.finals == [true])
    }

    @Test func whatADirtyUpdateSawIsCachedEvenIfAWasClearedMeanwhile() throws {
        var bench = try Bench(
            "lock addl $1,(x)\n xorl %eax,%eax\n xchgq %rax,(%rdi)\n movl $2,(x)", "lock andb $-33,(%rdi)")
        bench.entries["x"] = Bench.entry("x", 0x27)
        let word = Bench.map.dataWord(ofVariable: try #require(Bench.map.variable(named: "x")))
        for isEager in [false, true] {
            let found = try bench.explore(isEager: isEager) { machine, state in
                [
                    machine.content(ofWord: word, in: state),
                    machine.register(RegisterOperand(.rax), ofCPU: 0, in: state) & 0x67,
                ]
            }
            // The entry was seen with D=1, A=0, and the second write still went through the translation.
            #expect(found.finals.contains([2, 0x47]))
        }
    }

    @Test(
        arguments: [
            ["movl $1,(x)", "lock andb $-3,(%rdi)\n call flush_tlb_page(x)"],
            ["movl $1,(x)\n movl (y),%eax", "movq $0,(%rdi)\n invlpg (x)"],
            ["lock addl $1,(x)", "xorl %eax,%eax\n xchgq %rax,(%rdi)\n andq $-3,%rax\n movq %rax,(%rdi)"],
            ["movl (x),%eax\n wrssq %rax,(x)", "lock andb $-3,(%rdi)"],
        ], CPUProfile.builtIn.map(\.name))
    func theLazyAndTheEagerMachineEndAlike(_ code: [String], _ profile: String) throws {
        for bits: UInt64 in [0x27, 0x67, 0x07, 0x65] {
            var bench = try Bench(code[0], code[1], on: profile)
            bench.entries["x"] = Bench.entry("x", bits)
            func read(_ machine: Machine, _ state: UnsafePointer<UInt64>) -> [UInt64] {
                (0..<Bench.map.wordCount).map { machine.content(ofWord: $0, in: state) }
                    + [0, 1].map { machine.register(RegisterOperand(.rax), ofCPU: $0, in: state) }
            }
            let lazy = try bench.explore(isEager: false, read)
            let eager = try bench.explore(isEager: true, read)
            #expect(lazy.finals == eager.finals)
            #expect(lazy.states <= eager.states)
        }
    }
}
