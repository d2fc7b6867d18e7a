import Explorer
import Foundation
import Litmus
import Machine
import Report
import Testing

@testable import Checker

/// A run shows what happened: each step what it did itself, and what ran together with it apart from it.
@Suite struct RunTests {
    /// The steps of the only run of a one-thread test, with the instructions that ran together with each.
    private func run(_ text: String, on profile: String = "cet", _ change: (inout LitmusTest) -> Void = { _ in })
        throws -> [String]
    {
        var test = try LitmusParser.parse(text)
        change(&test)
        let checker = try TestChecker(test)
        let profiles = try #require(
            try checker.assignments(
                among: CPUProfile.builtIn.filter { $0.name == profile }, known: CPUProfile.builtIn
            ).first?.profiles)
        let steps = try checker.firstRun(on: profiles)
        let scenario = checker.lowered.scenario(on: profiles, isEager: false)
        let witness = try #require(checker.run(steps, on: scenario))
        let sentences = witness.sentences
        return witness.startLocals.lines.map { "- " + sentences.text(of: $0) }
            + witness.steps.flatMap { step in
                [(step.isHardware ? "* " : "") + sentences.text(of: step)]
                    + step.locals.lines.map { "- " + sentences.text(of: $0) }
            }
    }

    @Test func whatAnExchangeAndALoadReturnedAndWhatBecameOfItLater() throws {
        let shown = try run(
            """
            X86_64 witness-register
            { [PTE(x)] = (oa:PA(x), rw:1, d:1); int v = 5; 0:rdi = PTE(x); 0:rcx = 3; }
             P0                     ;
             xorl %ecx,%ecx         ;
             xchgq %rcx,(%rdi)      ;
             andq $-67,%rcx         ;
             movl (v),%ebx          ;
             addl $100,%ebx         ;
             movq %rcx,(%rdi)       ;
            exists (0:ebx=105)
            """)
        #expect(
            shown == [
                "- xorl %ecx,%ecx (rcx=0)", "xchgq %rcx,(%rdi) (rcx=PWUAD-, writes 0)",
                "- andq $-67,%rcx (rcx=P-UA--)", "movl (v),%ebx (ebx=5)", "- addl $100,%ebx (rbx=105)",
                "movq %rcx,(%rdi) (writes P-UA--)", "* store reaches memory: PTE(x) = P-UA--",
            ])
    }

    @Test func comparisonsFailingAndSucceeding() throws {
        func exchange(_ expected: Int, _ prefix: String) throws -> [String] {
            try run(
                """
                X86_64 compare
                { int v = 5; 0:rax = \(expected); 0:rcx = 7; }
                 P0                           ;
                 \(prefix)cmpxchgl %ecx,(v)   ;
                 movl $99,%eax                ;
                exists (0:rax=99)
                """
            ).filter { !$0.hasPrefix("*") }
        }
        #expect(
            try exchange(5, "lock ") == ["lock cmpxchgl %ecx,(v) (reads 5, writes 7)", "- movl $99,%eax (rax=99)"])
        #expect(
            try exchange(4, "lock ") == ["lock cmpxchgl %ecx,(v) (eax=5, writes 5)", "- movl $99,%eax (rax=99)"])
        #expect(
            try exchange(5, "") == [
                "cmpxchgl %ecx,(v) [load] (reads 5)", "cmpxchgl %ecx,(v) [store] (writes 7)",
                "- movl $99,%eax (rax=99)",
            ])
        // It writes the old value back (SDM 2A, "CMPXCHG").
        #expect(
            try exchange(4, "") == [
                "cmpxchgl %ecx,(v) [load] (reads 5)", "cmpxchgl %ecx,(v) [store] (writes 5)",
                "- movl $99,%eax (rax=99)",
            ])
    }

    @Test func partsOfRegistersSignExtensionAndResultsInFlagsAlone() throws {
        let shown = try run(
            """
            X86_64 parts
            { uint64_t v = 0x00000000008180ff; 0:rax = 0x1111; }
             P0              ;
             movb (v),%ah    ;
             movsbl (v),%ecx ;
             movzwl (v),%edx ;
             cmpb $3,(v)     ;
             jne L1          ;
             movl $1,%ebx    ;
             L1:             ;
             sete (v)        ;
             incb %ah        ;
            exists (0:rax=0)
            """)
        #expect(
            shown == [
                "movb (v),%ah (ah=255)", "movsbl (v),%ecx (reads 255)", "movzwl (v),%edx (edx=33023)",
                "cmpb $3,(v) (reads 255)", "- jne L1", "sete (v) (writes 0)", "- incb %ah (rax=17)",
                "* store reaches memory: [v] = 0",
            ])
    }

    @Test func shadowStackStoresTheSoftwareDirtyFlagAndAccessesThatSetD() throws {
        #expect(
            try run(
                """
                X86_64 shadow
                ShadowStack=s
                { [PTE(s)] = (oa:PA(s), rw:0, us:0, d:1); 0:rax = 7; }
                 P0              ;
                 wrssq %rax,(s)  ;
                exists (0:rax=0)
                """
            ).contains { $0.hasPrefix("wrssq %rax,(s) through") && $0.hasSuffix("(writes 7)") })
        let flag = try run(
            """
            X86_64 flag
            { [PTE(x)] = (oa:PA(x)); 0:rax = 9; }
             P0                      ;
             call set_page_dirty(x)  ;
             call page_dirty(x)      ;
             addl $5,%eax            ;
            exists (0:rax=6)
            """)
        #expect(flag.contains("call page_dirty(x) (rax=1)") && flag.contains("- addl $5,%eax (rax=6)"), "\(flag)")
        let update = try run(
            """
            X86_64 update
            { [PTE(x)] = (oa:PA(x), a:1, d:0); int x = 3; 0:rcx = 8; }
             P0               ;
             xchgl %ecx,(x)   ;
             notl %ecx        ;
            exists (0:rcx=3)
            """)
        #expect(update.contains("* walker sets D in PTE(x); xchgl %ecx,(x) goes on (ecx=3, writes 8)"), "\(update)")
    }

    /// A column as a compiler's code: the stack is private.
    private func compile(_ test: inout LitmusTest) {
        test.compiled = CompiledCode(privateRange: 0x7000_0000_0000..<0x7000_0000_1000, stackTop: 0x7000_0000_0800)
    }

    @Test func privateMemoryIsToldWithWhatItGets() throws {
        let shown = try run(
            """
            X86_64 private
            { int v = 5; int w = 0; }
             P0              ;
             movl (v),%eax   ;
             pushq %rax      ;
             popq %rcx       ;
             pushq (v)       ;
             movl %ecx,(w)   ;
            exists (w=5)
            """, compile)
        #expect(
            shown == [
                "movl (v),%eax (eax=5)", "- pushq %rax (rsp=0x7000000007f0, writes 5)",
                "- popq %rcx (rcx=5, rsp=0x7000000007f8)", "pushq (v) [load] (reads 5)",
                "- pushq (v) (rsp=0x7000000007f0, writes 5)", "movl %ecx,(w) (writes 5)",
                "* store reaches memory: [w] = 5",
            ])
    }

    @Test func ofALoopThatCountsTheFirstStepsAreToldAndTheRestIsCounted() throws {
        let test = try LitmusParser.parse(
            "X86_64 count\n{ int v = 5; 0:rcx = 10000; }\n P0 ;\n movl (v),%eax ;\n L0: decl %ecx ;\n jne L0 ;\nexists (0:rax=5)\n"
        )
        let checker = try TestChecker(test)
        let profiles = [try #require(CPUProfile.builtIn.first)]
        let scenario = checker.lowered.scenario(on: profiles, isEager: false)
        let witness = try #require(checker.run([0], on: scenario))
        #expect(witness.steps.count == 1)
        #expect(witness.steps[0].locals.lines.count == 256)
        #expect(witness.steps[0].locals.omitted == 20_000 - 256)
    }

    @Test func ofCompiledCodeWhatNoOtherCPUCanNoticeIsMarked() throws {
        var test = try LitmusParser.parse(
            """
            X86_64 unnoticed
            { int own = 1; int constant = 2; int shared = 3; int asked = 4; int lock = 0; }
             P0                    | P1                  ;
             movl $5,(own)         | movl (constant),%ecx ;
             movl (own),%eax       | movl (shared),%edx   ;
             movl (constant),%eax  | movl (lock),%ebx     ;
             movl $6,(shared)      |                     ;
             movl $7,(asked)       |                     ;
             movl $1,(lock)        |                     ;
            exists (asked=7)
            """)
        func marks(_ change: (inout LitmusTest) -> Void) throws -> [String: Unnoticed] {
            change(&test)
            let checker = try TestChecker(test)
            let profiles = [CPUProfile](repeating: try #require(CPUProfile.builtIn.first), count: 2)
            let steps = try checker.firstRun(on: profiles)
            let scenario = checker.lowered.scenario(on: profiles, isEager: false)
            let witness = try #require(checker.run(steps, on: scenario))
            #expect(witness.steps.count == 13)
            return Dictionary(
                witness.steps.compactMap { step in step.unnoticed.map { (witness.sentences.text(of: step), $0) } },
                uniquingKeysWith: { $1 })
        }
        #expect(try marks { _ in }.isEmpty, "in columns the author wrote every step")
        #expect(
            try marks(compile) == [
                "movl $5,(own)": .ownMemory, "movl (own),%eax (eax=5)": .ownMemory,
                "store reaches memory: [own] = 5": .ownMemory, "movl (constant),%eax (eax=2)": .unwritten,
                "movl (constant),%ecx (ecx=2)": .unwritten,
            ])
    }

    @Test func aLockThatSomebodyWaitsForIsNoticed() throws {
        var test = try LitmusParser.parse(
            """
            X86_64 awaited
            { int lock = 0; int flag = 1; 0:rdi = lock; 1:rdi = lock; }
             P0             | P1             ;
             movl (flag),%eax | call spin_lock(lock) ;
             call spin_lock(lock) |  ;
            exists (stuck(P0))
            """)
        compile(&test)
        let checker = try TestChecker(test)
        let profiles = [CPUProfile](repeating: try #require(CPUProfile.builtIn.first), count: 2)
        let verdict = try checker.check(label: "cet", profiles: profiles)
        let witness = try #require(verdict.witness)
        let unnoticed = witness.steps.filter { $0.unnoticed != nil }
        #expect(unnoticed.map(witness.sentences.text) == ["movl (flag),%eax (eax=1)"])
    }
}
