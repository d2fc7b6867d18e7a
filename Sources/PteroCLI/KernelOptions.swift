import ArgumentParser
import KernelSource
import Litmus
import Synchronization

/// Options that say how C tests are compiled.
struct CompilerOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp("The clang that compiles C tests (default: beside swift, else on PATH).", valueName: "path"),
        completion: .file())
    var clang: String?

    // What looks like an option is one of clang's.
    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Flags for clang behind all others, separated by blanks.", valueName: "flags"))
    var cflags: String?

    /// The words of `--cflags`.
    var flags: [String] { (cflags ?? "").split(whereSeparator: \.isWhitespace).map(String.init) }
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

    func validate() throws {
        if kernelSource != nil && kernelTree == nil {
            throw ValidationError("--kernel-source needs --kernel-tree, the headers of the same version.")
        }
    }

    /// The compiler that these options describe.
    ///
    /// - Throws: ``UsageError`` for a directory that is no kernel tree and a program that cannot be run.
    func testCompiler(_ surroundings: Surroundings) throws(UsageError) -> TestCompiler {
        var tree: KernelTree?
        if let kernelTree {
            tree = try TestCompiler.tree(kernelTree, sources: kernelSource, surroundings)
        }
        return try TestCompiler(tree: tree, options: compiler, surroundings)
    }

    /// The options again, as a line that repeats a run needs them.
    var replayArguments: [String] {
        [("--kernel-tree", kernelTree), ("--kernel-source", kernelSource)].flatMap { name, value in
            value.map { [name, $0] } ?? []
        } + compiler.replayArguments
    }
}

extension CompilerOptions {
    /// The options again, as a line that repeats a run needs them.
    var replayArguments: [String] {
        (clang.map { ["--clang", $0] } ?? []) + (cflags.map { ["--cflags=\($0)"] } ?? [])
    }
}

/// Compiles C tests, or knows why that is not possible here.
final class TestCompiler: Sendable {
    /// The kernel that tests are compiled for, if any.
    let tree: KernelTree?
    private let find: @Sendable () -> Result<CTestCompiler, Diagnostic>
    private let found = Mutex<Result<CTestCompiler, Diagnostic>?>(nil)

    /// A compiler for a kernel, or for Ptero's own headers.
    ///
    /// That there is no clang is told only to those who need one, and it is looked for only then; one that was named and
    /// cannot be run is an error.
    init(tree: KernelTree?, options: CompilerOptions, _ surroundings: Surroundings) throws(UsageError) {
        self.tree = tree
        let searchPath = surroundings.environment["PATH"] ?? ""
        let named = options.clang.map(surroundings.resolved)
        let flags = options.flags
        find = {
            do throws(Diagnostic) {
                let clang = try Clang(named, searchPath: searchPath)
                return .success(CTestCompiler(clang: clang, tree: tree, flags: flags))
            } catch { return .failure(error) }
        }
        if named != nil, case .failure(let fault) = compiler { throw UsageError(fault) }
    }

    /// The compiler, or what is missing.
    var compiler: Result<CTestCompiler, Diagnostic> {
        found.withLock { found in
            let result = found ?? find()
            found = result
            return result
        }
    }

    /// A kernel tree by the path that the user gave.
    static func tree(
        _ path: String, sources: String? = nil, _ surroundings: Surroundings
    ) throws(UsageError) -> KernelTree {
        do throws(Diagnostic) {
            return try KernelTree(surroundings.resolved(path), sources: sources.map(surroundings.resolved))
        } catch { throw UsageError(error) }
    }

    /// Why a C test cannot run here although nothing is wrong with it; nil when it can, or when it is no C test.
    func lack(for bytes: [UInt8]) -> String? {
        guard CTest.isCTest(bytes), let test = try? CTest.parse(bytes: bytes).test else { return nil }
        switch compiler {
        case .failure(let fault): return fault.message + (fault.remedy.map { " (\($0))" } ?? "")
        case .success(let compiler): return compiler.lack(for: test)
        }
    }
}

extension UsageError {
    /// What is wrong with a directory or program that an option names.
    init(_ fault: Diagnostic) { self.init(fault.message, remedy: fault.remedy) }
}
