import ArgumentParser
import Checker
import KernelSource
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
            is a header package, /lib/modules/.../build, or a prepared source tree; nothing in it is changed or built.

            EXAMPLES
              ptero kernel /usr/src/linux-headers-6.12.0-amd64
              ptero kernel /lib/modules/$(uname -r)/build --profile cet
              ptero kernel my-tree --scenario wrprotect --scenario fork
              ptero kernel my-tree --compare /usr/src/linux-headers-6.12.0-amd64
            """)

    @Argument(help: "The kernel.", completion: .directory)
    var directory: String

    @Option(
        help: ArgumentHelp("Show this kernel beside the first one, and mark what changed.", valueName: "dir"),
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

    @Option(help: ArgumentHelp("Threads (default: the processors).", valueName: "n"))
    var jobs: Int?

    @Flag(help: "Print one JSON object for each kernel, scenario and profile.")
    var json = false

    @Option(help: "Use colour: auto, always or never.")
    var color = Color.auto

    func validate() throws {
        if let jobs, !(1...1024).contains(jobs) { throw ValidationError("--jobs must be from 1 to 1024.") }
    }

    func execute(in surroundings: Surroundings) throws -> ExitStatus {
        if surroundings.handlesInterrupts { InterruptSignal.takeOver() }
        let profiles = try ProfileSelection(profile, surroundings)
        let sources = try scenarios()
        let first = try KernelRun(directory, sources, profiles, compiler, surroundings)
        let second = try compare.map { try KernelRun($0, sources, profiles, compiler, surroundings) }
        var status = ExitStatus.success
        var results: [(run: KernelRun, tests: [TestFindings], unreadable: Int)] = []
        for run in [first, second].compactMap(\.self) {
            let (tests, unreadable) = run.run(jobs: jobs)
            status = status.combined(with: ExitStatus(of: tests, unreadable: unreadable))
            results.append((run, tests, unreadable))
            if json {
                for test in tests {
                    for finding in test.findings {
                        surroundings.output.write(
                            VerdictJSON.text(finding, assumptions: test.assumptions, kernel: run.tree.version))
                    }
                }
            }
        }
        if !json { surroundings.output.write(text(results, profiles, color.style(surroundings))) }
        return status
    }

    private func scenarios() throws(UsageError) -> [TestSource] {
        for name in scenario where !KernelScenarios.all.contains(where: { $0.name == name }) {
            throw UsageError(
                "there is no scenario \(printable(name))",
                remedy: "scenarios: " + KernelScenarios.all.map(\.name).joined(separator: ", "))
        }
        return KernelScenarios.all.filter { scenario.isEmpty || scenario.contains($0.name) }.map { TestSource($0) }
    }

    private func text(
        _ results: [(run: KernelRun, tests: [TestFindings], unreadable: Int)], _ profiles: ProfileSelection,
        _ style: Style
    ) -> String {
        guard let first = results.first, results.contains(where: { !$0.tests.isEmpty }) else { return "" }
        let names = profiles.selected.map(\.name)
        let everybody = profiles.isEverybody
        var text: String
        if let second = results.dropFirst().first {
            text = ScenarioComparison(
                first.tests, title: first.run.title(besides: second.run), second.tests,
                title: second.run.title(besides: first.run), profiles: names, isEverybody: everybody
            ).rendered(style)
        } else {
            text = "Linux \(printable(first.run.tree.version)), with its own helpers\n\n"
            text += ScenarioTable(first.tests, profiles: names, isEverybody: everybody).rendered(style)
            for test in first.tests {
                var failed = test
                // One run tells the story; those of other profiles differ in little.
                failed.findings = Array(test.findings.filter { $0.outcome == .unexpected }.prefix(1))
                text += WitnessList(failed, replay: first.run.replay).rendered(style)
            }
            if first.tests.contains(where: { $0.findings.count { $0.outcome == .unexpected } > 1 }) {
                text +=
                    "\nEach failure is shown on the first class of CPUs that has it; --profile NAME shows another.\n"
            }
        }
        for (run, tests, _) in results {
            let stuck = tests.filter { $0.findings.contains { $0.outcome == .inconclusive } }
            text += Exceptions(stuck, replay: run.replay).rendered(style)
        }
        text += "\n"
        for (run, tests, unreadable) in results {
            if results.count > 1 { text += printable(run.directory) + ": " }
            let summary = Summary(tests, unreadable: unreadable)
            text += summary.line + "\n" + summary.assumptions
        }
        return text + Summary.limits + "\n"
    }
}

/// The scenarios on one kernel.
private struct KernelRun {
    let tree: KernelTree
    let replay: ReplayCommand
    let directory: String
    private let plan: CheckPlan
    private let surroundings: Surroundings

    /// Recognises the kernel and compiles the scenarios with it.
    init(
        _ directory: String, _ sources: [TestSource], _ profiles: ProfileSelection, _ options: CompilerOptions,
        _ surroundings: Surroundings
    ) throws(UsageError) {
        self.directory = directory
        self.surroundings = surroundings
        tree = try TestCompiler.tree(directory, surroundings)
        let compiler = try TestCompiler(tree: tree, options: options, surroundings)
        if case .failure(let fault) = compiler.compiler { throw UsageError(fault) }
        replay = ReplayCommand(
            profileArguments: profiles.arguments,
            compilerArguments: ["--kernel-tree", directory] + options.replayArguments)
        plan = CheckPlan(sources, profiles, compiler, surroundings)
    }

    /// Explores; returns what was found, and how many scenarios could not be compiled or explored.
    func run(jobs: Int?) -> (tests: [TestFindings], unreadable: Int) {
        var options = CheckOptions()
        options.threads = jobs ?? surroundings.cores
        options.limits.maxMemory = surroundings.freeMemory / 4 * 3
        let run = CheckRun(
            plan, options: options, jobs: jobs ?? surroundings.cores, expected: nil, surroundings: surroundings,
            showsAtOnce: false, show: { _ in })
        let (tests, failed) = run.run()
        return (tests, plan.unreadable + failed)
    }

    /// `Linux 6.12.117`, with the directory's name where the other kernel has the same version.
    func title(besides other: KernelRun) -> String {
        let title = "Linux \(printable(tree.version))"
        guard tree.version == other.tree.version else { return title }
        func name(_ run: KernelRun) -> String {
            run.directory.split(separator: "/").last.map(String.init) ?? run.directory
        }
        return title + "\n" + printable(name(self) == name(other) ? directory : name(self))
    }
}
