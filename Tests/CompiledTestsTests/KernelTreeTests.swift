import Checker
import CompiledTests
import Diagnostics
import Foundation
import Litmus
import Report
import TestSupport
import Testing

@Suite(.compilesMuch) struct KernelTreeTests {
    private func fault(_ files: [String: String], below path: String = "") throws -> Diagnostic? {
        let root = try TemporaryFolder(files)
        defer { root.remove() }
        do throws(Diagnostic) {
            _ = try KernelTree(root.file(path).path)
            return nil
        } catch {
            return error
        }
    }

    private let configuration = "#define CONFIG_X86_64 1\n"

    @Test func otherDirectoriesAreRefused() throws {
        #expect(throws: Diagnostic.self) { try KernelTree("/nonexistent") }
        #expect(try fault([:])?.message.contains("not a kernel tree") == true)
        #expect(try fault(["include/linux/mm.h": ""])?.message.contains("not prepared") == true)
        #expect(
            try fault(["include/linux/mm.h": "", "include/generated/autoconf.h": "#define CONFIG_ARM64 1\n"])?.message
                .contains("not for x86-64") == true)
        #expect(try fault(["include/generated/autoconf.h": configuration])?.message.contains("no sources") == true)
        #expect(
            try fault(["include/linux/mm.h": "", "include/generated/autoconf.h": configuration])?.message
                .contains("lacks arch/x86") == true)
    }

    @Test func treesAndBuildDirectoriesAreFound() throws {
        let root = try TemporaryFolder([
            "source/include/linux/mm.h": "", "source/arch/x86/include/asm/pgtable.h": "",
            "build/include/generated/autoconf.h": configuration,
            "build/include/generated/uapi/linux/version.h": "#define LINUX_VERSION_CODE 396416\n",
            "build/Makefile": "# made by\ninclude ../source/Makefile\n",
        ])
        defer { root.remove() }
        let tree = try KernelTree(root.file("build").path)
        #expect(tree.version == "6.12.128")
        #expect(tree.versionNumbers == [6, 12, 128])
        #expect(tree.source.hasSuffix("/source"))
    }

    @Test func theArchitectureIsNamed() throws {
        let text = try fault(["include/linux/mm.h": "", "include/generated/autoconf.h": "#define CONFIG_ARM64 1\n"])?
            .message
        #expect(text?.contains("is of an ARM64 kernel") == true)
        let other = try fault(["include/linux/mm.h": "", "include/generated/autoconf.h": "#define CONFIG_X 1\n"])?
            .message
        #expect(other?.contains("does not set CONFIG_X86_64") == true)
    }

    /// The observations of all scenarios by name, on all profiles.
    private func observations(_ tree: KernelTree?) async throws -> [String: [Verdict]] {
        var verdicts: [String: [Verdict]] = [:]
        for scenario in KernelScenarios.all {
            let source = try CTest.parse(bytes: scenario.text, file: scenario.name)
            let compiled = try await Sample.compiler(tree: tree).compile(source, file: scenario.name)
            verdicts[scenario.name] = try Sample.verdicts(of: compiled.test)
        }
        return verdicts
    }

    @Test(.enabled(if: Sample.headers("6.1") != nil && Sample.headers("6.12") != nil))
    func theRealHelpersDiffer() async throws {
        let before = try await observations(Sample.headers("6.1"))
        let after = try await observations(Sample.headers("6.12"))
        #expect(after.values.allSatisfy { $0.allSatisfy(\.isAsExpected) })
        let wrprotect = try #require(before["wrprotect"])
        #expect(!wrprotect.isEmpty && wrprotect.allSatisfy { $0.observation == .sometimes })
        // The witness goes through the real instruction.
        let witness = try #require(wrprotect.first?.witness)
        #expect(
            witness.steps.contains {
                witness.sentences.text(of: $0).contains("lock andb $-3")
                    && $0.violations.contains("kernel_shadow_stack(x)")
            })
        let changed = before.filter { name, verdicts in verdicts.map(\.observation) != after[name]?.map(\.observation) }
        #expect(
            changed.keys.sorted()
                == ["fork", "mprotect", "shadow-stack", "shadow-stack-reuse", "soft-dirty", "uffd-wp", "wrprotect"])
    }

    @Test func standInsBehaveAsExpected() async throws {
        let verdicts = try await observations(nil)
        #expect(verdicts.count == KernelScenarios.all.count)
        for (name, verdicts) in verdicts {
            #expect(!verdicts.isEmpty && verdicts.allSatisfy(\.isAsExpected), "\(name)")
        }
    }

    @Test(.enabled(if: Sample.headers("6.12") != nil)) func headerPackagesUseDefaultFlagsAndStandIns() async throws {
        let tree = try #require(Sample.headers("6.12"))
        #expect(tree.buildCommand() == nil)
        let scenario = try #require(KernelScenarios.all.first { $0.name == "reuse" })
        let source = try CTest.parse(bytes: scenario.text, file: "reuse.litmus")
        let compiled = try await Sample.compiler(tree: tree).compile(source, file: "reuse.litmus")
        #expect(compiled.flags == "default flags")
        #expect(
            compiled.assumptions.contains(
                "Ptero's own text stands in for what is in .c files that a header package lacks: "
                    + "pte_mkwrite, ptep_set_access_flags"))
    }
}
