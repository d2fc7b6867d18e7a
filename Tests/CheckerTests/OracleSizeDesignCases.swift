/// The tests of levels.md (j) that need leaves of several sizes, with the verdicts that it gives.
extension OracleLevelTests {
    static let sizeDesignCases = [
        """
        X86_64 case-12-pmd-invalidate
        (* Result: Sometimes *)
        {
          [PMD(x)] = (oa:PA(x), ps:1, rw:1, d:0);
          0:rdi = PMD(x);
        }
         P0                     | P1          ;
         movq (%rdi),%rax       | movl $1,(x) ;
         movq %rax,%rcx         |             ;
         andq $-2,%rcx          |             ;
         movq %rcx,(%rdi)       |             ;
         call flush_tlb_page(x) |             ;
         andq $-3,%rax          |             ;
         movq %rax,(%rdi)       |             ;
        exists (lost_dirty(x))
        """,
        """
        X86_64 case-33-unshare+no-flush
        (* Result: Sometimes *)
        {
          flag = 0;
          [PUD(x)] = (table:PD(x));
          [PUD(child:x)] = (table:PD(x));
          [PMD(x)] = (oa:PA(x), ps:1);
          0:rdi = PUD(x);
          2:rdi = PUD(child:x);
          2:mm = child;
        }
         P0             | P1            | P2                     ;
         movq $0,(%rdi) | movl (x),%eax | call wait_for(flag,1)  ;
         movl $1,(flag) |               | movq $0,(%rdi)         ;
                        |               | call flush_tlb_mm()    ;
                        |               | call free_table(PD(x)) ;
        exists (stale_table(PD(x)))
        """,
        """
        X86_64 case-38-collapse+flush
        Region=x | X
        (* Result: Never *)
        {
          [PMD(x)] = (table:PT(x));
          [PTE(x)] = (oa:PA(x));
          0:rdi = PMD(x);
          0:rsi = PA(x);
          0:rdx = PA(X);
          0:r8 = (oa:PA(X), ps:1);
        }
         P0                     | P1          ;
         xorl %eax,%eax         | movl $1,(x) ;
         xchgq %rax,(%rdi)      |             ;
         call flush_tlb_page(x) |             ;
         movl (%rsi),%ebx       |             ;
         movl %ebx,(%rdx)       |             ;
         movq %r8,(%rdi)        |             ;
        exists (x=1 /\\ X=0)
        """,
        """
        X86_64 case-58-split+break
        (* Result: Never *)
        {
          [PMD(x)] = (oa:PA(x), ps:1);
          [PTE(x)] = (oa:PA(x));
          0:rdi = PMD(x);
          0:r8 = (table:PT(x));
        }
         P0                     | P1            ;
         movq (%rdi),%rax       | movl (x),%eax ;
         andq $-2,%rax          | movl (x),%ebx ;
         xchgq %rax,(%rdi)      |               ;
         call flush_tlb_page(x) |               ;
         movq %r8,(%rdi)        |               ;
        exists (size_conflict(x))
        """,
        """
        X86_64 case-58-split+no-break+conflict
        (* Result: Sometimes *)
        {
          [PMD(x)] = (oa:PA(x), ps:1);
          [PTE(x)] = (oa:PA(x));
          0:rdi = PMD(x);
          0:r8 = (table:PT(x));
        }
         P0                     | P1            ;
         movq %r8,(%rdi)        | movl (x),%eax ;
         call flush_tlb_page(x) |               ;
        exists (size_conflict(x))
        """,
        """
        X86_64 case-64-huge-zero-touch
        (* Result: Always *)
        {
          [PMD(x)] = (oa:PA(x), ps:1, rw:0, d:0);
          0:rdi = PMD(x);
        }
         P0                  ;
         lock orb $96,(%rdi) ;
        exists (kernel_shadow_stack(x))
        """,
        """
        X86_64 split+dirty-lost
        (* Result: Sometimes *)
        {
          [PMD(x)] = (oa:PA(x), ps:1, d:0);
          [PTE(x)] = (p:0);
          0:rdi = PMD(x);
          0:rsi = PTE(x);
          0:r8 = (table:PT(x));
        }
         P0                     | P1          ;
         movq (%rdi),%rax       | movl $1,(x) ;
         andq $-129,%rax        |             ;
         movq %rax,(%rsi)       |             ;
         movq %r8,(%rdi)        |             ;
         call flush_tlb_page(x) |             ;
        exists (lost_dirty(x))
        """,
        """
        X86_64 split-in-place+read-only
        (* Result: Sometimes *)
        {
          [PMD(x)] = (oa:PA(x), ps:1);
          [PTE(x)] = (oa:PA(x), rw:0, d:0);
          0:rdi = PMD(x);
          0:r8 = (table:PT(x));
        }
         P0                     | P1            ;
         movq %r8,(%rdi)        | movl (x),%eax ;
         call flush_tlb_page(x) |               ;
        exists (size_mismatch(x))
        """,
        """
        X86_64 table-reused-as-data+flush
        Region=x | y
        (* Result: Never *)
        {
          s = 7;
          [PMD(x)] = (table:PT(x));
          [PMD(y)] = (table:PT(y));
          [PTE(x)] = (p:0);
          [PTE(y)] = (p:0);
          0:rdi = PMD(x);
          0:rsi = PTE(y);
          0:r8 = (oa:PT(x));
          1:r9 = (oa:PA(s));
        }
         P0                     | P1            ;
         movq $0,(%rdi)         | movq %r9,(y)  ;
         call flush_tlb_page(x) | movl (x),%eax ;
         movq %r8,(%rsi)        |               ;
        exists (1:rax=7)
        """,
        """
        X86_64 case-12-pmd-invalidate-fixed
        (* Result: Never book=Sometimes *)
        {
          [PMD(x)] = (oa:PA(x), ps:1, rw:1, d:0);
          0:rdi = PMD(x);
        }
         P0                     | P1          ;
         movq (%rdi),%rax       | movl $1,(x) ;
         andq $-2,%rax          |             ;
         xchgq %rax,(%rdi)      |             ;
         call flush_tlb_page(x) |             ;
         orq $1,%rax            |             ;
         andq $-3,%rax          |             ;
         movq %rax,(%rdi)       |             ;
        exists (lost_dirty(x))
        """,
        """
        X86_64 split+dirty-kept
        (* Result: Never book=Sometimes *)
        {
          [PMD(x)] = (oa:PA(x), ps:1, d:0);
          [PTE(x)] = (p:0);
          0:rdi = PMD(x);
          0:rsi = PTE(x);
          0:r8 = (table:PT(x));
        }
         P0                     | P1          ;
         movq (%rdi),%rax       | movl $1,(x) ;
         andq $-2,%rax          |             ;
         xchgq %rax,(%rdi)      |             ;
         call flush_tlb_page(x) |             ;
         orq $1,%rax            |             ;
         andq $-129,%rax        |             ;
         movq %rax,(%rsi)       |             ;
         movq %r8,(%rdi)        |             ;
        exists (lost_dirty(x))
        """,
        """
        X86_64 split-in-place+same-rights
        (* Result: Never *)
        {
          [PMD(x)] = (oa:PA(x), ps:1);
          [PTE(x)] = (oa:PA(x));
          0:rdi = PMD(x);
          0:r8 = (table:PT(x));
        }
         P0                     | P1            ;
         movq %r8,(%rdi)        | movl (x),%eax ;
         call flush_tlb_page(x) |               ;
        exists (size_mismatch(x))
        """,
        """
        X86_64 case-38-collapse+no-flush
        Region=x | X
        (* Result: Sometimes *)
        {
          [PMD(x)] = (table:PT(x));
          [PTE(x)] = (oa:PA(x));
          0:rdi = PMD(x);
          0:rsi = PA(x);
          0:rdx = PA(X);
          0:r8 = (oa:PA(X), ps:1);
        }
         P0                | P1          ;
         xorl %eax,%eax    | movl $1,(x) ;
         xchgq %rax,(%rdi) |             ;
         movl (%rsi),%ebx  |             ;
         movl %ebx,(%rdx)  |             ;
         movq %r8,(%rdi)   |             ;
        exists (x=1 /\\ X=0)
        """,
        """
        X86_64 case-33-unshare+flush
        (* Result: Never *)
        {
          flag = 0;
          [PUD(x)] = (table:PD(x));
          [PUD(child:x)] = (table:PD(x));
          [PMD(x)] = (oa:PA(x), ps:1);
          0:rdi = PUD(x);
          2:rdi = PUD(child:x);
          2:mm = child;
        }
         P0                  | P1            | P2                     ;
         movq $0,(%rdi)      | movl (x),%eax | call wait_for(flag,1)  ;
         call flush_tlb_mm() |               | movq $0,(%rdi)         ;
         movl $1,(flag)      |               | call flush_tlb_mm()    ;
                             |               | call free_table(PD(x)) ;
        exists (stale_table(PD(x)))
        """,
        """
        X86_64 table-reused-as-data
        Region=x | y
        (* Result: Sometimes *)
        {
          s = 7;
          [PMD(x)] = (table:PT(x));
          [PMD(y)] = (table:PT(y));
          [PTE(x)] = (p:0);
          [PTE(y)] = (p:0);
          0:rdi = PMD(x);
          0:rsi = PTE(y);
          0:r8 = (oa:PT(x));
          1:r9 = (oa:PA(s));
        }
         P0              | P1            ;
         movq $0,(%rdi)  | movq %r9,(y)  ;
         movq %r8,(%rsi) | movl (x),%eax ;
        exists (1:rax=7)
        """,
    ]
}
