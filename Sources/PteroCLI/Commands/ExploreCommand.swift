import ArgumentParser
import Checker
import Diagnostics
import Litmus
import Machine
import Report

/// `ptero explore`.
struct Explore: PteroSubcommand {
    static let configuration = CommandConfiguration(
        commandName: "explore",
        abstract: "Writes a page on which a test is taken step by step in a browser.",
        discussion: """
            The page is one file with the test and the checker in it: it works from disk, without a network, and sends nothing \
            anywhere. It shows every step that the CPUs can take next, what each would change, whether it can still go wrong \
            from there, and the run so far as a picture. `Web/build` makes the page without a test, of which this is a copy.

            A test in C or Swift is compiled here; the page has its machine code, with the lines that it was made from. With \
            `kernel:NAME` it is the kernel scenario of this name, from the headers of --kernel-tree.

            EXAMPLES
              ptero explore Corpus/tso/SB.litmus
              ptero explore Corpus/tso/SB.litmus --profile late --output lecture.html
              ptero explore kernel:fork --kernel-tree /lib/modules/$(uname -r)/build
            """)

    static let endings = CommandEndings(success: "the page was written")

    @Argument(help: "The test, - for standard input, or kernel:NAME.", completion: .file(extensions: ["litmus"]))
    var file: String

    @Option(
        help: ArgumentHelp(
            "The class of CPUs that the page begins with: a name that `ptero profiles` lists. The page has all of them.",
            valueName: "name"))
    var profile: String?

    @Option(
        help: ArgumentHelp(
            "The file to write. Without, it is named like the test, in the current folder, and replaces only such pages.",
            valueName: "file"), completion: .file(extensions: ["html"]))
    var output: String?

    @Option(
        help: ArgumentHelp(
            "The page that `Web/build` made. Without, it is looked for beside the executable and in the checkout around it.",
            valueName: "file"), completion: .file(extensions: ["html"]))
    var page: String?

    @OptionGroup(title: "Options for tests in C and Swift") var kernel: KernelOptions

    func execute(in surroundings: Surroundings) throws -> ExitStatus {
        let compiler = try kernel.testCompiler(surroundings)
        guard let source = try Replay.single(file, surroundings), let loaded = source.parsed(compiler, surroundings)
        else { return .badInput }
        do throws(Diagnostic) {
            let bytes = try source.content.get()
            let label = try label(loaded.test, source.file)
            let name = output ?? "\(Self.stem(of: source.name)).html"
            let page = try BrowserPage(named: page, surroundings)
            if output == nil { try BrowserPage.checkReplaceable(name, surroundings) }
            let given = BrowserPage.Given(
                file: source.file, text: String(decoding: bytes, as: UTF8.self), profile: label,
                code: try code(of: loaded, source, surroundings))
            try surroundings.write(page.filled(given), to: name)
            surroundings.output.write("\(printable(name)): open it in a browser\n")
            return .success
        } catch {
            source.report(error, surroundings)
            return .badInput
        }
    }

    /// The machine code of a test that was compiled; nil for one in columns.
    private func code(
        of loaded: TestSource.Loaded, _ source: TestSource, _ surroundings: Surroundings
    ) throws(Diagnostic) -> [UInt8]? {
        guard let compiled = loaded.compiled else { return nil }
        let (bytes, written) = (try source.content.get(), try source.uncompiled())
        do throws(MachineCode.Damage) {
            let code = try MachineCode(
                of: loaded.test, written: written, leavesShadowStackRule: loaded.rule != nil,
                assumptions: compiled.assumptions, options: kernel.replayArguments(surroundings))
            return try code.bytes(for: bytes)
        } catch {
            throw Diagnostic(
                withoutPlace: "the code of this test cannot be put into a page; this is a defect of ptero",
                remedy: "report it with the test; `ptero check --explain` tells its runs")
        }
    }

    /// What the page calls the class of CPUs to begin with; nil for the test's first.
    private func label(_ test: LitmusTest, _ file: String) throws(Diagnostic) -> String? {
        var offered = CPUProfile.builtIn
        if let profile {
            offered = CPUProfile.shipped.filter { $0.name == profile }
            guard !offered.isEmpty else {
                let names = CPUProfile.shipped.map(\.name)
                throw Diagnostic(
                    withoutPlace: "the page has no profile \(profile)",
                    remedy: NearName.remedy(for: profile, among: names))
            }
        }
        var labels: [String] = []
        for question in test.questions {
            let checker = try TestChecker(question, file: file)
            labels += try checker.assignments(
                among: offered, known: CPUProfile.shipped, onRequest: profile == nil ? CPUProfile.onRequest : []
            ).map(\.label)
        }
        guard let first = labels.first else {
            throw Diagnostic(
                file: file, span: test.headers.last { $0.key == "CPU" }.map { SourceSpan($0.place) },
                message: "\(test.name) is not for this class of CPUs", remedy: "its line CPU= says which it is for")
        }
        return profile == nil ? nil : first
    }

    /// A file's name without its folder and its ending; `test` for standard input.
    private static func stem(of file: String) -> String {
        let name = file.split(separator: "/").last.map(String.init) ?? ""
        let stem = name.hasSuffix(".litmus") ? String(name.dropLast(".litmus".count)) : name
        return stem.isEmpty || stem == "-" ? "test" : stem
    }
}
