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
        var uncached = try #require(OracleProfile.builtIn.first { $0.name == "strict" })
        uncached.name = "uncached"
        uncached.upperLevels = .none
        try check(text, profiles: [uncached])
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

// MARK: Smallest tests of the rules

extension OracleLevelTests {
    static let smallCases = [
        """
        X86_64 a-cached-way-survives-cpuid
        (* Result: Sometimes uncached=Never *)
        { x = 1; [PMD(x)] = (table:PT(x)); [PTE(x)] = (p:0); 0:rdi = PMD(x); 0:rsi = PTE(x); 0:r8 = (oa:PA(x)); }
         P0              ;
         movq $0,(%rdi)  ;
         cpuid           ;
         movq %r8,(%rsi) ;
         mfence          ;
         movl (x),%eax   ;
        exists (0:rax=1)
        """,
        """
        X86_64 a-flush-of-one-page-drops-all-ways
        Region=x | z
        (* Result: Never amd=Sometimes amd-broadcast=Sometimes *)
        { [PMD(x)] = (table:PT(x)); [PTE(z)] = (oa:PA(z)); 0:rdi = PMD(x); 0:rsi = PTE(x); }
         P0                     | P1            ;
         movq $0,(%rdi)         | movl (x),%eax ;
         call flush_tlb_page(z) |               ;
         call free_table(PT(x)) |               ;
        exists (stale_table(PT(x)))
        """,
        """
        X86_64 a-flush-of-the-page-drops-its-way
        Region=x | z
        (* Result: Never *)
        { [PMD(x)] = (table:PT(x)); [PTE(z)] = (oa:PA(z)); 0:rdi = PMD(x); 0:rsi = PTE(x); }
         P0                     | P1            ;
         movq $0,(%rdi)         | movl (z),%eax ;
         call flush_tlb_page(x) |               ;
         call free_table(PT(x)) |               ;
        exists (stale_table(PT(x)))
        """,
        """
        X86_64 memory-itself-leads-to-the-freed-table
        (* Result: Sometimes *)
        { [PMD(x)] = (table:PT(x)); 0:rdi = PMD(x); 0:rsi = PTE(x); }
         P0                     | P1            ;
         call flush_tlb_mm()    | movl (x),%eax ;
         call free_table(PT(x)) |               ;
        exists (stale_table(PT(x)))
        """,
        """
        X86_64 software-reads-a-freed-table
        (* Result: Always *)
        { [PMD(x)] = (table:PT(x)); 0:rdi = PMD(x); 0:rsi = PTE(x); }
         P0                     ;
         movq $0,(%rdi)         ;
         call flush_tlb_mm()    ;
         call free_table(PT(x)) ;
         movq (%rsi),%rax       ;
        exists (stale_table(PT(x)))
        """,
        """
        X86_64 software-writes-a-freed-table
        (* Result: Always *)
        { [PMD(x)] = (table:PT(x)); 0:rdi = PMD(x); 0:rsi = PTE(x); }
         P0                     ;
         movq $0,(%rdi)         ;
         call flush_tlb_mm()    ;
         call free_table(PT(x)) ;
         movq $0,(%rsi)         ;
        exists (stale_table(PT(x)))
        """,
        """
        X86_64 a-range-of-small-pages-is-everything
        Region=x y
        (* Result: Never *)
        { [PMD(x)] = (table:PT(x)); [PTE(y)] = (oa:PA(y)); 0:rdi = PTE(y); }
         P0                              | P1            ;
         movq $0,(%rdi)                  | movl (y),%eax ;
         call flush_tlb_range(x,2M,4K,1) |               ;
         call free_frame(y)              |               ;
        exists (stale_frame(y))
        """,
        """
        X86_64 a-range-of-one-page-is-that-page
        Region=x y
        (* Result: Sometimes *)
        { [PMD(x)] = (table:PT(x)); [PTE(y)] = (oa:PA(y)); 0:rdi = PTE(y); }
         P0                              | P1            ;
         movq $0,(%rdi)                  | movl (y),%eax ;
         call flush_tlb_range(x,4K,4K,1) |               ;
         call free_frame(y)              |               ;
        exists (stale_frame(y))
        """,
        """
        X86_64 a-range-of-one-stride-begins-at-its-start
        Region=x y
        (* Result: Never *)
        { [PMD(x)] = (table:PT(x)); [PTE(y)] = (oa:PA(y)); 0:rdi = PTE(x); }
         P0                              | P1            ;
         movq $0,(%rdi)                  | movl (x),%eax ;
         call flush_tlb_range(y,2M,2M,1) |               ;
         call free_frame(x)              |               ;
        exists (stale_frame(x))
        """,
        """
        X86_64 rights-of-a-way-raise-a-spurious-fault
        (* Result: Sometimes amd=Never amd-broadcast=Never *)
        { [PMD(x)] = (table:PT(x), rw:0); 0:rdi = PMD(x); 0:rsi = PTE(x); }
         P0                 ;
         lock orb $2,(%rdi) ;
         movl $1,(x)        ;
        exists (fault(P0,x))
        """,
        """
        X86_64 rights-are-those-of-all-levels
        (* Result: Always *)
        { [PMD(x)] = (table:PT(x), rw:0); 0:rdi = PMD(x); 0:rsi = PTE(x); }
         P0          ;
         movl $1,(x) ;
        exists (fault(P0,x))
        """,
        """
        X86_64 pmd-write-protect+dirty-later
        (* Result: Sometimes *)
        { [PMD(x)] = (table:PT(x)); [PTE(x)] = (oa:PA(x), d:0); 0:rdi = PMD(x); 0:rsi = PTE(x); }
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
        X86_64 no-dirty-where-an-upper-level-forbids
        (* Result: Never *)
        { [PMD(x)] = (table:PT(x), rw:0); [PTE(x)] = (oa:PA(x), d:0); }
         P0          ;
         movl $1,(x) ;
        exists ([PTE(x)].d=1)
        """,
        """
        X86_64 accessed-is-set-from-the-top
        (* Result: Always *)
        { [PMD(x)] = (table:PT(x), a:0); [PTE(x)] = (p:0); }
         P0            ;
         movl (x),%eax ;
        exists ([PMD(x)].a=1)
        """,
        """
        X86_64 accessed-of-a-way-is-not-set-again
        (* Result: Sometimes *)
        { [PMD(x)] = (table:PT(x)); 0:rdi = PMD(x); 0:rsi = PTE(x); }
         P0                    ;
         movl (x),%eax         ;
         lock andb $-33,(%rdi) ;
         movl (x),%ebx         ;
        exists ([PMD(x)].a=0)
        """,
        """
        X86_64 stray-accessed-above-the-leaf
        (* Result: Never knl=Sometimes book=Sometimes *)
        { [PMD(x)] = (table:PT(x), a:0); 0:rdi = PMD(x); 0:rsi = PTE(x); }
         P0                | P1            ;
         xorl %eax,%eax    | movl (x),%eax ;
         xchgq %rax,(%rdi) |               ;
         movq (%rdi),%rbx  |               ;
        exists (stray_present(x))
        """,
        """
        X86_64 no-stray-accessed-at-the-top-of-four
        (* Result: Never *)
        { [PGD(x)] = (table:PDPT(x), a:0); 0:rdi = PGD(x); }
         P0                | P1            ;
         xorl %eax,%eax    | movl (x),%eax ;
         xchgq %rax,(%rdi) |               ;
         movq (%rdi),%rbx  |               ;
        exists (stray_present(x))
        """,
        """
        X86_64 retry-waits-for-the-table
        Fault=P1:retry
        (* Result: Always *)
        { x = 1; [PMD(x)] = (p:0); 0:rdi = PMD(x); 0:r8 = (table:PT(x)); }
         P0              | P1            ;
         movq %r8,(%rdi) | movl (x),%eax ;
        forall (1:rax=1)
        """,
        """
        X86_64 retry-waits-for-the-leaf
        Fault=P1:retry
        (* Result: Always *)
        { x = 1; [PMD(x)] = (table:PT(x)); [PTE(x)] = (p:0); 0:rdi = PTE(x); 0:r8 = (oa:PA(x)); }
         P0              | P1            ;
         movq %r8,(%rdi) | movl (x),%eax ;
        forall (1:rax=1)
        """,
        """
        X86_64 a-detached-leaf-records-nothing
        (* Result: Always *)
        { [PMD(x)] = (table:PT(x)); 0:rdi = PMD(x); 0:rsi = PTE(x); }
         P0             ;
         movl $1,(x)    ;
         movq $0,(%rdi) ;
        exists (lost_dirty(x))
        """,
        """
        X86_64 a-leaf-that-another-way-leads-to-records
        Region=x | z
        (* Result: Never *)
        { [PMD(x)] = (table:PT(x)); [PMD(z)] = (table:PT(x)); 0:rdi = PMD(x); 0:rsi = PTE(x); }
         P0             ;
         movl $1,(x)    ;
         movq $0,(%rdi) ;
        exists (lost_dirty(x))
        """,
        """
        X86_64 a-moved-table-serves-the-new-address
        Region=x | z
        (* Result: Always *)
        { x = 7; [PMD(x)] = (table:PT(x)); [PMD(z)] = (p:0); 0:rdi = PMD(x); 0:rsi = PTE(x); 0:r9 = PMD(z); }
         P0                  ;
         xorl %eax,%eax      ;
         xchgq %rax,(%rdi)   ;
         call flush_tlb_mm() ;
         movq %rax,(%r9)     ;
         movl (z),%ebx       ;
        exists (0:rbx=7)
        """,
        """
        X86_64 no-shadow-stack-where-an-upper-level-forbids
        (* Result: Never *)
        { [PMD(x)] = (table:PT(x), rw:0); [PTE(x)] = (oa:PA(x), rw:0, d:1); }
         P0            ;
         movl (x),%eax ;
        exists (shadow_stack_exposed(x))
        """,
        """
        X86_64 a-shadow-stack-leaf-below-writable-levels
        (* Result: Always strict=Never late=Never knl=Never shadowed=Never book=Never uncached=Never *)
        { [PMD(x)] = (table:PT(x)); [PTE(x)] = (oa:PA(x), rw:0, d:1); }
         P0            ;
         movl (x),%eax ;
        exists (shadow_stack_exposed(x))
        """,
        """
        X86_64 another-space-has-what-leads-to-its-leaf
        (* Result: Never *)
        { [PMD(x)] = (table:PT(x)); [PTE(child:x)] = (oa:PA(x)); 0:mm = child; }
         P0            ;
         movl (x),%eax ;
        exists (fault(P0,x))
        """,
        """
        X86_64 another-space-has-nothing-else
        Region=x | y
        (* Result: Always *)
        { [PMD(x)] = (table:PT(x)); [PTE(child:y)] = (oa:PA(y)); 0:mm = child; }
         P0            ;
         movl (x),%eax ;
        exists (fault(P0,x))
        """,
        """
        X86_64 two-spaces-share-a-table
        (* Result: Always *)
        { y = 5; [PMD(x)] = (table:PT(x)); [PMD(child:x)] = (table:PT(x)); 0:rsi = PTE(x); 0:r8 = (oa:PA(y)); 0:r13 = child; }
         P0              ;
         movq %r8,(%rsi) ;
         movq %r13,%cr3  ;
         invlpg (x)      ;
         movl (x),%eax   ;
        exists (0:rax=5)
        """,
        """
        X86_64 a-flush-does-not-reach-the-other-space
        (* Result: Sometimes *)
        { [PMD(x)] = (table:PT(x)); [PMD(child:x)] = (table:PT(x)); 0:rdi = PMD(x); 0:rsi = PTE(x); 0:r9 = PMD(child:x); 1:mm = child; }
         P0                     | P1            ;
         movq $0,(%rdi)         | movl (x),%eax ;
         movq $0,(%r9)          |               ;
         call flush_tlb_mm()    |               ;
         call free_table(PT(x)) |               ;
        exists (stale_table(PT(x)))
        """,
        """
        X86_64 cr3-with-bit-63-keeps-ways
        (* Result: Sometimes uncached=Never *)
        { x = 1; [PMD(x)] = (table:PT(x)); [PTE(x)] = (p:0); 0:rdi = PMD(x); 0:rsi = PTE(x); 0:r8 = (oa:PA(x)); 0:r14 = mm; }
         P0              ;
         movq $0,(%rdi)  ;
         btsq $63,%r14   ;
         movq %r14,%cr3  ;
         movq %r8,(%rsi) ;
         mfence          ;
         movl (x),%eax   ;
        exists (0:rax=1)
        """,
        """
        X86_64 cr3-drops-ways-of-its-tag
        (* Result: Never *)
        { x = 1; [PMD(x)] = (table:PT(x)); [PTE(x)] = (p:0); 0:rdi = PMD(x); 0:rsi = PTE(x); 0:r8 = (oa:PA(x)); 0:r14 = mm; }
         P0              ;
         movq $0,(%rdi)  ;
         mfence          ;
         movq %r14,%cr3  ;
         movq %r8,(%rsi) ;
         mfence          ;
         movl (x),%eax   ;
        exists (0:rax=1)
        """,
        """
        X86_64 pte-offset-is-the-address-of-the-slot
        (* Result: Always *)
        { [PMD(x)] = (table:PT(x)); 0:rdi = PMD(x); 0:rsi = PTE(x); }
         P0                 ;
         movq (%rdi),%rax   ;
         call pte_offset(x) ;
        forall (0:rax=PTE(x))
        """,
        """
        X86_64 an-rcu-reader-holds-up-the-grace-period
        (* Result: Never *)
        { v = 0; w = 0; }
         P0                     | P1                     ;
         movl $1,(v)            | call rcu_read_lock()   ;
         call synchronize_rcu() | movl (v),%eax          ;
         movl $1,(w)            | movl (w),%ebx          ;
                                | call rcu_read_unlock() ;
        exists (1:rax=0 /\\ 1:rbx=1)
        """,
        """
        X86_64 no-section-holds-nothing-up
        (* Result: Sometimes *)
        { v = 0; w = 0; }
         P0                     | P1            ;
         movl $1,(v)            | movl (v),%eax ;
         call synchronize_rcu() | movl (w),%ebx ;
         movl $1,(w)            |               ;
        exists (1:rax=0 /\\ 1:rbx=1)
        """,
        """
        X86_64 a-grace-period-is-a-barrier-everywhere
        (* Result: Never *)
        { v = 0; w = 0; }
         P0                     | P1            ;
         movl $1,(v)            | movl $1,(w)   ;
         call synchronize_rcu() | movl (v),%eax ;
         movl (w),%eax          |               ;
        exists (0:rax=0 /\\ 1:rax=0)
        """,
        """
        X86_64 a-section-that-never-ends
        (* Result: Sometimes *)
        { v = 0; }
         P0                     | P1                 ;
         call synchronize_rcu() | cli                ;
                                | call wait_for(v,1) ;
        exists (stuck(P0))
        """,
        """
        X86_64 a-table-sync-waits-for-interrupts
        (* Result: Sometimes *)
        { v = 0; }
         P0                               | P1                 ;
         call tlb_remove_table_sync_one() | cli                ;
                                          | call wait_for(v,1) ;
        exists (stuck(P0))
        """,
        """
        X86_64 a-table-sync-drops-nothing
        (* Result: Sometimes *)
        { [PMD(x)] = (table:PT(x)); 0:rdi = PMD(x); 0:rsi = PTE(x); }
         P0                               | P1            ;
         movq $0,(%rdi)                   | movl (x),%eax ;
         call tlb_remove_table_sync_one() |               ;
         call free_table(PT(x))           |               ;
        exists (stale_table(PT(x)))
        """,
        """
        X86_64 a-flush-and-a-stale-write-by-the-way
        (* Result: Never *)
        { [PMD(x)] = (table:PT(x)); 0:rdi = PMD(x); 0:rsi = PTE(x); }
         P0                     | P1          ;
         movq $0,(%rdi)         | movl $1,(x) ;
         call flush_tlb_page(x) |             ;
        exists (stale_write(x))
        """,
        """
        X86_64 a-flush-of-another-page-and-a-stale-write
        Region=x y
        (* Result: Sometimes *)
        { [PMD(x)] = (table:PT(x)); [PTE(y)] = (oa:PA(y)); 0:rdi = PTE(y); }
         P0                              | P1          ;
         movq $0,(%rdi)                  | movl $1,(y) ;
         call flush_tlb_range(x,2M,2M,1) |             ;
        exists (stale_write(y))
        """,
    ]
}
