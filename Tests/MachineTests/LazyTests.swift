import Testing
import X86

@testable import Machine

/// Lazy CPUs, and flushes that were missed.
@Suite struct LazyTests {
    /// `mm`, `child` and `init`; x is mapped in the first two, P0 and P1 run mm.
    private func bench(_ code: String..., broadcasts: Bool = false) throws -> Bench {
        var bench = try Bench(code[0])
        bench.code = code
        bench.map = AddressMap(variables: Bench.map.variables, spaces: ["mm", "child", AddressMap.kernelSpace])
        bench.entries = ["child:x": Bench.entry("x")]
        bench.profile.broadcastInvalidate = broadcasts
        return bench
    }

    /// What P1 does when it takes part in a flush by P0, and the address spaces that it can end in.
    private func answers(_ bench: Bench, _ isEager: Bool) throws -> (leaves: Set<Bool>, spaces: Set<Int>) {
        var leaves: Set<Bool> = []
        let found = try bench.explore(isEager: isEager) { _, step in
            if step.report.kind == .acknowledge { leaves.insert(step.report.leavesLazily) }
        } _: { machine, state in
            machine.space(ofCPU: 1, in: state)
        }
        return (leaves, found.finals)
    }

    @Test(arguments: [false, true])
    func aLazyCPUIsAskedWhereTablesAreFreed(_ isEager: Bool) throws {
        let tables = try answers(bench("call flush_tlb_mm()", "call enter_lazy_tlb()"), isEager)
        #expect(tables.leaves == [true, false])
        #expect(tables.spaces == [0, 2])
        // Asked before it was lazy, it may be lazy when it answers.
        let leaf = try answers(bench("call flush_tlb_page(x)", "call enter_lazy_tlb()"), isEager)
        #expect(leaf.leaves == [true, false])
        // Where it has been lazy all along, nobody asks.
        let late = try answers(
            bench("call wait_for(a, 1)\n call flush_tlb_page(x)", "call enter_lazy_tlb()\n movl $1,(a)"), isEager)
        #expect(late.leaves == [])
        #expect(late.spaces == [0])
        let broadcast = try answers(
            bench("call flush_tlb_mm()", "call enter_lazy_tlb()", broadcasts: true), isEager)
        #expect(broadcast.leaves == [false])
        #expect(broadcast.spaces == [0])
    }

    @Test func theKernelsOwnSpaceIsNeverLazy() throws {
        let found = try answers(
            bench("call flush_tlb_mm(init)", "call switch_mm(init)\n call enter_lazy_tlb()"), false)
        #expect(found.leaves == [false])
        #expect(found.spaces == [2])
    }

    @Test(arguments: [false, true])
    func aLazyCPUThatFlushesLeaves(_ isEager: Bool) throws {
        let found = try bench("call enter_lazy_tlb()\n call flush_tlb_page(x)\n movl (x),%eax").explore(
            isEager: isEager
        ) {
            machine, state in
            machine.space(ofCPU: 0, in: state)
        }
        #expect(found.finals == [2])
        // Where another CPU runs the address space, too, it passes itself by, unless tables are freed.
        for (service, space) in [("flush_tlb_page(x)", 0), ("flush_tlb_mm()", 2)] {
            let found = try bench("call enter_lazy_tlb()\n call \(service)", "nop").explore(isEager: isEager) {
                machine, state in
                machine.space(ofCPU: 0, in: state)
            }
            #expect(found.finals == [space], "\(service)")
        }
    }

    /// Whether P1 can read x through what it had cached before P0's flush of mm.
    private func isStale(_ code: String, _ isEager: Bool) throws -> Bool {
        var bench = try bench("movq $0,(%rdi)\n call flush_tlb_page(mm:x)\n movl $1,(a)", code)
        bench.adjust = { number, cpu in
            cpu.registers[.rax] = bench.map.rootAddress(ofSpace: 0) | 1 << 63
        }
        let variable = try #require(bench.map.variable(named: "a"))
        let word = bench.map.dataWord(ofVariable: variable)
        var isStale = false
        _ = try bench.explore(isEager: isEager) { machine, step in
            guard step.report.cpu == 1, step.report.kind == .access else { return }
            if machine.content(ofWord: word, in: step.before) == 1 { isStale = true }
        } _: { _, _ in
            0
        }
        return isStale
    }

    @Test(arguments: [false, true])
    func whoMissedAFlushCatchesUpBySwitchMm(_ isEager: Bool) throws {
        #expect(try !isStale("call switch_mm(child)\n call switch_mm(mm)\n movl (x),%ebx", isEager))
        #expect(try !isStale("call enter_lazy_tlb()\n call switch_mm(mm)\n movl (x),%ebx", isEager))
        #expect(try isStale("call enter_lazy_tlb()\n movl (x),%ebx", isEager))
        #expect(try isStale("call switch_mm(child)\n movq %rax,%cr3\n movl (x),%ebx", isEager))
        // Behind in mm alone.
        #expect(try isStale("call switch_mm(init)\n call switch_mm(child)\n movq %rax,%cr3\n movl (x),%ebx", isEager))
    }

    @Test func switchMmToTheLoadedSpaceAsksNothing() throws {
        // With interrupts off P1 cannot take the request, and it does not run another space.
        var bench = try bench("call flush_tlb_page(x)", "cli\n call switch_mm(mm)\n movl (x),%ebx\n sti")
        bench.entries["x"] = Bench.entry("x")
        let found = try bench.explore { machine, state in machine.isEnded(cpu: 0, in: state) }
        #expect(found.finals == [true])
    }
}
