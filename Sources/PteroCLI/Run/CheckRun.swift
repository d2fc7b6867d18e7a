import Checker
import Diagnostics
import Dispatch
import Explorer
import Litmus
import Report
import Synchronization

/// Runs the searches of a plan on several processors and hands out results in the plan's order.
///
/// The results do not depend on the number of jobs. Memory is shared out: each of the searches that run at once may use its
/// part, and one that needs more runs again at the end, alone and with all of it.
final class CheckRun: Sendable {
    /// What a search gave.
    private enum Outcome: Sendable {
        case verdict(Verdict)
        case diagnostic(Diagnostic)
    }

    private struct Progress {
        /// Next search to start.
        var next = 0
        /// What each search gave so far.
        var outcomes: [Outcome?] = []
        /// Searches that want all memory.
        var postponed: [Int] = []
        /// Next test to hand out, and the first of its searches.
        var shown = 0
        var firstSearch = 0
        var results: [TestFindings] = []
        /// Files that could not be explored, with what was said about each.
        var refused: [String: Set<Diagnostic>] = [:]
    }

    private let plan: CheckPlan
    private let units: [CheckPlan.Unit]
    private let options: CheckOptions
    private let jobs: Int
    private let expected: ExpectedVerdicts?
    /// What verdicts shall be of which nothing else is expected.
    private let required: Observation?
    private let surroundings: Surroundings
    private let meter: ProgressMeter
    /// Whether `show` writes, so that the progress line has to make room.
    private let showsAtOnce: Bool
    private let show: @Sendable (TestFindings) -> Void
    /// Whether runs of verdicts that are as expected are forgotten once they were shown: of a large corpus they fill the memory.
    private let forgetsExpectedRuns: Bool
    private let progress = Mutex(Progress())

    init(
        _ plan: CheckPlan, options: CheckOptions, jobs: Int, expected: ExpectedVerdicts?, required: Observation? = nil,
        surroundings: Surroundings, showsAtOnce: Bool, forgetsExpectedRuns: Bool = false,
        show: @escaping @Sendable (TestFindings) -> Void
    ) {
        self.forgetsExpectedRuns = forgetsExpectedRuns
        self.plan = plan
        self.options = options
        self.expected = expected
        self.required = required
        self.surroundings = surroundings
        self.showsAtOnce = showsAtOnce
        self.show = show
        units = plan.units
        self.jobs = max(1, min(jobs, units.count))
        meter = ProgressMeter(surroundings.errors, searches: units.count)
    }

    /// Runs everything; returns what was found, and how many tests could not be explored.
    func run() -> (tests: [TestFindings], unreadable: Int) {
        let share = jobs == 1 ? options.limits.maxMemory : max(1, options.limits.maxMemory / jobs)
        let work: @Sendable (Int) -> Void = { _ in
            while let number = self.nextSearch() {
                self.finish(number, self.search(self.units[number], memory: share), isLastTry: self.jobs == 1)
            }
        }
        progress.withLock { $0.outcomes = [Outcome?](repeating: nil, count: units.count) }
        if jobs == 1 { work(0) } else { DispatchQueue.concurrentPerform(iterations: jobs, execute: work) }
        for number in progress.withLock({ $0.postponed }) {
            finish(number, search(units[number], memory: options.limits.maxMemory), isLastTry: true)
        }
        progress.withLock { showFinished(&$0) }
        meter.erase()
        plan.faults.finish(surroundings)
        return progress.withLock { ($0.results, $0.refused.count) }
    }

    private func nextSearch() -> Int? {
        progress.withLock { progress in
            guard progress.next < units.count else { return nil }
            progress.next += 1
            return progress.next - 1
        }
    }

    private func search(_ unit: CheckPlan.Unit, memory: Int) -> Outcome {
        let planned = plan.tests[unit.test]
        let assignment = planned.assignments[unit.assignment]
        var options = options
        options.limits.maxMemory = memory
        let meter = meter
        options.progress = { meter.note(unit, $0) }
        do throws(Diagnostic) {
            return .verdict(
                try planned.checker.check(label: assignment.label, profiles: assignment.profiles, options: options))
        } catch { return .diagnostic(error) }
    }

    private func finish(_ number: Int, _ outcome: Outcome, isLastTry: Bool) {
        progress.withLock { progress in
            if !isLastTry, case .verdict(let verdict) = outcome,
                verdict.end == .memoryLimit || verdict.replayEnd == .memoryLimit
            {
                progress.postponed.append(number)
                return
            }
            progress.outcomes[number] = outcome
            meter.finish(units[number])
            showFinished(&progress)
        }
    }

    /// Hands out the tests that are complete, up to the first that is not.
    private func showFinished(_ progress: inout Progress) {
        while progress.shown < plan.tests.count {
            let planned = plan.tests[progress.shown]
            let searches = progress.firstSearch..<progress.firstSearch + planned.searches.count
            let outcomes = progress.outcomes[searches].compactMap { $0 }
            guard outcomes.count == searches.count else { return }
            for number in searches { progress.outcomes[number] = nil }
            progress.shown += 1
            progress.firstSearch = searches.upperBound
            if showsAtOnce { meter.erase() }
            var verdicts = [Verdict?](repeating: nil, count: planned.assignments.count)
            var diagnostic: Diagnostic?
            for (outcome, positions) in zip(outcomes, planned.searches) {
                switch outcome {
                case .verdict(let first):
                    let group = planned.checker.verdicts(of: positions, among: planned.assignments, first)
                    for (position, verdict) in group { verdicts[position] = verdict }
                case .diagnostic(let error): diagnostic = diagnostic ?? error
                }
            }
            let findings = verdicts.compactMap { $0.map { finding($0, of: planned.test, planned.source.file) } }
            if let diagnostic {
                meter.erase()
                // What is wrong with the code of a test is so whichever condition is asked.
                if progress.refused[planned.source.file, default: []].insert(diagnostic).inserted {
                    plan.faults.report(diagnostic, of: planned.source, surroundings)
                }
            } else {
                var result = TestFindings(
                    test: planned.test, file: planned.source.file, findings: findings,
                    assumptions: planned.assumptions)
                show(result)
                if forgetsExpectedRuns { result.forgetExpectedRuns() }
                progress.results.append(result)
            }
        }
    }

    private func finding(_ verdict: Verdict, of test: LitmusTest, _ file: String) -> Finding {
        var verdict = verdict
        guard let row = expected?.row(file, conditions: test.conditionKeys, profile: verdict.profile) else {
            verdict.expected = verdict.expected ?? required
            return Finding(verdict)
        }
        verdict.expected = row.observation
        return Finding(verdict, expectedStates: row.states)
    }
}
