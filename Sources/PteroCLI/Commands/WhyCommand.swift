import ArgumentParser
import Checker
import CompiledTests
import Diagnostics
import Explorer
import Litmus
import Report

/// `ptero why`.
struct Why: PteroSubcommand {
    static let configuration = CommandConfiguration(
        commandName: "why",
        // As in ``Check``.
        _superCommandName: "ptero",
        abstract: "Says which steps of a test carry its verdict.",
        discussion: """
            Takes every step of software away from the test, one at a time (each lock prefix, fence, flush, store, locked \
            operation and lock, each order of two neighbouring steps), checks the test without it, and says what goes wrong on \
            which class of CPUs, or that nothing does. Of tests in C and Swift the steps are those of the compiled code, told \
            beside the line that they come from.

            EXAMPLES
              ptero why Corpus/wrprotect/cmpxchg+write+lost-dirty.litmus
              ptero new test
              ptero why --witness --profile late test.litmus
              ptero why --output without test.litmus
              ptero why --html why.html test.litmus
              ptero why --condition lost Corpus/wrprotect/look-store-loop+write.litmus
              ptero why kernel:wrprotect --kernel-tree /lib/modules/$(uname -r)/build
            """)

    static let endings = CommandEndings(
        success: "it is known which steps are needed, whatever the answer is",
        inconclusive: "of some step it is not known: a limit was hit, or Ctrl-C")

    @Argument(help: "The test, kernel:NAME, or - for standard input.", completion: .file(extensions: ["litmus"]))
    var file: String

    @Option(
        help: ArgumentHelp(
            "A class of CPUs: a name that `ptero profiles` lists, a file of profiles, or FILE:NAME. May be repeated.",
            valueName: "file-or-name"))
    var profile: [String] = []

    @Option(
        help: ArgumentHelp(
            "Of a test with several conditions, the one that is asked; without, all of them in turn.",
            valueName: "name"))
    var condition: String?

    @Option(
        help: ArgumentHelp(
            "Write the test without each step into this folder, which is made if it is not there.", valueName: "dir"),
        completion: .directory)
    var output: String?

    @Flag(help: "Show a shortest run for everything that goes wrong.")
    var witness = false

    @Option(
        help: ArgumentHelp(
            "Write what was found as a page for a browser, with a drawn run for what goes wrong without each step.",
            valueName: "file"),
        completion: .file(extensions: ["html"]))
    var html: String?

    @Flag(help: "Print one JSON object for each condition.")
    var json = false

    @OptionGroup var search: SearchOptions

    @OptionGroup(title: "Options for tests in C and Swift") var kernel: KernelOptions

    @Option(help: "Use colour: auto, always or never.")
    var color = Color.auto

    func validate() throws {
        if json && witness { throw ValidationError("--json and --witness exclude each other.") }
    }

    func execute(in surroundings: Surroundings) throws -> ExitStatus {
        if surroundings.handlesInterrupts { InterruptSignal.takeOver() }
        return try surroundings.recording(json ? .why : nil, answer)
    }

    private func answer(_ surroundings: Surroundings) throws -> ExitStatus {
        let profiles = try ProfileSelection(profile, surroundings)
        let compiler = try kernel.testCompiler(surroundings)
        guard let source = try Replay.single(file, surroundings), let loaded = source.parsed(compiler, surroundings)
        else {
            return .badInput
        }
        let questions = try condition.map { [try loaded.test.question($0)] } ?? loaded.test.questions
        var status = ExitStatus.success
        var parts: [WhyText] = []
        for (number, question) in questions.enumerated() {
            if number > 0 && !json { surroundings.output.write("\n") }
            var asked = loaded
            asked.test = question
            status = status.combined(with: try why(asked, source, profiles, compiler, surroundings, &parts))
        }
        guard html != nil, !parts.isEmpty else { return status }
        let pictures = PictureFiles(html: html, surroundings)
        return status.combined(with: pictures.write(ReportPage(why: parts, command: surroundings.commandLine)))
    }

    /// Says what carries the verdict of one condition.
    private func why(
        _ loaded: TestSource.Loaded, _ source: TestSource, _ profiles: ProfileSelection, _ compiler: TestCompiler,
        _ surroundings: Surroundings, _ parts: inout [WhyText]
    ) throws -> ExitStatus {
        let checker: TestChecker
        let assignments: [RemovalRun.Assignment]
        do throws(Diagnostic) {
            checker = try TestChecker(loaded.test, file: source.file)
            assignments = try checker.assignments(
                among: profiles.selected, known: profiles.known, onRequest: profiles.onRequest)
        } catch {
            source.report(error, surroundings)
            return .badInput
        }
        let run = RemovalRun(assignments, options(surroundings), jobs: search.jobs ?? surroundings.cores, surroundings)
        let base: [Int: Verdict]
        do throws(Diagnostic) {
            base = try run.base(checker)
        } catch {
            source.report(error, surroundings)
            return .badInput
        }
        let found = RemovalFinder(source, loaded, compiler, surroundings).removals(
            jobs: search.jobs ?? surroundings.cores)
        var findings = run.findings(found, base: base)
        if let output {
            let files = RemovalFiles(folder: output, source: source, test: loaded.test, surroundings)
            for number in findings.indices { try files.write(&findings[number], number: number + 1, found[number]) }
        }
        let result = Removals(
            test: loaded.test, file: source.file, base: assignments.indices.compactMap { base[$0] }, findings: findings,
            isInterrupted: Interruption.isRequested)
        let replay = ReplayCommand(
            profileArguments: profiles.arguments, compilerArguments: kernel.replayArguments(surroundings))
        let text = WhyText(
            result, source: loaded.compiled == nil ? nil : source.text, replay: replay, showsWitnesses: witness)
        parts.append(text)
        if json {
            surroundings.output.write(WhyJSON.text(result, replay: replay, kernel: compiler.tree?.version))
        } else {
            surroundings.output.write(text.rendered(color.style(surroundings)))
        }
        let isKnown =
            base.values.allSatisfy { $0.observation != .inconclusive } && !result.isInterrupted
            && findings.allSatisfy { finding in
                finding.verdicts.allSatisfy {
                    if case .inconclusive = $0.outcome { false } else { true }
                }
            }
        return isKnown ? .success : .inconclusive
    }

    private func options(_ surroundings: Surroundings) -> CheckOptions {
        var options = search.options(surroundings)
        // Hundreds of small searches go side by side, each on one thread.
        options.threads = 1
        options.tellsWitnesses = witness || html != nil
        options.tellsLiteralRuns = html != nil
        return options
    }
}
