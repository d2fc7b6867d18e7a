import Testing
import X86

@testable import Machine

/// Of independent steps only one order is explored, and nothing that can happen is lost.
@Suite struct PartialOrderTests {
    /// Plain variables only: with pages the reduction does not apply.
    private static let map = AddressMap(
        variables: ["a", "b", "c"].map { AddressMap.Variable(name: $0, isTranslated: false) }, spaces: ["mm"])

    /// What each CPU's registers and all words hold at the end; the number of states, and the most steps that one has.
    private struct Found: Equatable {
        var finals: Set<[UInt64]>
        var states: Int
        var mostChoices = 0
    }

    private func explore(
        _ code: [String], with reductions: Set<Reduction>, on profile: String = "strict", isEager: Bool = false
    ) throws -> Found {
        var bench = try Bench(code[0], on: profile)
        bench.code = code
        bench.map = Self.map
        bench.reductions = reductions
        var most = 0
        let found = try bench.explore(isEager: isEager) { _, step in
            most = max(most, step.choices)
        } _: { machine, state in
            code.indices.flatMap { cpu in
                [Register.rax, .rcx].map { machine.register(RegisterOperand($0), ofCPU: cpu, in: state) }
            } + (0..<machine.map.wordCount).map { machine.content(ofWord: $0, in: state) }
        }
        return Found(finals: found.finals, states: found.states, mostChoices: most)
    }

    @Test func ofTwoCPUsThatShareNothingOneOrderIsTaken() throws {
        let code = ["movl $1,(a)\n movl (a),%eax", "movl $1,(b)\n movl (b),%eax"]
        let full = try explore(code, with: [])
        let reduced = try explore(code, with: [.partialOrder])
        #expect(full.finals == [[1, 0, 1, 0, 1, 1, 0]])
        #expect(reduced.finals == full.finals)
        // Each CPU issues its store, then drains and loads in any order: six states, in any pairing with the other's.
        #expect(full.states == 25)
        #expect(full.mostChoices == 4)
        // P0's steps, then P1's; the load waits until its store has drained, or comes before it: both give 1.
        #expect(reduced.mostChoices <= 2)
        #expect(reduced.states < full.states / 2)
    }

    @Test func storesThatNobodyElseTouchesAreOneRun() throws {
        let code = ["movl $1,(a)", "movl $1,(b)"]
        #expect(try explore(code, with: []).states == 9)
        let reduced = try explore(code, with: [.partialOrder])
        #expect(reduced.states == 5)
        #expect(reduced.mostChoices == 1)
        // A run without a choice is one step.
        let chained = try explore(code, with: [.partialOrder, .chains])
        #expect(chained.states == 2)
        #expect(chained.finals == reduced.finals)
    }

    @Test func stepsThatConflictAreTakenInBothOrders() throws {
        let code = ["movl $1,(a)\n movl (b),%eax", "movl $1,(b)\n movl (a),%eax"]
        let full = try explore(code, with: [])
        let reduced = try explore(code, with: [.partialOrder])
        #expect(Set(full.finals.map { [$0[0], $0[2]] }) == [[0, 0], [0, 1], [1, 0], [1, 1]])
        #expect(reduced.finals == full.finals)
        #expect(reduced.mostChoices > 1)
        #expect(reduced.states < full.states)
    }

    private static let programs: [[String]] = [
        // Store buffering, message passing, coherence, and their fences.
        ["movl $1,(a)\n mfence\n movl (b),%eax", "movl $1,(b)\n mfence\n movl (a),%eax"],
        ["movl $1,(a)\n movl $1,(b)", "movl (b),%eax\n movl (a),%ecx"],
        ["movl $1,(a)\n movl $2,(a)", "movl (a),%eax\n movl (a),%ecx"],
        ["movl $1,(a)\n movl (a),%eax\n movl (b),%ecx", "movl $1,(b)\n movl (b),%eax\n movl (a),%ecx"],
        // Three CPUs, of which two share one variable and two another.
        ["movl $1,(a)", "movl (a),%eax\n movl $1,(b)", "movl (b),%eax\n movl (a),%ecx"],
        // Locked operations, and a load wider than the buffered store.
        ["lock addl $1,(a)\n movl (b),%eax", "lock addl $2,(a)\n movl $1,(b)"],
        ["movb $1,(a)\n movl (a),%eax", "movl $0x01010100,(a)"],
        ["xorl %eax,%eax\n movl $1,%ecx\n lock cmpxchgl %ecx,(a)", "movl $2,%eax\n xchgl %eax,(a)"],
        // Services that touch memory: locks, and waiting for another CPU's store or one's own.
        [
            "call spin_lock(a)\n addl $1,(b)\n call spin_unlock(a)",
            "call spin_lock(a)\n addl $1,(b)\n call spin_unlock(a)",
        ],
        ["movl $1,(b)\n movl $1,(a)", "call wait_for(a, 1)\n movl (b),%eax"],
        ["movl $1,(a)\n call wait_for(a, 1)\n movl (b),%eax", "movl $1,(b)\n movl (a),%eax"],
        // Nobody frees the lock, nobody writes the value: some threads never end.
        ["call spin_lock(a)\n movl $1,(b)", "call spin_lock(a)\n movl $2,(b)"],
        ["call wait_for(a, 1)\n movl $1,(b)", "movl (b),%eax\n movl $1,(c)"],
    ]

    @Test(arguments: programs) func finalStatesAreThoseOfAllOrders(_ code: [String]) throws {
        let full = try explore(code, with: [])
        let literal = try explore(code, with: [], isEager: true)
        #expect(literal.finals == full.finals)
        for reductions: Set<Reduction> in [[.partialOrder], [.partialOrder, .chains]] {
            let reduced = try explore(code, with: reductions)
            #expect(reduced.finals == full.finals, "\(reductions)")
            #expect(reduced.states <= full.states, "\(reductions)")
        }
    }

    @Test func pagesLoopsAndTheLiteralMachineAreNotReduced() throws {
        func isReduced(_ code: String, _ map: AddressMap, isEager: Bool = false) throws -> Bool {
            var bench = try Bench(code, "movl $1,(b)")
            bench.map = map
            bench.reductions = [.partialOrder]
            return try Machine(bench.scenario(isEager: isEager), widths: FieldWidths()).usesPartialOrder
        }
        #expect(try isReduced("movl $1,(a)", Self.map))
        #expect(try !isReduced("movl $1,(a)", Self.map, isEager: true))
        #expect(try !isReduced("movl $1,(a)", Bench.map))
        #expect(try !isReduced("again: movl (a),%eax\n testl %eax,%eax\n jne again", Self.map))
    }
}
