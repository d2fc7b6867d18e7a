import Litmus
import Oracle
import TestSupport
import Testing

/// The oracle by itself on tests with upper levels whose verdict follows from the manuals by hand.
@Suite struct OracleLevelTests {
    /// Checks the verdict that a text expects on each profile; in a debug build on some of them.
    private func check(_ text: String, profiles further: [OracleProfile] = []) throws {
        let test = try LitmusParser.parse(text)
        var sets = try test.oracleProfileSets
        sets += further.map { one in (one.name, test.threads.map { _ in one }) }
        let sample = ["cet", "late", "knl", "amd", "amd-broadcast"] + further.map(\.name)
        for (name, profiles) in sets where Volume.isFull || sample.contains(name) {
            let result = try Oracle.explore(test, profiles: profiles, maxStates: 50_000)
            #expect(result.observation == test.expectation[name], "\(test.name) on \(name)")
        }
    }

    @Test(arguments: Volume.sample(designCases, every: 3)) func verdictsOfTheDesign(_ text: String) throws {
        try check(text)
    }

    @Test(arguments: Volume.sample(smallCases, every: 4)) func verdictsByHand(_ text: String) throws {
        try check(text, profiles: [uncached()])
    }

    /// A processor without paging-structure caches.
    private func uncached() throws -> OracleProfile {
        var uncached = try #require(OracleProfile.builtIn.first { $0.name == "strict" })
        uncached.name = "uncached"
        uncached.upperLevels = .none
        return uncached
    }

    @Test(arguments: Volume.sample(sizeDesignCases, every: 4)) func verdictsOfTheDesignAboutSizes(_ text: String) throws
    {
        try check(text)
    }

    @Test(arguments: Volume.sample(smallSizeCases, every: 4)) func verdictsAboutSizesByHand(_ text: String) throws {
        try check(text, profiles: [uncached()])
    }

    @Test(arguments: [
        "[PMD(x)] = (table:PT(x)); 0:rdi = PMD(x); 0:r8 = (oa:PA(x));",
        "[PUD(x)] = (table:PD(x)); 0:rdi = PUD(x); 0:r8 = (table:PT(x));",
    ])
    func anEntryThatLeadsToNoTableOfTheLevelBelowIsRefused(_ start: String) throws {
        let test = try LitmusParser.parse(
            "X86_64 wild\n{ \(start) }\n P0 ;\n movq %r8,(%rdi) ;\n mfence ;\nexists (true)\n")
        #expect(throws: OracleError.self) {
            try Oracle.explore(test, profiles: [OracleProfile.builtIn[0]], maxStates: 1000)
        }
    }

    @Test func tablesAreNumberedSpaceBySpaceFromTheLeafUpwards() throws {
        let text = """
            X86_64 numbers
            Region=x y | z
            { [PMD(x)] = (table:PT(x)); [PTE(y)] = (oa:PA(y)); [PTE(z)] = (oa:PA(z)); [PTE(child:x)] = (oa:PA(x)); }
             P0 ;
             nop ;
            exists (true)
            """
        let names = try OracleAddresses(LitmusParser.parse(text))
        let frames = ["PT(x)", "PT(y)", "PT(z)", "PT(child:x)", "PT(child:z)"].map { names.frames[$0].map { $0 >> 12 } }
        #expect(frames == [0x4000, 0x4000, 0x4001, 0x4003, 0x4004])
        #expect(names.addresses["PTE(y)"] == 0xffff_8880_0400_0008)
        #expect(names.addresses["PMD(z)"] == 0xffff_8880_0400_2008)
        #expect(names.addresses["PMD(child:x)"] == names.addresses["PMD(child:y)"])
    }
}

// MARK: Tests of the design

extension OracleLevelTests {
    static let designCases = [
        """
        X86_64 case-26-mremap-pmd
        Region=x | z
        (* Result: Sometimes *)
        {
          [PMD(x)] = (table:PT(x));
          [PTE(x)] = (oa:PA(x));
          [PMD(z)] = (p:0);
          0:rdi = PMD(x);
          0:rsi = PMD(z);
          1:rdi = PTE(x);
        }
         P0                              | P1                     | P2            ;
         call spin_lock(pml)             | call spin_lock(ptl)    | movl (z),%eax ;
         xorl %eax,%eax                  | xorl %eax,%eax         |               ;
         xchgq %rax,(%rdi)               | xchgq %rax,(%rdi)      |               ;
         call flush_tlb_range(x,2M,4K,1) | call flush_tlb_page(x) |               ;
         movq %rax,(%rsi)                | call free_frame(x)     |               ;
         call spin_unlock(pml)           | call spin_unlock(ptl)  |               ;
        exists (stale_frame(x))
        """,
        """
        X86_64 case-26-mremap-pmd-fixed
        Region=x | z
        (* Result: Never *)
        {
          moved = 0;
          [PMD(x)] = (table:PT(x));
          [PTE(x)] = (oa:PA(x));
          [PMD(z)] = (p:0);
          0:rdi = PMD(x);
          0:rsi = PMD(z);
          1:rdi = PTE(x);
        }
         P0                              | P1                         | P2            ;
         call spin_lock(rmap)            | call spin_lock(rmap)       | movl (z),%eax ;
         xorl %eax,%eax                  | movl (moved),%ebx          |               ;
         xchgq %rax,(%rdi)               | xorl %eax,%eax             |               ;
         call flush_tlb_range(x,2M,4K,1) | xchgq %rax,(%rdi)          |               ;
         movq %rax,(%rsi)                | testl %ebx,%ebx            |               ;
         movl $1,(moved)                 | je L1                      |               ;
         call spin_unlock(rmap)          | call flush_tlb_page(z)     |               ;
                                         | jmp L2                     |               ;
                                         | L1: call flush_tlb_page(x) |               ;
                                         | L2: call free_frame(x)     |               ;
                                         | call spin_unlock(rmap)     |               ;
        exists (stale_frame(x))
        """,
        """
        X86_64 case-38-gup+flush
        (* Result: cet=Never strict=Never late=Never knl=Never shadowed=Never book=Never amd=Never amd-broadcast=Sometimes *)
        {
          [PMD(x)] = (table:PT(x));
          0:rdi = PMD(x);
          1:rdi = PMD(x);
        }
         P0                              | P1                 ;
         movq $0,(%rdi)                  | cli                ;
         call flush_tlb_range(x,2M,4K,1) | movq (%rdi),%rax   ;
         call free_table(PT(x))          | testb $1,%al       ;
                                         | je L0              ;
                                         | call pte_offset(x) ;
                                         | movq (%rax),%rcx   ;
                                         | L0: sti            ;
        exists (stale_table(PT(x)))
        """,
        """
        X86_64 case-38-gup+sync
        (* Result: Never *)
        {
          [PMD(x)] = (table:PT(x));
          0:rdi = PMD(x);
          1:rdi = PMD(x);
        }
         P0                               | P1                 ;
         movq $0,(%rdi)                   | cli                ;
         call flush_tlb_range(x,2M,4K,1)  | movq (%rdi),%rax   ;
         call tlb_remove_table_sync_one() | testb $1,%al       ;
         call free_table(PT(x))           | je L0              ;
                                          | call pte_offset(x) ;
                                          | movq (%rax),%rcx   ;
                                          | L0: sti            ;
        exists (stale_table(PT(x)))
        """,
        """
        X86_64 case-38-gup+rcu
        (* Result: Never *)
        {
          [PMD(x)] = (table:PT(x));
          0:rdi = PMD(x);
          1:rdi = PMD(x);
        }
         P0                              | P1                 ;
         movq $0,(%rdi)                  | cli                ;
         call flush_tlb_range(x,2M,4K,1) | movq (%rdi),%rax   ;
         call synchronize_rcu()          | testb $1,%al       ;
         call free_table(PT(x))          | je L0              ;
                                         | call pte_offset(x) ;
                                         | movq (%rax),%rcx   ;
                                         | L0: sti            ;
        exists (stale_table(PT(x)))
        """,
        """
        X86_64 case-38-pin+no-recheck
        (* Result: cet=Never strict=Never late=Never knl=Never shadowed=Never book=Never amd=Never amd-broadcast=Sometimes *)
        {
          ref = 0;
          [PMD(x)] = (table:PT(x));
          0:rdi = PMD(x);
          1:rdi = PMD(x);
        }
         P0                              | P1                 ;
         movq $0,(%rdi)                  | cli                ;
         call flush_tlb_range(x,2M,4K,1) | movq (%rdi),%rax   ;
         movl (ref),%ebx                 | movq %rax,%rdx     ;
                                         | testb $1,%al       ;
                                         | je L0              ;
                                         | call pte_offset(x) ;
                                         | movq (%rax),%rcx   ;
                                         | lock incl (ref)    ;
                                         | movl $1,%r10d      ;
                                         | L0: sti            ;
        exists (0:rbx=0 /\\ 1:r10=1)
        """,
        """
        X86_64 case-38-pin+recheck
        (* Result: Never *)
        {
          ref = 0;
          [PMD(x)] = (table:PT(x));
          0:rdi = PMD(x);
          1:rdi = PMD(x);
        }
         P0                              | P1                 ;
         movq $0,(%rdi)                  | cli                ;
         call flush_tlb_range(x,2M,4K,1) | movq (%rdi),%rax   ;
         movl (ref),%ebx                 | movq %rax,%rdx     ;
                                         | testb $1,%al       ;
                                         | je L0              ;
                                         | call pte_offset(x) ;
                                         | movq (%rax),%rcx   ;
                                         | lock incl (ref)    ;
                                         | movl $1,%r10d      ;
                                         | cmpq (%rdi),%rdx   ;
                                         | je L0              ;
                                         | movl $0,%r10d      ;
                                         | lock decl (ref)    ;
                                         | L0: sti            ;
        exists (0:rbx=0 /\\ 1:r10=1)
        """,
        """
        X86_64 case-39-rcu+no-flush
        (* Result: Sometimes *)
        {
          [PMD(x)] = (table:PT(x));
          0:rdi = PMD(x);
          1:rdi = PMD(x);
        }
         P0                     | P1                 ;
         movq $0,(%rdi)         | cli                ;
         mfence                 | movq (%rdi),%rax   ;
         call synchronize_rcu() | testb $1,%al       ;
         call free_table(PT(x)) | je L0              ;
                                | call pte_offset(x) ;
                                | movq (%rax),%rcx   ;
                                | L0: sti            ;
        exists (stale_table(PT(x)))
        """,
        """
        X86_64 case-44-third-walker+both-flushes
        CPU=cet late
        (* Result: Never *)
        {
          [PUD(v)] = (table:PD(v));
          [PUD(dev:v)] = (table:PD(v));
          [PMD(v)] = (table:PT(v));
          0:rdi = PMD(v);
          1:mm = dev;
        }
         P0                     | P1            ;
         movq $0,(%rdi)         | movl (v),%eax ;
         call flush_tlb_mm()    |               ;
         call flush_tlb_mm(dev) |               ;
         call free_table(PT(v)) |               ;
        exists (stale_table(PT(v)))
        """,
        """
        X86_64 ioremap-empty-table+one-flush
        (* Result: Sometimes *)
        {
          [PMD(x)] = (table:PT(x));
          0:rdi = PMD(x);
          0:rsi = PTE(x);
        }
         P0                     | P1            ;
         movq $0,(%rsi)         | movl (x),%eax ;
         call flush_tlb_page(x) |               ;
         movq $0,(%rdi)         |               ;
         call free_table(PT(x)) |               ;
        exists (stale_table(PT(x)))
        """,
        """
        X86_64 ioremap-empty-table+two-flushes
        (* Result: Never *)
        {
          [PMD(x)] = (table:PT(x));
          0:rdi = PMD(x);
          0:rsi = PTE(x);
        }
         P0                     | P1            ;
         movq $0,(%rsi)         | movl (x),%eax ;
         call flush_tlb_page(x) |               ;
         movq $0,(%rdi)         |               ;
         call flush_tlb_page(x) |               ;
         call free_table(PT(x)) |               ;
        exists (stale_table(PT(x)))
        """,
        """
        X86_64 pmd-accessed+no-flush
        (* Result: Sometimes *)
        {
          done = 0;
          [PMD(x)] = (table:PT(x));
          0:rdi = PMD(x);
        }
         P0                    | P1                    ;
         lock andb $-33,(%rdi) | call wait_for(done,1) ;
         movl $1,(done)        | movl (x),%eax         ;
        exists ([PMD(x)].a=0)
        """,
        """
        X86_64 pt-reclaim+recheck
        (* Result: Never *)
        {
          [PMD(x)] = (table:PT(x));
          [PTE(x)] = (p:0);
          0:rdi = PMD(x);
          0:rsi = PTE(x);
          1:rdi = PMD(x);
          1:r8 = (oa:PA(x));
        }
         P0                        | P1                        ;
         call spin_lock(ptl)       | movq (%rdi),%rax          ;
         movq (%rsi),%rax          | movq %rax,%rdx            ;
         testb $1,%al              | testb $1,%al              ;
         jne L0                    | je L1                     ;
         movq $0,(%rdi)            | call pte_offset(x)        ;
         L0: call spin_unlock(ptl) | call spin_lock(ptl)       ;
                                   | cmpq (%rdi),%rdx          ;
                                   | jne L2                    ;
                                   | movq %r8,(%rax)           ;
                                   | L2: call spin_unlock(ptl) ;
                                   | L1: nop                   ;
        exists ([PMD(x)]=(p:0) /\\ [PTE(x)]=(p:1))
        """,
        """
        X86_64 pte-write-protect+dirty-later
        (* Result: cet=Never strict=Never late=Sometimes knl=Sometimes shadowed=Sometimes book=Sometimes amd=Never amd-broadcast=Never *)
        {
          [PMD(x)] = (table:PT(x));
          [PTE(x)] = (oa:PA(x), d:0);
          0:rdi = PTE(x);
          0:rsi = PTE(x);
        }
         P0                     | P1          ;
         lock andb $-3,(%rdi)   | movl $1,(x) ;
         movq (%rsi),%rax       |             ;
         andl $64,%eax          |             ;
         call flush_tlb_page(x) |             ;
         movq (%rsi),%rbx       |             ;
         andl $64,%ebx          |             ;
        exists (0:rax=0 /\\ 0:rbx=64)
        """,
        """
        X86_64 stride-of-2M-on-small-pages
        Region=x y
        (* Result: Sometimes *)
        {
          [PMD(x)] = (table:PT(x));
          [PTE(x)] = (oa:PA(x));
          [PTE(y)] = (oa:PA(y));
          0:rdi = PTE(y);
        }
         P0                              | P1            ;
         movq $0,(%rdi)                  | movl (y),%eax ;
         call flush_tlb_range(x,2M,2M,0) |               ;
         call free_frame(y)              |               ;
        exists (stale_frame(y))
        """,
    ]
}
