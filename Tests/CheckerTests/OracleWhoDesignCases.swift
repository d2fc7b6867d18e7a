/// The tests of levels.md (j) about who is flushed, with the verdicts that it gives.
extension OracleWhoTests {
    static let designCases = [
        """
        X86_64 case-40-lazy+freed-table
        (* Result: cet=Sometimes strict=Sometimes late=Sometimes knl=Sometimes shadowed=Sometimes book=Sometimes amd=Sometimes amd-broadcast=Never *)
        {
          [PMD(x)] = (table:PT(x));
          0:rdi = PMD(x);
          0:rsi = PTE(x);
        }
         P0                              | P1                    ;
         movq $0,(%rsi)                  | call enter_lazy_tlb() ;
         movq $0,(%rdi)                  | call switch_mm(mm)    ;
         call flush_tlb_range(x,4K,4K,0) | movl (x),%eax         ;
         call free_table(PT(x))          |                       ;
        exists (stale_table(PT(x)))
        """,
        """
        X86_64 lazy-leaf+switch-back
        (* Result: Never *)
        {
          [PTE(x)] = (oa:PA(x));
          0:rdi = PTE(x);
        }
         P0                              | P1                    ;
         movq $0,(%rdi)                  | call enter_lazy_tlb() ;
         call flush_tlb_range(x,4K,4K,0) | call switch_mm(mm)    ;
         call free_frame(x)              | movl (x),%eax         ;
        exists (stale_frame(x))
        """,
        """
        X86_64 lazy-leaf+no-switch-back
        (* Result: cet=Sometimes strict=Sometimes late=Sometimes knl=Sometimes shadowed=Sometimes book=Sometimes amd=Sometimes amd-broadcast=Never *)
        {
          [PTE(x)] = (oa:PA(x));
          0:rdi = PTE(x);
        }
         P0                              | P1                    ;
         movq $0,(%rdi)                  | call enter_lazy_tlb() ;
         call flush_tlb_range(x,4K,4K,0) | movl (x),%eax         ;
         call free_frame(x)              |                       ;
        exists (stale_frame(x))
        """,
        """
        X86_64 case-46-pcid+switch-mm
        (* Result: Never *)
        {
          [PTE(x)] = (oa:PA(x));
          0:rdi = PTE(x);
        }
         P0                     | P1                   ;
         movq $0,(%rdi)         | call switch_mm(idle) ;
         call flush_tlb_page(x) | call switch_mm(mm)   ;
         call free_frame(x)     | movl (x),%eax        ;
        exists (stale_frame(x))
        """,
        """
        X86_64 kpti-user-pcid+invlpg
        PTI=on
        (* Result: Sometimes *)
        {
          x = 5;
          [PTE(x)] = (oa:PA(x));
          0:rdi = PTE(x);
          0:rax = mm:user;
          0:rcx = mm;
          0:rdx = 0x8000000000000000;
        }
         P0             ;
         orq %rdx,%rax  ;
         orq %rdx,%rcx  ;
         movq %rax,%cr3 ;
         movq %rcx,%cr3 ;
         movq $0,(%rdi) ;
         invlpg (x)     ;
         movq %rax,%cr3 ;
         movl (x),%ebx  ;
        exists (0:rbx=5)
        """,
        """
        X86_64 kpti-user-pcid+invpcid
        PTI=on
        (* Result: Never *)
        {
          x = 5;
          [PTE(x)] = (oa:PA(x));
          0:rdi = PTE(x);
          0:rax = mm:user;
          0:rcx = mm;
          0:rdx = 0x8000000000000000;
        }
         P0                                ;
         orq %rdx,%rax                     ;
         orq %rdx,%rcx                     ;
         movq %rax,%cr3                    ;
         movq %rcx,%cr3                    ;
         movq $0,(%rdi)                    ;
         invlpg (x)                        ;
         call invpcid_flush_one(mm:user:x) ;
         movq %rax,%cr3                    ;
         movl (x),%ebx                     ;
        exists (0:rbx=5)
        """,
        """
        X86_64 five-levels+table-freed
        Levels=5
        (* Result: Sometimes *)
        {
          [P4D(x)] = (table:PDPT(x));
          0:rdi = P4D(x);
        }
         P0                       | P1            ;
         movq $0,(%rdi)           | movl (x),%eax ;
         call free_table(PDPT(x)) |               ;
         call flush_tlb_mm()      |               ;
        exists (stale_table(PDPT(x)))
        """,
        """
        X86_64 case-41-invlpgb+final-only
        CPU=amd-broadcast
        (* Result: Sometimes *)
        {
          [PMD(x)] = (table:PT(x));
          0:rdi = PMD(x);
        }
         P0                     | P1            ;
         movq $0,(%rdi)         | movl (x),%eax ;
         call invlpgb(x, final) |               ;
         tlbsync                |               ;
         call free_table(PT(x)) |               ;
        exists (stale_table(PT(x)))
        """,
        """
        X86_64 case-41-invlpgb+all-levels
        CPU=amd-broadcast
        (* Result: Never *)
        {
          [PMD(x)] = (table:PT(x));
          0:rdi = PMD(x);
        }
         P0                     | P1            ;
         movq $0,(%rdi)         | movl (x),%eax ;
         mfence                 |               ;
         call invlpgb(x)        |               ;
         tlbsync                |               ;
         call free_table(PT(x)) |               ;
        exists (stale_table(PT(x)))
        """,
        """
        X86_64 case-41-lazy+leaf-flush
        (* Result: Sometimes amd-broadcast=Never *)
        {
          [PMD(x)] = (table:PT(x));
          0:rdi = PMD(x);
          0:rsi = PTE(x);
        }
         P0                              | P1                    ;
         movq $0,(%rdi)                  | call enter_lazy_tlb() ;
         call flush_tlb_range(x,2M,4K,0) | call switch_mm(mm)    ;
         call free_table(PT(x))          | movl (x),%eax         ;
        exists (stale_table(PT(x)))
        """,
        """
        X86_64 case-41-lazy+table-flush
        (* Result: Never *)
        {
          [PMD(x)] = (table:PT(x));
          0:rdi = PMD(x);
          0:rsi = PTE(x);
        }
         P0                              | P1                    ;
         movq $0,(%rdi)                  | call enter_lazy_tlb() ;
         call flush_tlb_range(x,2M,4K,1) | call switch_mm(mm)    ;
         call free_table(PT(x))          | movl (x),%eax         ;
        exists (stale_table(PT(x)))
        """,
    ]
}
