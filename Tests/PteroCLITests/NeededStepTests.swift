import Foundation
import TestSupport
import Testing

@testable import PteroCLI

/// Each step of the kernel in the scenarios of `ptero kernel` is needed on some profile, or a comment there says why not.
@Suite(
    .compilesMuch,
    .enabled(if: Installed.clang && Installed.headers("6.12") != nil, "no clang, or no header package of Linux 6.12"))
struct NeededStepTests {
    /// By scenario, what P0 does that no question needs: the kind of step and a part of what `ptero why` calls it.
    ///
    /// Derived by hand; each is told in the scenario's comment.
    static let needless: [String: [(step: String, part: String)]] = [
        "fork": [("order", "flush_tlb_mm() before set_pte_at")],
        "ksm": [("order", "before set_pte_at"), ("order", "before before = READ_ONCE")],
        "lazy-tlb": [("order", "pmd_clear(pmd_x) before free_frame")],
        "mremap": [("order", "set_pmd(pmd_z, pmd) before pmd_clear"), ("order", "PMD_SIZE) before set_pmd")],
        "munmap": [("order", "free_table(pte_x) before free_frame")],
        "reclaim": [
            ("call", "clear_page_dirty"), ("order", "writeback(x) before clear_page_dirty"), ("call", "reclaim"),
            ("order", "free_frame(x) before reclaim"),
        ],
        "shadow-stack": [("lock", "cmpxchgq")],
        "soft-dirty": [("order", "flush_tlb_mm() before ptep_modify_prot_commit")],
        "thp-collapse": [
            ("lock", "xchgq"), ("order", "entry = ptep_get(pte_x) before tlb_remove_table_sync_one"),
            ("order", "free_frame(x) before set_pmd"), ("order", "free_table(pte_x) before free_frame"),
        ],
        "thp-split": [
            ("order", "set_page_dirty(y) before set_page_dirty"),
            ("order", "pfn_pte(pmd_pfn(old) + 1, PAGE_SHARED)) before set_pte_at"),
        ],
        "writeback": [("lock", "xchgq"), ("order", "smp_store_release(done, 1) before writeback")],
    ]

    static let scenarios = [
        "access-flags", "fork", "gup-fast", "ksm", "lazy-tlb", "mprotect", "mremap", "munmap", "reclaim", "reuse",
        "shadow-stack", "shadow-stack-reuse", "soft-dirty", "thp-collapse", "thp-split", "uffd-wp", "writeback",
        "wrprotect", "zap",
    ]

    // A scenario takes three seconds in a debug build.
    @Test(arguments: Volume.sample(scenarios, every: 4))
    func everyStepIsNeededOrExplained(_ name: String) async throws {
        let bench = try Bench()
        bench.environment["PATH"] = Installed.path
        let tree = try #require(Installed.headers("6.12"))
        let status = await bench.compile("why", "kernel:\(name)", "--kernel-tree", tree, "--json")
        #expect(status == .success, "\(bench.errors)")
        let object = try JSONSerialization.jsonObject(with: Data(bench.output.utf8)) as? [String: Any]
        let steps = try #require(object?["steps"] as? [[String: Any]])
        var open = Self.needless[name] ?? []
        for step in steps where step["processor"] as? Int == 0 && step["finding"] as? String == "unneeded" {
            let (kind, words) = (step["step"] as? String ?? "", step["without"] as? String ?? "")
            // The flag that tells P1 that the call is over belongs to the test, not to the kernel.
            if kind == "store", words.contains("movl $1,") { continue }
            let place = open.firstIndex { $0.step == kind && words.contains($0.part) }
            #expect(place != nil, "\(name): \(kind), \(words)")
            if let place { open.remove(at: place) }
        }
        #expect(open.isEmpty, "needed after all, or gone: \(open)")
        // Something is needed in each, but where the entry's write itself is the question.
        #expect(
            steps.contains { $0["processor"] as? Int == 0 && $0["finding"] as? String == "needed" }
                || ["access-flags", "reuse"].contains(name))
    }
}
