/// Small tests for commands and reports to work on.
package enum Texts {
    package static let storeBuffering = """
        X86_64 SB
        (* Result: Sometimes *)
        {
        }
         P0            | P1            ;
         movl $1,(x)   | movl $1,(y)   ;
         movl (y),%eax | movl (x),%eax ;
        exists (0:rax=0 /\\ 1:rax=0)

        """

    package static let messagePassing = """
        X86_64 MP
        (* Result: Never *)
        {
        }
         P0          | P1            ;
         movl $1,(x) | movl (y),%eax ;
         movl $1,(y) | movl (x),%ebx ;
        exists (1:rax=1 /\\ 1:rbx=0)

        """

    package static let lockAnd = """
        X86_64 lock-and+write+exposed
        "What the locked AND leaves behind is a shadow-stack page on a CPU that has them."
        Sequence=lock-and
        Failure=exposes a shadow stack
        (* Result: cet=Sometimes strict=Never late=Never knl=Never shadowed=Never book=Never *)
        {
          [PTE(x)] = (oa:PA(x), rw:1, d:0);
          0:rdi = PTE(x);
        }
         P0                     | P1          ;
         lock andb $-3,(%rdi)   | movl $1,(x) ;
         call flush_tlb_page(x) |             ;
        exists (shadow_stack_exposed(x))

        """

    package static let mixed = """
        X86_64 mixed
        CPU=P0:cet P1:late
        {
          [PTE(x)] = (oa:PA(x), rw:1, d:0);
          0:rdi = PTE(x);
        }
         P0                     | P1          ;
         lock andb $-3,(%rdi)   | movl $1,(x) ;
        exists (shadow_stack_exposed(x))

        """

    /// P0 waits for ever: millions of states, and each is part of a circle that nobody can leave.
    package static let spinning = """
        X86_64 big2
        { int v = 0; int z = 0; int w0 = 0; int w1 = 0; }
        P0 | P1 | P2 ;
        L0: movl (v),%eax | movl $1,(w0) | movl $1,(w1) ;
        testl %eax,%eax | movl (w1),%eax | movl (w0),%eax ;
        je L0 | movl $2,(w0) | movl $2,(w1) ;
        movl $1,(z) | movl (w1),%ebx | movl (w0),%ebx ;
         | movl $3,(w0) | movl $3,(w1) ;
         | movl (w1),%ecx | movl (w0),%ecx ;
         | movl $4,(w0) | movl $4,(w1) ;
         | movl (w1),%edx | movl (w0),%edx ;
         | movl $5,(w0) | movl $5,(w1) ;
         | movl (w1),%eax | movl (w0),%eax ;
         | movl $6,(w0) | movl $6,(w1) ;
         | movl (w1),%ebx | movl (w0),%ebx ;
        locations [1:rax; 1:rbx; 1:rcx; 1:rdx; 2:rax; 2:rbx; 2:rcx; 2:rdx;]
        exists (stuck(P0))

        """

    /// More states than a small limit allows.
    package static let large = """
        X86_64 large
        {
        }
         P0            | P1            | P2            ;
         movl $1,(x)   | movl $1,(y)   | movl $1,(z)   ;
         movl $2,(x)   | movl $2,(y)   | movl $2,(z)   ;
         movl (y),%eax | movl (z),%eax | movl (x),%eax ;
         movl $3,(x)   | movl $3,(y)   | movl $3,(z)   ;
         movl (y),%ebx | movl (z),%ebx | movl (x),%ebx ;
        exists (0:rax=0 /\\ 1:rax=0 /\\ 0:rbx=1)

        """
}
