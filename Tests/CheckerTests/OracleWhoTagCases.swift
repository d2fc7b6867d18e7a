/// Smallest tests of tags, roots and what is kept of upper levels, each with its verdict by hand.
extension OracleWhoTests {
    static let tagCases = [
        """
        X86_64 one-tag-serves-two-spaces
        Pcid=mm:1 child:1
        (* Result: Sometimes *)
        { x = 5; [PTE(x)] = (oa:PA(x)); [PTE(child:x)] = (p:0); 0:rcx = child; 0:rdx = 0x8000000000000000; }
         P0             ;
         movl (x),%ebx  ;
         orq %rdx,%rcx  ;
         movq %rcx,%cr3 ;
         movl (x),%eax  ;
        exists (0:rax=5)
        """,
        """
        X86_64 one-tag-and-a-flushing-load
        Pcid=mm:1 child:1
        (* Result: Never *)
        { x = 5; [PTE(x)] = (oa:PA(x)); [PTE(child:x)] = (p:0); 0:rcx = child; }
         P0             ;
         movl (x),%ebx  ;
         movq %rcx,%cr3 ;
         movl (x),%eax  ;
        exists (0:rax=5)
        """,
        """
        X86_64 two-tags
        Pcid=mm:1 child:2
        (* Result: Never *)
        { x = 5; [PTE(x)] = (oa:PA(x)); [PTE(child:x)] = (p:0); 0:rcx = child; 0:rdx = 0x8000000000000000; }
         P0             ;
         movl (x),%ebx  ;
         orq %rdx,%rcx  ;
         movq %rcx,%cr3 ;
         movl (x),%eax  ;
        exists (0:rax=5)
        """,
        // A service drops both tags of an address space.
        """
        X86_64 a-service-drops-the-user-tag
        PTI=on
        (* Result: Never *)
        { x = 5; [PTE(x)] = (oa:PA(x)); 0:rdi = PTE(x); 0:rax = mm:user; 0:rcx = mm; 0:rdx = 0x8000000000000000; }
         P0                      ;
         orq %rdx,%rax           ;
         orq %rdx,%rcx           ;
         movq %rax,%cr3          ;
         movq %rcx,%cr3          ;
         movq $0,(%rdi)          ;
         call flush_tlb_local(x) ;
         movq %rax,%cr3          ;
         movl (x),%ebx           ;
        exists (0:rbx=5)
        """,
        // Another processor runs the user root, so it runs the address space.
        """
        X86_64 a-processor-on-the-user-root-is-asked
        PTI=on
        (* Result: Never *)
        { [PTE(x)] = (oa:PA(x)); 0:rdi = PTE(x); 1:mm = mm:user; }
         P0                     | P1            ;
         movq $0,(%rdi)         | movl (x),%eax ;
         call flush_tlb_page(x) |               ;
         call free_frame(x)     |               ;
        exists (stale_frame(x))
        """,
        // Entries of the top level: the second root has its own, the same at the start.
        """
        X86_64 the-user-root-has-its-own-entries
        PTI=on
        (* Result: Always *)
        { x = 5; [PGD(x)] = (table:PDPT(x)); 0:rdi = PGD(x); 0:rax = mm:user; }
         P0                  ;
         movq $0,(%rdi)      ;
         call flush_tlb_mm() ;
         movq %rax,%cr3      ;
         movl (x),%ebx       ;
        exists (0:rbx=5)
        """,
        // Below the root all is shared.
        """
        X86_64 the-user-root-shares-what-is-below
        PTI=on
        (* Result: Never *)
        { x = 5; [PUD(x)] = (table:PD(x)); 0:rdi = PUD(x); 0:rax = mm:user; }
         P0                  ;
         movq $0,(%rdi)      ;
         call flush_tlb_mm() ;
         movq %rax,%cr3      ;
         movl (x),%ebx       ;
        exists (0:rbx=5)
        """,
        // No operand names x's address space.
        """
        X86_64 invlpgb-of-another-tag
        CPU=amd-broadcast
        (* Result: Sometimes *)
        { [PTE(x)] = (oa:PA(x)); [PTE(child:x)] = (oa:PA(x)); 0:rdi = PTE(x); }
         P0                  | P1            ;
         movq $0,(%rdi)      | movl (x),%eax ;
         mfence              |               ;
         call invlpgb(child) |               ;
         tlbsync             |               ;
         call free_frame(x)  |               ;
        exists (stale_frame(x))
        """,
        """
        X86_64 invlpgb-of-all-tags-spares-global-ones
        CPU=amd-broadcast
        (* Result: Sometimes *)
        { [PTE(x)] = (oa:PA(x), g:1); 0:rdi = PTE(x); }
         P0                 | P1            ;
         movq $0,(%rdi)     | movl (x),%eax ;
         mfence             |               ;
         call invlpgb()     |               ;
         tlbsync            |               ;
         call free_frame(x) |               ;
        exists (stale_frame(x))
        """,
        """
        X86_64 invlpgb-of-all-tags-and-global-ones
        CPU=amd-broadcast
        (* Result: Never *)
        { [PTE(x)] = (oa:PA(x), g:1); 0:rdi = PTE(x); }
         P0                   | P1            ;
         movq $0,(%rdi)       | movl (x),%eax ;
         mfence               |               ;
         call invlpgb(global) |               ;
         tlbsync              |               ;
         call free_frame(x)   |               ;
        exists (stale_frame(x))
        """,
    ]

    static let upperCases = [
        // Memory never lets x be written: the PMD loses the right before the PUD gains it.
        """
        X86_64 pmd-loses+pud-gains
        (* Result: cet=Never book=Never entries=Sometimes pmd-entries=Sometimes *)
        { [PUD(x)] = (table:PD(x), rw:0); [PMD(x)] = (table:PT(x)); 0:rdi = PUD(x); 0:rsi = PMD(x); }
         P0                   | P1          ;
         lock andb $-3,(%rsi) | movl $1,(x) ;
         lock orb $2,(%rdi)   |             ;
        exists (written(x))
        """,
        """
        X86_64 pmd-loses+flush+pud-gains
        (* Result: Never *)
        { [PUD(x)] = (table:PD(x), rw:0); [PMD(x)] = (table:PT(x)); 0:rdi = PUD(x); 0:rsi = PMD(x); }
         P0                     | P1          ;
         lock andb $-3,(%rsi)   | movl $1,(x) ;
         call flush_tlb_page(x) |             ;
         lock orb $2,(%rdi)     |             ;
        exists (written(x))
        """,
        // With TCE the entry of another region stays.
        """
        X86_64 pmd-loses+other-flush+pud-gains
        Region=x | z
        (* Result: cet=Never book=Never tce-entries=Sometimes *)
        {
          [PUD(x)] = (table:PD(x), rw:0); [PMD(x)] = (table:PT(x)); [PTE(z)] = (oa:PA(z));
          0:rdi = PUD(x); 0:rsi = PMD(x);
        }
         P0                     | P1          ;
         lock andb $-3,(%rsi)   | movl $1,(x) ;
         call flush_tlb_page(z) |             ;
         lock orb $2,(%rdi)     |             ;
        exists (written(x))
        """,
        // The way by the PUD is in no cache of PDEs, so it ends with the serialising instruction.
        """
        X86_64 a-way-that-no-cache-keeps
        (* Result: Sometimes pdes=Never pmd-entries=Never *)
        {
          x = 1; [PUD(x)] = (table:PD(x)); [PMD(x)] = (p:0);
          0:rdi = PUD(x); 0:rsi = PMD(x); 0:r8 = (table:PT(x));
        }
         P0              ;
         movq $0,(%rdi)  ;
         cpuid           ;
         movq %r8,(%rsi) ;
         mfence          ;
         movl (x),%eax   ;
        exists (0:rax=1)
        """,
        """
        X86_64 a-way-that-a-cache-keeps
        (* Result: Sometimes *)
        { x = 1; [PMD(x)] = (table:PT(x)); [PTE(x)] = (p:0); 0:rdi = PMD(x); 0:rsi = PTE(x); 0:r8 = (oa:PA(x)); }
         P0              ;
         movq $0,(%rdi)  ;
         cpuid           ;
         movq %r8,(%rsi) ;
         mfence          ;
         movl (x),%eax   ;
        exists (0:rax=1)
        """,
        // Single entries are used where a walk reaches the table that they lie in; here none does.
        """
        X86_64 an-entry-of-a-table-that-nothing-leads-to
        (* Result: Sometimes pmd-entries=Never *)
        {
          x = 1; [PUD(x)] = (table:PD(x)); [PMD(x)] = (table:PT(x)); [PTE(x)] = (p:0);
          0:rdi = PUD(x); 0:rsi = PTE(x); 0:r8 = (oa:PA(x));
        }
         P0              ;
         movq $0,(%rdi)  ;
         cpuid           ;
         movq %r8,(%rsi) ;
         mfence          ;
         movl (x),%eax   ;
        exists (0:rax=1)
        """,
        // A=0 was seen, but a walk was under way by that entry.
        """
        X86_64 accessed-comes-late
        (* Result: Never book=Sometimes late-a=Sometimes *)
        { [PMD(x)] = (table:PT(x), a:0); 0:rdi = PMD(x); }
         P0                     | P1            ;
         xorl %eax,%eax         | movl (x),%ebx ;
         xchgq %rax,(%rdi)      |               ;
         andl $32,%eax          |               ;
         call free_table(PT(x)) |               ;
        exists (stale_table(PT(x)) /\\ 0:rax=0)
        """,
        """
        X86_64 accessed-comes-late+flush
        (* Result: Never *)
        { [PMD(x)] = (table:PT(x), a:0); 0:rdi = PMD(x); }
         P0                     | P1            ;
         xorl %eax,%eax         | movl (x),%ebx ;
         xchgq %rax,(%rdi)      |               ;
         call flush_tlb_page(x) |               ;
         call free_table(PT(x)) |               ;
        exists (stale_table(PT(x)))
        """,
        // The leaf was read before it was cleared, A of the PMD comes after software has seen A=0.
        """
        X86_64 the-leaf-is-as-it-was-read
        (* Result: Never book=Sometimes late-a=Sometimes *)
        { [PMD(x)] = (table:PT(x), a:0); [PTE(x)] = (oa:PA(x)); 0:rdi = PMD(x); 0:rsi = PTE(x); }
         P0                 | P1            ;
         movq $0,(%rsi)     | movl (x),%ebx ;
         mfence             |               ;
         movq (%rdi),%rax   |               ;
         andl $32,%eax      |               ;
         call free_frame(x) |               ;
        exists (stale_frame(x) /\\ 0:rax=0)
        """,
    ]
}
