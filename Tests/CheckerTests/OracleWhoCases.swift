/// Smallest tests of lazy processors, missed flushes, and interrupts that are handled in code, each with its verdict by hand.
extension OracleWhoTests {
    static let modeCases = [
        // A plain load of CR3 knows nothing of missed flushes.
        """
        X86_64 a-plain-load-does-not-catch-up
        (* Result: Sometimes *)
        { [PTE(x)] = (oa:PA(x)); 0:rdi = PTE(x); 1:rcx = mm; 1:rdx = 0x8000000000000000; }
         P0                     | P1                   ;
         movq $0,(%rdi)         | call switch_mm(idle) ;
         call flush_tlb_page(x) | orq %rdx,%rcx        ;
         call free_frame(x)     | movq %rcx,%cr3       ;
                                | movl (x),%eax        ;
        exists (stale_frame(x))
        """,
        // The request finds another address space: nothing is dropped, and the flush counts as missed.
        """
        X86_64 a-request-that-finds-another-space-is-missed
        (* Result: Never *)
        { [PTE(x)] = (oa:PA(x)); 0:rdi = PTE(x); [PTE(child:x)] = (oa:PA(x)); }
         P0                     | P1                    ;
         movq $0,(%rdi)         | movl (x),%ebx         ;
         call flush_tlb_page(x) | call switch_mm(child) ;
         movl $1,(f)            | call switch_mm(mm)    ;
                                | call wait_for(f,1)    ;
                                | movl (x),%eax         ;
        exists (~fault(P1,x) /\\ ~stuck(P1))
        """,
        // y was flushed while the processor was lazy: switch_mm drops x as well.
        """
        X86_64 catching-up-drops-everything
        (* Result: Never *)
        { [PTE(x)] = (oa:PA(x)); [PTE(y)] = (oa:PA(y)); 0:rdi = PTE(x); }
         P0                     | P1                    ;
         call wait_for(f,1)     | call enter_lazy_tlb() ;
         movq $0,(%rdi)         | movl $1,(f)           ;
         call flush_tlb_page(y) | call wait_for(g,1)    ;
         movl $1,(g)            | call switch_mm(mm)    ;
         call free_frame(x)     | movl (x),%eax         ;
        exists (stale_frame(x))
        """,
        // y was flushed before the processor was lazy: x stays.
        """
        X86_64 what-is-not-missed-is-not-dropped
        (* Result: Sometimes *)
        { [PTE(x)] = (oa:PA(x)); [PTE(y)] = (oa:PA(y)); 0:rdi = PTE(x); }
         P0                     | P1                    ;
         movq $0,(%rdi)         | call enter_lazy_tlb() ;
         call flush_tlb_page(y) | call switch_mm(mm)    ;
         call free_frame(x)     | movl (x),%eax         ;
        exists (stale_frame(x))
        """,
        // TABLES=1 interrupts the lazy processor, which leaves for init, where there is no x.
        """
        X86_64 an-interrupt-takes-user-pages-away
        (* Result: Always *)
        { [PTE(x)] = (oa:PA(x)); }
         P0                              | P1                    ;
         call wait_for(f,1)              | call enter_lazy_tlb() ;
         call flush_tlb_range(x,4K,4K,1) | movl $1,(f)           ;
         movl $1,(g)                     | call wait_for(g,1)    ;
                                         | movl (x),%eax         ;
        exists (fault(P1,x))
        """,
        // With TABLES=0 it is not asked.
        """
        X86_64 a-lazy-processor-is-not-asked
        (* Result: Never *)
        { [PTE(x)] = (oa:PA(x)); }
         P0                              | P1                    ;
         call wait_for(f,1)              | call enter_lazy_tlb() ;
         call flush_tlb_range(x,4K,4K,0) | movl $1,(f)           ;
         movl $1,(g)                     | call wait_for(g,1)    ;
                                         | movl (x),%eax         ;
        exists (fault(P1,x))
        """,
        // Alone with the address space, a lazy processor flushes by leaving for init; the other one runs idle.
        """
        X86_64 a-lazy-caller-alone-leaves
        (* Result: Always *)
        { [PTE(x)] = (oa:PA(x)); }
         P0                     ;
         call enter_lazy_tlb()  ;
         call flush_tlb_page(x) ;
         movl (x),%eax          ;
        exists (fault(P0,x))
        """,
        // While another one runs it, it drops nothing, and its next switch_mm does.
        """
        X86_64 a-lazy-caller-is-not-asked-either
        (* Result: Sometimes *)
        { x = 1; [PTE(x)] = (oa:PA(x)); 0:rdi = PTE(x); 0:r8 = (oa:PA(y)); }
         P0                     | P1 ;
         movl (x),%ebx          | nop ;
         movq %r8,(%rdi)        |    ;
         call enter_lazy_tlb()  |    ;
         call flush_tlb_page(x) |    ;
         movl (x),%eax          |    ;
        exists (0:rax=1)
        """,
        """
        X86_64 a-lazy-caller-catches-up
        (* Result: Never *)
        { x = 1; [PTE(x)] = (oa:PA(x)); 0:rdi = PTE(x); 0:r8 = (oa:PA(y)); }
         P0                     | P1 ;
         movl (x),%ebx          | nop ;
         movq %r8,(%rdi)        |    ;
         call enter_lazy_tlb()  |    ;
         call flush_tlb_page(x) |    ;
         call switch_mm(mm)     |    ;
         movl (x),%eax          |    ;
        exists (0:rax=1)
        """,
    ]

    static let interruptCases = [
        """
        X86_64 a-handler-that-invalidates
        (* Result: Never *)
        { [PTE(x)] = (oa:PA(x)); 0:rdi = PTE(x); }
         P0                 | P1            | P1.I       ;
         movq $0,(%rdi)     | movl (x),%eax | invlpg (x) ;
         call send_ipi(P1)  |               | iretq      ;
         call free_frame(x) |               |            ;
        exists (stale_frame(x))
        """,
        """
        X86_64 a-handler-that-does-not
        (* Result: Sometimes *)
        { [PTE(x)] = (oa:PA(x)); 0:rdi = PTE(x); }
         P0                 | P1            | P1.I  ;
         movq $0,(%rdi)     | movl (x),%eax | iretq ;
         call send_ipi(P1)  |               |       ;
         call free_frame(x) |               |       ;
        exists (stale_frame(x))
        """,
        """
        X86_64 an-interrupt-waits-for-sti
        (* Result: Always *)
        { f = 0; 1:if = 0; }
         P0                | P1                 | P1.I  ;
         call send_ipi(P1) | call wait_for(f,1) | iretq ;
         movl $1,(f)       |                    |       ;
        exists (stuck(P0) /\\ stuck(P1))
        """,
        """
        X86_64 registers-are-saved-and-those-of-the-start-are-loaded
        (* Result: Always *)
        { w = 0; 1:rbx = 5; }
         P0                | P1            | P1.I          ;
         call send_ipi(P1) | movl $1,%ebx  | movl %ebx,(w) ;
                           | mfence        | movl $7,%ebx  ;
                           |               | iretq         ;
        exists (w=5 /\\ 1:rbx=1)
        """,
        // The handler of an ended thread finds what its CPU has cached.
        """
        X86_64 an-ended-thread-leaves-its-translations
        (* Result: Sometimes *)
        { x = 5; w = 0; [PTE(x)] = (oa:PA(x)); 0:rdi = PTE(x); }
         P0                | P1            | P1.I          ;
         movq $0,(%rdi)    | movl (x),%eax | movl (x),%ecx ;
         mfence            |               | movl %ecx,(w) ;
         call send_ipi(P1) |               | iretq         ;
        exists (w=5)
        """,
        """
        X86_64 a-fault-in-a-handler
        (* Result: Always *)
        { [PTE(x)] = (p:0); }
         P0                | P1  | P1.I          ;
         call send_ipi(P1) | nop | movl (x),%ecx ;
                           |     | iretq         ;
        exists (stuck(P0) /\\ fault(P1,x))
        """,
        // What the thread stored before is in memory when the handler runs.
        """
        X86_64 an-interrupt-empties-the-store-buffer
        (* Result: Never *)
        { v = 0; w = 0; }
         P0                | P1            | P1.I  ;
         movl $1,(v)       | movl $1,(w)   | iretq ;
         call send_ipi(P1) | movl (v),%ebx |       ;
         movl (w),%eax     |               |       ;
        exists (0:rax=0 /\\ 1:rbx=0)
        """,
        // A flush that waits is interrupted, and goes on waiting.
        """
        X86_64 a-flush-is-interrupted
        (* Result: Always *)
        { [PTE(x)] = (oa:PA(x)); w = 0; }
         P0                | P1                     | P1.I        ;
         call send_ipi(P1) | call flush_tlb_page(x) | movl $1,(w) ;
                           | movl $3,%ebx           | iretq       ;
        exists (w=1 /\\ 1:rbx=3)
        """,
    ]
}
