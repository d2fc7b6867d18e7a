import Checker
import CompiledTests
import Diagnostics
import Foundation
import Litmus
import Machine
import TestSupport
import Testing

/// Whole functions of core mm files; they run where sources are unpacked beside header packages.
@Suite(.compilesMuch) struct KernelSourceFileTests {
    /// All tests of real code below a folder of `Corpus/kernel`.
    private static func tests(_ folder: String) -> [String] {
        let directory = Sample.corpusDirectory.appendingPathComponent(folder).path
        let names = (try? FileManager.default.contentsOfDirectory(atPath: directory)) ?? []
        return names.filter { $0.hasSuffix(".litmus") }.sorted().map { folder + "/" + $0 }
    }

    private static let all = tests("sources") + tests("cases") + tests("mutants")

    /// Those that are run here; `.ci/run sources` runs all of them, optimised, on both kernels.
    private static let sample = Set(stride(from: 0, to: all.count, by: 8).map { all[$0] })

    /// Runs a test of the sample on a kernel of a version, or with stand-ins; false if a test is not for that one.
    private func check(_ path: String, _ tree: KernelTree?) async throws -> Bool {
        let text = try Sample.corpus(path)
        let source = try CTest.parse(bytes: Array(text.utf8), file: path)
        guard try Sample.compiler(tree: tree).lack(for: source.test) == nil else { return false }
        guard Self.sample.contains(path) else { return true }
        let compiled = try await Sample.compile(text, tree: tree)
        for profile in CPUProfile.builtIn where Self.isFor(profile.name, source.test) {
            for question in compiled.test.questions {
                let verdict = try Sample.verdict(of: question, profile: profile.name)
                #expect(verdict.expected != nil)
                #expect(verdict.isAsExpected, "\(path) on \(verdict.profile): \(verdict.observation)")
            }
        }
        return true
    }

    /// `CPU=` leaves out profiles.
    private static func isFor(_ profile: String, _ test: LitmusTest) -> Bool {
        let words = test.headers.filter { $0.key == "CPU" }.flatMap { $0.value.split(separator: " ") }
        return words.isEmpty || words.contains { $0 == profile }
    }

    @Test(.enabled(if: Sample.sources("6.12") != nil), arguments: all)
    func realCodeOf612(_ path: String) async throws {
        let ran = try await check(path, Sample.sources("6.12"))
        #expect(ran != Self.only61.contains(path))
    }

    @Test(.enabled(if: Sample.sources("6.1") != nil), arguments: all)
    func realCodeOf61(_ path: String) async throws {
        let ran = try await check(path, Sample.sources("6.1"))
        #expect(ran != Self.only612.contains(path))
    }

    /// Without a kernel those run that have stand-ins.
    @Test(arguments: all) func standIns(_ path: String) async throws {
        let hasStandIns = try Sample.corpus(path).contains("\nInclude=linux/pgtable-6.12.h\n")
        #expect(try await check(path, nil) == hasStandIns)
    }

    /// Which tests are about one version only; all others run on both.
    private static let only61: Set<String> = [
        "sources/copy_present_pte.litmus", "sources/change_pte_range-6.1.litmus",
        "sources/change_pte_range-6.1-dirty.litmus", "sources/change_huge_pmd-6.1.litmus",
        "sources/move_huge_pmd-6.1.litmus", "sources/retract_page_tables-6.1.litmus", "cases/zap-rmap-6.1.litmus",
    ]
    private static let only612: Set<String> = [
        "sources/copy_present_ptes.litmus", "sources/copy_present_ptes-batch.litmus",
        "sources/copy_present_ptes-batch-of-two.litmus", "sources/change_pte_range.litmus",
        "sources/change_huge_pmd.litmus", "sources/clear_soft_dirty_pmd.litmus", "sources/move_huge_pmd.litmus",
        "sources/retract_page_tables.litmus", "cases/zap-rmap.litmus",
        "cases/mkdirty-shadow-stack.litmus", "cases/mkdirty-shadow-stack-push.litmus",
        "cases/handle_pte_fault-shadow-stack.litmus", "cases/mprotect-shadow-stack.litmus",
        "cases/fork-window-lost.litmus", "cases/uffd-wp-async.litmus", "cases/uffd-wp-async-accessed.litmus",
    ]

    /// Each says what the code is, of which version, and the verdict.
    @Test(arguments: all) func realCodeIsMarked(_ path: String) throws {
        let text = try Sample.corpus(path)
        let comment = try #require(text.firstMatch(of: /\(\* Real code: [^*]*\*\)/)).output
        #expect(comment.contains(/Version: [^.]*[0-9a-z]\./) && comment.contains("Verdict:"))
    }

    /// What `mremap-no-rmap-lock` does without the lock.
    private static let moves = """
        \tpmd = READ_ONCE(*pmd_x);
        \tpmd_clear(pmd_x);
        \tset_pmd(pmd_z, pmd);
        \tflush_tlb_range(&ptero_vma, (unsigned long)x, (unsigned long)x + PMD_SIZE);

        """

    /// A mutant, and what has to be put right in it: then the failure it was made for is gone, on all CPUs but `book`.
    private static let repairs: [(mutant: String, wrong: String, right: String)] = [
        ("wrprotect-unlocked-and", "\"andb $-3", "\"lock andb $-3"),
        (
            "wrprotect-load-store", "set_pte_at(&init_mm, (unsigned long)x, pte_x, pte_wrprotect(ptep_get(pte_x)))",
            "ptep_set_wrprotect(&init_mm, (unsigned long)x, pte_x)"
        ),
        ("zap-unflushed", "\tfree_frame(x)", "\tflush_tlb_page(x);\n\tfree_frame(x)"),
        ("reclaim-unflushed", "\tif (pte_dirty(entry))", "\tflush_tlb_page(x);\n\tif (pte_dirty(entry))"),
        (
            "writeback-mkclean-first",
            "set_pte_at(&init_mm, (unsigned long)x, pte_x, pte_mkclean(ptep_get(pte_x)));\n\twriteback(x);", ""
        ),
        (
            "ksm-mkclean-first", "pte_mkclean(ptep_clear_flush(&ptero_vma, (unsigned long)x, pte_x))",
            "ptep_clear_flush(&ptero_vma, (unsigned long)x, pte_x)"
        ),
        (
            "mprotect-set_pte_at", "old = ptep_get(pte_x)",
            "old = ptep_modify_prot_start(&ptero_vma, (unsigned long)x, pte_x)"
        ),
        (
            "mmu_gather-forgotten", "\n\ttlb_finish_mmu",
            "\n\ttlb_remove_tlb_entry(&tlb, pte_x + 1, address + PAGE_SIZE);\n\ttlb_finish_mmu"
        ),
        (
            "mmu_gather-stride", "tlb_remove_pmd_tlb_entry(&tlb, (pmd_t *)(pte_x + 1), address)",
            "tlb_remove_tlb_entry(&tlb, pte_x + 1, address + PAGE_SIZE)"
        ),
        ("batch-not-asked", "\t\tgone = ", "\t\tflush_tlb_batched_pending(&ptero_mm);\n\t\tgone = "),
        ("munmap-flush-first", "\tpmd_clear(pmd_x);", "\tpmd_clear(pmd_x);\n\tflush_tlb_page(x);"),
        ("gup-fast-interrupts-on", "\tpmd = READ_ONCE", "\tlocal_irq_disable();\n\tpmd = READ_ONCE"),
        ("mremap-no-rmap-lock", moves, "\tspin_lock(rmap);\n" + moves + "\tspin_unlock(rmap);\n"),
        (
            "thp-split-plain-store",
            "\tpmd_t old = READ_ONCE(*pmd_x);\n\n\tset_pmd(pmd_x, pmd_mkinvalid(old));\n\tflush_tlb_mm();\n",
            "\tpmd_t old = pmdp_invalidate(&ptero_vma, (unsigned long)x, pmd_x);\n\n"
        ),
        (
            "thp-collapse-no-flush", "\tpmd_t table = READ_ONCE(*pmd_x);",
            "\tpmd_t table = pmdp_collapse_flush(&ptero_vma, (unsigned long)x, pmd_x);"
        ),
        ("lazy-tlb-leaf-flush", "false);\n\tfree_table", "true);\n\tfree_table"),
        ("collapse_huge_page-lazy-leaf", "PAGE_SHIFT,false", "PAGE_SHIFT,true"),
        ("flush_tlb_mm_range-unanswered", "P1_I()\n{\n", "P1_I()\n{\n\tptero_take_calls(flush_tlb_func);\n"),
        ("flush_tlb_mm_range-tables-not-said", "PAGE_SHIFT, false", "PAGE_SHIFT, true"),
        ("switch_mm_irqs_off-interrupts-on", "\tswitch_mm_irqs_off(", "\tswitch_mm("),
        (
            "switch_mm_irqs_off-lazy-forgotten", "\tenter_lazy_tlb(&ptero_mm, NULL);",
            "\tenter_lazy_tlb(&ptero_mm, NULL);\n\tswitch_mm(NULL, &ptero_mm, NULL);"
        ),
        (
            "switch_mm_irqs_off-pcid-no-generation", "\ton_each_cpu_mask(",
            "\tinc_mm_tlb_gen(&ptero_mm);\n\ton_each_cpu_mask("
        ),
        ("flush_tlb_mm-wrong", ".vm_mm = &ptero_mm", ".vm_mm = &child_mm"),
    ]

    @Test func everyMutantIsRepaired() {
        #expect(Set(Self.repairs.map { "mutants/\($0.mutant).litmus" }) == Set(Self.tests("mutants")))
    }

    @Test(arguments: repairs.indices) func onlyTheMutationFails(_ index: Int) async throws {
        let repair = Self.repairs[index]
        let text = try Sample.corpus("mutants/\(repair.mutant).litmus")
        let repaired = text.replacing(repair.wrong, with: repair.right)
        #expect(repaired != text)
        let needsSources = text.contains("\nSource=")
        let needsTree = needsSources || text.contains("\nLinux=")
        for version in ["6.1", "6.12"] {
            let tree = needsSources ? Sample.sources(version) : Sample.headers(version)
            guard tree != nil || !needsTree else { continue }
            let compiled = try await Sample.compile(repaired, tree: tree)
            for profile in ["cet", "late", "knl"] {
                // The first condition is what the change breaks; the others hold with it and without it.
                for (number, question) in compiled.test.questions.enumerated() {
                    let expected = number == 0 ? .never : question.expectation[profile]
                    let verdict = try Sample.verdict(of: question, profile: profile)
                    #expect(verdict.observation == expected, "\(repair.mutant) on \(profile), \(version)")
                }
            }
        }
    }

    @Test func sourcesNeedATree() async throws {
        let fault = await Sample.diagnostic(try Sample.corpus("sources/do_wp_page.litmus"))
        #expect(fault?.message == "`Source=` needs a kernel tree with sources")
        #expect(fault?.place?.line == 3)
    }

    @Test(.enabled(if: Sample.headers("6.12") != nil)) func headersAloneAreNoSources() async throws {
        await #expect(throws: Diagnostic.self) {
            try await Sample.compile(try Sample.corpus("sources/do_wp_page.litmus"), tree: Sample.headers("6.12"))
        }
        #expect(throws: Diagnostic.self) { try KernelTree(Sample.headers("6.12")?.build ?? "", sources: "/usr/src") }
    }

    @Test(.enabled(if: Sample.sources("6.12") != nil)) func wrongNamesAreErrors() async throws {
        let text = try Sample.corpus("sources/do_wp_page.litmus")
        for (old, new, message) in [
            ("Function=do_wp_page", "Function=do_no_page_at_all", "no function `do_no_page_at_all`"),
            ("Source=mm/memory.c", "Source=mm/nothing.c", "has no `mm/nothing.c`"),
            ("Source=mm/memory.c", "Source=../../etc/x.c", "has no `../../etc/x.c`"),
            ("Stub=*", "Stub=__folio_put", "more functions are called that are not defined"),
        ] {
            do {
                _ = try await Sample.compile(text.replacing(old, with: new), tree: Sample.sources("6.12"))
                Issue.record("\(new) was accepted")
            } catch let fault as Diagnostic {
                #expect(fault.message.contains(message), "\(fault.message)")
            }
        }
    }
}
