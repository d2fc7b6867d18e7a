import CompiledTests
import Diagnostics
import Litmus
import Testing

/// Pointers that lead nowhere: where, by which calls, and whose 0 it was.
@Suite(.enabled(if: (try? Clang()) != nil, "no clang")) struct NullPointerTests {
    private let stub = """
        C stub-null
        Include=linux/pgtable-6.12.h
        Stub=lookup
        { [PTE(x)] = (oa:PA(x), rw:1, d:0); }
        struct thing { long a; long *b; };
        struct thing *lookup(int *x);
        struct thing *other(int *x) { return (void *)x; }
        static inline long second(struct thing *t) { return *t->b; }
        __attribute__((noinline)) long use(struct thing *t, int *x) { WRITE_ONCE(*x, 3); return second(t); }
        P0(pte_t *pte_x, int *x)
        {
            struct thing *t = lookup(x);
            set_pte(pte_x, pte_mkdirty(ptep_get(pte_x)));
            long r = use(t, x);
        }
        exists (0:r=1)
        """

    @Test func theStubIsNamed() async throws {
        let diagnostic = try #require(await Sample.diagnostic(stub))
        #expect(diagnostic.message == "P0 uses a null pointer: it accesses 0x8, where the test has nothing")
        #expect(diagnostic.place?.line == 8, "\(diagnostic)")
        #expect(
            diagnostic.notes == [
                "in second, sample.litmus:8", "called from use, sample.litmus:9", "called from P0, sample.litmus:14",
                "the 0 is what `lookup` returned, a stub (P0, sample.litmus:12: struct thing *t = lookup(x);)",
            ])
        #expect(diagnostic.remedy == "define `lookup` in the test, so that it returns what the code needs")
        let lines = diagnostic.rendered(source: stub).split(separator: "\n")
        #expect(lines.contains("  called from use, sample.litmus:9"))
        #expect(lines.last?.hasPrefix("  remedy: ") == true)
    }

    @Test func anotherStubIsNotBlamed() async throws {
        // The stub is called last, and its 0 is not the pointer: that lies in memory.
        let text = stub.replacing("= lookup(x);", with: "= hidden; lookup(x);")
            .replacing("P0(pte_t", with: "struct thing *hidden;\nP0(pte_t")
        let diagnostic = try #require(await Sample.diagnostic(text))
        #expect(diagnostic.notes.last?.hasPrefix("the address comes from `hidden`, byte 0, which is 0 (P0") == true)
        #expect(diagnostic.remedy?.contains("initialise `hidden`") == true)
    }

    @Test func anAddressThatIsNotNull() async throws {
        let text = stub.replacing("= lookup(x);", with: "= (void *)0x123450000; lookup(x);")
        let diagnostic = try #require(await Sample.diagnostic(text))
        #expect(diagnostic.message == "P0 accesses 0x123450008, where the test has nothing")
        #expect(diagnostic.notes.count == 3)
    }

    @Test func aStructureOnTheStack() async throws {
        let text = stub.replacing("= lookup(x);", with: "= (struct thing[]){ { 1, 0 } }; lookup(x);")
        let diagnostic = try #require(await Sample.diagnostic(text))
        #expect(diagnostic.message.contains("null pointer"))
        #expect(diagnostic.notes.last?.contains("a 0 on the stack of P0") == true, "\(diagnostic.notes)")
    }

    @Test func columnTestsAreToldAsBefore() throws {
        let text = "X86_64 a\n{ 0:rdi=8; }\n P0 ;\n movl (%rdi),%eax ;\nexists (0:eax=1)\n"
        let test = try LitmusParser.parse(bytes: Array(text.utf8), file: "a.litmus")
        #expect {
            _ = try Sample.verdict(of: test)
        } throws: { error in
            (error as? Diagnostic)?.notes == [] && (error as? Diagnostic)?.message.contains("accesses 0x8") == true
        }
    }
}

/// What no run came to.
@Suite(.enabled(if: (try? Clang()) != nil, "no clang")) struct CodeGapTests {
    private let text = """
        C gap
        Include=linux/pgtable-6.12.h
        Stub=first decide
        { [PTE(x)] = (oa:PA(x), rw:1, d:0); }
        int first(int *x);
        int decide(int *x);
        static inline int work(pte_t *p, int *x)
        {
            if (first(x))
                WRITE_ONCE(*x, 4);
            if (!decide(x))
                return -1;
            ptep_set_wrprotect(&init_mm, 0, p);
            WRITE_ONCE(*x, 5);
            WRITE_ONCE(*x, 6);
            return 0;
        }
        P0(pte_t *pte_x, int *x)
        {
            int r = work(pte_x, x);
            WRITE_ONCE(*x, r);
        }
        exists (x=5)
        """

    @Test func theStubThatEndsAFunctionIsNamed() async throws {
        let compiled = try await Sample.compile(text)
        let verdict = try Sample.verdict(of: compiled.test)
        #expect(verdict.observation == .never)
        let origins = try #require(compiled.test.compiled?.origins.first)
        let gap = try #require(
            origins.gap(
                in: "work", reached: verdict.reachedInstructions[0], program: compiled.test.threads[0].program))
        #expect(gap.lines.map(\.line) == [10, 13, 14, 15])
        #expect(gap.lineCount >= 6)
        #expect(gap.stub?.name == "decide")
        #expect(gap.stub?.chain.first?.line == 11)
        // P0 itself is run to its end, and of what is not there is no gap.
        for name in ["P0", "nothing"] {
            #expect(
                origins.gap(
                    in: name, reached: verdict.reachedInstructions[0], program: compiled.test.threads[0].program) == nil
            )
        }
    }
}
