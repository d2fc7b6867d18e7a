/// Smallest tests of the rules of several levels, each with its verdict by hand.
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
        (* Result: Always book=Sometimes *)
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
        CPU=cet strict late knl shadowed
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
