import Diagnostics
import Litmus
import X86

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// The C compiler that tests are compiled with.
package struct Clang: Sendable {
    private let program: ToolchainProgram

    /// Where it lies.
    package var path: String { program.path }

    /// Finds clang: the given path, else beside `swift`, else on `PATH`.
    ///
    /// `searchPath` is what takes the place of the environment's `PATH`.
    /// - Throws: `Diagnostic` when there is none.
    package init(_ given: String? = nil, searchPath: String? = nil) throws(Diagnostic) {
        guard let program = try ToolchainProgram("clang", given: given, option: "--clang", searchPath: searchPath)
        else {
            throw Diagnostic(
                withoutPlace: "C tests need clang, and there is none beside swift or on PATH",
                remedy: "install a Swift toolchain or clang, or name one with --clang PATH")
        }
        self.program = program
    }

    /// Runs the compiler; returns what it wrote on standard error when it failed, and nil when it did not.
    ///
    /// `workingDirectory` is where relative include paths begin.
    package func errors(_ arguments: [String], workingDirectory: String?) async throws(Diagnostic) -> String? {
        try await program.errors(arguments, workingDirectory: workingDirectory)
    }

    /// The first error of what clang wrote.
    func diagnostic(_ errors: String) -> Diagnostic {
        program.diagnostic(
            errors, remedy: "this is C as clang sees it, after the headers of the test", flags: "--cflags and --clang")
    }
}
