import ArgumentParser
import Checker
import CompiledTests
import Diagnostics
import Explorer
import Litmus
import Report

/// `ptero kernel`.
struct Kernel: PteroSubcommand {
    static let configuration = CommandConfiguration(
        commandName: "kernel",
        abstract: "Checks what a kernel's own page-table helpers do.",
        discussion: """
            Compiles the scenarios that ship with Ptero (fork, KSM, write-back, mprotect, reclaim, ...) with the helpers of a \
            kernel, explores the machine code on all classes of CPUs, and shows a shortest run to each failure. The kernel \
            is a header package, /lib/modules/.../build, or a prepared source tree; nothing in it is changed or built. With \
            --compare the exit status is 1 when the first kernel is worse than the other one.

            EXAMPLES
              ptero kernel /lib/modules/$(uname -r)/build
              ptero kernel /lib/modules/$(uname -r)/build --profile cet
              ptero kernel my-linux --scenario wrprotect --scenario fork
              ptero kernel my-linux --compare /lib/modules/$(uname -r)/build
              ptero kernel my-linux --scenario fork --html fork.html
              ptero kernel my-linux --compare linux --output worse.sarif
            """)

    static let endings = CommandEndings(
        success: "every scenario is as it should be; with --compare the first kernel is no worse than the other one",
        unexpected: "some scenario fails where it should not; with --compare the first kernel is worse",
        inconclusive: "inconclusive: a limit was hit, or Ctrl-C")

    @Argument(help: "The kernel.", completion: .directory)
    var directory: String

    @Option(
        help: ArgumentHelp(
            "The unpacked sources of the first kernel, where it is a header package, which has none.", valueName: "dir"),
        completion: .directory)
    var kernelSource: String?

    @Option(
        help: ArgumentHelp("Show this kernel beside the first one, and what changed between them.", valueName: "dir"),
        completion: .directory)
    var compare: String?

    @Option(
        help: ArgumentHelp(
            "A scenario: \(KernelScenarios.all.map(\.name).joined(separator: ", ")). May be repeated (default: all).",
            valueName: "name"))
    var scenario: [String] = []

    @Option(
        help: ArgumentHelp(
            "A class of CPUs: a name that `ptero profiles` lists, a file of profiles, or FILE:NAME. May be repeated.",
            valueName: "file-or-name"))
    var profile: [String] = []

    @OptionGroup var compiler: CompilerOptions

    @OptionGroup var search: SearchOptions

    @Flag(name: .shortAndLong, help: "Show herd7's block for each scenario and profile as well.")
    var verbose = false

    @Flag(help: "Show a witness for every verdict that has one, expected or not.")
    var witness = false

    @Flag(
        help:
            "Show runs as hardware takes them, with every fill of a TLB, and the steps that a failure rests on, with why each was possible."
    )
    var explain = false

    @Flag(help: "Print one JSON object for each kernel, scenario and profile.")
    var json = false

    @Option(
        help: ArgumentHelp(
            "Write a report for a browser: all verdicts, and the runs as hardware takes them, drawn, with the lines of the kernel.",
            valueName: "file"),
        completion: .file(extensions: ["html"]))
    var html: String?

    @OptionGroup var formats: FormatOptions

    @Option(help: "Use colour: auto, always or never.")
    var color = Color.auto

    func validate() throws {
        if json && verbose { throw ValidationError("--json and --verbose exclude each other.") }
    }

    func execute(in surroundings: Surroundings) throws -> ExitStatus {
        if surroundings.handlesInterrupts { InterruptSignal.takeOver() }
        let outputs = try formats.outputs(json: json, verbose: verbose, surroundings)
        return try outputs.running(on: []) { try check(outputs, surroundings) }
    }

    private func check(_ outputs: ReportOutputs, _ surroundings: Surroundings) throws -> ExitStatus {
        let profiles = try ProfileSelection(profile, surroundings)
        let sources = try scenarios()
        var runs = [
            try KernelRun(
                directory, sources: sources, kernelSource: kernelSource, profiles, compiler, surroundings)
        ]
        if let compare {
            runs.append(
                try KernelRun(compare, sources: sources, kernelSource: nil, profiles, compiler, surroundings))
        }
        var options = search.options(surroundings)
        options.tellsLiteralRuns = explain || html != nil
        var results: [KernelReport.Part] = []
        for run in runs {
            let result = run.run(options, jobs: search.jobs ?? surroundings.cores)
            results.append(KernelReport.Part(run, result, besides: runs.first { $0.directory != run.directory }))
            if outputs.plan.standard == .json { surroundings.output.write(lines(results[results.count - 1])) }
        }
        func report(_ format: ReportFormat) -> KernelReport {
            KernelReport(
                results, profiles: profiles.selected.map(\.name), isEverybody: profiles.isEverybody,
                showsBlocks: format == .herd, showsWitnesses: witness, explains: explain)
        }
        func text(_ format: ReportFormat, _ style: Style) -> String {
            switch format.ofCheck {
            case .table, .blocks: report(format).rendered(style)
            case .json: results.map(lines).joined()
            case .document(let kind): report(format).document.rendered(kind, outputs.origin)
            }
        }
        let standard = report(outputs.plan.standard)
        if outputs.plan.standard != .json {
            surroundings.output.write(text(outputs.plan.standard, color.style(surroundings)))
        }
        let pictures = PictureFiles(html: html, surroundings)
        let groups = results.map { part in
            ReportPage.Group(
                title: part.pageTitle, tests: part.tests, replay: part.replay, kernel: part.version,
                others: part.ruleRuns)
        }
        let drawn = pictures.write(groups, profiles: profiles.selected.map(\.name), lines: standard.figures)
        let written = outputs.writeFiles(others: [html], inputs: []) { text($0, surroundings.plainStyle) }
        return standard.status.combined(with: drawn).combined(with: written)
    }

    private func scenarios() throws(Diagnostic) -> [TestSource] {
        for name in scenario where !KernelScenarios.all.contains(where: { $0.name == name }) {
            throw Diagnostic(
                withoutPlace: "there is no scenario \(printable(name))",
                remedy: "scenarios: " + KernelScenarios.all.map(\.name).joined(separator: ", "))
        }
        return KernelScenarios.all.filter { scenario.isEmpty || scenario.contains($0.name) }.map { TestSource($0) }
    }

    private func lines(_ part: KernelReport.Part) -> String {
        let verdicts = part.tests.map { test in
            test.findings.map { finding in
                VerdictJSON.text(
                    finding, showsSteps: witness || explain, assumptions: test.assumptions, kernel: part.version,
                    directory: part.directory, breaksRule: part.ruleBreakers.map { $0.contains(test.test.name) })
            }.joined()
        }.joined()
        return verdicts + part.faults.map { $0.json(.check) }.joined()
    }
}

extension KernelReport.Part {
    fileprivate init(_ run: KernelRun, _ result: KernelRun.Result, besides other: KernelRun?) {
        self.init(
            version: run.tree.version, directory: run.directory,
            title: other.map { run.title(besides: $0) } ?? "Linux \(printable(run.tree.version))",
            tests: result.tests, unreadable: result.unreadable, interrupted: run.interrupted, leftOut: run.leftOut,
            ruleBreakers: result.ruleBreakers.map { $0.map(\.name) }, replay: run.replay)
        faults = result.faults
        ruleRuns = (result.ruleBreakers ?? []).map { (test: $0.test, verdict: $0.verdict) }
    }
}
