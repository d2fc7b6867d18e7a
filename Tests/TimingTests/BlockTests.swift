import Litmus
import Synthesis
import Testing

@testable import Timing

/// The code that is timed.
@Suite struct BlockTests {
    @Test func everyBuildingBlockHasCodeOfItsOwn() {
        var seen: [TimedBlock: CostItem] = [:]
        for item in CostItem.allCases {
            let block = TimedBlock(item)
            #expect(block.kind != .code || !block.text.isEmpty, "\(item)")
            #expect(block.loops.count <= 6)
            #expect(seen.updateValue(item, forKey: block) == nil, "\(item)")
            #expect(item.isExtra == (block.minus.count == 2) || item == .branchMispredicted, "\(item)")
            #expect(item.isStandIn == (block.kind != .code))
        }
    }

    @Test func theListingHasEachBlockOnce() {
        let block = TimedBlock(.mfence)
        let text = BlockListing([
            TimedJob(row: 0, column: .setting(.small), block: block),
            TimedJob(row: 0, column: .setting(.large), block: block),
        ]).text
        #expect(text.contains("job_count: .quad 2\n") && text.contains("\t.long 0, 0\n\t.long 0, 2\n"))
        #expect(text.split(separator: "\n").count { $0 == "\tmfence" } == 1)
    }

    private func sequence(_ rows: String, start: String = "0:rdi = PTE(x);") throws -> SequenceBlock {
        let text = """
            X86_64 t
            {
              [PTE(x)] = (oa:PA(x), rw:1, d:0);
              \(start)
            }
             P0 ;
            \(rows)
            exists (lost_dirty(x))

            """
        return try SequenceBlock(try LitmusParser.parse(bytes: Array(text.utf8), file: "t.litmus"))
    }

    @Test func aLoopKeepsItsLabelsAndServicesAreLeftOut() throws {
        let block = try sequence(
            """
             movq (%rdi),%rax ;
             L0: movq %rax,%rcx ;
             andq $-67,%rcx ;
             jz L1 ;
             lock cmpxchgq %rcx,(%rdi) ;
             jne L0 ;
             invlpg (x) ;
             L1: call flush_tlb_page(x) ;
            """)
        #expect(block.leftOut == ["invlpg (x)", "call flush_tlb_page(x)"])
        #expect(
            block.block.text == [
                "leaq 0(%r14),%rdi", "movq (%rdi),%rax", "11:", "movq %rax,%rcx", "andq $-67,%rcx", "je 17f",
                "lock cmpxchgq %rcx,(%rdi)", "jne 11b", "17:",
            ])
        #expect(block.block.minus == [["leaq 0(%r14),%rdi"]])
    }

    @Test func theLoopTakesRegistersThatTheSequenceLeaves() throws {
        let block = try sequence(
            " movq %r14,%r15 ;\n lock andq %rsi,(%r13) ;", start: "0:r13 = PTE(x); 0:rsi = -3;")
        #expect(block.block.entryRegister == "r12" && block.block.endRegister == "rbx")
        #expect(block.block.minus == [["leaq 0(%r12),%r13", "movabsq $-3,%rsi"]])
    }

    @Test func twoPagesAreTwoEntries() throws {
        let block = try sequence(
            " lock andb $-3,(%rdi) ;\n lock andb $-3,(%rsi) ;", start: "0:rdi = PTE(x); 0:rsi = PTE(y);")
        #expect(block.block.minus == [["leaq 0(%r14),%rdi", "leaq 8(%r14),%rsi"]])
    }

    @Test(arguments: [
        (" movl $1,(x) ;", SequenceProblem.memory("movl $1,(x)")),
        (" movq (%rdi),%rsi ;\n lock andb $-3,(%rsi) ;", .memory("lock andb $-3,(%rsi)")),
        (" addq $8,%rdi ;\n lock andb $-3,(%rdi) ;", .memory("lock andb $-3,(%rdi)")),
        (" lock andb $-3,(%rdi,%rcx,8) ;", .memory("lock andb $-3,(%rdi,%rcx,8)")),
        (" movq $x,%rax ;", .memory("movq $x,%rax")), (" hlt ;", .instruction("hlt")),
        (" pushq %rax ;\n popq %rax ;", .instruction("pushq %rax")), (" cli ;", .instruction("cli")),
        (" movq %cr3,%rax ;", .instruction("movq %cr3,%rax")),
    ])
    func whatNeedsAKernelIsRefused(_ rows: String, _ problem: SequenceProblem) {
        let error = #expect(throws: SequenceProblem.self) { try sequence(rows) }
        #expect(error == problem)
    }

    @Test func aSequenceNeedsAnEntryAndRegisters() {
        var error = #expect(throws: SequenceProblem.self) { try sequence(" nop ;", start: "0:rax = 1;") }
        #expect(error == .noEntry)
        let all = ["rax", "rbx", "rcx", "rdx", "rsi", "rbp"] + (8...15).map { "r\($0)" }
        error = #expect(throws: SequenceProblem.self) {
            try sequence(all.map { " movq $1,%\($0) ;" }.joined(separator: "\n"))
        }
        #expect(error == .registers)
    }

    @Test func testsOfOneSequenceAreTimedOnce() throws {
        let text = """
            X86_64 t
            { [PTE(x)] = (oa:PA(x), rw:1, d:0); 0:rdi = PTE(x); }
             P0 ;
             lock andb $-3,(%rdi) ;
            exists (lost_dirty(x))

            """
        let test = try LitmusParser.parse(bytes: Array(text.utf8), file: "t.litmus")
        let plan = TimingPlan(sequences: [("a", test), ("b", test), ("c", nil)], isQuick: true)
        #expect(plan.count == TimingPlan(isQuick: true).count + EntryStart.allCases.count + 1)
        let rows = plan.rows.suffix(2)
        #expect(rows.first?.subject == .sequence("a") && rows.first?.sameIn == ["b"])
        #expect(rows.last?.figures[.start(.clean)] == .unusable(.notRunnable(.notColumns)))
    }
}
