import Diagnostics
import Litmus
import Testing
import X86

/// Texts that the tests start from.
enum Sample {
    /// The example of the language's description.
    static let fork = """
        X86_64 wrprotect-lock-and+write
        "fork() write-protects a live entry with one locked AND while another CPU writes the page"
        CPU=cet late strict knl
        Fault=P1:retry
        (* Result: cet=Sometimes late=Never strict=Never knl=Never *)
        {
          [PTE(x)] = (oa:PA(x), rw:1, d:0);
          0:rdi = PTE(x);
        }
         P0                     | P1          ;
         lock andb $-3,(%rdi)   | movl $1,(x) ;
         call flush_tlb_page(x) |             ;
        exists (shadow_stack_exposed(x))

        """

    /// What diy7 writes.
    static let diy = """
        X86_64 SB+rfi-pos
        "Rfi PodRR Fre Rfi PodRR Fre"
        Generator=diy7 (version 7.58+1)
        Prefetch=0:x=F,0:y=T,1:y=F,1:x=T
        Com=Fr Fr
        Orig=Rfi PodRR Fre Rfi PodRR Fre
        Relax=
        {
         uint16_t x=0; uint64_t 1:rax=0; uint64_t 1:rbx;
        }
         P0            | P1            ;
         movl $1,(x)   | movl $1,(y)   ;
         movl (x),%eax | movl (y),%eax ;
         movl (y),%ebx | movl (x),%ebx ;

        locations [x;y;]
        exists (0:rax=1 /\\ 0:rbx=0 /\\ 1:rax=1 /\\ 1:rbx=0)

        """

    /// Something of everything.
    static let everything = """
        X86_64 everything
        "All phrases of the language"
        CPU=P0:cet P1:late P2:strict
        Fault=P0:retry P1:handler
        Translate=y
        ShadowStack=z
        Sequence=lock and
        Failure=lost dirty
        Remark=seldom
        Purpose=Shows every phrase
        (*
         * Result: Sometimes
         * (* nested *)
         *)
        {
          int x=1; y=-2; unsigned long z = 0xffffffffffffffff;
          int a[3] = {1, 2, 3}; long b[2]; pteval_t 0:r8 = (oa:PA(x), rw:0, pkey:7);
          [PTE(x)] = (oa:PA(x), p:1, d:0); PTE(child:x) = (p:0); pte_y = (rw:0, a:0);
          0:rdi = PTE(child:x); 0:rsi = x; 0:rdx=PA(x); 1:eax = -1; 1:bl = 255;
          2:mm = child; 0:cpl=3; 0:if=0; 0:cr0.wp=0; int *p = &x;
        }
         P0 | P2 | P1 | P1.F ;
         L0: movl (%rdi),%eax | movl $1,(x) | A: B: movl $2,(y) | iretq ;
         jne L0 | | lock ; incl (x) | ;
         | | E: | ;
        locations [x; 0:rax uint64_t; [PTE(x)]; a[1]; [PTE(x)].d;]
        filter 0:rax=x \\/ not (1:rbx=0)
        ~exists
          (0:rax=1 /\\ [x]==2 /\\ (x!=3 \\/ [PTE(x)]=(rw:0, d:1)) /\\ [PTE(child:x)]==(rw:0)
          /\\ [PTE(x)].d=1 /\\ a[1]=2 /\\ 0:rax=1:rbx /\\ [x]=[y] /\\ [PTE(x)].oa=PA(x) /\\ fault(P1,x)
          /\\ fault(P0:L0,x) /\\ ~fault(P0) /\\ written(x) /\\ lost_dirty(y) /\\ stuck(P2) /\\ (true => false))

        """

    /// Several conditions, the first without a name.
    static let several = """
        X86_64 several
        CPU=cet late
        Failure=makes a shadow-stack entry
        Failure lost-dirty = loses a Dirty bit
        Remark seen=can be seen
        (* Result: Sometimes *)
        (* Result lost-dirty: cet=Never late=Sometimes *)
        {
          [PTE(x)] = (oa:PA(x), rw:1, d:0);
          0:rdi = PTE(x);
        }
         P0                   | P1          ;
         lock andb $-3,(%rdi) | movl $1,(x) ;
        locations [x;]
        filter (true)
        exists (kernel_shadow_stack(x))
        ~exists lost-dirty: (lost_dirty(x))
        forall seen : ([PTE(x)].rw=0 \\/ [PTE(child:y)].d=1);

        """

    /// Several conditions, all with names.
    static let named = """
        X86_64 named
        Purpose=asks twice
        (* Result: Never *)
        (* Result b.2: Always
         * Result b.2: late=Never *)
        { }
         P0          ;
         movl $1,(x) ;
        exists a: (x=2) forall b.2: (x=1)

        """

    /// A hole in two columns, another one, and what is said about them.
    static let hole = """
        X86_64 write-protect
        CPU=cet late
        Fault=P1:retry
        {
          [PTE(x)] = (oa:PA(x), rw:1, d:0);
          0:rdi = PTE(x); 2:rdi = PTE(x);
        }
         P0 | P1 | P2 ;
         L: ??wp {in rdi; scratch rax rcx, %rdx; out al&64 ah rcx; flush no; loop yes; length 6; only andb;
                  without xchg cmpxchgq } | movl $1,(x) | M: ??wp ;
         N: ??late {} | | nop ;
         testb $64,%al | E: | F: ;
        locations [x;]
        starts (rw:1, d:*, a:*, sd:0, pkey:3)
        filter (true)
        ensures ([PTE(x)] = old with (rw:0, d:0, sd: old.sd \\/ old.d) /\\ al&64 = old.d)
        ensures (ah = ~(old.a /\\ 1) \\/ old.d /\\ old.pkey /\\ rcx = 0)
        ~exists (lost_dirty(x))
        exists rule: (kernel_shadow_stack(x))

        """

    /// Entries above the leaf, tables and regions.
    static let tables = """
        X86_64 tables
        "A table moves from x to z, and another is freed"
        Region=x y | z || w
        (* Result: Sometimes *)
        {
          w = 0; pgd_y = (table:PDPT(y), nx:0);
          [PUD(w)] = (table:PD(w), rw:1, us:1); [PMD(x)] = (table:PT(x), d:0, ps:0); [PMD(z)] = (p:0);
          [PMD(child:x)] = (table:PT(x)); [PTE(x)] = (oa:PA(x)); 1:mm = child;
          0:rdi = PMD(x); 0:rsi = pmd_z; 0:rdx = PUD(child:w); 0:r8 = (table:PT(child:x), a:0);
        }
         P0                              | P1                   ;
         call rcu_read_lock()            | movq $PMD(x),%rax    ;
         movq (%rdi),%rax                | movq (PGD(x)),%rbx   ;
         call pte_offset(x)              | movl (y),%ecx        ;
         call rcu_read_unlock()          | movl (z),%edx        ;
         call flush_tlb_range(x,2M,4K,1) |                      ;
         call synchronize_rcu()          |                      ;
         call free_table(PT(child:x))    | call free_table(PD(x)) ;
        locations [[PMD(x)]; PUD(child:w); [PGD(w)].a;]
        filter [PMD(x)]=(table:PT(z)) \\/ [PMD(x)].ps=0
        exists
          (stale_table(PT(child:x)) /\\ ~stale_table(PD(x)) /\\ [PMD(z)]==(table:PT(x), us:0) /\\ 1:rax=PMD(x)
          /\\ [PMD(x)]=[PMD(child:x)] /\\ 0:rax=(table:PDPT(x)))

        """

    static let all = [fork, diy, everything, several, named, hole, tables]

    /// A test around the parts given.
    static func test(
        head: String = "", state: String = "", program: String = " P0 | P1 ;\n nop | nop ;\n",
        _ condition: String = "forall (true)"
    ) -> String {
        "X86_64 t\n\(head)\n{ \(state) }\n\(program)\n\(condition)\n"
    }
}

/// Parses, or records the diagnostic as an issue.
func parsed(_ source: String, sourceLocation: SourceLocation = #_sourceLocation) throws -> LitmusTest {
    do {
        return try LitmusParser.parse(source, file: "t.litmus")
    } catch {
        Issue.record("\(error.rendered(source: source))", sourceLocation: sourceLocation)
        throw error
    }
}

/// The diagnostic of a faulty text; records an issue when there is none.
func fault(in source: String, sourceLocation: SourceLocation = #_sourceLocation) -> Diagnostic? {
    do {
        _ = try LitmusParser.parse(source, file: "t.litmus")
        Issue.record("no diagnostic for:\n\(source)", sourceLocation: sourceLocation)
        return nil
    } catch {
        return error
    }
}

/// A faulty text, and what is to be said about it.
struct FaultCase: Sendable, CustomTestStringConvertible {
    var source: String
    /// A part of the message.
    var message: String
    /// The characters that the diagnostic points at.
    var at: String
    /// A part of the remedy; nil when there need not be one.
    var remedy: String?

    init(_ source: String, _ message: String, at: String, remedy: String? = nil) {
        self.source = source
        self.message = message
        self.at = at
        self.remedy = remedy
    }

    var testDescription: String { message + " at " + at }

    /// Checks message, place and remedy.
    func check(sourceLocation: SourceLocation = #_sourceLocation) {
        guard let diagnostic = fault(in: source, sourceLocation: sourceLocation) else { return }
        let text = diagnostic.rendered(source: source)
        #expect(diagnostic.message.contains(message), "\(text)", sourceLocation: sourceLocation)
        #expect(pointedAt(by: diagnostic) == at, "\(text)", sourceLocation: sourceLocation)
        if let remedy {
            #expect(diagnostic.remedy?.contains(remedy) == true, "\(text)", sourceLocation: sourceLocation)
        }
    }

    private func pointedAt(by diagnostic: Diagnostic) -> String {
        let lines = source.split(separator: "\n", omittingEmptySubsequences: false)
        guard let place = diagnostic.place, lines.indices.contains(place.line - 1) else { return "<outside>" }
        return String(lines[place.line - 1].dropFirst(place.column - 1).prefix(diagnostic.length))
    }
}
