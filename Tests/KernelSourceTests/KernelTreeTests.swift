import Foundation
import KernelSource
import Litmus
import Testing

@Suite struct KernelTreeTests {
    /// A directory with these files; removed by the caller.
    private func directory(_ files: [String: String]) throws -> URL {
        let root = FileManager.default.temporaryDirectory.appendingPathComponent("ptero-tests-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: root, withIntermediateDirectories: true)
        for (path, text) in files {
            let file = root.appendingPathComponent(path)
            try FileManager.default.createDirectory(
                at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data(text.utf8).write(to: file)
        }
        return root
    }

    private func fault(_ files: [String: String], below path: String = "") throws -> Diagnostic? {
        let root = try directory(files)
        defer { try? FileManager.default.removeItem(at: root) }
        do throws(Diagnostic) {
            _ = try KernelTree(root.appendingPathComponent(path).path)
            return nil
        } catch {
            return error
        }
    }

    private let configuration = "#define CONFIG_X86_64 1\n"

    @Test func otherDirectoriesAreRefused() throws {
        #expect(throws: Diagnostic.self) { try KernelTree("/nonexistent") }
        #expect(try fault([:])?.message.contains("no kernel tree") == true)
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
        let root = try directory([
            "source/include/linux/mm.h": "", "source/arch/x86/include/asm/pgtable.h": "",
            "build/include/generated/autoconf.h": configuration,
            "build/include/generated/uapi/linux/version.h": "#define LINUX_VERSION_CODE 396416\n",
            "build/Makefile": "# made by\ninclude ../source/Makefile\n",
        ])
        defer { try? FileManager.default.removeItem(at: root) }
        let tree = try KernelTree(root.appendingPathComponent("build").path)
        #expect(tree.version == "6.12.128")
        #expect(tree.versionNumbers == [6, 12, 128])
        #expect(tree.source.hasSuffix("/source"))
    }

    @Test(.enabled(if: Sample.headers("6.1") != nil && Sample.headers("6.12") != nil))
    func theRealHelpersDiffer() async throws {
        let old = try #require(Sample.headers("6.1"))
        let new = try #require(Sample.headers("6.12"))
        let clang = try Clang()
        let before = try await KernelScenarios.run(tree: old, clang: clang)
        let after = try await KernelScenarios.run(tree: new, clang: clang)
        #expect(!before.isAsExpected)
        #expect(after.isAsExpected)
        let row = try #require(before.rows.first { $0.name == "wrprotect" })
        #expect(row.verdicts.allSatisfy { $0.observation == .sometimes })
        // The witness goes through the real instruction.
        let witness = try #require(row.verdicts.first?.witness)
        #expect(
            witness.steps.contains {
                $0.text.contains("lock andb $-3") && $0.violations.contains("kernel_shadow_stack(x)")
            })
        #expect(after.rows.first { $0.name == "wrprotect" }?.verdicts.allSatisfy { $0.observation == .never } == true)
        #expect(
            before.changes(to: after)
                == ["wrprotect", "fork", "mprotect", "soft-dirty", "uffd-wp", "shadow-stack", "shadow-stack-reuse"])
        #expect(before.comparison(with: after).contains("Sometimes -> Never"))
    }
}

@Suite struct KernelScenarioTests {
    @Test func standInsBehaveAsExpected() async throws {
        let report = try await KernelScenarios.run(tree: nil, clang: try Clang())
        #expect(report.isAsExpected, "\(report.table)")
        #expect(report.rows.count == KernelScenarios.all.count)
        #expect(report.table.split(separator: "\n").count == report.rows.count + 2)
        #expect(report.changes(to: report).isEmpty)
    }
}
