import Litmus
import Oracle
import Testing

/// The oracle by itself, on small tests whose verdict follows from the manuals by hand.
///
/// Comparisons with the searches find where the two differ; these tests say which side is right.
@Suite struct OracleTests {
    /// One verdict that is known.
    struct Case: CustomTestStringConvertible {
        var name: String
        var text: String
        var verdicts: [String: Observation]
        var testDescription: String { name }

        /// - Parameter verdicts: by profile; `""` for all others of the default set.
        init(_ name: String, _ verdicts: [String: Observation], _ text: String) {
            self.name = name
            self.verdicts = verdicts
            self.text = "X86_64 \(name)\n" + text
        }
    }

    /// The profiles that ship, and `cet` with `invlpgb`: as it is, ordered, and without draining.
    static let profiles: [OracleProfile] = {
        func broadcast(_ name: String, ordered: Bool = false, drains: Bool = true) -> OracleProfile {
            OracleProfile(
                name: name, onWriteRevoked: .refault, onNotPresent: .refault, shadowStack: true,
                broadcastInvalidate: true, invlpgbOrdered: ordered, broadcastDrains: drains)
        }
        let serialising = OracleProfile(
            name: "serialising", onWriteRevoked: .refault, onNotPresent: .refault, shadowStack: false,
            invpcidSerialises: true)
        return OracleProfile.builtIn + OracleProfile.onRequest + [
            broadcast("broadcast"), broadcast("ordered", ordered: true), broadcast("undrained", drains: false),
            serialising,
        ]
    }()

    static func verdict(_ text: String, on profile: String) throws -> Observation {
        let test = try LitmusParser.parse(text)
        let profile = try #require(profiles.first { $0.name == profile })
        return try Oracle.explore(test, profiles: test.threads.map { _ in profile }, maxStates: 50_000).observation
    }

    @Test(arguments: tagCases + broadcastCases + accessCases + serviceCases)
    func knownVerdicts(_ one: Case) throws {
        for (name, wanted) in one.verdicts {
            let names = name.isEmpty ? OracleProfile.builtIn.map(\.name).filter { one.verdicts[$0] == nil } : [name]
            for name in names {
                #expect(try Self.verdict(one.text, on: name) == wanted, "\(one.name) on \(name)")
            }
        }
    }

    @Test(arguments: [
        "movq $0x20080,%rax\n movq %rax,%cr4", "movl $4,%eax\n invpcid (d),%rax",
        "movl $2,%eax\n invpcid 8(%r9),%rax",
        "movq $0x1001000,%rax\n movq %rax,%cr3",
    ])
    func refusedOperands(_ code: String) throws {
        let rows = code.split(separator: "\n").map { "\($0) ;" }.joined(separator: "\n")
        let text = """
            X86_64 refused
            { [PTE(child:x)] = (oa:PA(x)); uint64_t d[4] = {0, 0x1000, 0, 0}; 0:r9 = d; }
             P0 ;
            \(rows)
            exists (true)
            """
        #expect(throws: OracleError.self) { try Self.verdict(text, on: "strict") }
    }
}

// MARK: Tags and global translations

extension OracleTests {
    static let tagCases = [
        Case(
            "cr3-drops-the-loaded-tag-only", ["": .sometimes],
            """
            {
             uint64_t x = 1; uint64_t y = 2;
             [PTE(x)] = (oa:PA(x)); [PTE(y)] = (oa:PA(y)); [PTE(child:x)] = (oa:PA(x));
             0:r14 = mm; 0:r15 = child; 0:rdi = PTE(x); uint64_t 0:rbx = (oa:PA(y));
            }
             P0                ;
             movl (x),%eax     ;
             movq %r15,%cr3    ;
             movq %rbx,(%rdi)  ;
             btsq $63,%r14     ;
             movq %r14,%cr3    ;
             movl (x),%ecx     ;
            exists (0:ecx=1)
            """),
        Case(
            "cr3-drops-the-tag-it-loads", ["": .never, "k8": .sometimes],
            """
            {
             uint64_t x = 1; uint64_t y = 2;
             [PTE(x)] = (oa:PA(x)); [PTE(y)] = (oa:PA(y)); [PTE(child:x)] = (oa:PA(x));
             0:r14 = mm; 0:r15 = child; 0:rdi = PTE(x); uint64_t 0:rbx = (oa:PA(y));
            }
             P0                ;
             movl (x),%eax     ;
             movq %r15,%cr3    ;
             movq %rbx,(%rdi)  ;
             movq %r14,%cr3    ;
             movl (x),%ecx     ;
            exists (0:ecx=1)
            """),
        Case(
            "a-global-translation-serves-every-tag", ["": .sometimes],
            """
            {
             uint64_t x = 1; uint64_t y = 2;
             [PTE(x)] = (oa:PA(x), g:1); [PTE(y)] = (oa:PA(y)); [PTE(child:x)] = (oa:PA(y));
             0:r15 = child;
            }
             P0 ;
             movl (x),%eax ;
             movq %r15,%cr3 ;
             movl (x),%ecx ;
            exists (0:ecx=1)
            """),
        Case(
            "invlpg-drops-global-ones-of-any-tag", ["": .never, "adl": .sometimes],
            """
            {
             uint64_t x = 1; uint64_t y = 2;
             [PTE(x)] = (oa:PA(x), g:1); [PTE(y)] = (oa:PA(y)); [PTE(child:x)] = (oa:PA(y));
             0:r15 = child;
            }
             P0 ;
             movl (x),%eax ;
             movq %r15,%cr3 ;
             invlpg (x) ;
             movl (x),%ecx ;
            exists (0:ecx=1)
            """),
        context(type: 0, entry: "g:0", .never), context(type: 0, entry: "g:1", .sometimes),
        context(type: 1, entry: "g:0", .never), context(type: 1, entry: "g:1", .sometimes),
        context(type: 2, entry: "g:0", .never), context(type: 2, entry: "g:1", .never),
        context(type: 3, entry: "g:0", .never), context(type: 3, entry: "g:1", .sometimes),
        context(type: 0, entry: "g:0", descriptor: "1, x", .sometimes),
        context(type: 0, entry: "g:0", descriptor: "0, y", .sometimes),
        context(type: 1, entry: "g:0", descriptor: "1, x", .sometimes),
        context(type: 3, entry: "g:0", descriptor: "1, 0", .never),
        Case(
            "invpcid-does-not-wait-for-older-stores", ["": .sometimes, "serialising": .never],
            """
            { int x = 0; int y = 0; uint64_t d[2] = {0, 0}; 0:rcx = 2; [PTE(z)] = (oa:PA(z)); }
             P0               | P1            ;
             movl $1,(x)      | movl $1,(y)   ;
             invpcid (d),%rcx | mfence        ;
             movl (y),%eax    | movl (x),%eax ;
            exists (0:eax=0 /\\ 1:eax=0)
            """),
        Case(
            "cr4-pge-drops-global-ones", ["": .never],
            """
            {
             uint64_t x = 1; uint64_t y = 2;
             [PTE(x)] = (oa:PA(x), g:1); [PTE(y)] = (oa:PA(y));
             0:rdi = PTE(x); uint64_t 0:rbx = (oa:PA(y), g:1);
            }
             P0 ;
             movq %rbx,(%rdi) ;
             movq %cr4,%rdx ;
             xorq $128,%rdx ;
             movq %rdx,%cr4 ;
             movl (x),%eax ;
            exists (0:eax=1)
            """),
        Case(
            "cr4-as-it-was-drops-nothing", ["": .sometimes],
            """
            {
             uint64_t x = 1; uint64_t y = 2;
             [PTE(x)] = (oa:PA(x)); [PTE(y)] = (oa:PA(y));
             0:rdi = PTE(x); uint64_t 0:rbx = (oa:PA(y));
            }
             P0 ;
             movq %rbx,(%rdi) ;
             movq %cr4,%rdx ;
             movq %rdx,%cr4 ;
             movl (x),%eax ;
            exists (0:eax=1)
            """),
        Case(
            "cr4-says-what-there-is", ["": .always, "cet": .never],
            "{ [PTE(x)] = (oa:PA(x)); }\n P0 ;\n movq %cr4,%rdx ;\nforall (0:rdx=0x200a0)"),
        Case(
            "cr4-says-cet", ["cet": .always],
            "{ [PTE(x)] = (oa:PA(x)); }\n P0 ;\n movq %cr4,%rdx ;\nforall (0:rdx=0x8200a0)"),
        Case(
            "a-flush-of-a-space-that-does-not-run-drops-nothing", ["": .sometimes, "broadcast": .never],
            """
            {
             uint64_t x = 1; uint64_t y = 2;
             [PTE(x)] = (oa:PA(x)); [PTE(child:x)] = (oa:PA(x)); [PTE(y)] = (oa:PA(y));
             0:r14 = mm; 0:r15 = child; 0:rdi = PTE(child:x); uint64_t 0:rbx = (oa:PA(y));
            }
             P0 ;
             btsq $63,%r14 ;
             btsq $63,%r15 ;
             movq %r15,%cr3 ;
             movl (x),%eax ;
             movq %r14,%cr3 ;
             movq %rbx,(%rdi) ;
             call flush_tlb_mm(child) ;
             movq %r15,%cr3 ;
             movl (x),%ecx ;
            exists (0:ecx=1)
            """),
    ]

    /// Whether `invpcid` leaves a translation of `x` that was made under tag 0.
    private static func context(
        type: Int, entry: String, descriptor: String = "0, x", _ verdict: Observation
    ) -> Case {
        Case(
            "invpcid-\(type)-of-\(descriptor)-\(entry)", ["": verdict],
            """
            {
             uint64_t x = 1; uint64_t y = 2;
             [PTE(x)] = (oa:PA(x), \(entry)); [PTE(y)] = (oa:PA(y)); [PTE(child:x)] = (oa:PA(x));
             0:rdi = PTE(x); 0:rcx = \(type); uint64_t 0:rbx = (oa:PA(y));
             uint64_t d[2] = {\(descriptor)};
            }
             P0 ;
             movq %rbx,(%rdi) ;
             mfence ;
             invpcid (d),%rcx ;
             movl (x),%eax ;
            exists (0:eax=1)
            """)
    }
}

// MARK: invlpgb and tlbsync

extension OracleTests {
    static let broadcastCases = [
        broadcast("page", rax: 1, verdicts: ["broadcast": .never]),
        broadcast("page-spares-global", rax: 1, entry: "g:1", verdicts: ["broadcast": .sometimes]),
        broadcast("page-global-too", rax: 9, entry: "g:1", verdicts: ["broadcast": .never]),
        broadcast("no-address-is-everything", rax: 0, verdicts: ["broadcast": .never]),
        broadcast("of-another-tag", rax: 3, edx: 1 << 16, verdicts: ["broadcast": .sometimes]),
        broadcast("of-this-tag", rax: 3, edx: 5, verdicts: ["broadcast": .never]),
        broadcast("global-of-nobody-s-tag", rax: 11, edx: 9 << 16, entry: "g:1", verdicts: ["broadcast": .never]),
        broadcast("tag-that-is-not-valid", rax: 1, edx: 1 << 16, verdicts: ["broadcast": .never]),
        broadcast("count-reaches-the-next-page", page: "w", rax: 1, ecx: "1", verdicts: ["broadcast": .never]),
        broadcast("count-of-one-page", page: "w", rax: 1, verdicts: ["broadcast": .sometimes]),
        broadcast(
            "stride-skips-the-next-page", page: "w", rax: 1, ecx: "0x80000001", verdicts: ["broadcast": .sometimes]),
        broadcast("without-tlbsync", rax: 1, waits: false, verdicts: ["broadcast": .sometimes]),
        broadcast(
            "overtakes-the-store", rax: 1, fence: false,
            verdicts: ["broadcast": .sometimes, "ordered": .never]),
        Case(
            "broadcast-drains-the-target", ["broadcast": .never, "undrained": .sometimes],
            """
            { [PTE(x)] = (oa:PA(x)); 0:rdi = PTE(x); 0:rax = x; }
             P0                 | P1          ;
             movq $0,(%rdi)     | movl $1,(x) ;
             mfence             |             ;
             orq $1,%rax        |             ;
             invlpgb            |             ;
             tlbsync            |             ;
             call free_frame(x) |             ;
            exists (stale_frame(x))
            """),
        Case(
            "a-broadcast-flush-needs-no-interrupts", ["": .always, "broadcast": .never],
            """
            { [PTE(x)] = (oa:PA(x)); 1:if = 0; }
             P0                     | P1                    ;
             call flush_tlb_page(x) | call wait_for(done,1) ;
            exists (stuck(P0))
            """),
        Case(
            "a-broadcast-flush-spares-global", ["": .never, "broadcast": .sometimes],
            """
            { [PTE(x)] = (oa:PA(x), g:1); 0:rdi = PTE(x); }
             P0                     | P1            ;
             movq $0,(%rdi)         | movl (x),%eax ;
             call flush_tlb_page(x) |               ;
             call free_frame(x)     |               ;
            exists (stale_frame(x))
            """),
        Case(
            "invlpgb-where-there-is-none", ["": .always, "broadcast": .never],
            "{ [PTE(x)] = (oa:PA(x)); }\n P0 ;\n invlpgb ;\n movl $1,%ebx ;\nexists (0:ebx=0)"),
    ]

    /// Whether P1 still reaches `x` through its old translation after `invlpgb`; `w` is the page before `x`.
    private static func broadcast(
        _ name: String, page: String = "x", rax: Int, ecx: String = "0", edx: Int = 0, entry: String = "g:0",
        fence: Bool = true, waits: Bool = true, verdicts: [String: Observation]
    ) -> Case {
        Case(
            "invlpgb-" + name, verdicts,
            """
            { [PTE(x)] = (oa:PA(x), \(entry)); [PTE(w)] = (oa:PA(w)); [PTE(child:x)] = (p:0); 0:rdi = PTE(x); }
             P0 | P1 ;
             movq $0,(%rdi) | movl (x),%eax ;
             \(rax & 1 != 0 ? "leaq (\(page)),%rax" : "xorl %eax,%eax") | ;
             orq $\(rax),%rax | ;
             movl $\(ecx),%ecx | ;
             movl $\(edx),%edx | ;
             \(fence ? "mfence" : "nop") | ;
             invlpgb | ;
             \(waits ? "tlbsync" : "mfence") | ;
             call free_frame(x) | ;
            exists (stale_frame(x))
            """)
    }
}

// MARK: Translation, faults and stores

extension OracleTests {
    static let accessCases = [
        Case(
            "a-failing-cmpxchg-writes-back", ["": .sometimes, "herd7": .never],
            "{ int x = 0; 0:rax = 1; }\n P0 | P1 ;\n cmpxchgl %ebx,(x) | movl $5,(x) ;\nexists (x=0)"),
        Case(
            "a-failing-locked-cmpxchg-loses-nothing", ["": .never],
            "{ int x = 0; 0:rax = 1; }\n P0 | P1 ;\n lock cmpxchgl %ebx,(x) | movl $5,(x) ;\nexists (x=0)"),
        Case(
            "a-failing-cmpxchg-sets-dirty", ["": .always, "herd7": .never],
            "{ [PTE(x)] = (oa:PA(x), d:0); 0:rax = 1; }\n P0 ;\n cmpxchgl %ebx,(x) ;\nexists ([PTE(x)].d=1)"),
        Case(
            "a-failing-cmpxchg-needs-write-rights", ["": .always, "herd7": .never],
            "{ [PTE(x)] = (oa:PA(x), rw:0, d:0); 0:rax = 1; }\n P0 ;\n cmpxchgl %ebx,(x) ;\nexists (fault(P0,x))"),
        Case(
            "a-failing-cmpxchg-on-an-entry-loses-dirty", ["": .sometimes, "herd7": .never],
            """
            { [PTE(x)] = (oa:PA(x), d:0); 0:rdi = PTE(x); 0:rax = 5; }
             P0                   | P1          ;
             cmpxchgq %rcx,(%rdi) | movl $1,(x) ;
            exists (lost_dirty(x))
            """),
        Case(
            "a-fault-in-a-handler-ends-the-thread", ["": .always],
            """
            { [PTE(x)] = (p:0); [PTE(y)] = (p:0); }
             P0          | P0.F        ;
             movl $1,(x) | movl $1,(y) ;
                         | iretq       ;
            exists (fault(P0,y) /\\ ~stuck(P0))
            """),
        Case(
            "a-label-is-none-of-the-handler", ["": .never],
            """
            { [PTE(x)] = (p:0); [PTE(y)] = (p:0); }
             P0              | P0.F        ;
             L0: movl $1,(x) | movl $1,(y) ;
                             | iretq       ;
            exists (fault(P0:L0,y))
            """),
        gate("", .always), gate("Gate=trap\n", .never),
        Case(
            "iretq-restores-interrupts", ["": .never],
            """
            { [PTE(x)] = (p:0); 0:rdi = PTE(x); uint64_t 0:r8 = (oa:PA(x)); [PTE(y)] = (oa:PA(y)); }
             P0                    | P0.F             | P1                     ;
             movl $1,(x)           | movq %r8,(%rdi)  | call wait_for(up,1)    ;
             movl $1,(up)          | iretq            | call flush_tlb_page(y) ;
             call wait_for(done,1) |                  |                        ;
            exists (stuck(P1))
            """),
        Case(
            "with-wp-0-cet-may-leave-dirty-clear", ["": .never, "cet": .sometimes],
            "{ [PTE(x)] = (oa:PA(x), rw:0, d:0); 0:cr0.wp = 0; }\n P0 ;\n movl $1,(x) ;\nexists (lost_dirty(x))"),
        Case(
            "the-frame-changed", ["": .never, "book": .sometimes],
            """
            { [PTE(x)] = (oa:PA(x), d:0); int z = 0; 0:rdi = PTE(x); uint64_t 0:rax = (oa:PA(z), d:0); }
             P0               | P1          ;
             movq %rax,(%rdi) | movl $1,(x) ;
            exists (PA(x)=1 /\\ [PTE(x)]=(oa:PA(z), d:1))
            """),
        Case(
            "a-speculative-walk-sets-accessed-in-a-dead-entry", ["": .never, "knl": .sometimes, "book": .sometimes],
            """
            { [PTE(x)] = (oa:PA(x), a:0); 0:rdi = PTE(x); }
             P0                | P1          ;
             xchgq %rax,(%rdi) | movl $1,(v) ;
             movq (%rdi),%rbx  |             ;
            exists (stray_present(x))
            """),
        Case(
            "an-invalidation-ends-walks-under-way", ["": .never],
            """
            { [PTE(x)] = (oa:PA(x), a:0); [PTE(y)] = (oa:PA(y)); 0:rdi = PTE(x); }
             P0                ;
             xchgq %rax,(%rdi) ;
             invlpg (y)        ;
             movq $0,(%rdi)    ;
             mfence            ;
             movq (%rdi),%rbx  ;
            exists (0:rbx=32)
            """),
        Case(
            "a-fence-ends-no-walks", ["": .never, "knl": .sometimes, "book": .sometimes],
            """
            { [PTE(x)] = (oa:PA(x), a:0); 0:rdi = PTE(x); }
             P0                ;
             xchgq %rax,(%rdi) ;
             mfence            ;
             movq $0,(%rdi)    ;
             mfence            ;
             movq (%rdi),%rbx  ;
            exists (0:rbx=32)
            """),
        Case(
            "the-cpu-of-an-ended-thread-walks", ["": .sometimes],
            """
            { [PTE(x)] = (oa:PA(x)); [PTE(child:x)] = (p:0); 0:mm = child; 0:rdi = PTE(x); }
             P0                     | P1          ;
             call wait_for(v,1)     | movl $1,(v) ;
             lock andb $0xdf,(%rdi) |             ;
             movq (%rdi),%rbx       |             ;
            exists ([PTE(x)].a=1)
            """),
        Case(
            "no-cpu-walks-when-all-threads-have-ended", ["": .always],
            """
            { [PTE(x)] = (oa:PA(x), a:0); 0:rdi = PTE(x); }
             P0               ;
             movq %rax,(%rdi) ;
            exists ([PTE(x)]=(a:0))
            """),
        Case(
            "the-fault-of-a-locked-instruction-may-come-early", ["": .sometimes],
            """
            { [PTE(x)] = (p:0); int y = 0; 1:rdi = PTE(x); uint64_t 1:rbx = (oa:PA(x)); }
             P0               | P1               ;
             movl $1,(y)      | movq %rbx,(%rdi) ;
             lock incl (x)    | mfence           ;
                              | movl (y),%eax    ;
            exists (fault(P0,x) /\\ 1:eax=0)
            """),
        Case(
            "a-locked-instruction-completes-after-older-stores", ["": .never],
            """
            { [PTE(x)] = (oa:PA(x)); int y = 0; int z = 0; }
             P0            | P1            ;
             movl $1,(y)   | movl $1,(z)   ;
             lock incl (x) | mfence        ;
             movl (z),%ebx | movl (y),%eax ;
            exists (0:ebx=0 /\\ 1:eax=0)
            """),
    ]

    /// Whether a flush reaches a CPU whose handler waits.
    private static func gate(_ header: String, _ verdict: Observation) -> Case {
        Case(
            "interrupts-in-a-handler-\(header.dropLast())", ["": verdict],
            header + """
                { [PTE(x)] = (p:0); [PTE(y)] = (oa:PA(y)); }
                 P0          | P0.F                  | P1                     ;
                 movl $1,(x) | movl $1,(up)          | call wait_for(up,1)    ;
                             | call wait_for(done,1) | call flush_tlb_page(y) ;
                             | hlt                   | movl $1,%ebx           ;
                exists (1:ebx=0)
                """)
    }
}

// MARK: Services and ghosts

extension OracleTests {
    static let serviceCases = [
        Case(
            "wait-for-is-a-plain-load", ["": .sometimes],
            """
            { int x = 0; int y = 0; }
             P0                 | P1            ;
             movl $1,(x)        | movl $1,(y)   ;
             call wait_for(y,0) | mfence        ;
             movl $1,%ebx       | movl (x),%eax ;
            exists (0:ebx=1 /\\ 1:eax=0)
            """),
        Case(
            "wait-for-sees-own-stores", ["": .never],
            "{ int x = 0; }\n P0 | P1 ;\n movl $1,(x) | movl $2,(x) ;\n call wait_for(x,1) | ;\nexists (stuck(P0) /\\ x=1)"
        ),
        Case(
            "page-dirty-is-a-plain-load", ["": .sometimes],
            """
            { [PTE(x)] = (oa:PA(x)); int v = 0; }
             P0                 | P1                     ;
             movl $1,(v)        | call set_page_dirty(x) ;
             call page_dirty(x) | movl (v),%ebx          ;
            exists (0:eax=0 /\\ 1:ebx=0)
            """),
        Case(
            "rights-that-a-write-does-not-need-are-not-stale", ["cet": .never],
            """
            ShadowStack=x
            { [PTE(x)] = (oa:PA(x), rw:0, d:1, us:0); 0:rax = 7; }
             P0 ;
             call flush_tlb_page(x) ;
             wrssd %eax,(x) ;
            exists (stale_write(x))
            """),
        Case(
            "a-translation-from-before-the-flush-is-stale", ["": .sometimes],
            """
            {
             [PTE(x)] = (oa:PA(x)); [PTE(child:x)] = (oa:PA(x)); 0:rdi = PTE(child:x);
             1:mm = child; 1:r14 = mm; 1:r15 = child; 1:rbx = 0x8000000000000000;
            }
             P0                           | P1                      ;
             call wait_for(away,1)        | movl (x),%eax           ;
             lock andb $-3,(%rdi)         | movq %r14,%cr3          ;
             call flush_tlb_page(child:x) | movl $1,(away)          ;
             movl $1,(done)               | call wait_for(done,1)   ;
                                          | orq %rbx,%r15           ;
                                          | movq %r15,%cr3          ;
                                          | movl $1,(x)             ;
            exists (stale_write(x))
            """),
        Case(
            "a-flush-reaches-who-runs-the-space", ["": .never],
            """
            { [PTE(x)] = (oa:PA(x)); 0:rdi = PTE(x); }
             P0                     | P1          ;
             lock andb $-3,(%rdi)   | movl $1,(x) ;
             call flush_tlb_page(x) |             ;
            exists (stale_write(x))
            """),
        Case(
            "retry-is-not-woken-by-hardware-s-accessed", ["": .always],
            """
            Fault=P0:retry
            { [PTE(x)] = (oa:PA(x), rw:0, d:0, a:0); }
             P0          | P1            ;
             movl $1,(x) | movl (x),%eax ;
            exists (stuck(P0))
            """),
    ]
}
