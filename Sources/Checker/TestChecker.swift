import Diagnostics
import Explorer
import Litmus
import Machine
import X86

/// How tests are checked.
public struct CheckOptions: Sendable {
    /// Use the reference search: eager speculation, no reduction.
    public var usesReference = false
    /// The reductions that the fast search may use.
    public var reductions = Set(Reduction.allCases)
    /// How many threads explore one test.
    public var threads = 1
    /// What a search may use.
    public var limits = SearchLimits()
    /// Record runs that answer conditions step by step; without, there is only the string that replays them.
    public var tellsWitnesses = true
    /// Record such runs as the literal machine takes them too (``Verdict/literalWitness``).
    public var tellsLiteralRuns = false
    /// Called now and then during long searches.
    public var progress: @Sendable (SearchStatistics) -> Void = { _ in }

    /// The fast search without limits.
    public init() {}
}

/// Checks one test on profiles: lowers it once, explores it for each that can differ from the others.
public struct TestChecker: Sendable {
    /// The test.
    public let test: LitmusTest
    /// The file as the user named it, or nil.
    public let file: String?
    let lowered: LoweredTest
    /// ``Litmus/LitmusTest/testHash``, the same in each verdict.
    private let hash: String

    /// Prepares a test.
    ///
    /// - Throws: `Diagnostic` for what the parser could not know to be wrong.
    public init(_ test: LitmusTest, file: String? = nil) throws(Diagnostic) {
        self.test = test
        self.file = file
        lowered = try LoweredTest(test, file: file)
        hash = test.testHash
    }

    /// The profiles that the test asks for among those on offer: its `CPU=` line, or all.
    ///
    /// Each element has a label and one profile per CPU.
    /// - Throws: `Diagnostic` when `CPU=` names a profile that is not on offer.
    public func assignments(
        among offered: [CPUProfile], known: [CPUProfile], onRequest: [CPUProfile] = []
    ) throws(Diagnostic) -> [(label: String, profiles: [CPUProfile])] {
        let header = test.headers.last { $0.key == "CPU" }
        let names = known.map { $0.name }
        var unknown: [Diagnostic] = []
        func note(unknown name: String, at place: SourcePlace?) {
            let near = NearName.of(name, among: names).map { "did you mean `\($0)`? " } ?? ""
            unknown.append(
                Diagnostic(
                    file: file, span: place.map { SourceSpan($0, length: name.unicodeScalars.count) },
                    message: "there is no profile `\(name)`",
                    remedy: near + "profiles: " + names.joined(separator: ", ") + "; more with --profile FILE"))
        }
        func named(_ name: String) -> CPUProfile? {
            if let profile = known.first(where: { $0.name == name }) { return profile }
            note(unknown: name, at: header?.place(of: name))
            return nil
        }
        // What `Result:` expects of a profile that is not known would be expected of none.
        for name in test.expectation.byProfile.keys.sorted() where !names.contains(name) {
            note(unknown: name, at: test.places.results[name])
        }
        let wanted: [CPUProfile]
        switch test.cpuAssignment {
        case .perProcessor(let names)?: wanted = (0..<lowered.cpuCount).compactMap { named(names[$0] ?? "") }
        case .profiles(let names)?: wanted = names.compactMap(named)
        case nil: wanted = []
        }
        if let unknown = Diagnostic(joining: unknown) { throw unknown }
        // Who asks for no profile in particular asks for all that can differ.
        let isDefault = offered == CPUProfile.builtIn && lowered.hasUpperLevels
        let offered = isDefault ? offered + CPUProfile.forUpperLevels : offered
        guard let assignment = test.cpuAssignment else { return offered.map(uniform) }
        guard case .perProcessor = assignment else {
            return wanted.filter { profile in (offered + onRequest).contains { $0.name == profile.name } }.map(uniform)
        }
        return [(wanted.enumerated().map { "P\($0.offset):\($0.element.name)" }.joined(separator: " "), wanted)]
    }

    /// Refuses a test of five levels on a CPU that has four.
    func checkLevels(_ profiles: [CPUProfile]) throws(Diagnostic) {
        guard test.levels > 4, let profile = profiles.first(where: { !$0.fiveLevels }) else { return }
        throw Diagnostic(
            file: file, span: test.levelsSpan, message: "\(profile.name) has no tables of five levels",
            remedy: "leave the profile out, as by the line CPU=cet")
    }

    private func uniform(_ profile: CPUProfile) -> (label: String, profiles: [CPUProfile]) {
        (profile.name, [CPUProfile](repeating: profile, count: lowered.cpuCount))
    }

    /// Explores the test on CPUs of these profiles, one for each.
    ///
    /// - Throws: `Diagnostic` when the test does something that the machine has no meaning for.
    public func check(
        label: String, profiles: [CPUProfile], options: CheckOptions = CheckOptions()
    ) throws(Diagnostic) -> Verdict {
        let stopwatch = Stopwatch()
        try checkLevels(profiles)
        let run = try explore(
            lowered.scenario(on: profiles, isEager: options.usesReference, reductions: options.reductions), options)
        var verdict = Verdict(
            test: test.title, conditionName: test.conditionName, file: file, profile: label,
            condition: LitmusWriter.herdText(of: test.condition),
            quantifier: test.condition.quantifier, observation: .inconclusive, expected: test.expectation[label],
            states: FinalStates(), positive: 0, negative: 0, seconds: 0, replay: nil, witness: nil,
            statistics: run.exploration.statistics,
            end: run.exploration.end, reason: run.reason, hash: hash)
        let answers = Answers(run.exploration, run.machine, lowered.question)
        verdict.states = answers.states
        verdict.positive = answers.states.positive
        if run.exploration.end == .complete {
            verdict.notes = EmptyQuestion(lowered, run.machine, run.exploration, answers.states).notes
        }
        verdict.negative = answers.states.count - verdict.positive
        if run.exploration.end == .complete {
            if test.compiled != nil {
                verdict.reachedInstructions = test.threads.indices.map { run.machine.reachedInstructions($0) }
            }
            verdict.observation =
                verdict.positive == 0 ? .never : verdict.negative == 0 ? .always : .sometimes
            if verdict.observation != .sometimes { try refuseWildRuns(run.machine, run.exploration) }
            if let steps = answers.witness {
                var shown: [Int]? = steps
                if run.machine.isReduced {
                    // The timeout is for both searches together.
                    var rest = options
                    rest.limits.timeout = options.limits.timeout.map { max(0, $0 - stopwatch.seconds) }
                    (shown, verdict.replayEnd) = shortest(steps, of: run.machine, options: rest)
                }
                verdict.replay = shown.map(Run.text)
                if let shown, options.tellsWitnesses {
                    verdict.witness = self.run(shown, on: run.machine.scenario.withoutReductions)
                    if options.tellsLiteralRuns {
                        verdict.literalWitness = verdict.witness.flatMap { literalRun(of: $0, on: profiles) }
                    }
                }
            }
        }
        verdict.seconds = stopwatch.seconds
        return verdict
    }

    /// Whether a run can make the condition's statement true, for `exists` and `~exists`; nil when a limit was hit.
    ///
    /// It says nothing else, and stops at the first run that shows it, so that it takes a part of the time of
    /// ``check(label:profiles:options:)``.
    /// - Throws: `Diagnostic` when the test does something that the machine has no meaning for, on the way to the answer.
    public func canBeMet(on profiles: [CPUProfile], options: CheckOptions = CheckOptions()) throws(Diagnostic) -> Bool?
    {
        let scenario = lowered.scenario(on: profiles, isEager: options.usesReference, reductions: options.reductions)
        let run = try explore(scenario, options, stopsAtGoal: true)
        if run.exploration.goalRun != nil { return true }
        guard run.exploration.end == .complete else { return nil }
        if Answers(run.exploration, run.machine, lowered.question).states.positive > 0 { return true }
        try refuseWildRuns(run.machine, run.exploration)
        return false
    }

    /// Refuses to say of all runs what is known of those alone that do not end where nothing is known.
    ///
    /// Who names `wild` has said what such runs count for.
    private func refuseWildRuns(_ machine: Machine, _ exploration: Exploration) throws(Diagnostic) {
        if machine.scenario.watches.asksWild { return }
        var wild: Int?
        exploration.finals.forEach { _, state in
            // What has happened for good holds however the run goes on.
            if wild != nil || lowered.question.isDecided(state, of: machine) { return }
            wild = (0..<lowered.cpuCount).first { machine.isWild(cpu: $0, in: state) }
        }
        guard let wild else { return }
        throw Diagnostic(
            file: file, span: test.condition.span,
            message:
                "P\(wild) can come to a frame that is nothing of the test, and how such a run goes on is not known",
            remedy:
                "say what such runs count for: add `\\/ \(ThreadProperty.wild.name)(P\(wild))` to the condition, "
                + "or `/\\ ~\(ThreadProperty.wild.name)(P\(wild))`")
    }

    /// A run as the literal machine takes it, with every fill, decision and eviction.
    /// - Returns: the run itself if it is one of the literal machine; nil if none was found within bounds.
    public func literalRun(of witness: Run, on profiles: [CPUProfile]) -> Run? {
        witness.isLiteral ? witness : LiteralRun.of(witness, lowered, on: profiles)
    }

    private func explore(
        _ scenario: Scenario, _ options: CheckOptions, stopsAtGoal: Bool = false
    ) throws(Diagnostic) -> (machine: Machine, exploration: Exploration, reason: InconclusiveReason?) {
        var widths = FieldWidths()
        let stopwatch = Stopwatch()
        while true {
            // A machine that was too narrow has used some of the time.
            var limits = options.limits
            limits.timeout = limits.timeout.map { max(0, $0 - stopwatch.seconds) }
            let machine: Machine
            do throws(MachineFailure) { machine = try Machine(scenario, widths: widths) } catch {
                throw diagnostic(error, nil)
            }
            let system = MachineSystem(machine, lowered.question)
            let exploration: Exploration
            if options.usesReference {
                exploration = ReferenceSearch().explore(
                    system, limits: limits, findLivelocks: true, progress: options.progress)
            } else {
                exploration = FastSearch(stopsAtGoal: stopsAtGoal, threads: options.threads).explore(
                    system, limits: limits, findLivelocks: scenario.canLoop, progress: options.progress)
            }
            switch machine.failure {
            case nil: return (machine, exploration, InconclusiveReason(exploration.end, options.limits))
            case .outgrown(let part)?:
                if widths.grow(machine.outgrown) { continue }
                let reason = machine.outgrown.contains(.localRun) ? .localRun : part
                return (machine, exploration, .outgrown(reason))
            case .invalid?:
                throw diagnostic(machine.failure ?? .outgrown(.values), machine)
            }
        }
    }

    func diagnostic(_ failure: MachineFailure, _ machine: Machine?) -> Diagnostic {
        switch failure {
        case .outgrown:
            return Diagnostic(withoutPlace: "the test is too large to be packed", file: file)
        case .invalid(let invalid):
            var diagnostic = invalid.inFile(file)
            if let machine { FailureStory(test, machine)?.tell(&diagnostic) }
            return diagnostic
        }
    }
}
