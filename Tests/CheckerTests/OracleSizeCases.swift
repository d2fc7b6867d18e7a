/// Smallest tests of the rules of page sizes and of tables as data, each with its verdict by hand.
extension OracleLevelTests {
    static let smallSizeCases = [
        """
        X86_64 a-block-maps-slot-by-slot
        Region=x y
        (* Result: Always *)
        { y = 7; [PMD(x)] = (oa:PA(x), ps:1); [PTE(y)] = (p:0); }
         P0            ;
         movl (y),%eax ;
        exists (0:rax=7)
        """,
        """
        X86_64 a-block-of-another-region
        Region=x y | z w
        (* Result: Always *)
        { w = 5; [PMD(x)] = (oa:PA(z), ps:1); [PTE(y)] = (p:0); }
         P0            ;
         movl (y),%eax ;
        exists (0:rax=5)
        """,
        """
        X86_64 a-block-of-1G
        Region=x y | z
        (* Result: Always *)
        { y = 7; z = 9; [PUD(x)] = (oa:PA(x), ps:1); [PTE(y)] = (p:0); [PTE(z)] = (p:0); }
         P0            ;
         movl (y),%eax ;
         movl (z),%ebx ;
        exists (0:rax=7 /\\ 0:rbx=9)
        """,
        """
        X86_64 one-dirty-covers-the-block
        Region=x y
        (* Result: Always *)
        { [PMD(x)] = (oa:PA(x), ps:1, d:0); [PTE(y)] = (p:0); }
         P0          ;
         movl $1,(y) ;
        exists ([PMD(x)].d=1 /\\ ~(lost_dirty(y)))
        """,
        """
        X86_64 dirty-of-the-block-is-cleared
        Region=x y
        (* Result: Always *)
        { [PMD(x)] = (oa:PA(x), ps:1); [PTE(y)] = (p:0); 0:rdi = PMD(x); }
         P0                    ;
         movl $1,(y)           ;
         lock andb $-65,(%rdi) ;
        exists (lost_dirty(y) /\\ ~(lost_dirty(x)))
        """,
        """
        X86_64 a-block-elsewhere-records-too
        Region=x y | z
        (* Result: Never *)
        { [PMD(x)] = (table:PT(x)); [PTE(y)] = (oa:PA(y)); [PMD(z)] = (oa:PA(x), ps:1); 0:rdi = PTE(y); }
         P0             ;
         movl $1,(y)    ;
         movq $0,(%rdi) ;
        exists (lost_dirty(y))
        """,
        """
        X86_64 dirty-of-a-table-pointer-is-no-dirty
        (* Result: Always *)
        { [PMD(x)] = (table:PT(x)); [PTE(x)] = (oa:PA(x)); 0:rsi = PTE(x); }
         P0                    ;
         movl $1,(x)           ;
         lock andb $-65,(%rsi) ;
        exists (lost_dirty(x))
        """,
        """
        X86_64 accessed-of-a-large-leaf
        (* Result: Always *)
        { [PMD(x)] = (oa:PA(x), ps:1, a:0); }
         P0            ;
         movl (x),%eax ;
        exists ([PMD(x)].a=1)
        """,
        """
        X86_64 invlpg-of-another-address-of-a-large-page
        Region=x y
        (* Result: Never *)
        { [PMD(x)] = (oa:PA(x), ps:1); [PTE(y)] = (p:0); 0:rdi = PMD(x); }
         P0             ;
         movl (x),%eax  ;
         movq $0,(%rdi) ;
         invlpg (y)     ;
         movl (x),%eax  ;
         movl $1,%edx   ;
        exists (0:rdx=1)
        """,
        """
        X86_64 invlpg-of-another-address-spares-small-pages
        Region=x y
        (* Result: Sometimes *)
        { [PMD(x)] = (table:PT(x)); [PTE(y)] = (oa:PA(y)); 0:rsi = PTE(x); }
         P0             ;
         movl (x),%eax  ;
         movq $0,(%rsi) ;
         invlpg (y)     ;
         movl (x),%eax  ;
         movl $1,%edx   ;
        exists (0:rdx=1)
        """,
        """
        X86_64 invlpg-of-another-region
        Region=x | y
        (* Result: Sometimes *)
        { [PMD(x)] = (oa:PA(x), ps:1); [PMD(y)] = (oa:PA(y), ps:1); 0:rdi = PMD(x); }
         P0             ;
         movl (x),%eax  ;
         movq $0,(%rdi) ;
         invlpg (y)     ;
         movl (x),%eax  ;
         movl $1,%edx   ;
        exists (0:rdx=1)
        """,
        """
        X86_64 invlpg-of-another-region-of-1G
        Region=x | y
        (* Result: Never *)
        { [PUD(x)] = (oa:PA(x), ps:1); [PTE(y)] = (p:0); 0:rdi = PUD(x); }
         P0             ;
         movl (x),%eax  ;
         movq $0,(%rdi) ;
         invlpg (y)     ;
         movl (x),%eax  ;
         movl $1,%edx   ;
        exists (0:rdx=1)
        """,
        """
        X86_64 the-large-translation-is-used-after-the-split
        (* Result: Sometimes *)
        { x = 1; w = 2; [PMD(x)] = (oa:PA(x), ps:1); [PTE(x)] = (oa:PA(w)); 0:rdi = PMD(x); 0:r8 = (table:PT(x)); }
         P0              ;
         movl (x),%eax   ;
         movq %r8,(%rdi) ;
         mfence          ;
         movl (x),%ebx   ;
        exists (0:rbx=1)
        """,
        """
        X86_64 the-small-translation-is-used-after-the-split
        (* Result: Sometimes *)
        { x = 1; w = 2; [PMD(x)] = (oa:PA(x), ps:1); [PTE(x)] = (oa:PA(w)); 0:rdi = PMD(x); 0:r8 = (table:PT(x)); }
         P0              ;
         movl (x),%eax   ;
         movq %r8,(%rdi) ;
         mfence          ;
         movl (x),%ebx   ;
        exists (0:rbx=2)
        """,
        """
        X86_64 a-size-conflict-on-one-cpu
        (* Result: Sometimes *)
        { [PMD(x)] = (oa:PA(x), ps:1); 0:rdi = PMD(x); 0:rsi = PTE(x); 0:r8 = (table:PT(x)); }
         P0              ;
         movq %r8,(%rdi) ;
         movl (x),%ebx   ;
        exists (size_conflict(x))
        """,
        """
        X86_64 a-size-conflict-needs-an-access
        (* Result: Never *)
        { [PMD(x)] = (oa:PA(x), ps:1); 0:rdi = PMD(x); 0:rsi = PTE(x); 0:r8 = (table:PT(x)); }
         P0              | P1     ;
         movq %r8,(%rdi) | mfence ;
        exists (size_conflict(x))
        """,
        """
        X86_64 no-size-conflict-after-invlpg
        (* Result: Never *)
        { [PMD(x)] = (oa:PA(x), ps:1); 0:rdi = PMD(x); 0:rsi = PTE(x); 0:r8 = (table:PT(x)); }
         P0              ;
         movl (x),%eax   ;
         movq %r8,(%rdi) ;
         invlpg (x)      ;
         movl (x),%ebx   ;
        exists (size_conflict(x))
        """,
        """
        X86_64 a-size-conflict-is-about-one-address
        Region=x y
        (* Result: Never *)
        { [PMD(x)] = (oa:PA(x), ps:1); [PTE(x)] = (p:0); [PTE(y)] = (oa:PA(y)); 0:rdi = PMD(x); 0:r8 = (table:PT(x)); }
         P0              ;
         movq %r8,(%rdi) ;
         movl (x),%eax   ;
        exists (size_conflict(x) \\/ size_conflict(y))
        """,
        """
        X86_64 a-size-conflict-of-an-access-that-faults
        (* Result: Sometimes *)
        { [PMD(x)] = (oa:PA(x), ps:1, rw:0, d:0); [PTE(x)] = (oa:PA(x), rw:0, d:0); 0:rdi = PMD(x); 0:r8 = (table:PT(x)); }
         P0              ;
         movq %r8,(%rdi) ;
         movl $1,(x)     ;
        exists (size_conflict(x))
        """,
        """
        X86_64 a-size-mismatch-is-not-about-dirty
        (* Result: Never *)
        { [PMD(x)] = (oa:PA(x), ps:1); [PTE(x)] = (oa:PA(x), d:0); 0:rdi = PMD(x); 0:r8 = (table:PT(x)); }
         P0              ;
         movq %r8,(%rdi) ;
         movl (x),%eax   ;
        exists (size_mismatch(x))
        """,
        """
        X86_64 a-size-mismatch-of-frames
        (* Result: Sometimes *)
        { [PMD(x)] = (oa:PA(x), ps:1); [PTE(x)] = (oa:PA(w)); 0:rdi = PMD(x); 0:r8 = (table:PT(x)); }
         P0              ;
         movq %r8,(%rdi) ;
         movl (x),%eax   ;
        exists (size_mismatch(x))
        """,
        """
        X86_64 a-size-mismatch-of-user-rights
        (* Result: Sometimes *)
        { [PMD(x)] = (oa:PA(x), ps:1, us:0); 0:rdi = PMD(x); 0:rsi = PTE(x); 0:r8 = (table:PT(x)); }
         P0              ;
         movq %r8,(%rdi) ;
         movl (x),%eax   ;
        exists (size_mismatch(x))
        """,
        """
        X86_64 frames-of-two-slots-are-the-same-frames
        Region=x y
        (* Result: Never *)
        { [PMD(x)] = (oa:PA(x), ps:1); [PTE(y)] = (oa:PA(y)); 0:rdi = PMD(x); 0:r8 = (table:PT(x)); }
         P0              ;
         movq %r8,(%rdi) ;
         movl (y),%eax   ;
        exists (size_mismatch(y))
        """,
        """
        X86_64 a-dirty-update-that-finds-a-table-sets-nothing
        (* Result: Never *)
        { [PMD(x)] = (oa:PA(x), ps:1, d:0); [PTE(x)] = (oa:PA(x), d:0); 0:rdi = PMD(x); 0:r8 = (table:PT(x), d:0); }
         P0              | P1          ;
         movq %r8,(%rdi) | movl $1,(x) ;
        exists ([PMD(x)].d=1)
        """,
        """
        X86_64 a-dirty-update-that-finds-a-large-leaf-begins-again
        (* Result: Always *)
        { [PMD(x)] = (table:PT(x)); [PTE(x)] = (oa:PA(x), d:0); 0:rdi = PMD(x); 0:r8 = (oa:PA(x), ps:1, d:0); }
         P0              | P1          ;
         movq %r8,(%rdi) | movl $1,(x) ;
        forall ([PMD(x)].d=1 \\/ [PTE(x)].d=1)
        """,
        """
        X86_64 a-dirty-update-of-a-dead-large-leaf
        (* Result: Never knl=Sometimes book=Sometimes *)
        { [PMD(x)] = (oa:PA(x), ps:1, d:0); 0:rdi = PMD(x); }
         P0                | P1          ;
         xorl %eax,%eax    | movl $1,(x) ;
         xchgq %rax,(%rdi) |             ;
         movq (%rdi),%rbx  |             ;
        exists (stray_present(x))
        """,
        """
        X86_64 a-dirty-update-of-a-write-protected-large-leaf
        (* Result: Never late=Sometimes knl=Sometimes shadowed=Sometimes book=Sometimes *)
        { [PMD(x)] = (oa:PA(x), ps:1, d:0); 0:rdi = PMD(x); }
         P0                     | P1          ;
         lock andb $-3,(%rdi)   | movl $1,(x) ;
         movq (%rdi),%rax       |             ;
         andl $64,%eax          |             ;
         movq (%rdi),%rbx       |             ;
         andl $64,%ebx          |             ;
        exists (0:rax=0 /\\ 0:rbx=64)
        """,
        """
        X86_64 the-frame-of-a-large-leaf-is-the-base-of-a-block
        Region=x y z
        (* Result: Always *)
        { [PMD(x)] = (p:0); [PTE(y)] = (oa:PA(y)); [PTE(z)] = (oa:PA(z)); 0:rdi = PMD(x); 0:r8 = (oa:PA(z), a:0); }
         P0              ;
         orq $128,%r8    ;
         movq %r8,(%rdi) ;
         movl (x),%eax   ;
        exists (fault(P0,x) /\\ [PMD(x)].a=0)
        """,
        """
        X86_64 bit-12-of-a-large-leaf-is-not-of-the-frame
        Region=x y
        (* Result: Always *)
        { y = 3; [PMD(x)] = (p:0); [PTE(y)] = (oa:PA(y)); 0:rdi = PMD(x); 0:r8 = (oa:PA(y)); }
         P0              ;
         orq $128,%r8    ;
         movq %r8,(%rdi) ;
         movl (y),%eax   ;
        exists (0:rax=3)
        """,
        """
        X86_64 a-large-leaf-of-the-fourth-level-is-reserved
        (* Result: Always *)
        { [PGD(x)] = (table:PDPT(x)); 0:rdi = PGD(x); 0:rsi = PTE(x); }
         P0                     ;
         lock orb $-128,(%rdi)  ;
         invlpg (x)             ;
         movl (x),%eax          ;
        exists (fault(P0,x))
        """,
        """
        X86_64 a-spurious-fault-of-a-large-page
        (* Result: Sometimes amd=Never amd-broadcast=Never *)
        { [PMD(x)] = (oa:PA(x), ps:1, rw:0, d:0); 0:rdi = PMD(x); }
         P0                 ;
         lock orb $2,(%rdi) ;
         movl $1,(x)        ;
        exists (fault(P0,x))
        """,
        """
        X86_64 a-shadow-stack-page-of-2M
        Region=x y
        (* Result: Always strict=Never late=Never knl=Never shadowed=Never book=Never uncached=Never *)
        { [PMD(x)] = (oa:PA(x), ps:1, rw:0, d:1); [PTE(y)] = (p:0); }
         P0     ;
         mfence ;
        exists (shadow_stack_exposed(x) /\\ shadow_stack_exposed(y))
        """,
        """
        X86_64 a-table-pointer-is-no-shadow-stack
        (* Result: Never *)
        { [PMD(x)] = (table:PT(x)); 0:rdi = PMD(x); 0:rsi = PTE(x); }
         P0                   ;
         lock andb $-3,(%rdi) ;
        exists (kernel_shadow_stack(x))
        """,
        """
        X86_64 a-pointer-becomes-a-shadow-stack-leaf
        (* Result: Always *)
        { [PMD(x)] = (table:PT(x), rw:0); 0:rdi = PMD(x); 0:r8 = (oa:PA(x), ps:1, rw:0, d:1); }
         P0              ;
         movq %r8,(%rdi) ;
        exists (kernel_shadow_stack(x))
        """,
        """
        X86_64 retry-waits-for-a-large-leaf
        Fault=P1:retry
        (* Result: Always *)
        { x = 1; [PMD(x)] = (p:0); 0:rdi = PMD(x); 0:r8 = (oa:PA(x), ps:1); }
         P0              | P1            ;
         movq %r8,(%rdi) | movl (x),%eax ;
        forall (1:rax=1)
        """,
        """
        X86_64 retry-wakes-for-another-size
        Fault=P1:retry
        (* Result: Always *)
        { [PMD(x)] = (oa:PA(x), ps:1, rw:0, d:0); [PTE(x)] = (oa:PA(x), rw:0, d:0); 0:rdi = PMD(x); 0:rsi = PTE(x); 0:r8 = (table:PT(x)); 0:r9 = (oa:PA(x)); }
         P0              | P1          ;
         movq %r8,(%rdi) | movl $1,(x) ;
         movq %r9,(%rsi) |             ;
        forall (~(stuck(P1)))
        """,
        """
        X86_64 a-walk-under-way-outlives-a-promotion
        (* Result: Sometimes uncached=Never *)
        { x = 1; v = 3; [PMD(x)] = (table:PT(x)); [PTE(x)] = (p:0); 0:rdi = PMD(x); 0:rsi = PTE(x); 0:r8 = (oa:PA(x), ps:1); 0:r9 = (oa:PA(v)); }
         P0              ;
         movq %r8,(%rdi) ;
         cpuid           ;
         movq %r9,(%rsi) ;
         mfence          ;
         movl (x),%eax   ;
        exists (0:rax=3)
        """,
        """
        X86_64 a-flush-of-one-small-page-drops-the-large-one
        Region=x y
        (* Result: Never *)
        { [PMD(x)] = (oa:PA(x), ps:1); [PTE(y)] = (p:0); 0:rdi = PMD(x); }
         P0                     | P1            ;
         movq $0,(%rdi)         | movl (x),%eax ;
         call flush_tlb_page(y) |               ;
         call free_frame(x)     |               ;
        exists (stale_frame(x))
        """,
        """
        X86_64 a-range-of-2M-drops-a-large-page
        Region=x y
        (* Result: Never *)
        { [PMD(x)] = (oa:PA(x), ps:1); [PTE(y)] = (p:0); 0:rdi = PMD(x); }
         P0                              | P1            ;
         movq $0,(%rdi)                  | movl (y),%eax ;
         call flush_tlb_range(x,2M,2M,0) |               ;
         call free_frame(y)              |               ;
        exists (stale_frame(y))
        """,
        """
        X86_64 a-flush-promises-nothing-for-the-rest-of-the-block
        Region=x y
        (* Result: Never *)
        { [PMD(x)] = (oa:PA(x), ps:1); [PTE(y)] = (p:0); 0:rdi = PMD(x); }
         P0                     | P1          ;
         call flush_tlb_page(x) | movl $1,(y) ;
         movq $0,(%rdi)         |             ;
        exists (stale_write(y))
        """,
        """
        X86_64 a-write-that-a-large-leaf-permits
        Region=x y
        (* Result: Never *)
        { [PMD(x)] = (oa:PA(x), ps:1); [PTE(y)] = (p:0); }
         P0                              | P1          ;
         call flush_tlb_range(x,2M,2M,1) | movl $1,(y) ;
        exists (stale_write(y))
        """,
        """
        X86_64 a-stale-write-through-a-large-page
        Region=y | x
        (* Result: Sometimes *)
        { [PMD(x)] = (oa:PA(x), ps:1); [PTE(y)] = (oa:PA(y)); 0:rdi = PMD(x); 0:rdx = PTE(x); }
         P0                              | P1          ;
         movq $0,(%rdi)                  | movl $1,(x) ;
         call flush_tlb_range(y,1G,1G,0) |             ;
        exists (stale_write(x))
        """,
        """
        X86_64 a-store-through-a-mapping-of-a-table
        Region=x | y
        (* Result: Always *)
        { s = 7; [PMD(x)] = (table:PT(x)); [PTE(x)] = (p:0); [PTE(y)] = (oa:PT(x)); 0:r8 = (oa:PA(s)); }
         P0            ;
         movq %r8,(y)  ;
         mfence        ;
         movl (x),%eax ;
        exists (0:rax=7 /\\ [PTE(x)]=(oa:PA(s)))
        """,
        """
        X86_64 a-load-through-a-mapping-of-a-table
        Region=x | y
        (* Result: Always *)
        { [PMD(x)] = (table:PT(x)); [PTE(x)] = (oa:PA(s)); [PTE(y)] = (oa:PT(x)); }
         P0            ;
         movq (y),%rax ;
        exists (0:rax=(oa:PA(s)))
        """,
        """
        X86_64 a-mapping-of-a-freed-table
        Region=x | y
        (* Result: Always *)
        { [PMD(x)] = (table:PT(x)); [PTE(x)] = (p:0); [PTE(y)] = (oa:PT(x)); 0:rdi = PMD(x); }
         P0                     ;
         movq $0,(%rdi)         ;
         call flush_tlb_mm()    ;
         call free_table(PT(x)) ;
         movq (y),%rax          ;
        exists (stale_table(PT(x)))
        """,
        """
        X86_64 a-stale-write-into-a-table
        Region=x | w
        (* Result: Never amd-broadcast=Sometimes *)
        { [PTE(x)] = (oa:PT(w), g:1); [PMD(w)] = (table:PT(w)); 0:rdi = PTE(x); }
         P0                     | P1             ;
         lock andb $-3,(%rdi)   | movb $0x67,(x) ;
         call flush_tlb_page(x) |                ;
        exists (stale_write(x))
        """,
        """
        X86_64 a-loop-that-only-a-wild-walker-ends
        (* Result: Sometimes *)
        { f = 0; [PMD(y)] = (table:PT(y)); 0:rdi = PMD(y); 0:r9 = 0x7fff000067; }
         P0                 ;
         movq %r9,(%rdi)    ;
         mfence             ;
         L: movl (f),%eax   ;
         testl %eax,%eax    ;
         je L               ;
        exists (stuck(P0) /\\ ~(wild(P0)))
        """,
        """
        X86_64 a-walker-reads-data
        Region=x | y
        (* Result: Always *)
        { [PMD(x)] = (table:PT(x)); [PTE(x)] = (p:0); [PTE(y)] = (oa:PT(x)); }
         P0            ;
         movl $1,(y)   ;
         movl (x),%eax ;
        exists (wild(P0))
        """,
        """
        X86_64 a-table-pointer-of-data-is-wild-when-it-is-read
        Region=x | y
        (* Result: Sometimes *)
        { [PUD(x)] = (table:PD(x)); [PMD(x)] = (p:0); [PMD(y)] = (table:PT(y)); [PTE(y)] = (oa:PD(x)); 0:rsi = PTE(y); }
         P0          | P1     ;
         movl $1,(y) | mfence ;
        exists (wild(P1))
        """,
        """
        X86_64 a-slot-of-a-block-that-is-no-page
        Region=x y | z
        (* Result: Always *)
        { [PMD(x)] = (oa:PA(z), ps:1); [PTE(y)] = (p:0); }
         P0            ;
         movl (y),%eax ;
        exists (wild(P0))
        """,
        """
        X86_64 data-with-P-clear-is-not-wild
        Region=x | y
        (* Result: Never *)
        { [PMD(x)] = (table:PT(x)); [PTE(x)] = (p:0); [PTE(y)] = (oa:PT(x)); }
         P0            ;
         movl $6,(y)   ;
         movl (x),%eax ;
        exists (wild(P0))
        """,
        """
        X86_64 a-leaf-of-data-is-wild-when-it-is-used
        Region=x | y
        (* Result: Never *)
        { [PMD(x)] = (table:PT(x)); [PTE(x)] = (p:0); [PTE(y)] = (oa:PT(x)); }
         P0          | P1     ;
         movl $1,(y) | mfence ;
        exists (wild(P0) \\/ wild(P1))
        """,
    ]
}
