import CompiledTests
import Diagnostics
import Litmus
import Testing

/// Compiled code that walks from the root, as the kernel does from `mm->pgd`.
@Suite(.enabled(if: (try? Clang()) != nil, "no clang")) struct RootWalkTests {
    /// A test whose P0 walks to the leaf of x, and then does something with `pt`, `pmd`, `pud` or `root`.
    private func text(
        _ state: String, _ body: String, head: String = "Region=x y | z || w", root: String = "mm",
        condition: String = "forall ([PTE(x)]=(p:0))"
    ) -> String {
        """
        C walk
        Include=linux/pgtable-6.12.h
        \(head)
        { \(state) }
        static unsigned long *at(unsigned long *table, unsigned long a, int level)
        { return table + (a >> (3 + 9 * level) & 511); }
        static unsigned long *below(unsigned long *table, unsigned long a, int level)
        { return (unsigned long *)(0xffff888000000000ul + (READ_ONCE(*at(table, a, level)) & PTE_PFN_MASK)); }
        P0(unsigned long *\(root), int *x)
        {
            unsigned long a = (unsigned long)x;
            unsigned long *pud = below(\(root), a, 4), *pmd = below(pud, a, 3), *pt = below(pmd, a, 2);
            \(body)
        }
        P1(int *x) { int r = READ_ONCE(*x); }
        \(condition)
        """
    }

    private static let clears = "WRITE_ONCE(*at(pt, a, 1), 0);"

    @Test(arguments: [
        "[PTE(x)] = (d:0);", "[PTE(x)] = (d:0); [PTE(z)] = (d:0); [PTE(w)] = (d:0);", "[PMD(x)] = (table:PT(x));",
        "[PMD(x)] = (a:0); [PMD(z)] = (p:0); [PMD(w)] = (p:0);", "[PUD(x)] = (table:PD(x)); [PMD(z)] = (p:0);",
        "[PGD(x)] = (table:PDPT(x)); [PTE(y)] = (p:0);",
    ])
    func codeFindsTheLeaf(_ state: String) async throws {
        let head = state.contains("(w)") && state.contains("PMD") ? "Region=x | z || w" : ""
        let verdict = try await Sample.verdict(text(state, Self.clears, head: head))
        #expect(verdict.observation == .always)
    }

    @Test(arguments: [
        "[PTE(child:x)] = (oa:PA(x));", "[PMD(child:x)] = (table:PT(child:x)); [PTE(child:x)] = (oa:PA(x));",
    ])
    func anotherAddressSpaceHasItsOwn(_ state: String) async throws {
        let source = text(
            state + " [PTE(x)] = (d:0);", Self.clears, head: "", root: "child",
            condition: "forall ([PTE(child:x)]=(p:0) /\\ [PTE(x)]=(p:1))")
        #expect(try await Sample.verdict(source).observation == .always)
    }

    /// An entry that the code reached from the root changes what the walker does.
    @Test func whatIsUnlinkedByWayOfTheRootIsUnlinked() async throws {
        let source = text(
            "[PMD(x)] = (table:PT(x));", "WRITE_ONCE(*at(pmd, a, 2), 0); flush_tlb_page(x); free_table(pt);",
            head: "", condition: "exists (stale_table(PT(x)))")
        #expect(try await Sample.verdict(source).observation == .never)
        let unflushed = source.replacing("flush_tlb_page(x); ", with: "")
        #expect(try await Sample.verdict(unflushed).observation == .sometimes)
    }

    @Test func aTableIsEmptyWhereTheTestHasNoPage() async throws {
        let source = text(
            "[PMD(x)] = (table:PT(x)); [PMD(z)] = (p:0); [PTE(y)] = (d:0);",
            "int full = 0; for (int i = 0; i < 512; i++) full += pt[i] != 0;", head: "Region=x y | z",
            condition: "forall (0:full=2)")
        #expect(try await Sample.verdict(source).observation == .always)
    }

    @Test func clearingATableIsAllowedAlsoWhereTheTestHasNoPage() async throws {
        let clears = "for (int i = 0; i < 512; i++) WRITE_ONCE(pt[i], 0);"
        let source = text(
            "[PMD(x)] = (table:PT(x)); [PTE(y)] = (d:0);", clears, head: "Region=x y",
            condition: "forall ([PTE(x)]==(p:0) /\\ [PTE(y)]==(p:0))")
        #expect(try await Sample.verdict(source).observation == .always)
        let fault = await Sample.diagnostic(source.replacing("WRITE_ONCE(pt[i], 0)", with: "WRITE_ONCE(pt[i], i == 9)"))
        #expect(fault?.message == "P0 writes a PTE of an address where the test has no page")
    }

    /// Who is given the root of `mm` can write the levels that the test names, also where nothing else could.
    @Test func aLevelThatIsNamedCanBeWrittenByWayOfTheRoot() async throws {
        let source = text(
            "[PMD(x)] = (table:PT(x));", "WRITE_ONCE(*at(pmd, a, 2), 0); flush_tlb_page(x);", head: "",
            condition: "exists (fault(P1))")
        #expect(try await Sample.verdict(source).observation == .sometimes)
    }

    @Test func aLevelThatIsNotNamedCannotBeWritten() async throws {
        let fault = await Sample.diagnostic(text("[PTE(x)] = (d:0);", "WRITE_ONCE(*at(pmd, a, 2), 0);", head: ""))
        #expect(fault?.message == "P0 writes a PMD, and the test says nothing of that level")
        #expect(fault?.remedy == "name one in the initial state: [PMD(x)] = (table:PT(x));")
        let locked = await Sample.diagnostic(
            text("[PMD(x)] = (a:0);", "xchg(at(pud, a, 3), 0ul);", head: ""))
        #expect(locked?.message == "P0 writes a PUD, and the test says nothing of that level")
    }

    @Test func whereTheTestHasNoPageNothingCanBeWritten() async throws {
        let fault = await Sample.diagnostic(text("[PMD(x)] = (a:0);", "WRITE_ONCE(pt[7], 1);", head: ""))
        #expect(fault?.message == "P0 writes a PTE of an address where the test has no page")
        #expect(fault?.remedy == "give it one there with Region=")
    }

    /// The way to a null pointer can lead through such tables.
    @Test func aNullPointerBehindAWalkIsTold() async throws {
        let source = text("[PTE(x)] = (d:0);", Self.clears + " WRITE_ONCE(*hidden, 1);", head: "")
            .replacing("P0(", with: "static int *hidden;\nint **ptero_keep(void) { return &hidden; }\nP0(")
        let fault = await Sample.diagnostic(source)
        #expect(fault?.message == "P0 uses a null pointer: it accesses 0x0, where the test has nothing")
    }
}
