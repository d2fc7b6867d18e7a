import CompiledTests
import Litmus
import Testing

@Suite struct CTestTests {
    @Test func storeBufferingIsSeenAndFencesForbidIt() async throws {
        func test(_ fence: String) -> String {
            """
            C SB
            { int x = 0; int y = 0; }
            P0(int *x, int *y) { int r1; WRITE_ONCE(*x, 1); \(fence) r1 = READ_ONCE(*y); }
            P1(int *x, int *y) { int r1; WRITE_ONCE(*y, 1); \(fence) r1 = READ_ONCE(*x); }
            exists (0:r1=0 /\\ 1:r1=0)
            """
        }
        #expect(try await Sample.verdict(test("")).observation == .sometimes)
        #expect(try await Sample.verdict(test("barrier();")).observation == .sometimes)
        // Locked instructions on the own stack order as those on shared memory do.
        #expect(try await Sample.verdict(test("smp_mb();")).observation == .never)
    }

    @Test func fastAndReferenceSearchAgreeOnCompiledCode() async throws {
        for file in ["6.1", "6.12"] {
            let test = try await Sample.compile(
                """
                C agree
                Include=linux/pgtable-\(file).h
                { [PTE(x)] = (oa:PA(x), rw:1, d:0); }
                P0(pte_t *pte_x, int *x) { ptep_set_wrprotect(&init_mm, (unsigned long)x, pte_x); flush_tlb_page(x); }
                P1(int *x) { WRITE_ONCE(*x, 1); }
                exists (kernel_shadow_stack(x) \\/ lost_dirty(x))
                """
            ).test
            for profile in ["cet", "late", "book"] {
                let fast = try Sample.verdict(of: test, profile: profile)
                let reference = try Sample.verdict(of: test, profile: profile, reference: true)
                #expect(fast.states == reference.states)
                #expect(fast.observation == (file == "6.1" ? .sometimes : .never))
            }
        }
    }

    @Test func localsKeepTheirTypes() async throws {
        let verdict = try await Sample.verdict(
            """
            C locals
            { }
            P0(int *x) {
                int a = -1; unsigned char b = 200; unsigned long c = 1ul << 40; short d = -3; pte_t e = __pte(7); const int f = 9;
                WRITE_ONCE(*x, a);
            }
            locations [0:a; 0:b; 0:c; 0:d; 0:e; 0:f; x;]
            forall (0:a=-1 /\\ 0:b=200 /\\ 0:c=0x10000000000 /\\ 0:d=-3 /\\ 0:e=7 /\\ 0:f=9 /\\ x=-1)
            """)
        #expect(verdict.observation == .always)
        #expect(
            verdict.states.map(\.text) == ["0:a=-1; 0:b=200; 0:c=1099511627776; 0:d=-3; 0:e=7; 0:f=9; [x]=-1;"])
    }

    @Test func earlyReturnsKeepLocals() async throws {
        let verdict = try await Sample.verdict(
            """
            C early
            { x = 3; }
            P0(int *x) { int r = READ_ONCE(*x); if (r == 3) return; r = 0; }
            forall (0:r=3)
            """)
        #expect(verdict.observation == .always)
    }

    @Test func callsLoopsAndStaticDataWork() async throws {
        let verdict = try await Sample.verdict(
            """
            C data
            { int x = 5; }
            static int table[4] = { 1, 2, 3, 4 };
            static int counter = 10;
            static int *pointer = &counter;
            static const char text[] = "a#b\\n\\1";
            static __attribute__((noinline)) int sum(int n) { int s = 0; for (int i = 0; i < n; i++) s += READ_ONCE(table[i]); return s; }
            static __attribute__((noinline)) long factorial(long n) { return n < 2 ? 1 : n * factorial(n - 1); }
            P0(int *x) {
                int a = sum(READ_ONCE(*x) - 1); long b = factorial(READ_ONCE(*x)); WRITE_ONCE(*pointer, a + 1);
                int c = READ_ONCE(counter); int d = text[READ_ONCE(*x)];
            }
            forall (0:a=10 /\\ 0:b=120 /\\ 0:c=11 /\\ 0:d=0)
            """)
        #expect(verdict.observation == .always)
    }

    @Test func staticDataIsShared() async throws {
        let verdict = try await Sample.verdict(
            """
            C shared
            { }
            static int flag, data;
            P0(int *x) { WRITE_ONCE(data, 1); smp_store_release(&flag, 1); }
            P1(int *x) { int f = smp_load_acquire(&flag); int d = READ_ONCE(data); }
            exists (1:f=1 /\\ 1:d=0)
            """)
        #expect(verdict.observation == .never)
        #expect(verdict.states.count == 3)
    }

    @Test func perCPUDataIsPrivate() async throws {
        let verdict = try await Sample.verdict(
            """
            C percpu
            { }
            #define BUMP asm volatile("incl %%gs:count" ::: "memory", "cc")
            #define GET(r) asm volatile("movl %%gs:count,%0" : "=r"(r))
            P0(int *x) { int r; BUMP; BUMP; GET(r); }
            P1(int *x) { int r; BUMP; GET(r); }
            forall (0:r=2 /\\ 1:r=1)
            """)
        #expect(verdict.observation == .always)
        #expect(verdict.statistics.states < 8)
    }

    @Test func servicesTakeArgumentsFromRegisters() async throws {
        let verdict = try await Sample.verdict(
            """
            C services
            { [PTE(x)] = (oa:PA(x), rw:1, d:0); }
            P0(spinlock_t *l, int *x, int *y) { long r; spin_lock(l); WRITE_ONCE(*y, READ_ONCE(*y) + 1); set_page_dirty(x); r = page_dirty(x); spin_unlock(l); }
            P1(spinlock_t *l, int *y) { spin_lock(l); WRITE_ONCE(*y, READ_ONCE(*y) + 1); spin_unlock(l); }
            forall (y=2 /\\ 0:r=1)
            """)
        #expect(verdict.observation == .always)
    }

    @Test func entriesOfOneTableLieSideBySide() async throws {
        let verdict = try await Sample.verdict(
            """
            C batch
            Include=linux/pgtable-6.12.h
            { [PTE(x0)] = (oa:PA(x0), rw:1, d:0); [PTE(x1)] = (oa:PA(x1), rw:1, d:1); }
            P0(pte_t *pte_x0, int *x0) { wrprotect_ptes(&init_mm, (unsigned long)x0, pte_x0, 2); flush_tlb_range(&ptero_vma, (unsigned long)x0, (unsigned long)x0 + 2 * PAGE_SIZE); }
            P1(int *x1) { WRITE_ONCE(*x1, 1); }
            forall ([PTE(x0)]=(p:1, rw:0, d:0) /\\ [PTE(x1)]=(p:1, rw:0, d:0, sd:1) /\\ ~stale_write(x1))
            """)
        #expect(verdict.observation == .always)
    }

    @Test func rangesFlushWhatTheyCover() async throws {
        func test(_ pages: Int) -> String {
            """
            C range
            { [PTE(x0)] = (oa:PA(x0)); [PTE(x1)] = (oa:PA(x1)); int z = 0; }
            P0(pte_t *pte_x1, int *x0, int *z) {
                xchg(&pte_x1->pte, 0ul); flush_tlb_range(&ptero_vma, (unsigned long)x0, (unsigned long)x0 + \(pages) * PAGE_SIZE);
                WRITE_ONCE(*z, 1); free_frame(x0 + 1024); }
            P1(int *x1, int *z) { wait_for(z, 1); READ_ONCE(*x1); }
            exists (~fault(P1,x1))
            """
        }
        #expect(try await Sample.verdict(test(1)).observation == .sometimes)
        #expect(try await Sample.verdict(test(2)).observation == .never)
    }

    @Test func warningsGoOnAndBugsStop() async throws {
        let verdict = try await Sample.verdict(
            """
            C reports
            { int x = 1; int y = 0; }
            P0(int *x, int *y) { WARN_ON(READ_ONCE(*x) == 1); WRITE_ONCE(*y, 1); }
            P1(int *x, int *y) { BUG_ON(READ_ONCE(*x) == 1); WRITE_ONCE(*y, 2); }
            forall (0:warned=1 /\\ 1:bug=1 /\\ 1:warned=0 /\\ y=1)
            """)
        #expect(verdict.observation == .always)
    }

    @Test func profilesDecideAboutShadowStacks() async throws {
        let text = """
            C feature
            Include=linux/pgtable-6.12.h
            HEADER
            { [PTE(x)] = (oa:PA(x), rw:0, d:1); }
            P0(pte_t *pte_x) { int r = pte_write(ptep_get(pte_x)); }
            forall (0:r=1)
            """
        func observation(_ header: String, _ profile: String) async throws -> Observation {
            try await Sample.verdict(text.replacing("HEADER", with: header), profile: profile).observation
        }
        #expect(try await observation("Purpose=none", "cet") == .always)
        #expect(try await observation("Purpose=none", "late") == .never)
        #expect(try await observation("Feature=-shstk", "cet") == .never)
        #expect(try await observation("Feature=shstk", "late") == .always)
    }

    @Test func theListingShowsSourceLines() async throws {
        let text = """
            C listing
            { }
            P0(int *x) {
                WRITE_ONCE(*x, 1);
                WRITE_ONCE(*x, 2);
            }
            exists (true)

            """
        let listing = try await Sample.compile(text).listing(of: text)
        #expect(
            listing == """
                P0: 3 instructions
                P0:
                    4 | WRITE_ONCE(*x, 1);
                        movl $1,(%rdi)
                    5 | WRITE_ONCE(*x, 2);
                        movl $2,(%rdi)
                    6 | }
                        ret

                """)
    }
}
