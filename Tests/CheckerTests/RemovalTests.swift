import Litmus
import Machine
import TestSupport
import Testing
import X86

@testable import Checker

@Suite struct RemovalTests {
    private static func test(
        _ columns: [[String]], state: String = "", condition: String = "exists (true)", head: String = ""
    ) throws -> LitmusTest {
        let height = columns.map(\.count).max() ?? 0
        let rows = (0..<height).map { row in
            " " + columns.map { row < $0.count ? $0[row] : "" }.joined(separator: " | ") + " ;\n"
        }.joined()
        let names = columns.indices.map { "P\($0)" }.joined(separator: " | ")
        return try LitmusParser.parse("X86_64 t\n\(head){ \(state) }\n \(names) ;\n\(rows)\(condition)\n")
    }

    /// The code of P0 without each step, with what kind of step it is.
    private static func found(_ lines: [String], state: String = "", condition: String = "exists (true)") throws
        -> [(step: Removal.Step, code: [String])]
    {
        let test = try test([lines], state: state, condition: condition)
        return ColumnRemovals.all(of: test).map { ($0.step, $0.test.threads[0].program.instructions.map(\.text)) }
    }

    private static let entry = "[PTE(x)] = (oa:PA(x)); 0:rdi = PTE(x);"

    @Test func aLockPrefixGoesAndTheWriteGoesWhereNobodyReadsTheResult() throws {
        let found = try Self.found(["lock andb $-3,(%rdi)"], state: Self.entry)
        #expect(found.map(\.step) == [.lock(isImplied: false), .write])
        #expect(found.map(\.code) == [["andb $-3,(%rdi)"], ["nop"]])
    }

    @Test func anExchangeBecomesALoadAndAStoreThroughAFreeRegister() throws {
        let found = try Self.found(["xchgq %rax,(%rdi)", "movq %rax,%r11"], state: Self.entry)
        #expect(found.map(\.step) == [.lock(isImplied: true), .write])
        #expect(found[0].code == ["movq (%rdi),%r10", "movq %rax,(%rdi)", "movq %r10,%rax", "movq %rax,%r11"])
        // %r11 is asked for by nobody, but it is written from %rax: what is dead is only what nobody copies.
        #expect(found[1].code == ["movq (%rdi),%rax", "movq %rax,%r11"])
    }

    @Test func aComparisonKeepsItsResultWithoutItsWrite() throws {
        let found = try Self.found(
            ["movq (%rdi),%rax", "L: lock cmpxchgq %rcx,(%rdi)", "jne L"], state: Self.entry)
        #expect(found.map(\.step) == [.lock(isImplied: false), .write])
        #expect(
            found[1].code == [
                "movq (%rdi),%rax", "movq (%rdi),%r11", "cmpq %r11,%rax", "cmovneq %r11,%rax", "jne L",
            ])
        let test = try Self.test(
            [["movq (%rdi),%rax", "L: lock cmpxchgq %rcx,(%rdi)", "jne L"]], state: Self.entry)
        #expect(ColumnRemovals.all(of: test)[1].test.threads[0].program.labels == ["L": 1])
    }

    @Test func theResultOfARegisterThatTheConditionReadsIsKept() throws {
        let found = try Self.found(["movl $1,%eax", "lock xaddl %eax,(x)"], condition: "exists (0:rax=0)")
        #expect(found.map(\.code).last == ["movl $1,%eax", "movl (x),%r11d", "xaddl %eax,%r11d"])
    }

    @Test func fencesFlushesServicesAndLocks() throws {
        let found = try Self.found(
            [
                "mfence", "call spin_lock(l)", "movl $1,(x)", "call spin_unlock(l)", "call flush_tlb_page(x)",
                "invlpg (x)",
                "call free_frame(x)", "call wait_for(y,1)", "movl (y),%eax",
            ], state: Self.entry)
        let steps = found.map(\.step).filter { $0 != .order }
        #expect(steps == [.fence, .spinLock, .store, .flush, .flush, .service])
        let locks = try #require(found.first { $0.step == .spinLock })
        #expect(locks.code[1] == "nop" && locks.code[2] == "movl $1,(x)" && locks.code[3] == "nop")
    }

    @Test func neighboursAreExchangedWhereNeitherNeedsTheOther() throws {
        func orders(_ lines: [String]) throws -> [[String]] {
            try Self.found(lines, state: Self.entry).filter { $0.step == .order }.map(\.code)
        }
        #expect(try orders(["movl $1,(x)", "movl $1,(y)"]) == [["movl $1,(y)", "movl $1,(x)"]])
        // The second needs what the first reads.
        #expect(try orders(["movl (x),%eax", "movl %eax,(y)"]) == [])
        // What is computed in between for the second goes along where it can stay.
        #expect(
            try orders(["movl $1,(x)", "movl $7,%eax", "movl %eax,(y)"]) == [
                ["movl $7,%eax", "movl %eax,(y)", "movl $1,(x)"]
            ])
        // A fence, a lock and a label keep steps apart.
        #expect(try orders(["movl $1,(x)", "mfence", "movl $1,(y)"]) == [])
        #expect(try orders(["movl $1,(x)", "call spin_lock(l)", "movl $1,(y)"]) == [])
        #expect(try orders(["movl $1,(x)", "L: movl $1,(y)", "jmp L"]) == [])
        // A flush after a loop is exchanged with the loop's last access.
        #expect(
            try orders(["L: lock cmpxchgq %rcx,(%rdi)", "jne L", "call flush_tlb_page(x)"]) == [
                ["call flush_tlb_page(x)", "lock cmpxchgq %rcx,(%rdi)", "jne L"]
            ])
    }

    @Test func whatOnlyTheStepNamedIsStillThere() throws {
        let test = try Self.test([["movq $0,(PTE(x))", "movl (x),%eax"], ["movl $1,(y)"]])
        let removals = ColumnRemovals.all(of: test)
        let entry = try LitmusParser.parse(LitmusWriter.text(of: try #require(removals.first).test))
        #expect(entry.initializations.map(\.location) == [.memory(.leaf(page: "x", space: nil), index: 0)])
        let variable = try #require(removals.last).test
        #expect(variable.initializations.map(\.location) == [.memory(.variable("y"), index: 0)])
    }

    @Test func nothingToTakeAway() throws {
        #expect(try Self.found(["movl (x),%eax", "movl (x),%ebx"]).filter { $0.step != .order }.isEmpty)
        #expect(try Self.found(["nop"]).isEmpty)
    }

    /// Every removal of every corpus test in columns is a test: it is printed, read again as the same, and explored.
    @Test(arguments: Volume.sample(Checkout.corpus, every: 3)) func removalsOfTheCorpusAreTests(path: String) throws {
        let test = try LitmusParser.parse(Checkout.text("Corpus/" + path), file: path)
        for removal in ColumnRemovals.all(of: test) {
            let text = LitmusWriter.text(of: removal.test)
            let again = try LitmusParser.parse(text)
            #expect(again.isSame(as: removal.test), "\(path): \(removal.step)")
            #expect(!again.isSame(as: test))
            // What does not stand in the test's language any more would be a defect; some makes no sense, which is told.
            for question in again.questions {
                let checker = try TestChecker(question)
                _ = try? checker.assignments(among: CPUProfile.builtIn, known: CPUProfile.shipped)
            }
        }
    }
}
