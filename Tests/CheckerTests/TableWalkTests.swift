import Checker
import Foundation
import Litmus
import Machine
import TestSupport
import Testing

/// Walks through several levels: the saturated form and the literal one come to the same ends, on CPUs that ship and on CPUs
/// that only differ from them in a field about upper levels.
@Suite struct TableWalkTests {
    static let tests =
        (try? FileManager.default.contentsOfDirectory(atPath: Checkout.file("Corpus/levels").path))?
        .filter { $0.hasSuffix(".litmus") }.sorted() ?? []

    /// CPUs with one unusual field.
    static let unusual: [CPUProfile] = [
        changed("cet", to: "no-caches") { $0.upperLevels = .none },
        changed("book", to: "book-no-caches") { $0.upperLevels = .none },
        changed("late", to: "late-tce") { $0.translationCacheExtension = true },
        changed("cet", to: "no-speculation") { $0.speculativeFills = false },
        changed("knl", to: "knl-no-speculation") { $0.speculativeFills = false },
        changed("strict", to: "confirms") { $0.spuriousFaults = false },
        changed("cet", to: "broadcast") { $0.broadcastInvalidate = true },
        changed("cet", to: "at-once") { $0.storeBuffer = .sc },
        changed("book", to: "book-by-entry") { $0.upperLevels = .byEntry },
        changed("amd-broadcast", to: "by-entry-no-tce") { $0.translationCacheExtension = false },
        changed("cet", to: "pde-alone") { $0.upperLevelsCached = CachedLevels(text: "PDE") ?? .all },
        changed("amd", to: "amd-by-entry") { $0.upperLevels = .byEntry },
        changed("amd", to: "amd-pdpte-alone") { $0.upperLevelsCached = CachedLevels(text: "PDPTE") ?? .all },
        changed("cet", to: "late-accessed") { $0.accessedLate = true },
        changed("amd", to: "amd-late-accessed") { $0.accessedLate = true },
        changed("strict", to: "late-accessed-no-speculation") {
            $0.accessedLate = true
            $0.speculativeFills = false
        },
    ]

    private static func changed(_ name: String, to other: String, _ change: (inout CPUProfile) -> Void) -> CPUProfile {
        var profile = CPUProfile.shipped.first { $0.name == name } ?? CPUProfile.builtIn[0]
        profile.name = other
        change(&profile)
        return profile
    }

    private func compare(_ text: String, on profiles: [CPUProfile], maxStates: Int = 6_000) throws {
        var test = try LitmusParser.parse(text)
        // Here the test runs on CPUs that it does not name.
        test.headers.removeAll { $0.key == "CPU" }
        test.expectation = Expectation()
        let checker = try TestChecker(test)
        for profile in profiles {
            let cpus = [CPUProfile](repeating: profile, count: test.threads.count)
            var options = CheckOptions()
            options.limits.maxStates = maxStates
            let fast = try checker.check(label: profile.name, profiles: cpus, options: options)
            options.usesReference = true
            let slow = try checker.check(label: profile.name, profiles: cpus, options: options)
            guard slow.end == .complete else { continue }
            #expect(fast.end == .complete, "\(profile.name)\n\(text)")
            #expect(Set(fast.states) == Set(slow.states), "\(profile.name)\n\(text)")
            #expect(fast.observation == slow.observation, "\(profile.name)\n\(text)")
            #expect(fast.statistics.states <= slow.statistics.states, "\(profile.name)\n\(text)")
        }
    }

    @Test(arguments: Volume.sample(tests, every: 3))
    func bothSearchesEndAlikeOnCPUsThatShip(_ name: String) throws {
        try compare(Checkout.text("Corpus/levels/" + name), on: CPUProfile.builtIn + CPUProfile.forUpperLevels)
    }

    @Test(arguments: Volume.sample(tests, every: 4))
    func bothSearchesEndAlikeOnUnusualCPUs(_ name: String) throws {
        try compare(Checkout.text("Corpus/levels/" + name), on: Self.unusual)
    }

    // MARK: One rule at a time

    private func observation(_ text: String, on name: String) throws -> Observation {
        let profile = (CPUProfile.shipped + Self.unusual).first { $0.name == name }
        let checker = try TestChecker(LitmusParser.parse(text))
        let cpus = [CPUProfile](repeating: try #require(profile), count: checker.test.threads.count)
        return try checker.check(label: name, profiles: cpus).observation
    }

    private func table(_ code: String, other: String = "movl (x),%eax", condition: String = "stale_table(PT(x))")
        -> String
    {
        let rows = code.split(separator: ";").map { $0.trimmingCharacters(in: .whitespaces) }
        let columns = rows.enumerated().map { " \($0.element) | \($0.offset == 0 ? other : "") ;" }
        return """
            X86_64 table
            Region=x | z
            { [PMD(x)] = (table:PT(x)); [PMD(z)] = (table:PT(z)); [PTE(x)] = (oa:PA(x)); [PTE(child:x)] = (p:0);
              0:rdi = PMD(x); 0:rcx = mm; 0:rbx = child; uint64_t d[2] = {0, x}; uint64_t e[2] = {0, z}; }
             P0 | P1 ;
            \(columns.joined(separator: "\n"))
            exists (\(condition))
            """
    }

    /// Each way of dropping partial walks of the own CPU, and whether it reaches those of `x`; P1 runs another space.
    @Test(arguments: [
        ("invlpg (x)", Observation.never, Observation.never),
        ("invlpg (z)", .never, .sometimes),
        ("xorl %eax,%eax; invpcid (d),%rax", .never, .never),
        ("xorl %eax,%eax; invpcid (e),%rax", .never, .sometimes),
        ("movl $1,%eax; invpcid (d),%rax", .never, .never),
        ("movl $2,%eax; invpcid (d),%rax", .never, .never),
        ("movl $3,%eax; invpcid (d),%rax", .never, .never),
        ("movq %rcx,%cr3", .never, .never),
        ("btsq $63,%rcx; movq %rcx,%cr3", .sometimes, .sometimes),
        ("movq %rbx,%cr3; movq %rcx,%cr3", .never, .never),
        ("movq %cr4,%rax; xorq $128,%rax; movq %rax,%cr4", .never, .never),
        ("nop", .sometimes, .sometimes),
        ("mfence", .sometimes, .sometimes),
    ])
    func ownInvalidationsDropPartialWalks(_ code: String, plain: Observation, tce: Observation) throws {
        let text = table("movl (x),%eax; movq $0,(%rdi); \(code); call free_table(PT(x)); movl $1,(v)", other: "nop")
            .replacingOccurrences(of: "0:rcx = mm;", with: "0:rcx = mm; 1:mm = child;")
        #expect(try observation(text, on: "cet") == plain, "\(code)")
        #expect(try observation(text, on: "late-tce") == tce, "\(code)")
    }

    /// Without paging-structure caches every serialising instruction ends the walks that are under way.
    @Test func walksUnderWayEndWhereNothingIsCached() throws {
        let text = table(
            "movl (x),%eax; movq $0,(%rdi); movq %rcx,%cr3; call free_table(PT(x)); movl $1,(v)", other: "nop"
        )
        .replacingOccurrences(of: "0:rcx = mm;", with: "0:rcx = mm; 1:mm = child;")
        #expect(try observation(text, on: "no-caches") == .never)
        let kept = text.replacingOccurrences(of: "movq %rcx,%cr3", with: "btsq $63,%rcx | ;\n movq %rcx,%cr3")
        #expect(try observation(kept, on: "cet") == .sometimes)
        #expect(try observation(kept, on: "no-caches") == .never)
    }

    @Test func aReaderHoldsUpTheGracePeriodOnlyWhileItIsInside() throws {
        func text(_ reader: String) -> String {
            table("movl $1,(v); call synchronize_rcu(); movl (w),%ebx", other: "nop", condition: "0:rbx=0 /\\ 1:r10=1")
                .replacingOccurrences(
                    of: " movl $1,(v) | nop ;\n call synchronize_rcu() |  ;\n movl (w),%ebx |  ;",
                    with: reader)
        }
        // The reader's store in its section is in memory when the grace period is over.
        let inside = text(
            """
             movl $1,(v)            | call rcu_read_lock()   ;
             call synchronize_rcu() | movl (v),%eax          ;
             movl (w),%ebx          | testl %eax,%eax        ;
                                    | jne L0                 ;
                                    | movl $1,(w)            ;
                                    | movl $1,%r10d          ;
                                    | L0: call rcu_read_unlock() ;
            """)
        #expect(try observation(inside, on: "cet") == .never)
        // Outside a section nothing is waited for.
        let outside = inside.replacingOccurrences(of: "call rcu_read_lock()  ", with: "nop                   ")
            .replacingOccurrences(of: "L0: call rcu_read_unlock()", with: "L0: nop")
        #expect(try observation(outside, on: "cet") == .sometimes)
    }

    @Test func softwareThatReadsAFreedTableIsTold() throws {
        let text = """
            X86_64 reads
            { [PMD(x)] = (table:PT(x)); 0:rdi = PMD(x); 0:rsi = PTE(x); 1:mm = child; }
             P0                     | P1  ;
             movq $0,(%rdi)         | nop ;
             call flush_tlb_mm()    |     ;
             call free_table(PT(x)) |     ;
             movq (%rsi),%rax       |     ;
            exists (stale_table(PT(x)))
            """
        #expect(try observation(text, on: "cet") == .always)
        #expect(
            try observation(text.replacingOccurrences(of: "movq (%rsi),%rax", with: "movq $0,(%rsi)  "), on: "cet")
                == .always)
        #expect(
            try observation(text.replacingOccurrences(of: "movq (%rsi),%rax", with: "nop             "), on: "cet")
                == .never)
    }

    /// A store that is still buffered when the thread ends is seen by a walker that has nothing to translate any more.
    @Test func anEndedThreadExposesNothing() throws {
        try compare(
            """
            X86_64 ended
            { [PUD(x)] = (table:PD(x)); [PTE(x)] = (oa:PA(x)); 0:rdi = PUD(x); 0:rsi = PTE(x); }
             P0                ;
             xchgq %rbp,(%rdi) ;
             movq (%rsi),%rdx  ;
             andq $-3,%rdx     ;
             movq %rdx,(%rsi)  ;
            exists (shadow_stack_exposed(x))
            """, on: CPUProfile.builtIn + CPUProfile.forUpperLevels)
    }

    /// A shadow stack that only a partial walk leads to need not have been reached: both ends are there.
    @Test func anExposureByAPartialWalkIsAChoice() throws {
        let text = """
            X86_64 choice
            { [PMD(x)] = (table:PT(x)); [PTE(x)] = (oa:PA(x)); 0:rdi = PMD(x); 1:rsi = PTE(x); }
             P0                | P1               ;
             xorl %eax,%eax    | movq (%rsi),%rdx ;
             xchgq %rax,(%rdi) | andq $-3,%rdx    ;
                               | movq %rdx,(%rsi) ;
                               | movl $1,(v)      ;
            exists (shadow_stack_exposed(x))
            """
        try compare(text, on: CPUProfile.builtIn + CPUProfile.forUpperLevels)
        #expect(try observation(text, on: "cet") == .sometimes)
    }

    /// The Accessed update that the ended P0 had begun need not be finished while P1 loops.
    @Test func anAccessedUpdateOfAPartialWalkMayComeToNothing() throws {
        let text = """
            X86_64 pending
            { [PTE(x)] = (oa:PA(x), a:0); 0:rdi = PMD(x); }
             P0                   | P1              | P1.F  ;
             lock andb $-2,(%rdi) | movl (x),%ebx   | iretq ;
            locations [[PTE(x)];]
            exists ([PTE(x)].a=0)
            """
        try compare(text, on: CPUProfile.builtIn + CPUProfile.forUpperLevels)
        for name in ["knl", "book"] { #expect(try observation(text, on: name) == .sometimes) }
    }

    @Test func aFrameThatIsNotATableIsRefusedWithItsEntry() throws {
        let text = """
            X86_64 wild
            { [PMD(x)] = (table:PT(x)); 0:rdi = PMD(x); }
             P0                   | P1            ;
             movq $0x1067,(%rdi)  | movl (x),%eax ;
            exists (1:rax=1)
            """
        let error = #expect(throws: (any Error).self) { _ = try observation(text, on: "cet") }
        #expect("\(try #require(error))".contains("PMD(x)"))
    }
}
