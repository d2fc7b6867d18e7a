import Checker
import KernelSource
import Litmus
import Machine
import Testing

/// Whole functions of core mm files; they run where sources are unpacked beside header packages.
@Suite struct KernelSourceFileTests {
    private static let functions = [
        "page_vma_mkclean_one", "write_protect_page", "ptep_clear_flush", "pmdp_invalidate", "change_pte_range",
        "do_wp_page",
    ]

    private func verdicts(_ name: String, _ tree: KernelTree?) async throws -> [Verdict] {
        let compiled = try await Sample.compile(try Sample.corpus("sources/\(name).litmus"), tree: tree)
        #expect(compiled.assumptions.contains { $0.hasPrefix("returns 0 instead of running: ") } || name.hasPrefix("p"))
        return try ProfileFile.builtIn.map { try Sample.verdict(of: compiled.test, profile: $0.name) }
    }

    @Test(.enabled(if: Sample.sources("6.12") != nil), arguments: functions + ["copy_present_ptes"])
    func functionsOf612Work(_ name: String) async throws {
        for verdict in try await verdicts(name, Sample.sources("6.12")) {
            #expect(verdict.isAsExpected, "\(verdict.profile): \(verdict.observation)")
        }
    }

    @Test(.enabled(if: Sample.sources("6.1") != nil), arguments: functions + ["copy_present_pte"])
    func functionsOf61Run(_ name: String) async throws {
        for verdict in try await verdicts(name, Sample.sources("6.1")) {
            // pte_modify of 6.1 keeps D beside W=0, so that mprotect makes shadow-stack entries.
            let expected = name == "change_pte_range" ? Observation.sometimes : verdict.expected
            #expect(verdict.observation == expected, "\(verdict.profile)")
        }
    }

    @Test func sourcesNeedATree() async throws {
        let fault = await Sample.diagnostic(try Sample.corpus("sources/do_wp_page.litmus"))
        #expect(fault?.message == "`Source=` needs a kernel tree with sources")
        #expect(fault?.place.line == 3)
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
