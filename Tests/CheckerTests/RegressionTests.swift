import Checker
import Litmus
import Machine
import Oracle
import Report
import Testing

/// What random tests have found, in the smallest form: once wrong, now pinned.
@Suite struct RegressionTests {
    /// A test, and what has to be observed on one profile (or on its own `CPU=` line).
    struct Finding: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var profile: String
        var observation: Observation
        var text: String

        init(_ description: String, on profile: String, _ observation: Observation, _ text: String) {
            testDescription = description
            self.profile = profile
            self.observation = observation
            self.text = "X86_64 finding\n" + text + "\n"
        }
    }

    static let findings = [
        Finding(
            // A speculative walk has read P=1, A=0; its update comes after the write and after the entry was cleared.
            "an Accessed update may come into a dead entry long after the walk's read", on: "knl", .sometimes,
            """
            { [PTE(x)] = (a:0); 0:rdi = PTE(x); }
             P0            | P1          ;
             movq $0,(%rdi) | movl $2,(x) ;
            exists ([PTE(x)]=(p:0, a:1) /\\ x=2)
            """),
        Finding(
            // D by P1's own update; A by a walk that read the entry after P1's store had cleared A.
            "A and D get into a dead entry on book by two walks", on: "book", .sometimes,
            """
            { [PTE(x)] = (d:0); 0:rdi = PTE(x); 1:rdi = PTE(x); }
             P0               | P1              ;
             xchgq %rax,(%rdi) | andq $-99,(%rdi) ;
                              | addl $1,(x)     ;
            exists ([PTE(x)]=(p:0, a:1, d:1))
            """),
        Finding(
            "iretq gives interrupts back", on: "strict", .never,
            """
            { [PTE(x)] = (rw:0); }
             P0                     | P1            | P1.F  ;
             call flush_tlb_page(x) | xchgl %ebx,(x) | cli   ;
                                    |               | iretq ;
            exists (stuck(P0))
            """),
        Finding(
            "iretq gives the zero flag back", on: "strict", .never,
            """
            { [PTE(x)] = (p:0, rw:1); 0:rdi = PTE(x); }
             P0              | P0.F               ;
             cmpl %eax,%eax  | lock orb $1,(%rdi) ;
             movl (x),%ebx   | iretq              ;
             jne L1          |                    ;
             movl $1,%ecx    |                    ;
             L1: nop         |                    ;
            exists (0:rcx=0)
            """),
        Finding(
            "what a Dirty update saw is cached even with A=0", on: "strict", .sometimes,
            """
            { [PTE(x)] = (d:0); 0:rdi = PTE(x); 1:rdi = PTE(x); }
             P0                     | P1                    ;
             lock addl $1,(x)       | lock andb $-33,(%rdi) ;
             movq $0,%rax           |                       ;
             xchgq %rax,(%rdi)      |                       ;
             movl $2,(x)            |                       ;
            exists (0:rax=0x101047 /\\ x=2)
            """),
        Finding(
            "a store to another byte leaves the stray bits where they are", on: "strict", .sometimes,
            """
            CPU=P0:shadowed P1:book
            { [PTE(x)] = (d:0); 0:rdi = PTE(x); 1:rdi = PTE(x); }
             P0                   | P1                   ;
             lock andq $-2,(%rdi) | xchgl %ebx,(x)       ;
                                  | movb $4,7(%rdi)      ;
                                  | lock btrq $6,(%rdi)  ;
            exists (stray_present(x))
            """),
        Finding(
            "a translation first seen while others are gone through hides none of them", on: "late", .sometimes,
            """
            { [PTE(x)] = (d:0); 1:rdi = PTE(x); }
             P0                    | P1                       ;
             call wait_for(done,1) | lock addl $1,(x)         ;
             movl $3,(x)           | movq (%rdi),%rax         ;
                                   | movq %rax,%rcx           ;
                                   | andq $-67,%rcx           ;
                                   | lock cmpxchgq %rcx,(%rdi) ;
                                   | movl $1,(done)           ;
            exists ([PTE(x)]=(rw:0, d:0) /\\ x=3)
            """),
        Finding(
            "a spinner may have lost the translation that would let it out", on: "strict", .sometimes,
            """
            { y = 1; z = 0; [PTE(y)] = (oa:PA(y)); 0:rsi = PTE(y); 0:r8 = (oa:PA(z)); }
             P0              | P1                ;
             xchgq %r8,(%rsi) | L0: movl (y),%eax ;
                             | testl %eax,%eax   ;
                             | je L0             ;
            exists (stuck(P1))
            """),
        Finding(
            "the software dirty flag is set before it is read or after", on: "strict", .sometimes,
            """
            { x = 0; }
             P0                     | P1                 ;
             call set_page_dirty(x) | call page_dirty(x) ;
            exists (1:rax=0)
            """),
        Finding(
            "and cleared before it is read or after", on: "cet", .sometimes,
            """
            { x = 0; }
             P0                       | P1                 ;
             call set_page_dirty(x)   | call page_dirty(x) ;
             call clear_page_dirty(x) |                    ;
            exists (1:rax=1)
            """),
        Finding(
            "a frame is freed before it is read or after", on: "strict", .sometimes,
            """
            { }
             P0                 | P1            ;
             call free_frame(x) | movl (x),%eax ;
            exists (stale_frame(x))
            """),
        Finding(
            "so may a fault handler", on: "strict", .sometimes,
            """
            { [PTE(x)] = (rw:0); [PTE(y)] = (oa:PA(y)); 0:rsi = PTE(y); 0:r8 = (oa:PA(x)); }
             P0              | P1          | P1.F           ;
             movq %r8,(%rsi) | movl $2,(x) | xchgl %ebx,(y) ;
                             |             | iretq          ;
            exists (~(written(y)))
            """),
    ]

    @Test(arguments: findings)
    func fastSearchReferenceAndOracleObserveTheSame(_ finding: Finding) throws {
        let prepared = try Prepared(text: finding.text, on: finding.profile)
        let (label, profiles) = try #require(prepared.assignments.first)
        for usesReference in [false, true] {
            var options = CheckOptions()
            options.usesReference = usesReference
            let verdict = try prepared.checker.check(label: label, profiles: profiles, options: options)
            #expect(verdict.observation == finding.observation, "reference: \(usesReference)")
        }
        let own = profiles.compactMap { profile in OracleProfile.builtIn.first { $0.name == profile.name } }
        let result = try Oracle.explore(prepared.checker.test, profiles: own, maxStates: 100_000)
        #expect(result.observation == finding.observation)
    }

    @Test func whatOnlyTheFilterNamesIsNotShownAndTellsNoStatesApart() throws {
        let text = """
            X86_64 filter
            { [PTE(x)] = (rw:0, d:0); 1:rdi = PTE(x); }
             P0          | P1                 ;
             movl $1,(x) | lock orb $2,(%rdi) ;
            locations [x]
            filter (fault(P0,x) \\/ ~(fault(P0,x)))
            forall (true)
            """
        let verdict = try #require(try Prepared(text: text, on: "strict").verdicts().first)
        #expect(verdict.states.map(\.text) == ["[x]=0;", "[x]=1;"])
    }

    @Test func oneFieldOfAnEntryIsShownAndCountedAsThatField() throws {
        let text = """
            X86_64 field
            { [PTE(x)] = (rw:1, a:0, d:0); }
             P0            ;
             movl (x),%eax ;
             movl (x),%eax ;
            exists ([PTE(x)].d=1)
            """
        let verdict = try #require(try Prepared(text: text, on: "strict").verdicts().first)
        #expect(verdict.states.map(\.text) == ["[PTE(x)].d=0;"])
    }

    @Test func aWitnessOfAReducedSearchIsAsShortAsOneWithoutReductions() throws {
        let lock =
            "X86_64 lock\n{ }\n P0 | P1 ;\n call spin_lock(l) | call spin_lock(l) ;\n call spin_unlock(l) | ;\nexists (true)\n"
        let wait = "X86_64 wait\n{ }\n P0 | P1 ;\n call wait_for(w,0) | movl $3,(w) ;\nexists (true)\n"
        for (text, length) in [(lock, 1), (wait, 2)] {
            let verdict = try #require(try Prepared(text: text, on: "strict").verdicts().first)
            #expect(verdict.witness?.steps.count == length)
        }
    }

    @Test func aWitnessWhoseRunHasNotEndedDoesNotSayHowItEnds() throws {
        let text = "X86_64 early\n{ }\n P0 ;\n movl $1,(x) ;\nlocations [x]\nexists (true)\n"
        let verdict = try #require(try Prepared(text: text, on: "strict").verdicts().first)
        let witness = try #require(verdict.witness)
        #expect(!witness.sentences.conclusion.contains("x]=0"))
    }

    @Test func aReplayStringDoesNotDependOnWhatWasExploredBefore() throws {
        let text = """
            X86_64 replay
            { [PTE(x)] = (d:0); 0:rdi = PTE(x); 0:r8 = (oa:PA(x), rw:0, us:0); 0:cpl = 3; 1:rdi = PTE(x); 1:r8 = (oa:PA(x)); }
             P0                     | P1              | P0.F                  ;
             movq $0,(%rdi)         | movq %r8,(%rdi) | lock andl $-67,(%rdi) ;
             call flush_tlb_page(x) |                 |                       ;
             movq %r8,(%rdi)        |                 |                       ;
             movl (x),%ebx          |                 |                       ;
            forall ([PTE(x)].rw=0)
            """
        let prepared = try Prepared(text: text)
        for (label, profiles) in prepared.assignments {
            let witness = try #require(try prepared.checker.check(label: label, profiles: profiles).witness)
            let again = try prepared.checker.replay(witness.replay, profiles: profiles)
            #expect(again.steps == witness.steps)
        }
    }

    @Test func aDirtyUpdateThatWaitsForItsStoreBufferNumbersNothing() throws {
        // It numbered what it would have found: states took more bytes, and another of the shortest runs was told.
        let text = """
            X86_64 number
            Fault=P1:retry
            { [PTE(x)] = (oa:PA(x), d:0); 0:rdi = PTE(x); 0:cpl = 3; 0:cr0.wp = 0; 1:rdi = PTE(x); }
             P0              | P1                        ;
             movb $37,(%rdi) | movl $1,(x)               ;
             orb $3,(x)      | L0: movq (%rdi),%rax      ;
                             | movq %rax,%rcx            ;
                             | andq $-34,%rcx            ;
                             | lock cmpxchgq %rcx,(%rdi) ;
                             | jne L0                    ;
            locations [[PTE(x)]; [x]; 0:rax; 0:rbx; 0:rbp; 1:rax; 1:rbx;]
            exists (written(x))
            """
        let verdict = try #require(try Prepared(text: text, on: "cet").verdicts().first)
        #expect(verdict.replay == "0330222")
        #expect(verdict.statistics.states == 129)
    }

    /// Steps of the witness with all reductions and with none.
    private func lengths(_ text: String, on profile: String, maxStates: Int = 100_000) throws -> (Int?, Int?) {
        let prepared = try Prepared(text: "X86_64 lengths\n" + text + "\n", on: profile)
        let reduced = try prepared.verdicts { $0.limits.maxStates = maxStates }.first
        let plain = try prepared.verdicts { $0.reductions = [] }.first
        if let replay = reduced?.replay {
            let again = try prepared.checker.replay(replay, profiles: prepared.assignments[0].profiles)
            #expect(again.ending == reduced?.witness?.ending)
        }
        return (reduced?.witness?.steps.count, plain?.witness?.steps.count)
    }

    @Test func aWalkOfTheInstructionIsNotTakenForOneThatIsSpeculated() throws {
        // Told with the store of x still in the buffer, the first of two walks was another leaf's.
        let text = """
            { [PTE(a)] = (oa:PA(a), a:0); [PTE(x)] = (oa:PA(x)); [PTE(y)]=(oa:PA(y), a:0); }
             P0               ;
             movl $1,(x)      ;
             lock addl $1,(y) ;
            exists ([PTE(a)].a=0 /\\ y=1)
            """
        let few = try lengths(text, on: "cet", maxStates: 10)
        #expect(few.0 != nil)
        let many = try lengths(text, on: "cet")
        #expect(many.0 == many.1)
    }

    @Test func aShortestRunMayEndOnACircle() throws {
        let text = """
            { [PTE(x)] = (oa:PA(x), d:0); 0:rdi = PTE(x); }
             P0                   | P1          | P1.F  ;
             lock andb $-3,(%rdi) | movl $1,(x) | iretq ;
            exists ([PTE(x)].rw=0)
            """
        for profile in ["cet", "late", "knl"] {
            let (reduced, plain) = try lengths(text, on: profile)
            #expect(reduced == plain)
        }
    }

    @Test func aRunWithLongStretchesWithoutAChoiceIsToldWhole() throws {
        let loads = String(repeating: " movl (y),%eax | movl (y),%eax ;\n", count: Machine.longestChain + 50)
        let text =
            "X86_64 long\n{ y = 1; }\n P0 | P1 ;\n" + loads
            + " movl $1,(x) | movl $1,(z) ;\n movl (z),%ebx | movl (x),%ebx ;\nexists (0:rbx=0 /\\ 1:rbx=0)\n"
        let verdict = try #require(try Prepared(text: text, on: "strict").verdicts { $0.tellsWitnesses = false }.first)
        #expect(verdict.observation == .sometimes)
        #expect(verdict.replay != nil)
    }

    @Test func aRunThatMayNotBeAShortestOneSaysSo() throws {
        // Without partial-order reduction there are more states than with it before the first answer.
        let text = """
            { }
             P0              | P1              | P2              | P3              ;
             movl $1,(x)     | movl $1,(y)     | movl $1,(a)     | movl $1,(b)     ;
             movl (y),%eax   | movl (x),%eax   | movl (b),%eax   | movl (a),%eax   ;
             testl %eax,%eax | testl %eax,%eax | testl %eax,%eax | testl %eax,%eax ;
             je L0           | je L1           | je L2           | je L3           ;
             movl $3,(x)     | movl $3,(y)     | movl $3,(a)     | movl $3,(b)     ;
             L0: nop         | L1: nop         | L2: nop         | L3: nop         ;
            exists (0:rax=0 /\\ 1:rax=0 /\\ 2:rax=0 /\\ 3:rax=0)
            """
        let prepared = try Prepared(text: "X86_64 limited\n" + text + "\n", on: "cet")
        let whole = try #require(try prepared.verdicts().first)
        #expect(whole.replayEnd == .complete)
        let states = whole.statistics.states
        let limited = try #require(try prepared.verdicts { $0.limits.maxStates = states }.first)
        #expect(limited.observation == whole.observation)
        #expect(limited.replay != nil)
        #expect(limited.replayEnd == .stateLimit)
    }

    @Test func aDivisionBy0MakesARunShort() throws {
        let text = """
            { 1:rdx=0; 1:rax=8; }
             P0          | P1            ;
             movl $1,(x) | movl (x),%ebx ;
                         | divl %ebx     ;
                         | movl $1,(y)   ;
                         | movl $2,(y)   ;
            exists (x=1)
            """
        let (reduced, plain) = try lengths(text, on: "strict")
        #expect(plain == 3)
        #expect(reduced == plain)
    }

    @Test(arguments: ["cet", "strict", "late"])
    func aRunAmongInterchangeableCPUsIsToldWhateverWasNumberedFirst(_ profile: String) throws {
        // Told by a machine of its own, which numbered thread states in another order and so sorted the CPUs differently.
        let text = """
            X86_64 numbered-first
            { [PTE(x)] = (a:0, d:0); 0:rdi = PTE(x); 0:rsi = PTE(y); 2:rdi = PTE(x); 2:rsi = PTE(y); }
             P0             | P1               | P2             ;
             invlpg (x)     | lock addl $1,(y) | invlpg (x)     ;
             xchgl %ebx,(y) |                  | xchgl %ebx,(y) ;
             invlpg (x)     |                  | invlpg (x)     ;
             orb $2,(x)     |                  | orb $2,(x)     ;
            exists (lost_dirty(y) \\/ ~(shadow_stack_exposed(y)))
            """
        let prepared = try Prepared(text: text, on: profile)
        let with = try #require(try prepared.verdicts().first)
        let without = try #require(try prepared.verdicts { $0.reductions = [] }.first)
        #expect(with.observation == .always)
        #expect(with.witness != nil)
        #expect(with.witness?.steps.count == without.witness?.steps.count)
    }

    @Test func aRunAmongCPUsThatFlushEachOtherIsTold() throws {
        // There is more than one order of them; the search kept the one it had, who told the run sorted once more.
        let text = """
            X86_64 flush-each-other
            { 0:rdi = PTE(x); 2:rdi = PTE(x); 3:rdi = PTE(x); 0:cpl = 3; 3:cpl = 3; }
             P0                     | P1          | P2                 | P3                     ;
             call flush_tlb_page(x) | movl $2,(x) | lock orb $1,(%rdi) | call flush_tlb_page(x) ;
            exists (true)
            """
        let prepared = try Prepared(text: text, on: "strict")
        let with = try #require(try prepared.verdicts().first)
        let without = try #require(try prepared.verdicts { $0.reductions = [] }.first)
        #expect(with.witness?.steps.count == without.witness?.steps.count)
        #expect(with.witness != nil)
    }

    @Test(arguments: [false, true])
    func storesToWordsWhoseNumbersDifferBy65536AreDifferentStores(_ usesReference: Bool) throws {
        // A store was numbered by 16 bits of its word, so that the second one went where the first had gone.
        let names = (0..<129).map { "v\($0)" }
        let zeros = [String](repeating: "0", count: 512).joined(separator: ",")
        let text = """
            X86_64 many-words
            { \(names.map { "uint64_t \($0)[512] = {\(zeros)};" }.joined(separator: " ")) }
             P0             | P1     ;
             movl $1,(v0)   | mfence ;
             mfence         |        ;
             movl $1,(v128) |        ;
            exists (v128=1 /\\ v0=1)
            """
        let verdict = try #require(
            try Prepared(text: text, on: "cet").verdicts { $0.usesReference = usesReference }.first)
        #expect(verdict.observation == .always)
    }
}
