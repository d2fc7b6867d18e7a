import ArgumentParser
import CompiledTests
import Diagnostics
import Litmus
import Report

/// `ptero asm`.
struct Asm: PteroSubcommand {
    static let configuration = CommandConfiguration(
        commandName: "asm",
        abstract: "Prints what a test in C or Swift was compiled to, source lines beside it.",
        discussion: """
            What is printed is what `ptero check` explores: the instructions of each CPU, those of called functions included, \
            under the line of the test that they come from; then what was assumed to compile it.

            EXAMPLES
              ptero asm kernel:wrprotect
              ptero asm kernel:wrprotect --kernel-tree /lib/modules/$(uname -r)/build
              ptero asm Corpus/swift/plain-store+write.swift
            """)

    static let endings = CommandEndings(success: "the code of every test was printed")

    @Argument(
        help: "Tests in C or Swift, folders of tests, kernel:NAME, or - for standard input.",
        completion: .file(extensions: ["litmus"]))
    var files: [String] = []

    @OptionGroup var kernel: KernelOptions

    func validate() throws {
        if files.isEmpty && kernel.swift.swift.isEmpty {
            throw ValidationError("Missing expected argument '<files> ...'")
        }
    }

    func execute(in surroundings: Surroundings) throws -> ExitStatus {
        let compiler = try kernel.testCompiler(surroundings)
        var status = ExitStatus.success
        var isFirst = true
        let inputs = SwiftInputs(kernel.swift.swift, surroundings)
        let sources = TestFinder(surroundings: surroundings).sources(files) + inputs.tests
        if let fault = inputs.fault(besides: sources.count) { throw fault }
        for source in sources {
            guard let loaded = source.parsed(compiler, surroundings) else {
                status = .badInput
                continue
            }
            guard let compiled = loaded.compiled else {
                let error = Diagnostic(
                    withoutPlace: "this is a test in columns: nothing is compiled", file: source.file,
                    remedy: "`ptero show` prints it; C tests begin with C, Swift tests with `/* Swift NAME`")
                surroundings.report(error)
                status = .badInput
                continue
            }
            let heading = "\(isFirst ? "" : "\n")\(printable(loaded.test.name))\n"
            surroundings.output.write(heading + printableLines(compiled.listing(of: source.text ?? "")))
            isFirst = false
        }
        return status
    }

    /// Text of several lines without what would write to a terminal.
    private func printableLines(_ text: String) -> String {
        text.split(separator: "\n", omittingEmptySubsequences: false).map { printable(String($0)) }
            .joined(separator: "\n")
    }
}
