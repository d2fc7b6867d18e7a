import Diagnostics
import Litmus
import X86

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// The Swift compiler that tests are compiled with.
package struct SwiftCompiler: Sendable {
    let program: ToolchainProgram

    /// Where it lies.
    package var path: String { program.path }

    /// Finds swiftc: the given path, else beside `swift`, else on `PATH`.
    ///
    /// `searchPath` is what takes the place of the environment's `PATH`.
    /// - Throws: `Diagnostic` when there is none.
    package init(_ given: String? = nil, searchPath: String? = nil) throws(Diagnostic) {
        guard let program = try ToolchainProgram("swiftc", given: given, option: "--swiftc", searchPath: searchPath)
        else {
            throw Diagnostic(
                withoutPlace: "Swift tests need swiftc, and there is none beside swift or on PATH",
                remedy: "install a Swift toolchain, or name its compiler with --swiftc PATH")
        }
        self.program = program
    }

    /// Code generation: what `swift build -c release` does to one module, for the CPUs that Ptero knows.
    ///
    /// Without vector registers and stack protector, which the machine does not have: as kernels are compiled, and as tests
    /// in C are. Checks of arithmetic and of exclusive access stay in, as in any release build; a trap is a `BUG`.
    static let codeGeneration = [
        "-target", "x86_64-unknown-linux-gnu", "-O", "-wmo", "-parse-as-library", "-swift-version", "6",
        "-Xcc", "-mno-sse", "-Xcc", "-mno-red-zone", "-Xfrontend", "-disable-stack-protector",
    ]

    func run(_ arguments: [String]) async throws(Diagnostic) {
        try await program.run(
            Self.codeGeneration + ["-suppress-warnings", "-no-color-diagnostics", "-diagnostic-style=llvm"] + arguments,
            workingDirectory: nil,
            remedy: "`import PageTable` and `import AddressSpace` are there, kernel services need no import",
            flags: "--swiftflags and --swiftc")
    }
}

/// Compiles Swift tests to machine code and makes ordinary tests of them (litmus.md, "Tests in Swift").
package struct SwiftTestCompiler: Sendable {
    /// The compiler.
    package let swiftc: SwiftCompiler
    /// Paths of Swift files that are compiled with every test, into the same module (`--swift`).
    package let sources: [String]
    /// Flags after all others (`--swiftflags`), for the libraries as well.
    package let flags: [String]
    private let libraries: SwiftLibraries

    /// Makes a compiler.
    ///
    /// `librarySources` is the folder with the sources of `PageTable` and `AddressSpace`, in folders of these names; nil
    /// when they are not at hand. They are compiled when the first test imports them, once.
    package init(swiftc: SwiftCompiler, librarySources: String?, sources: [String] = [], flags: [String] = []) {
        self.swiftc = swiftc
        self.sources = sources
        self.flags = flags
        libraries = SwiftLibraries(swiftc, sources: librarySources, flags: flags)
    }

    /// What the test's text is called while it is compiled.
    static let fileName = "ptero-test.swift"
    /// The module that a test and the files beside it become.
    static let moduleName = "PteroTest"

    /// Compiles a test.
    ///
    /// `directory` is where its `Include=` paths begin. Throws what swiftc finds wrong, and what the machine has no meaning for.
    package func compile(_ test: SwiftTest, file: String? = nil, directory: String? = nil) async throws(Diagnostic)
        -> CompiledTest
    {
        let observed = test.test.observedLocals
        let files = try includes(test.test, file, directory) + sources
        var uses = SwiftLibraries.modules(in: test.text)
        for path in files {
            guard let content = FileManager.default.contents(atPath: path) else {
                throw Diagnostic(withoutPlace: "\(path) cannot be read", remedy: "check its permissions")
            }
            uses.formUnion(SwiftLibraries.modules(in: Array(content)))
        }
        let built = try await libraries.built(uses)
        let own = try await assembly(of: test, observed: observed, files: files, modules: built.directory, file: file)
        let whole = own.joined(with: built.assembly)
        let threads = test.functions.map {
            CompiledTestBuilder.Thread(
                processor: $0.processor, name: "P\($0.processor)", parameters: $0.parameters, place: $0.place)
        }
        return try CompiledTestBuilder(
            test.test, threads: threads, observed: observed, language: .swift, file: file, name: Self.fileName,
            assembly: whole, tree: nil
        ).build()
    }

    private func assembly(
        of test: SwiftTest, observed: [Int: [String]], files: [String], modules: String?, file: String?
    ) async throws(Diagnostic) -> SwiftAssembly {
        let scratch = try ScratchDirectory()
        defer { scratch.remove() }
        let input = scratch.path + "/" + Self.fileName
        let services = scratch.path + "/ptero-services.swift"
        let output = scratch.path + "/test.s"
        try scratch.write(test.text, to: input)
        try scratch.write(Array(SwiftServices.source(observing: observed).utf8), to: services)
        do throws(Diagnostic) {
            try await swiftc.run(
                ["-module-name", Self.moduleName, "-gline-tables-only", "-emit-assembly", "-o", output]
                    + (modules.map { ["-I", $0] } ?? []) + flags + [input, services] + files)
        } catch {
            var error = error
            // The compiler may print the path with links resolved.
            if error.file?.hasSuffix("/" + Self.fileName) == true { error.file = file }
            throw error
        }
        return SwiftAssembly(try SwiftAssembly.text(of: output, in: scratch), file: Self.fileName)
    }

    /// The files that `Include=` names, as paths.
    private func includes(_ test: LitmusTest, _ file: String?, _ directory: String?) throws(Diagnostic) -> [String] {
        var paths: [String] = []
        for header in test.headers where header.key == "Include" {
            for word in header.value.split(separator: " ").map(String.init) {
                let path = word.hasPrefix("/") ? word : (directory.map { $0 + "/" } ?? "") + word
                guard word.hasSuffix(".swift"), FileManager.default.isReadableFile(atPath: path) else {
                    throw Diagnostic(
                        file: file, span: header.span(of: word), message: "there is no Swift file `\(word)`",
                        remedy: "name a .swift file by its path from the test's folder")
                }
                paths.append(path)
            }
        }
        return paths
    }
}
