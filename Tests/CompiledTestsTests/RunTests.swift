import Checker
import CompiledTests
import Foundation
import Litmus
import Report
import Testing

/// Runs of compiled code: what no other CPU can notice is marked, and each step knows its line.
@Suite struct CompiledRunTests {
    private static let locked = """
        C locked
        { [PTE(x)] = (oa:PA(x), rw:1, d:1); }
        struct { int users; int limit; } own;
        int lock;
        P0(pte_t *pte_x)
        {
        	own.users = own.limit + 1;
        	spin_lock(&lock);
        	WRITE_ONCE(*(unsigned long *)pte_x, 0);
        	spin_unlock(&lock);
        	own.users++;
        }
        P1(int *x)
        {
        	WRITE_ONCE(*x, 1);
        }
        exists ([PTE(x)].p=0)
        """

    @Test func stepsOnOwnMemoryGoUnnoticed() async throws {
        let verdict = try await Sample.verdict(Self.locked)
        let witness = try #require(verdict.witness)
        let noticed = witness.steps.filter { $0.unnoticed == nil }
        // The store of the entry, its way to memory, and what becomes of P1's access.
        #expect(
            noticed.allSatisfy {
                $0.cpu == 1 || witness.sentences.text(of: $0).contains("PTE(x)") || $0.source.last?.line == 9
            })
        let own = witness.steps.filter { $0.unnoticed == .ownMemory }.map(witness.sentences.text)
        #expect(own.contains { $0.hasPrefix("call spin_lock()") })
        let store = try #require(noticed.first { !$0.isHardware && $0.cpu == 0 })
        let line = try #require(store.source.last)
        #expect(line.line == 9 && line.function == "P0" && line.file == "sample.litmus")
    }

    /// A run of some forty steps of which few matter.
    private func run(_ text: String) async throws -> Run {
        let tree: KernelTree = try #require(Sample.sources("6.12"))
        let compiled = try await Sample.compile(text, tree: tree)
        return try #require(try Sample.verdict(of: compiled.test).witness)
    }

    @Test(.enabled(if: Sample.sources("6.12") != nil)) func madviseFree() async throws {
        let run = try await run(
            """
            C madvise-free
            "MADV_FREE cleans the entry of an anonymous page, then reclaim finds it clean and drops it."
            Source=mm/madvise.c
            Stub=*
            Function=madvise_free_pte_range
            { [PTE(x)] = (oa:PA(x), rw:1, d:1); }
            static struct page all_pages[64];
            unsigned long vmemmap_base;
            struct folio *vm_normal_folio(struct vm_area_struct *vma, unsigned long addr, pte_t pte)
            {
            	return page_folio(pte_page(pte));
            }
            P0(pte_t *pte_x, int *x)
            {
            	struct mmu_gather tlb = { .mm = &ptero_mm };
            	struct mm_walk walk = { .vma = &ptero_vma, .private = &tlb };
            	pmd_t pmd = PTERO_PMD;

            	vmemmap_base = (unsigned long)(all_pages - 0x100);
            	madvise_free_pte_range(&pmd, (unsigned long)x, (unsigned long)x + PAGE_SIZE, &walk);
            	if (tlb.end)
            		flush_tlb_mm();
            }
            P1(int *x)
            {
            	WRITE_ONCE(*x, 1);
            }
            exists ([PTE(x)].d=1)
            """)
        // The entry is read, cleared, written and stored; the walker sets A and D; the flush and its answer.
        let noticed = run.steps.filter { $0.unnoticed == nil }
        #expect(run.steps.count > 30 && noticed.count <= 9)
        let exchange = try #require(noticed.first { run.sentences.text(of: $0).hasPrefix("xchgq") })
        #expect(run.sentences.text(of: exchange).hasSuffix("=PWUAD-, writes 0)"))
        let line = try #require(exchange.source.first { $0.file.hasSuffix(".c") })
        #expect(line.file == "mm/madvise.c" && line.function == "madvise_free_pte_range")
    }
}
