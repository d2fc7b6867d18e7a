import ArgumentParser
import Checker
import Diagnostics
import Explorer
import Litmus
import Machine
import Report
import Synthesis

extension Reduction: ExpressibleByArgument {}

/// `ptero check`.
struct Check: PteroSubcommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        // For the parser a command under another has no completion scripts to print, and need not look for the request.
        _superCommandName: "ptero",
        abstract: "Checks litmus tests on classes of CPUs.",
        discussion: """
            Without arguments the corpus that ships with Ptero is checked, and its table *sequence x CPU class* is shown. A \
            folder is searched for *.litmus; - is standard input; kernel:NAME is a scenario of `ptero kernel`. Tests that \
            begin with C are compiled by clang, Swift files that begin with a test by swiftc; of a folder those are skipped \
            that need what is not here.

            EXAMPLES
              ptero check
              ptero new test
              ptero check test.litmus
              ptero check -v --profile cet,late test.litmus
              ptero check --watch test.litmus
              ls *.litmus > list.txt
              ptero check @list.txt
              ptero check --json Corpus/tso | jq -r 'select(.positive > 0) | .test'
              ptero profiles --file > mycpu.json5
              ptero check --profile mycpu.json5 test.litmus
              ptero check --write-expect verdicts.tsv test.litmus
              ptero check --expect verdicts.tsv
              ptero check --costs amd-epyc-zen4 Corpus/wrprotect
              ptero check --require Never --strict test.litmus
              ptero check --html report.html Corpus/wrprotect
              ptero check --format ktap Corpus/wrprotect
              ptero check --output report.sarif --output report.xml Corpus/wrprotect
              ptero new c-test --from kernel:wrprotect
              ptero check --kernel-tree /lib/modules/$(uname -r)/build c-test.litmus
              ptero check --swift Corpus/swift/plain-store+write.swift
            """)

    static let endings = CommandEndings(
        success: "every verdict is as expected, or nothing was expected",
        unexpected: "some verdict is not as expected; with --strict also where one says less than it seems to",
        badInput: """
            some input could not be used, every test was left out, an output could not be written, or the command line was wrong
            """,
        inconclusive: "inconclusive: a limit was hit, or Ctrl-C")

    @Argument(help: "Tests, folders of tests, or - for standard input.", completion: .file(extensions: ["litmus"]))
    var files: [String] = []

    @Option(
        help: ArgumentHelp(
            "A class of CPUs: a name that `ptero profiles` lists, a file of profiles, or FILE:NAME. Several are separated by commas; may be repeated.",
            valueName: "file-or-name"))
    var profile: [String] = []

    @Flag(help: "Use the reference search: slow, obvious, without reductions.")
    var reference = false

    @Option(
        help: ArgumentHelp(
            "Leave out a reduction: \(Reduction.allCases.map(\.rawValue).joined(separator: " or ")). May be repeated.",
            valueName: "name"))
    var noReduction: [Reduction] = []

    @OptionGroup var search: SearchOptions

    @Flag(help: "Show the figures of each search.")
    var statistics = false

    @Flag(name: .shortAndLong, help: "Show herd7's block for each test and profile.")
    var verbose = false

    @Flag(help: "Print one JSON object for each test and profile.")
    var json = false

    @Flag(help: "Show a witness for every verdict that has one.")
    var witness = false

    @Flag(
        help:
            "Show runs as hardware takes them, with every fill of a TLB, and the steps that a failure rests on, with why each was possible."
    )
    var explain = false

    @Flag(help: "Show all steps of a run, also those on memory that no other CPU touches, and on registers alone.")
    var allSteps = false

    @Flag(help: "Show the table sequence x CPU class also for the tests that are named.")
    var sequences = false

    @Option(
        help: ArgumentHelp(
            "Show that table with a column of costs, by these prices: a file that `ptero measure --cost-file` wrote, or the name of a file of Costs/.",
            valueName: "file-or-name"),
        completion: .file(extensions: ["json5"]))
    var costs: String?

    @Option(
        help: ArgumentHelp(
            "Compare with a table of verdicts: tab-separated, with the columns file, observation, perhaps condition, profile and states.",
            valueName: "file.tsv"),
        completion: .file(extensions: ["tsv"]))
    var expect: String?

    @Option(
        help: ArgumentHelp("Write what was found as a table that --expect reads.", valueName: "file.tsv"),
        completion: .file(extensions: ["tsv"]))
    var writeExpect: String?

    @Option(
        help: ArgumentHelp("Verdicts to expect where the test itself expects nothing.", valueName: "verdict"))
    var require: RequiredVerdict?

    @Flag(
        help: """
            Fail, with status 1, where a verdict says less than it seems to: those marked * in the table. A Never of a test \
            that writes no entry, say.
            """)
    var strict = false

    @Flag(
        help: """
            Check again whenever a file changes that is named, included or in a folder that is named. Ctrl-C ends with the \
            status of the last check.
            """)
    var watch = false

    @Option(
        help: ArgumentHelp(
            "Write a report for a browser: all verdicts, and each run as hardware takes it, drawn, with its source.",
            valueName: "file"),
        completion: .file(extensions: ["html"]))
    var html: String?

    @Option(
        help: ArgumentHelp(
            "Write the first run that goes wrong as a drawing for a slide; of one test.", valueName: "file"),
        completion: .file(extensions: ["svg"]))
    var svg: String?

    @OptionGroup var formats: FormatOptions

    @OptionGroup(title: "Options for tests in C and Swift") var kernel: KernelOptions

    @Option(help: "Use colour: auto, always or never.")
    var color = Color.auto

    func validate() throws {
        if json && verbose { throw ValidationError("--json and --verbose exclude each other.") }
        if watch && files.contains("-") { throw ValidationError("--watch cannot watch standard input.") }
    }

    func execute(in surroundings: Surroundings) throws -> ExitStatus {
        if watch { return try WatchedCheck(self, surroundings).run(in: surroundings) }
        if surroundings.handlesInterrupts { InterruptSignal.takeOver() }
        let outputs = try formats.outputs(json: json, verbose: verbose, surroundings)
        return try outputs.running(on: files) { try check(outputs, surroundings) }
    }

    private func check(_ outputs: ReportOutputs, _ surroundings: Surroundings) throws -> ExitStatus {
        let profiles = try ProfileSelection(profile, surroundings)
        let expected = try expect.map { file in try readExpected(file, surroundings) }
        let prices = try costs.map { request in try CostFiles.table(request, surroundings) }
        let compiler = try kernel.testCompiler(surroundings)
        let stopwatch = Stopwatch()
        let sources = try sources(surroundings)
        let plan = CheckPlan(sources, profiles, compiler, surroundings)
        let faults = expected.map { plan.faults(of: $0, profiles, sources, surroundings) } ?? 0
        let replay = ReplayCommand(
            profileArguments: profiles.arguments, usesReference: reference,
            compilerArguments: kernel.replayArguments(surroundings))
        func report(_ format: ReportFormat, _ style: Style) -> CheckReport {
            CheckReport(
                shown(format, prices), profiles: profiles.selected.map(\.name), isEverybody: profiles.isEverybody,
                replay: replay, style: style, skipped: plan.skipped, kernel: compiler.tree?.version)
        }
        let standard = report(outputs.plan.standard, color.style(surroundings))
        // Where there is nothing to be shown under, or what is shown is for programs.
        if outputs.isForPrograms || plan.tests.isEmpty {
            for group in plan.skipped { surroundings.errors.write(group.line + "\n") }
        }
        let output = surroundings.output
        let tellsAll = standard.tellsWitnesses(ofTests: plan.tests.count) || html != nil || svg != nil
        let run = CheckRun(
            plan, options: options(surroundings, tellsWitnesses: tellsAll || outputs.tellRuns),
            jobs: search.jobs ?? surroundings.cores, expected: expected, required: require?.observation,
            surroundings: surroundings, showsAtOnce: standard.showsAtOnce, forgetsExpectedRuns: !tellsAll && !strict,
            show: { output.write(standard.text(of: $0)) })
        let (tests, failed) = run.run()
        let unreadable = plan.unreadable + failed + faults
        let status = status(tests, unreadable: unreadable, plan, surroundings)
        lazy var document = document(tests, unreadable: unreadable, plan, replay, compiler, status)
        func ending(_ report: CheckReport) -> String {
            report.ending(tests, document, outputs.origin, unreadable: unreadable, seconds: stopwatch.seconds)
        }
        output.write(ending(standard))
        let others = writeOthers(tests, document, profiles, surroundings)
        let written = outputs.writeFiles(others: [writeExpect, html, svg], inputs: sources.map(\.file)) { format in
            let report = report(format, surroundings.plainStyle)
            return tests.map(report.text).joined() + ending(report)
        }
        return status.combined(with: others).combined(with: written)
    }

    /// What was found, for the formats that are documents.
    private func document(
        _ tests: [TestFindings], unreadable: Int, _ plan: CheckPlan, _ replay: ReplayCommand, _ compiler: TestCompiler,
        _ status: ExitStatus
    ) -> CheckDocument {
        let summary = Summary(tests, unreadable: unreadable, skipped: plan.skipped)
        let groups = Summary.byFolder(tests).map {
            ReportPage.Group(title: $0.folder, tests: $0.tests, replay: replay, kernel: compiler.tree?.version)
        }
        return CheckDocument(
            groups, faults: plan.inputFaults, skipped: plan.skipped, lines: [summary.figures, summary.line],
            isStrict: strict, status: status)
    }

    /// Writes the table of verdicts, the page and the drawing, as far as they are asked for.
    private func writeOthers(
        _ tests: [TestFindings], _ document: @autoclosure () -> CheckDocument, _ profiles: ProfileSelection,
        _ surroundings: Surroundings
    ) -> ExitStatus {
        let kept = writeExpect.map { file in
            surroundings.told { () throws(Diagnostic) in try write(tests, to: file, surroundings) }
        }
        let pictures = PictureFiles(html: html, svg: svg, surroundings)
        guard pictures.areAsked else { return kept ?? .success }
        let document = document()
        let drawn = pictures.write(
            tests, in: document.groups, profiles: profiles.selected.map(\.name), lines: document.lines)
        return drawn.combined(with: kept ?? .success)
    }

    private var isCorpus: Bool { files.isEmpty && kernel.swift.swift.isEmpty && expect == nil }

    /// The tests that are asked for.
    private func sources(_ surroundings: Surroundings) throws(Diagnostic) -> [TestSource] {
        let places: [String]
        let inputs = SwiftInputs(kernel.swift.swift, surroundings)
        if let expect, files.isEmpty, inputs.tests.isEmpty {
            places = [expect.lastIndex(of: "/").map { String(expect[...$0]) } ?? "."]
        } else {
            places = isCorpus ? [try CorpusLocation(surroundings: surroundings).find()] : files
        }
        let sources = TestFinder(surroundings: surroundings).sources(places) + inputs.tests
        if let fault = inputs.fault(besides: sources.count) { throw fault }
        if svg != nil && sources.count != 1 {
            throw Diagnostic(
                withoutPlace: "--svg draws one run, and \(Figures.count(sources.count, "test")) are asked",
                remedy: "name one test; --html shows the runs of many")
        }
        return sources
    }

    /// What a report in a format shows.
    private func shown(_ format: ReportFormat, _ prices: CostTable?) -> CheckReport.Options {
        var shown = CheckReport.Options(format: format.ofCheck)
        shown.isCorpus = isCorpus
        shown.showsWitnesses = witness || explain
        shown.explains = explain
        shown.showsAllSteps = allSteps
        shown.showsStatistics = statistics
        shown.showsSequences = isCorpus || sequences || costs != nil
        shown.costs = prices
        shown.isStrict = strict
        return shown
    }

    /// How the command ends.
    private func status(
        _ tests: [TestFindings], unreadable: Int, _ plan: CheckPlan, _ surroundings: Surroundings
    ) -> ExitStatus {
        if plan.interrupted > 0 {
            surroundings.errors.write("interrupted: \(Figures.count(plan.interrupted, "test")) not compiled\n")
            return ExitStatus(of: tests, unreadable: unreadable, isStrict: strict).combined(with: .inconclusive)
        }
        // That every test was skipped is not the success somebody may take it for.
        if tests.isEmpty && !plan.skipped.isEmpty { return .badInput }
        return ExitStatus(of: tests, unreadable: unreadable, isStrict: strict)
    }

    private func write(
        _ tests: [TestFindings], to file: String, _ surroundings: Surroundings
    ) throws(Diagnostic) {
        let text = try ExpectedVerdicts.text(of: tests, for: file, directory: surroundings.currentDirectory)
        try surroundings.write(text, to: file)
        let open = tests.reduce(0) { $0 + $1.findings.count { $0.verdict.observation == .inconclusive } }
        if open > 0 {
            surroundings.errors.write(
                "\(file): \(Figures.count(open, "search", plural: "searches")) did not end and \(open == 1 ? "has" : "have") no row\n"
            )
        }
    }

    private func options(_ surroundings: Surroundings, tellsWitnesses: Bool) -> CheckOptions {
        var options = search.options(surroundings)
        options.usesReference = reference
        options.reductions.subtract(noReduction)
        options.tellsWitnesses = tellsWitnesses
        options.tellsLiteralRuns = explain || html != nil || svg != nil
        return options
    }

    private func readExpected(_ file: String, _ surroundings: Surroundings) throws -> ExpectedVerdicts {
        guard let bytes = try? Files.contents(surroundings.resolved(file), atMost: 256 << 20),
            let text = String(validating: bytes, as: UTF8.self)
        else {
            throw Diagnostic(
                withoutPlace: "\(file) cannot be read as text", remedy: "--expect takes a table of verdicts")
        }
        return try ExpectedVerdicts(text, file: file, directory: surroundings.currentDirectory)
    }
}

/// What `--require` takes.
enum RequiredVerdict: String, ExpressibleByArgument, CaseIterable {
    case never = "Never"
    case sometimes = "Sometimes"
    case always = "Always"

    init?(argument: String) {
        guard let verdict = Self.allCases.first(where: { $0.rawValue.lowercased() == argument.lowercased() }) else {
            return nil
        }
        self = verdict
    }

    /// As verdicts have it.
    var observation: Observation {
        switch self {
        case .never: .never
        case .sometimes: .sometimes
        case .always: .always
        }
    }
}

/// When to colour.
enum Color: String, ExpressibleByArgument, CaseIterable {
    case auto, always, never

    /// The style of what is written to the surroundings' output.
    func style(_ surroundings: Surroundings) -> Style {
        switch self {
        case .always: Style(isColored: true, width: surroundings.width)
        case .never: surroundings.plainStyle
        case .auto:
            // NO_COLOR: no-color.org; a dumb terminal cannot.
            Style(
                isColored: surroundings.output.isTerminal && (surroundings.environment("NO_COLOR") ?? "").isEmpty
                    && surroundings.environment("TERM") != "dumb", width: surroundings.width)
        }
    }
}
