import ArgumentParser
import Checker
import Diagnostics
import Litmus
import Report

/// `ptero replay`.
struct Replay: PteroSubcommand {
    static let configuration = CommandConfiguration(
        commandName: "replay",
        abstract: "Shows the run that a witness describes, step by step.",
        discussion: """
            The witness is the string that `ptero check` prints after --witness. It fits one test on one class of CPUs.

            With -i the run is taken step by step: what can happen next is listed, and standard input says which of it does, a \
            number a line. `u` undoes, `r` restarts, `v` goes a shortest way to what the condition asks about, `q` ends and \
            prints the run, `?` explains the rest.

            EXAMPLES
              ptero replay Corpus/tso/SB.litmus --profile cet --witness 021110
              ptero replay Corpus/tso/SB.litmus --profile cet --witness 021110 --show tlb
              ptero replay Corpus/tso/SB.litmus --profile cet --witness 021110 --html a.html
              ptero replay -i Corpus/tso/SB.litmus --profile cet
            """)

    static let endings = CommandEndings(success: "the run was shown, whatever it comes to")

    @Argument(help: "The test, or - for standard input.", completion: .file(extensions: ["litmus"]))
    var file: String

    @Option(
        help: ArgumentHelp(
            "The class of CPUs: a name, a file of one profile, or FILE:NAME. Not needed for a test that gives each CPU its "
                + "own.", valueName: "file-or-name"))
    var profile: String?

    @Option(
        help: ArgumentHelp(
            "Of a test with several conditions, the one that the witness is about; without, the one that has no name.",
            valueName: "name"))
    var condition: String?

    @Option(help: ArgumentHelp("The steps to take; with -i those to begin with.", valueName: "steps"))
    var witness: String?

    @Flag(name: [.customShort("i"), .long], help: "Take the run step by step, as lines of standard input say.")
    var interactive = false

    @Flag(help: "The witness comes from the reference search.")
    var reference = false

    @Flag(help: "Show all steps, also those on memory that no other CPU touches, and on registers alone.")
    var allSteps = false

    @Option(
        help: ArgumentHelp(
            "What else to show after each step, in columns: \(RunParts.names.joined(separator: ", ")), or several, separated "
                + "by commas. A cell has what has changed; entries gives every entry a column.", valueName: "parts"))
    var show: String?

    @Option(
        help: ArgumentHelp(
            "Write the run as a drawing to a file: as hardware takes it, with TLBs and buffers.", valueName: "file"),
        completion: .file(extensions: ["svg"]))
    var svg: String?

    @Option(
        help: ArgumentHelp(
            "Write the run as a page for a browser: drawn, with why each step was possible, and its source.",
            valueName: "file"),
        completion: .file(extensions: ["html"]))
    var html: String?

    @OptionGroup(title: "Options for tests in C and Swift") var kernel: KernelOptions

    func validate() throws {
        if witness == nil && !interactive { throw ValidationError("Missing expected argument '--witness <steps>'") }
        if interactive && file == "-" {
            throw ValidationError("With -i standard input says which steps to take: name a file.")
        }
    }

    func execute(in surroundings: Surroundings) throws -> ExitStatus {
        let parts = try show.map { try RunParts(list: $0) } ?? []
        let profiles = try ProfileSelection(profile.map { [$0] } ?? [], surroundings)
        let compiler = try kernel.testCompiler(surroundings)
        guard let source = try Self.single(file, surroundings),
            let whole = source.parsed(compiler, surroundings)?.test
        else { return .badInput }
        let test = try whole.question(condition)
        do throws(Diagnostic) {
            let checker = try TestChecker(test, file: source.file)
            let assignments = try checker.assignments(
                among: profiles.selected, known: profiles.known, onRequest: profiles.onRequest)
            guard let assignment = assignments.first else {
                throw Diagnostic(
                    file: source.file, span: test.headers.last { $0.key == "CPU" }.map { SourceSpan($0.place) },
                    message: "\(test.title) is not for this class of CPUs",
                    remedy: "its line CPU= says which it is for")
            }
            guard assignments.count == 1 else {
                throw Diagnostic(
                    withoutPlace: "a witness fits one class of CPUs, and \(assignments.count) are possible",
                    remedy: "say which: --profile " + assignments.map(\.label).joined(separator: " | "))
            }
            let title = "\(printable(test.title)) on \(assignment.label)"
            let given = try witness.map { witness throws(Diagnostic) in
                try checker.replay(witness, profiles: assignment.profiles, isEager: reference)
            }
            let run: Run
            if interactive {
                let command = ReplayCommand(
                    profileArguments: profiles.arguments, compilerArguments: kernel.replayArguments(surroundings))
                var session = try InteractiveReplay(
                    checker, on: assignment.profiles, title: title, parts: parts, showsAllSteps: allSteps, surroundings
                ) { replay in
                    command.line(
                        replay, file: source.file, condition: condition, profile: assignment.label, isLiteral: true)
                }
                run = try session.run(from: given)
            } else if let given {
                run = given
                surroundings.output.write(title + "\n\n")
                surroundings.output.write(WitnessText(run, showsAllSteps: allSteps, parts: parts).rendered(replay: nil))
            } else {
                return .badInput
            }
            let pictures = PictureFiles(html: html, svg: svg, surroundings)
            guard pictures.areAsked else { return .success }
            let drawn = ReportRun(
                checker.literalRun(of: run, on: assignment.profiles) ?? run, of: test, profiles: [assignment.label],
                replay: surroundings.commandLine, remarks: compiler.tree.map { ["Linux \($0.version)"] } ?? [])
            let status =
                html == nil ? .success : pictures.write(ReportPage(command: surroundings.commandLine, run: drawn))
            return status.combined(with: pictures.writeDrawing(of: drawn))
        } catch {
            source.report(error, surroundings)
            return .badInput
        }
    }

    /// The one test that an argument names.
    static func single(_ file: String, _ surroundings: Surroundings) throws -> TestSource? {
        let sources = TestFinder(surroundings: surroundings).sources([file])
        guard sources.count <= 1 else {
            throw Diagnostic(withoutPlace: "\(file) is a folder of \(sources.count) tests", remedy: "name one of them")
        }
        return sources.first
    }
}
