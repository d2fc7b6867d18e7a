import Checker
import CompiledTests
import Diagnostics
import Explorer
import Foundation
import Litmus
import Machine
import TestSupport
import Testing

/// Compiles and checks C tests that are written in the test itself.
enum Sample {
    static func compiler(tree: KernelTree? = nil, flags: [String] = []) throws -> CTestCompiler {
        CTestCompiler(clang: try Clang(), tree: tree, flags: flags)
    }

    static func compile(_ text: String, tree: KernelTree? = nil, flags: [String] = []) async throws -> CompiledTest {
        let source = try CTest.parse(bytes: Array(text.utf8), file: "sample.litmus")
        return try await compiler(tree: tree, flags: flags).compile(source, file: "sample.litmus")
    }

    static func verdict(
        _ text: String, profile: String = "cet", tree: KernelTree? = nil, flags: [String] = []
    ) async throws -> Verdict {
        try verdict(of: try await compile(text, tree: tree, flags: flags).test, profile: profile)
    }

    /// The verdicts of each condition on all profiles that the test is for.
    static func verdicts(of test: LitmusTest) throws -> [Verdict] {
        try test.questions.flatMap { question in
            let checker = try TestChecker(question, file: "sample.litmus")
            return try checker.assignments(among: CPUProfile.builtIn, known: CPUProfile.shipped).map {
                try checker.check(label: $0.label, profiles: $0.profiles, options: CheckOptions())
            }
        }
    }

    /// The verdict of a test with one condition.
    static func verdict(of test: LitmusTest, profile name: String = "cet", reference: Bool = false) throws -> Verdict {
        try #require(test.furtherConditions.isEmpty, "Sample.verdicts asks each of several conditions")
        let checker = try TestChecker(test, file: "sample.litmus")
        let profile = try #require(CPUProfile.builtIn.first { $0.name == name })
        var options = CheckOptions()
        options.usesReference = reference
        return try checker.check(
            label: name, profiles: [CPUProfile](repeating: profile, count: test.threads.count), options: options)
    }

    /// The diagnostic that compiling or checking a text ends with.
    static func diagnostic(_ text: String, flags: [String] = []) async -> Diagnostic? {
        do {
            _ = try await verdict(text, flags: flags)
            return nil
        } catch {
            return error as? Diagnostic
        }
    }

    /// The newest installed header package of a version, for example "6.12".
    static func headers(_ version: String) -> KernelTree? {
        Installed.headerPackages(version).lazy.compactMap { try? KernelTree($0) }.first
    }

    /// Headers of a version together with its unpacked sources, below /usr/src or `PTERO_KERNEL_SOURCES`.
    static func sources(_ version: String) -> KernelTree? {
        let directories = [ProcessInfo.processInfo.environment["PTERO_KERNEL_SOURCES"], "/usr/src"].compactMap { $0 }
        guard let headers = headers(version) else { return nil }
        for directory in directories {
            if let tree = try? KernelTree(headers.build, sources: "\(directory)/linux-source-\(version)") {
                return tree
            }
        }
        return nil
    }

    /// Prepared or built trees, by the environment's `PTERO_KERNEL_TREES`, colons between their directories.
    static let preparedTrees: [String] = (ProcessInfo.processInfo.environment["PTERO_KERNEL_TREES"] ?? "")
        .split(separator: ":").map(String.init)

    /// Where the tests of kernel code ship.
    static var corpusDirectory: URL { Checkout.file("Corpus/kernel") }

    /// The text of a test that ships.
    static func corpus(_ path: String) throws -> String { try Checkout.text("Corpus/kernel/" + path) }
}
