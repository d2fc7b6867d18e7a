import PageTable
import Testing

@testable import Synthesis

/// What the column P0 of a test costs.
@Suite struct SequencePriceTests {
    private let costs = CostTable.nominal
    private let clean = PageTableEntry.litmusDefault.clearing(PageTableEntry.dirtyMask)
    private let dirty = PageTableEntry.litmusDefault

    private func price(_ instructions: [String], of entry: PageTableEntry? = nil, on costs: CostTable? = nil) throws
        -> SequencePrice?
    {
        let text = """
            X86_64 priced
            { [PTE(x)] = (oa:PA(x), rw:1); [PTE(y)] = (oa:PA(y)); 0:rdi = PTE(x); 0:rsi = PTE(y); 0:rbx = PA(x); 0:r8 = 3; }
             P0 ;
            \(instructions.map { " \($0) ;" }.joined(separator: "\n"))
            exists (lost_dirty(x))
            """
        return SequencePrice(try Sample.test(text), entry: (entry ?? clean).rawValue, costs ?? self.costs)
    }

    private let flush = "call flush_tlb_page(x)"
    private let loop = [
        "movq (%rdi),%rax", "L0: movq %rax,%rcx", "andq $-67,%rcx", "lock cmpxchgq %rcx,(%rdi)", "jne L0",
    ]
    private let split = [
        "movq (%rdi),%rax", "testb $64,%al", "jne L1", "lock andb $-3,(%rdi)", "jmp L2", "L1: andq $-67,%rax",
        "movq %rax,(%rdi)", "L2: nop",
    ]

    @Test func aLockedInstructionIsTheUnit() throws {
        let price = try #require(try price(["lock andb $-3,(%rdi)", flush]))
        #expect(price.ratio == 1 && price.flushes == 0)
    }

    @Test func instructionsAddUp() throws {
        func ratio(_ items: CostItem...) -> Double { items.reduce(0) { $0 + costs.ratio($1) } }
        let cases: [([String], Double)] = [
            (["movq (%rdi),%rax", "lock orb $1,7(%rdi)"], ratio(.load8, .locked1)),
            (["andb $-3,(%rdi)"], ratio(.update1)),
            (["xchgq %rax,(%rdi)", "movq %rax,(%rdi)"], ratio(.xchg8, .store8)),
            (["xchgb %al,(%rdi)", "movq (%rdi),%rcx"], ratio(.xchg1, .load8, .readBack1to8)),
            (["xchgb %al,(%rdi)", flush, "movq (%rdi),%rcx", "movq %rcx,(%rdi)"], ratio(.xchg1, .load8, .store8)),
            (["movl $0,(%rdi)", "lock btrq $1,(%rdi)"], ratio(.store4, .lockedBit8, .storeThenLocked)),
            (["lock xaddq %r8,(%rsi)"], ratio(.lockedExchangeAdd8)),
            (["lock cmpxchgq %r8,(%rsi)"], ratio(.cmpxchgFails)),
        ]
        for (instructions, expected) in cases {
            let found = try #require(try price(instructions), "\(instructions)")
            #expect(abs(found.ratio - expected) < 1e-9, "\(instructions)")
        }
    }

    /// Registers run beside the lock: a quarter of a quarter of their price.
    @Test func theLoopGoesThroughOnce() throws {
        let expected = costs.ratio(.load8) + costs.ratio(.cmpxchgSucceeds) + 3 * costs.ratio(.register) / 16
        for entry in [clean, dirty] {
            #expect(abs(try #require(try price(loop, of: entry)).ratio - expected) < 1e-9)
        }
    }

    @Test func theWayOfTheEntryCounts() throws {
        let register = costs.ratio(.register)
        let ofClean = costs.ratio(.load8) + costs.ratio(.locked1) + 4 * register / 16
        let ofDirty = costs.ratio(.load8) + costs.ratio(.store8) + 4 * register / 4
        #expect(abs(try #require(try price(split, of: clean)).ratio - ofClean) < 1e-9)
        #expect(abs(try #require(try price(split, of: dirty)).ratio - ofDirty) < 1e-9)
    }

    @Test func flushesAndFencesAtTheEndAreLeftOut() throws {
        let dance = ["xorl %eax,%eax", "xchgq %rax,(%rdi)", flush, "movq %rax,(%rdi)"]
        #expect(try #require(try price(dance)).flushes == 1)
        #expect(try price(dance + ["mfence", flush]) == price(dance))
        let fenced = try #require(try price(["movq $0,(%rdi)", "mfence", "movq $1,(%rdi)"]))
        #expect(fenced.ratio > costs.ratio(.mfence))
        #expect(try price([flush, "movq (%rdi),%rax"]) == nil, "nothing is written")
    }

    @Test func theSpreadIsThatOfTheSum() throws {
        var costs = costs
        costs[.locked1] = CostEntry(minimum: 1, spread: 0.25)
        costs[.mfence] = CostEntry(minimum: 1, spread: 0.5)
        #expect(try #require(try price(["lock andb $-3,(%rdi)", "mfence"], on: costs)).spread == 0.25)
    }

    @Test(arguments: [
        ["movl (x),%eax", "lock andb $-3,(%rdi)"], ["movl (%rbx),%eax", "lock andb $-3,(%rdi)"],
        ["lock andb $-3,(%rdi)", "L0: jmp L0"], ["lock andb $-3,(%rdi)", "call free_frame(x)"],
        ["lock andb $-3,(%rdi)", "movq %rax,8(%rsi)"], ["lock andb $-3,(%rdi)", "movq %rax,4(%rsi)"],
        ["movq %cr3,%rax", "lock andb $-3,(%rdi)"],
    ])
    func whatHasNoPriceIsNotPriced(_ instructions: [String]) throws {
        #expect(try price(instructions) == nil)
    }
}
