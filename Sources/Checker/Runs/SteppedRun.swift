import Diagnostics
import Explorer
import Litmus
import Machine

/// A run of the literal machine that somebody takes step by step: where it is, what can happen next, and where that leads.
package final class SteppedRun {
    /// A step that is possible.
    package struct Choice {
        /// Its number, as replay strings count.
        package var number: Int
        /// The run so far, with this step at its end.
        package var run: Run
        /// Whether nobody can tell that it was taken: a translation leaves a TLB, or comes there for a CPU that uses none of the page.
        package var isIdle: Bool
    }

    /// The checker whose test this is a run of.
    package let checker: TestChecker
    /// The run so far.
    package private(set) var run: Run
    /// The steps that are possible now.
    package private(set) var choices: [Choice] = []
    private let scenario: Scenario
    private var widths = FieldWidths()

    /// A run that has not gone anywhere.
    /// - Throws: `Diagnostic` when the test cannot be checked on these CPUs.
    package init(_ checker: TestChecker, on profiles: [CPUProfile]) throws(Diagnostic) {
        try checker.checkLevels(profiles)
        self.checker = checker
        scenario = checker.lowered.scenario(on: profiles, isEager: true, reductions: [])
        let names = profiles.map { $0.name }
        let start = try Self.work(checker, scenario, &widths) { machine in
            RunRecorder(checker.lowered, machine, profiles: names).run([])
        }
        guard let start else { throw Diagnostic(withoutPlace: "the test has no run", file: checker.file) }
        run = start
        _ = try go(to: [])
    }

    /// Goes where these steps lead from the start, as far as they are possible.
    /// - Returns: how many of them were taken.
    /// - Throws: `Diagnostic` when a step does what the machine has no meaning for; the run stays where it is.
    package func go(to path: [Int]) throws(Diagnostic) -> Int {
        let (lowered, profiles) = (checker.lowered, scenario.cpus.map { $0.profile.name })
        let found = try Self.work(checker, scenario, &widths) { machine in
            let recorder = RunRecorder(lowered, machine, profiles: profiles)
            var recording = recorder.beginning()
            for number in path { guard recorder.extend(&recording, by: number) else { break } }
            var choices: [Choice] = []
            while machine.failure == nil {
                var next = recording
                guard recorder.extend(&next, by: choices.count) else { break }
                let run = recorder.run(next)
                let isIdle = run.steps.last.map { machine.isIdle($0.report) } ?? false
                choices.append(Choice(number: choices.count, run: run, isIdle: isIdle))
            }
            return (run: recorder.run(recording), choices: choices)
        }
        (run, choices) = found
        return run.steps.count
    }

    /// Looks for the ends of runs that begin with these steps.
    /// - Returns: what was found within the limits; nil when there is no such run.
    /// - Throws: `Diagnostic` when one does what the machine has no meaning for.
    package func outlook(after path: [Int], limits: SearchLimits) throws(Diagnostic) -> RunOutlook? {
        try search(after: path) { machine, start in
            let question = checker.lowered.question
            let exploration = FastSearch().explore(
                MachineSystem(machine, question, start: start), limits: limits, findLivelocks: scenario.canLoop)
            return RunOutlook(exploration, Answers(exploration, machine, question), question.quantifier)
        }
    }

    /// Looks for a shortest way to what the condition asks about, from where these steps lead.
    /// - Returns: its steps, nil where there is none; and how the search ended.
    /// - Throws: `Diagnostic` when a run does what the machine has no meaning for.
    package func shortestWay(
        after path: [Int], limits: SearchLimits
    ) throws(Diagnostic) -> (way: [Int]?, end: SearchEnd)? {
        try search(after: path) { machine, start in
            let system = MachineSystem(machine, checker.lowered.question, wantsFinalAnswer: true, start: start)
            let exploration = FastSearch(stopsAtGoal: true).explore(system, limits: limits, findLivelocks: false)
            if let way = exploration.goalRun { return (way, .complete) }
            // That a thread can never finish is known only when all was seen.
            guard scenario.canLoop, exploration.end == .complete else { return (nil, exploration.end) }
            let whole = FastSearch().explore(
                MachineSystem(machine, checker.lowered.question, start: start), limits: limits, findLivelocks: true)
            return (Answers(whole, machine, checker.lowered.question).witness, whole.end)
        }
    }

    private func search<Found>(
        after path: [Int], _ body: (Machine, [UInt64]) -> Found
    ) throws(Diagnostic) -> Found? {
        let (lowered, profiles) = (checker.lowered, scenario.cpus.map { $0.profile.name })
        return try Self.work(checker, scenario, &widths) { machine in
            let recorder = RunRecorder(lowered, machine, profiles: profiles)
            var recording = recorder.beginning()
            for number in path { guard recorder.extend(&recording, by: number) else { return nil } }
            return body(machine, recording.state)
        }
    }

    /// Does something with a machine of its own, until one is wide enough for it.
    private static func work<Result>(
        _ checker: TestChecker, _ scenario: Scenario, _ widths: inout FieldWidths, _ body: (Machine) -> Result
    ) throws(Diagnostic) -> Result {
        while true {
            let machine: Machine
            do throws(MachineFailure) { machine = try Machine(scenario, widths: widths) } catch {
                throw checker.diagnostic(error, nil)
            }
            let result = body(machine)
            guard let failure = machine.failure else { return result }
            if case .outgrown = failure, widths.grow(machine.outgrown) { continue }
            throw checker.diagnostic(failure, machine)
        }
    }
}
