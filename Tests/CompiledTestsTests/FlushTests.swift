import Checker
import CompiledTests
import Foundation
import Litmus
import TestSupport
import Testing

/// Every flush of the shipped scenarios, and of the tests of whole functions, is there for a question: taken out, it is
/// missed on some class of CPUs.
@Suite(.compilesMuch, .enabled(if: (try? Clang()) != nil, "no clang")) struct FlushTests {
    /// A test without one of its flushes.
    struct Mutant: Sendable, CustomStringConvertible {
        var name: String
        var line: Int
        var text: String
        var description: String { "\(name) without line \(line)" }
    }

    /// The mutants of a test, one for each statement that flushes and that no comment calls needed for no question.
    static func mutants(of text: String, name: String) -> [Mutant] {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        // Where some run, or every run, is to do what the condition says, nothing can be missed.
        guard lines.contains(where: { $0.hasPrefix("(* Result:") && $0.contains("Never") }) else { return [] }
        var mutants: [Mutant] = []
        var isExempt = false
        for (number, line) in lines.enumerated() {
            if line.contains("Needed for no question") {
                isExempt = true
                continue
            }
            let isFlush = line.contains(#/^\s*(flush_tlb_[a-z_]*|tlb_finish_mmu|try_to_unmap_flush)\(.*\);$/#)
            guard isFlush || line.contains("= ptep_clear_flush(") else {
                if !line.contains(#/^\s*if /#) { isExempt = false }
                continue
            }
            if !isExempt {
                var copy = lines
                copy[number] =
                    isFlush
                    ? ";" : line.replacing(#/ptep_clear_flush\(&[a-z_]*/#, with: "ptep_get_and_clear(&init_mm")
                // A function that nobody calls any more is not an error here.
                copy.removeAll { $0.hasPrefix("Function=") }
                // The rule of shadow stacks has nothing to do with flushes, and old kernels break it.
                let text = copy.joined(separator: "\n")
                    .replacing(#/(kernel_shadow_stack|shadow_stack_exposed)\([a-z]\) \\/ /#, with: "")
                mutants.append(Mutant(name: name, line: number + 1, text: text))
            }
            isExempt = false
        }
        return mutants
    }

    static let scenarios = KernelScenarios.all.map { ($0.name, String(decoding: $0.text, as: UTF8.self)) }

    @Test func mostScenariosFlush() {
        let names = Set(Self.scenarios.flatMap { Self.mutants(of: $0.1, name: $0.0) }.map(\.name))
        let without = Set(KernelScenarios.all.map(\.name)).subtracting(names)
        // Those of pages of 2 MByte flush in the kernel's helper, whose flush NeededStepTests takes away.
        #expect(without == ["access-flags", "reuse", "shadow-stack-reuse", "thp-collapse", "thp-split"])
        // They say why.
        for (name, text) in Self.scenarios where ["access-flags", "reuse"].contains(name) {
            #expect(
                text.contains("There is no\n * flush because") || text.contains("There is no flush because"), "\(name)")
        }
    }

    /// Whether a mutant is told from the right test on some class of CPUs.
    private func isMissed(_ mutant: Mutant, _ tree: KernelTree?) async throws -> Bool {
        let compiled = try await Sample.compile(mutant.text, tree: tree)
        return try Sample.verdicts(of: compiled.test).contains { !$0.isAsExpected }
    }

    @Test(arguments: scenarios.flatMap { mutants(of: $0.1, name: $0.0) })
    func everyFlushOfAScenarioIsMissed(_ mutant: Mutant) async throws {
        #expect(try await isMissed(mutant, nil))
    }

    @Test(.enabled(if: Sample.headers("6.12") != nil || Sample.headers("6.1") != nil, "no header packages of Linux"))
    func withAKernelsOwnHelpersToo() async throws {
        for tree in ["6.1", "6.12"].compactMap({ Sample.headers($0) }) {
            let compiler = try Sample.compiler(tree: tree)
            for (name, text) in Self.scenarios {
                for mutant in Self.mutants(of: text, name: name) {
                    let test = try CTest.parse(bytes: Array(mutant.text.utf8)).test
                    guard compiler.lack(for: test) == nil else { continue }
                    #expect(try await isMissed(mutant, tree), "\(mutant) on Linux \(tree.version)")
                }
            }
        }
    }

    @Test(.enabled(if: Sample.sources("6.12") != nil, "no headers and sources of Linux 6.12 of one version"))
    func wholeFunctionsToo() async throws {
        let tree = try #require(Sample.sources("6.12"))
        let compiler = try Sample.compiler(tree: tree)
        var count = 0
        for folder in ["sources", "cases"] {
            let directory = Sample.corpusDirectory.appendingPathComponent(folder)
            for name in try FileManager.default.contentsOfDirectory(atPath: directory.path).sorted() {
                let text = try String(contentsOf: directory.appendingPathComponent(name), encoding: .utf8)
                for mutant in Self.mutants(of: text, name: name) {
                    let test = try CTest.parse(bytes: Array(mutant.text.utf8)).test
                    guard compiler.lack(for: test) == nil else { continue }
                    #expect(try await isMissed(mutant, tree), "\(mutant)")
                    count += 1
                }
            }
        }
        #expect(count >= 8)
    }
}
