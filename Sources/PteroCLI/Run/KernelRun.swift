import Checker
import CompiledTests
import Diagnostics
import Explorer
import Litmus
import Machine
import Report

/// The scenarios on one kernel.
struct KernelRun {
    /// What the scenarios came to.
    struct Result {
        var tests: [TestFindings]
        /// Scenarios that could not be compiled or explored.
        var unreadable: Int
        /// Scenarios whose helpers make shadow-stack entries of ordinary pages, on a kernel that knows no shadow stacks; nil
        /// on one that does.
        var ruleBreakers: [RuleBreaker]?
        /// Scenarios that gave no verdict, and why.
        var faults: [InputFault]
    }

    /// A scenario whose helpers break the rule of shadow stacks, and what was found when it was asked for that alone.
    struct RuleBreaker {
        var name: String
        var test: LitmusTest
        var verdict: Verdict
    }

    let tree: KernelTree
    let replay: ReplayCommand
    /// The directory as the user named it.
    let directory: String
    /// Scenarios that are about other kernels, and why.
    let leftOut: [(name: String, words: String)]
    /// Scenarios that were not compiled because of Ctrl-C.
    var interrupted: Int { plan.interrupted }
    private let plan: CheckPlan
    private let profiles: ProfileSelection
    private let surroundings: Surroundings

    /// Recognises the kernel and compiles the scenarios with it.
    init(
        _ directory: String, sources tests: [TestSource], kernelSource: String?, _ profiles: ProfileSelection,
        _ options: CompilerOptions, _ surroundings: Surroundings
    ) throws(Diagnostic) {
        self.directory = directory
        self.surroundings = surroundings
        self.profiles = profiles
        tree = try TestCompiler.tree(directory, sources: kernelSource, surroundings)
        let compiler = try TestCompiler(tree: tree, options: options, surroundings)
        if case .failure(let fault) = compiler.compiler { throw fault }
        replay = ReplayCommand(
            profileArguments: profiles.arguments,
            compilerArguments: ["--kernel-tree", directory] + (kernelSource.map { ["--kernel-source", $0] } ?? [])
                + options.replayArguments)
        var leftOut: [(String, String)] = []
        let asked = tests.filter { source in
            guard let bytes = try? source.content.get(), compiler.lack(for: bytes) != nil else { return true }
            let versions = (try? CTest.parse(bytes: bytes))?.test.header("Linux")
            leftOut.append((source.name, versions.map { "only for Linux \($0)" } ?? "not for this kernel"))
            return false
        }
        self.leftOut = leftOut
        plan = CheckPlan(asked, profiles, compiler, surroundings)
    }

    /// Explores.
    func run(_ options: CheckOptions, jobs: Int) -> Result {
        let run = CheckRun(
            plan, options: options, jobs: jobs, expected: nil, surroundings: surroundings, showsAtOnce: false,
            show: { _ in })
        let (tests, failed) = run.run()
        return Result(
            tests: tests, unreadable: plan.unreadable + failed, ruleBreakers: ruleBreakers(options),
            faults: plan.inputFaults)
    }

    /// Scenarios in which this kernel's own code breaks the rule of shadow stacks, where it need not keep it.
    ///
    /// The rule is one for software, the same on every class of CPUs; one class is asked.
    private func ruleBreakers(_ options: CheckOptions) -> [RuleBreaker]? {
        guard !tree.hasUserShadowStacks, let profile = profiles.selected.first else { return nil }
        var options = options
        options.tellsWitnesses = options.tellsLiteralRuns
        var breakers: [RuleBreaker] = []
        for planned in plan.tests {
            guard let rule = planned.rule, let checker = try? TestChecker(rule, file: planned.source.file),
                let verdict = try? checker.check(
                    label: profile.name, profiles: rule.threads.map { _ in profile }, options: options)
            else { continue }
            if verdict.positive > 0 {
                breakers.append(RuleBreaker(name: planned.source.name, test: rule, verdict: verdict))
            }
        }
        return Interruption.isRequested ? nil : breakers
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
