import ArgumentParser
import Checker
import CompiledTests
import Diagnostics
import Litmus
import Report

/// Options that say how Swift tests are compiled, and with what.
struct SwiftOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "A Swift file: a test, if its first comment is one (`/* Swift NAME ... */`), otherwise code that Swift tests "
                + "are compiled with; or a folder of Swift tests. May be repeated.", valueName: "file"),
        completion: .file(extensions: ["swift"]))
    var swift: [String] = []

    @Option(
        help: ArgumentHelp(
            "The swiftc that compiles Swift tests (default: beside swift, else on PATH).", valueName: "path"),
        completion: .file())
    var swiftc: String?

    // What looks like an option is one of swiftc's.
    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Flags for swiftc after all others, separated by blanks.", valueName: "flags"))
    var swiftflags: String?

    /// The options again, as a line that repeats a run needs them: of the files only those that are not tests.
    func replayArguments(_ surroundings: Surroundings) -> [String] {
        SwiftInputs(swift, surroundings).code.flatMap { ["--swift", $0] } + (swiftc.map { ["--swiftc", $0] } ?? [])
            + (swiftflags.map { ["--swiftflags=\($0)"] } ?? [])
    }
}

/// Options that say how C tests are compiled.
struct CompilerOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp("The clang that compiles C tests (default: beside swift, else on PATH).", valueName: "path"),
        completion: .file())
    var clang: String?

    // What looks like an option is one of clang's.
    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Flags for clang after all others, separated by blanks.", valueName: "flags"))
    var cflags: String?

    /// The words of `--cflags`.
    var flags: [String] { (cflags ?? "").split(whereSeparator: \.isWhitespace).map(String.init) }
}

/// Options that say what searches may use.
struct SearchOptions: ParsableArguments {
    @Option(help: ArgumentHelp("States that a search may store.", valueName: "n"))
    var maxStates: Int?

    @Option(
        help: ArgumentHelp(
            "Memory that all searches together may use, like 512M or 4G (default: three quarters of what is free).",
            valueName: "bytes"))
    var maxMemory: ByteCount?

    @Option(help: ArgumentHelp("Seconds that a search may take.", valueName: "seconds"))
    var timeout: Double?

    @Option(help: ArgumentHelp("Threads, for several searches or for one (default: the processors).", valueName: "n"))
    var jobs: Int?

    func validate() throws {
        if let maxStates, maxStates < 1 { throw ValidationError("--max-states must be at least 1.") }
        if let timeout, !(timeout > 0 && timeout.isFinite) { throw ValidationError("--timeout must be positive.") }
        if let jobs, !(1...1024).contains(jobs) { throw ValidationError("--jobs must be from 1 to 1024.") }
    }

    /// What they come to.
    func options(_ surroundings: Surroundings) -> CheckOptions {
        var options = CheckOptions()
        options.threads = jobs ?? surroundings.cores
        if let maxStates { options.limits.maxStates = maxStates }
        options.limits.maxMemory = maxMemory?.bytes ?? surroundings.freeMemory / 4 * 3
        options.limits.timeout = timeout
        return options
    }
}

/// Options of commands that take tests: a kernel's headers and the compiler.
struct KernelOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The kernel whose headers C tests are compiled with: a header package like /usr/src/linux-headers-6.12..., "
                + "/lib/modules/.../build, or a prepared source tree.", valueName: "dir"),
        completion: .directory)
    var kernelTree: String?

    @Option(
        help: ArgumentHelp(
            "The unpacked sources of the same version, for a header package, which has none.", valueName: "dir"),
        completion: .directory)
    var kernelSource: String?

    @OptionGroup var compiler: CompilerOptions

    @OptionGroup var swift: SwiftOptions

    func validate() throws {
        if kernelSource != nil && kernelTree == nil {
            throw ValidationError("--kernel-source needs --kernel-tree, the headers of the same version.")
        }
    }

    /// The compiler that these options describe.
    ///
    /// - Throws: `Diagnostic` for a directory that is not a kernel tree and a program that cannot be run.
    func testCompiler(_ surroundings: Surroundings) throws(Diagnostic) -> TestCompiler {
        var tree: KernelTree?
        if let kernelTree {
            tree = try TestCompiler.tree(kernelTree, sources: kernelSource, surroundings)
        }
        return try TestCompiler(tree: tree, options: compiler, swift: swift, surroundings)
    }

    /// The options again, as a line that repeats a run needs them.
    func replayArguments(_ surroundings: Surroundings) -> [String] {
        [("--kernel-tree", kernelTree), ("--kernel-source", kernelSource)].flatMap { name, value in
            value.map { [name, $0] } ?? []
        } + compiler.replayArguments + swift.replayArguments(surroundings)
    }
}

extension CompilerOptions {
    /// The options again, as a line that repeats a run needs them.
    var replayArguments: [String] {
        (clang.map { ["--clang", $0] } ?? []) + (cflags.map { ["--cflags=\($0)"] } ?? [])
    }
}

/// Compiles tests in C and Swift, or knows why that is not possible here.
struct TestCompiler: Sendable {
    /// The kernel that tests are compiled for, if any.
    let tree: KernelTree?
    /// The compilers, or what is missing.
    private(set) var compilers: TestCompilers

    /// What the C compiler is, or what is missing.
    var compiler: Result<CTestCompiler, Diagnostic> { compilers.c }

    /// Compilers for a kernel, or for Ptero's own headers.
    ///
    /// That there is no compiler is told only to those who need one; one that was named and cannot be run is an error.
    init(
        tree: KernelTree?, options: CompilerOptions, swift: SwiftOptions? = nil, _ surroundings: Surroundings
    ) throws(Diagnostic) {
        self.tree = tree
        let path = surroundings.environment("PATH") ?? ""
        let clang = options.clang.map(surroundings.resolved)
        let flags = options.flags
        let swiftc = swift?.swiftc.map(surroundings.resolved)
        let sources = SwiftInputs(swift?.swift ?? [], surroundings).code.map(surroundings.resolved)
        let swiftFlags = (swift?.swiftflags ?? "").split(whereSeparator: \.isWhitespace).map(String.init)
        compilers = TestCompilers { () throws(Diagnostic) in
            CTestCompiler(clang: try Clang(clang, searchPath: path), tree: tree, flags: flags)
        } swift: { () throws(Diagnostic) in
            SwiftTestCompiler(
                swiftc: try SwiftCompiler(swiftc, searchPath: path),
                librarySources: CorpusLocation(surroundings: surroundings).findLibrarySources(), sources: sources,
                flags: swiftFlags)
        }
        if clang != nil, case .failure(let fault) = compilers.c { throw fault }
        if swiftc != nil, case .failure(let fault) = compilers.swift { throw fault }
    }

    /// The compiler for several tests that are compiled on so many processors.
    ///
    /// Where each has a processor of its own they gain nothing from headers that are compiled before them.
    func sharingHeaders(tests: Int, jobs: Int) -> TestCompiler {
        guard tests > jobs else { return self }
        var copy = self
        copy.compilers = compilers.sharingHeaders()
        return copy
    }

    /// A kernel tree by the path that the user gave.
    static func tree(
        _ path: String, sources: String? = nil, _ surroundings: Surroundings
    ) throws(Diagnostic) -> KernelTree {
        try KernelTree(surroundings.resolved(path), sources: sources.map(surroundings.resolved))
    }

    /// Why a test cannot run here although nothing is wrong with it; nil when it can, or when nothing is to be compiled.
    func lack(for bytes: [UInt8]) -> String? {
        func words(_ fault: Diagnostic) -> String { fault.message + (fault.remedy.map { " (\($0))" } ?? "") }
        switch TestLanguage(of: bytes) {
        case .columns: return nil
        case .c:
            guard let test = try? CTest.parse(bytes: bytes).test else { return nil }
            switch compilers.c {
            case .failure(let fault): return words(fault)
            case .success(let compiler): return compiler.lack(for: test)
            }
        case .swift:
            guard case .failure(let fault) = compilers.swift else { return nil }
            return words(fault)
        }
    }
}
