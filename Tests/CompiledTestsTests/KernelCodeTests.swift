import Checker
import CompiledTests
import Diagnostics
import Litmus
import Testing

/// Whole functions of Linux 6.12 that went wrong in tests of people who did not know Ptero, and what they are told.
@Suite(.enabled(if: Sample.sources("6.12") != nil, "no headers and sources of Linux 6.12 of one version"))
struct KernelCodeTests {
    private func compile(_ text: String) async throws -> CompiledTest {
        let tree = try #require(Sample.sources("6.12"))
        return try await Sample.compile(text, tree: tree)
    }

    private func diagnostic(_ text: String) async throws -> Diagnostic? {
        let test = try await compile(text).test
        do {
            _ = try Sample.verdict(of: test)
            return nil
        } catch { return error as? Diagnostic }
    }

    private static let walk = """
        static struct page all_pages[64];
        static pte_t *the_entry;
        unsigned long vmemmap_base;
        bool page_vma_mapped_walk(struct page_vma_mapped_walk *walk)
        {
            if (walk->pte)
                return false;
            walk->pte = the_entry;
            return true;
        }
        """

    @Test func aNullDereferenceInAHeaderInAFunction() async throws {
        let text = """
            C migrate
            "try_to_migrate_one replaces an entry, remove_migration_pte puts it back; its argument is not what it should be."
            Source=mm/rmap.c mm/migrate.c
            Stub=*
            Function=try_to_migrate_one remove_migration_pte
            { [PTE(x)] = (oa:PA(x), rw:1, d:0); }
            \(Self.walk)
            P0(pte_t *pte_x, int *x)
            {
                vmemmap_base = (unsigned long)(all_pages - 0x100);
                the_entry = pte_x;
                struct folio *f = (struct folio *)pte_page(ptep_get(pte_x));
                bool ok = try_to_migrate_one(f, &ptero_vma, (unsigned long)x, (void *)0);
                remove_migration_pte(f, &ptero_vma, (unsigned long)x, f);
            }
            exists (lost_dirty(x) \\/ 0:ok=0)
            """
        let fault = try #require(try await diagnostic(text))
        #expect(fault.message.contains("P0 uses a null pointer"), "\(fault)")
        #expect(fault.place?.line == 23)
        #expect(
            fault.notes.contains { $0.hasPrefix("called from remove_migration_pte, mm/migrate.c:") }, "\(fault.notes)")
        #expect(fault.notes.contains("called from P0, sample.litmus:23"))
        #expect(fault.notes.last?.hasPrefix("the address comes from `all_pages`, byte ") == true)
    }

    @Test func aPointerThatAStubGave() async throws {
        let text = """
            C cleaner
            Source=mm/mapping_dirty_helpers.c
            Stub=find_walk
            { [PTE(x)] = (oa:PA(x), rw:1, d:0); }
            struct mm_walk *find_walk(int *x);
            P0(pte_t *pte_x, int *x)
            {
                struct mm_walk *walk = find_walk(x);
                int r = clean_record_pte(pte_x, (unsigned long)x, (unsigned long)x + PAGE_SIZE, walk);
            }
            exists (0:r=1)
            """
        let fault = try #require(try await diagnostic(text))
        #expect(
            fault.notes.first?.hasPrefix("in clean_record_pte, mm/mapping_dirty_helpers.c:") == true, "\(fault.notes)")
        #expect(fault.notes.last?.contains("the 0 is what `find_walk` returned, a stub (P0, sample.litmus:8") == true)
        #expect(fault.remedy?.contains("define `find_walk`") == true)
    }

    @Test func aFunctionThatAStubEnded() async throws {
        let text = """
            C cow-copy
            Source=mm/memory.c
            Stub=*
            Function=wp_page_copy
            { [PTE(x)] = (oa:PA(x), rw:0, d:0); }
            P0(pte_t *pte_x, int *x)
            {
                struct vm_fault vmf = { .vma = &ptero_vma, .address = (unsigned long)x, .pte = pte_x };
                pmd_t pmd = PTERO_PMD;
                vmf.pmd = &pmd;
                int r = wp_page_copy(&vmf);
            }
            P1(int *x) { int r = READ_ONCE(*x); }
            exists (~0:r=0)
            """
        let test = try await compile(text).test
        let verdict = try Sample.verdict(of: test)
        let gap = try #require(
            test.compiled?.origins[0].gap(
                in: "wp_page_copy", reached: verdict.reachedInstructions[0], program: test.threads[0].program))
        // It ends long before it comes to the entry.
        #expect(gap.lines.contains { $0.text.contains("ptep_clear_flush") }, "\(gap.lines.map(\.text))")
        #expect(gap.lines.count * 2 > gap.lineCount)
        #expect(gap.lines.allSatisfy { $0.file == "mm/memory.c" })
        #expect(gap.stub?.name.hasPrefix("vma_alloc_folio") == true, "\(String(describing: gap.stub?.name))")
    }

    @Test func moveOfAnEntryWorksAsItShould() async throws {
        let text = """
            C mremap-move
            Source=mm/mremap.c
            Stub=*
            Function=move_ptes
            (* Result: Never book=Sometimes *)
            { [PTE(x)] = (oa:PA(x), rw:1, d:0); [PTE(y)] = (p:0); }
            P0(pte_t *pte_x, pte_t *pte_y, int *x, int *y)
            {
                pmd_t old = PTERO_PMD, new = PTERO_PMD;
                int r = move_ptes(&ptero_vma, &old, (unsigned long)x, (unsigned long)x + PAGE_SIZE, &ptero_vma, &new,
                    (unsigned long)y, true);
            }
            P1(int *x) { WRITE_ONCE(*x, 1); }
            exists (kernel_shadow_stack(x) \\/ lost_dirty(x) \\/ stale_write(x) \\/ ~0:r=0)
            """
        #expect(try Sample.verdicts(of: try await compile(text).test).allSatisfy { $0.isAsExpected })
    }
}
