import Checker
import Diagnostics
import Litmus
import TestSupport
import Testing

@testable import CompiledTests

/// What compilers make of kernel code besides plain functions: other sections, addresses in data, private tasks.
@Suite(.compilesMuch) struct CompiledShapeTests {
    /// A function outside `.text` whose inline assembly switches to a table and back by name, as clang prints it.
    @Test func functionsInOtherSectionsStayInOnePiece() async throws {
        let verdict = try await Sample.verdict(
            """
            C torn
            { int x = 0; int y = 0; }
            __attribute__((noinline, section(".text.unlikely."))) static int both(int *x, int *y)
            {
                WRITE_ONCE(*x, 1);
                asm volatile(".pushsection .table,\\"a\\"\\n.long 0\\n.popsection\\n\\tlock incl %0" : "+m"(*y));
                WRITE_ONCE(*x, 2);
                return 7;
            }
            __attribute__((noinline)) static int other(int *x) { WRITE_ONCE(*x, 3); return 8; }
            P0(int *x, int *y) { int r = both(x, y); int s = other(y); }
            forall (x=2 /\\ y=3 /\\ 0:r=7 /\\ 0:s=8)
            """)
        #expect(verdict.observation == .always)
    }

    @Test func dataMayPointIntoData() async throws {
        let verdict = try await Sample.verdict(
            """
            C pointers
            { int x = 0; int r = 0; }
            static struct { int a, b; } pair = { 1, 2 };
            static int *second = &pair.b;
            static struct list { struct list *next, *previous; } head = { &head, (struct list *)((char *)&head + 8) };
            static const int constant = 5;
            static const int *to_constant = &constant;
            P0(int *x, int *r) { *x = *READ_ONCE(second) + *READ_ONCE(to_constant); *r = READ_ONCE(head.next) == &head && READ_ONCE(head.previous) == (void *)&head.previous; }
            forall (x=7 /\\ r=1)
            """)
        #expect(verdict.observation == .always)
    }

    @Test func functionsHaveNoAddressInData() async throws {
        let fault = await Sample.diagnostic(
            """
            C pointer
            { int x = 0; }
            static void f(void) { }
            static void (*volatile to_f)(void) = f;
            P0(int *x) { *x = to_f != 0; }
            exists (x=1)
            """)
        #expect(fault?.message.contains("`to_f` holds the address of `f`, which is a function") == true)
    }

    @Test(.enabled(if: Sample.headers("6.12") != nil && Sample.headers("6.1") != nil), arguments: ["6.1", "6.12"])
    func everyCPUHasATask(_ version: String) async throws {
        let verdict = try await Sample.verdict(
            """
            C task
            { int x = 0; }
            P0(int *x) { int r; current->pid = 4; preempt_disable(); WRITE_ONCE(*x, 1); preempt_enable(); r = current->pid; }
            P1(int *x) { int r = current->pid; int c = cpumask_test_cpu(nr_cpu_ids - 1, mm_cpumask(&ptero_mm)) && !cpumask_test_cpu(nr_cpu_ids, mm_cpumask(&ptero_mm)); }
            forall (0:r=4 /\\ 1:r=0 /\\ 1:c=1)
            """, tree: Sample.headers(version))
        #expect(verdict.observation == .always)
    }

    /// Ranges as the real macros pass them: stride, ceiling, and the address space by its root.
    @Test(
        .enabled(if: Sample.headers("6.12") != nil),
        arguments: [
            ("&ptero_mm, (unsigned long)x, (unsigned long)x + 2 * PAGE_SIZE, PAGE_SHIFT, false", Observation.never),
            ("&ptero_mm, (unsigned long)x, (unsigned long)x + 2 * PAGE_SIZE, PMD_SHIFT, false", .sometimes),
            ("&ptero_mm, (unsigned long)x, (unsigned long)x + PAGE_SIZE, PAGE_SHIFT, false", .sometimes),
            ("&ptero_mm, (unsigned long)x - 33 * PAGE_SIZE, (unsigned long)x, PAGE_SHIFT, false", .sometimes),
            ("&ptero_mm, (unsigned long)x - 34 * PAGE_SIZE, (unsigned long)x, PAGE_SHIFT, false", .never),
            ("&ptero_mm, 0, TLB_FLUSH_ALL, 0, true", .never),
            ("&other_mm, 0, TLB_FLUSH_ALL, 0, true", .sometimes),
        ])
    func flushArgumentsMeanWhatTheyDo(_ arguments: String, _ expected: Observation) async throws {
        let text = """
            C flush
            { [PTE(x)] = (oa:PA(x)); [PTE(y)] = (oa:PA(y)); [PTE(child:y)] = (oa:PA(y)); int z = 0; }
            static struct mm_struct other_mm;
            P0(pte_t *pte_y, int *x, int *z, void *child) {
                other_mm.pgd = child;
                xchg(&pte_y->pte, 0ul);
                flush_tlb_mm_range(\(arguments));
                WRITE_ONCE(*z, 1); }
            P1(int *y, int *z) { wait_for(z, 1); READ_ONCE(*y); }
            exists (~fault(P1,y))
            """
        let tree = Sample.headers("6.12")
        #expect(try await Sample.verdict(text, tree: tree).observation == expected)
        let compiled = try await Sample.compile(text, tree: tree)
        #expect(try Sample.verdict(of: compiled.test, reference: true).observation == expected)
    }

    /// Pages in the range that no stride meets are promised, too: the caller takes them for flushed.
    @Test(
        .enabled(if: Sample.headers("6.12") != nil),
        arguments: [
            ("PMD_SIZE, PMD_SHIFT", Observation.sometimes), ("PMD_SIZE, PAGE_SHIFT", .never),
            ("PAGE_SIZE, PMD_SHIFT", .never),
        ])
    func aRangeIsPromisedWhole(_ range: String, _ expected: Observation) async throws {
        let text = """
            C flush
            Region=x y
            { [PMD(x)] = (table:PT(x)); [PTE(x)] = (oa:PA(x)); [PTE(y)] = (oa:PA(y)); }
            P0(pte_t *pte_x, pte_t *pte_y, int *x) {
                pte_x->pte = pte_x->pte & ~2ul;
                pte_y->pte = pte_y->pte & ~2ul;
                flush_tlb_mm_range(&ptero_mm, (unsigned long)x, (unsigned long)x + \(range), false); }
            P1(int *y) { WRITE_ONCE(*y, 1); }
            exists (stale_write(y))
            """
        #expect(try await Sample.verdict(text, tree: Sample.headers("6.12")).observation == expected)
    }

    /// Whether a flush interrupts a lazy CPU, whose walker reads the freed table if not: by what the call says of tables, with
    /// Ptero's own headers and with a kernel's.
    @Test(
        arguments: [
            ("flush_tlb_mm_range(&ptero_mm, (unsigned long)x, (unsigned long)x + PAGE_SIZE, PAGE_SHIFT, true)", false),
            ("flush_tlb_mm_range(&ptero_mm, (unsigned long)x, (unsigned long)x + PAGE_SIZE, PAGE_SHIFT, false)", true),
            ("flush_tlb_range(&ptero_vma, (unsigned long)x, (unsigned long)x + PAGE_SIZE)", false),
            ("flush_tlb_page(&ptero_vma, (unsigned long)x)", true),
            ("flush_tlb_mm(&ptero_mm)", false),
        ])
    func aLazyCPUIsAskedWhereTablesAreFreed(_ flush: String, _ isStale: Bool) async throws {
        let text = """
            C lazy
            { [PMD(x)] = (table:PT(x)); }
            P0(pmd_t *pmd_x, pte_t *pte_x, int *x) { WRITE_ONCE(*pmd_x, __pmd(0)); \(flush); free_table(pte_x); }
            P1(int *busy) { enter_lazy_tlb(&ptero_mm, current); READ_ONCE(*busy); }
            exists (stale_table(PT(x)))
            """
        for tree in [nil, Sample.headers("6.1"), Sample.headers("6.12")] {
            let compiled = try await Sample.compile(text, tree: tree)
            for isReference in [false, true] {
                let verdict = try Sample.verdict(of: compiled.test, reference: isReference)
                #expect(verdict.observation == (isStale ? .sometimes : .never), "\(tree?.version ?? "none")")
            }
        }
    }

    /// A flush of the kernel's own addresses drops them on a lazy CPU, which stays in its address space: once the entry is back
    /// there is no fault.
    @Test(arguments: ["6.1", "6.12"], [false, true])
    func aFlushOfKernelAddressesReachesLazyCPUs(_ version: String, _ comesBack: Bool) async throws {
        guard let tree = Sample.headers(version) else { return }
        let text = """
            C lazy
            { [PTE(x)] = (oa:PA(x)); int z = 0; }
            P0(pte_t *pte_x, int *x, int *z) {
                unsigned long old = READ_ONCE(pte_x->pte);
                wait_for(z, 1);
                xchg(&pte_x->pte, 0ul);
                flush_tlb_kernel_range((unsigned long)x, (unsigned long)x + PAGE_SIZE);
                \(comesBack ? "xchg(&pte_x->pte, old);" : "")
                WRITE_ONCE(*z, 2); }
            P1(int *x, int *z) {
                enter_lazy_tlb(&ptero_mm, current);
                WRITE_ONCE(*z, 1);
                wait_for(z, 2);
                READ_ONCE(*x); }
            exists (\(comesBack ? "" : "~")fault(P1,x))
            """
        #expect(try await Sample.verdict(text, tree: tree).observation == .never)
    }

    /// `switch_mm` drops what a flush that passed the CPU by has left.
    @Test(arguments: [true, false]) func aCPUThatReturnsCatchesUp(_ returns: Bool) async throws {
        let text = """
            C lazy
            { [PTE(x)] = (oa:PA(x)); }
            P0(pte_t *pte_x, int *x) {
                WRITE_ONCE(*pte_x, __pte(0));
                flush_tlb_page(&ptero_vma, (unsigned long)x);
                free_frame(x); }
            P1(int *x) {
                enter_lazy_tlb(&ptero_mm, current);
                \(returns ? "switch_mm(&ptero_mm, &ptero_mm, current);" : "")
                READ_ONCE(*x); }
            exists (stale_frame(x))
            """
        for tree in [nil, Sample.headers("6.1"), Sample.headers("6.12")] {
            let verdict = try await Sample.verdict(text, tree: tree)
            #expect(verdict.observation == (returns ? .never : .sometimes), "\(tree?.version ?? "none")")
        }
    }

    @Test(.enabled(if: Sample.headers("6.12") != nil)) func rootsThatAreNoneAreErrors() async throws {
        do {
            _ = try await Sample.verdict(
                """
                C flush
                { [PTE(x)] = (oa:PA(x)); }
                P0(int *x) { ptero_mm.pgd = (pgd_t *)4096; flush_tlb_mm_range(&ptero_mm, 0, TLB_FLUSH_ALL, 0, true); }
                exists (fault(P0))
                """, tree: Sample.headers("6.12"))
            Issue.record("0x1000 is no root")
        } catch let fault as Diagnostic {
            #expect(fault.message.contains("0x1000 is not the root of an address space"))
        }
    }

    /// Locked operations and narrow reads as the real helpers make them.
    @Test(
        .enabled(if: Sample.headers("6.12") != nil && Sample.headers("6.1") != nil),
        arguments: [
            ("6.1", "ptep_set_wrprotect(&ptero_mm, (unsigned long)x, pte_x)", ["lock andb $-3"]),
            ("6.12", "ptep_set_wrprotect(&ptero_mm, (unsigned long)x, pte_x)", ["lock cmpxchgq"]),
            (
                "6.12", "ptep_test_and_clear_young(&ptero_vma, (unsigned long)x, pte_x)",
                ["testb $32,(%", "lock btrq $5"]
            ),
            (
                "6.1", "ptep_test_and_clear_young(&ptero_vma, (unsigned long)x, pte_x)",
                ["testb $32,(%", "lock btrq $5"]
            ),
            ("6.12", "ptep_clear_flush(&ptero_vma, (unsigned long)x, pte_x)", ["xchgq"]),
            ("6.12", "inc_mm_tlb_gen(&ptero_mm)", ["lock xaddq"]),
        ] as [(String, String, [String])])
    func lockedFormsAndNarrowReads(_ version: String, _ call: String, _ instructions: [String]) async throws {
        let text = """
            C forms
            { [PTE(x)] = (oa:PA(x), rw:1, d:0); }
            P0(pte_t *pte_x, int *x) { \(call); }
            P1(int *x) { WRITE_ONCE(*x, 1); }
            exists (lost_dirty(x) /\\ [PTE(x)]=(p:1))
            """
        let compiled = try await Sample.compile(text, tree: Sample.headers(version))
        let program = try #require(compiled.test.threads.first).program.instructions.map(\.text)
        for instruction in instructions { #expect(program.contains { $0.contains(instruction) }, "\(program)") }
        for profile in ["cet", "late", "knl"] {
            #expect(try Sample.verdict(of: compiled.test, profile: profile).observation == .never)
        }
    }

    @Test func versionsAreRanges() throws {
        let from = try #require(KernelVersionRange("6.6.."))
        #expect(from.contains([6, 6, 0]) && from.contains([6, 12, 117]) && from.contains([7, 0, 0]))
        #expect(!from.contains([6, 5, 13]) && !from.contains([5, 15, 0]))
        let to = try #require(KernelVersionRange("..6.5"))
        #expect(to.contains([6, 5, 13]) && to.contains([6, 1, 192]) && !to.contains([6, 6, 0]))
        let between = try #require(KernelVersionRange("6.1.20..6.5"))
        #expect(between.contains([6, 1, 20]) && !between.contains([6, 1, 19]) && !between.contains([6, 6, 0]))
        for wrong in ["", "..", "6.6", "6.x..", "6.1...6.5", "-1..", "6..1..2", "1.2.3.4.."] {
            #expect(KernelVersionRange(wrong) == nil, "\(wrong)")
        }
    }

    @Test func wrongVersionsAreErrors() async throws {
        let fault = await Sample.diagnostic("C v\nLinux=6.6\n{ }\nP0(int *x) { *x = 1; }\nexists (x=1)\n")
        #expect(fault?.message == "`6.6` is not a range of kernel versions")
        #expect(fault?.place?.line == 2)
    }

    @Test func whatATestNeedsIsSaid() throws {
        func lack(_ head: String, _ tree: KernelTree? = nil) throws -> String? {
            let text = "C v\n\(head)\n{ }\nP0(int *x) { *x = 1; }\nexists (x=1)\n"
            return try Sample.compiler(tree: tree).lack(for: CTest.parse(bytes: Array(text.utf8), file: nil).test)
        }
        #expect(try lack("Linux=6.6..") == "no kernel headers (--kernel-tree DIR)")
        #expect(try lack("Linux=6.6..\nInclude=linux/pgtable-6.12.h") == nil)
        #expect(try lack("Purpose=none") == nil)
        if let tree = Sample.headers("6.1") {
            #expect(try lack("Linux=6.6..", tree) == "Linux \(tree.version) is not among 6.6..")
            #expect(try lack("Linux=..6.5", tree) == nil)
        }
    }
}
