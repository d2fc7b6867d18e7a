import Checker
import Dispatch
import Explorer
import Litmus
import Machine
import Synchronization

/// Checks a test and the tests without each of its steps, on several processors.
struct RemovalRun {
    typealias Assignment = (label: String, profiles: [CPUProfile])

    private let assignments: [Assignment]
    private let options: CheckOptions
    private let jobs: Int
    private let surroundings: Surroundings

    init(_ assignments: [Assignment], _ options: CheckOptions, jobs: Int, _ surroundings: Surroundings) {
        self.assignments = assignments
        self.options = options
        self.jobs = jobs
        self.surroundings = surroundings
    }

    /// The verdicts of the whole test.
    func base(_ test: LitmusTest, file: String) throws(Diagnostic) -> [Verdict] {
        let units = assignments.indices.map { CheckPlan.Unit(test: 0, assignment: $0) }
        let results = explored(units, of: [test], file: file) { verdict, _ in verdict }
        var verdicts: [Verdict] = []
        for unit in units {
            switch results[unit] {
            case .success(let verdict)?: verdicts.append(verdict)
            case .failure(let diagnostic)?: throw diagnostic
            case nil: break
            }
        }
        return verdicts
    }

    /// What each removal does to the verdict, where the whole test's is good.
    func findings(_ removals: [Removal], base: [Verdict]) -> [RemovalFinding] {
        let judged = assignments.indices.filter { base.indices.contains($0) && base[$0].isGood }
        let units = removals.indices.flatMap { test in judged.map { CheckPlan.Unit(test: test, assignment: $0) } }
        let results = explored(units, of: removals.map(\.test), file: nil) { verdict, unit in
            RemovalVerdict(verdict, base: base[unit.assignment])
        }
        return removals.indices.map { test in
            let verdicts = judged.compactMap { assignment -> RemovalVerdict? in
                switch results[CheckPlan.Unit(test: test, assignment: assignment)] {
                case .success(let verdict)?: verdict
                case .failure(let diagnostic)?:
                    RemovalVerdict(profile: assignments[assignment].label, impossible: diagnostic)
                case nil: nil
                }
            }
            return RemovalFinding(removal: removals[test], verdicts: verdicts)
        }
    }

    /// The searches' results; those that were not begun before Ctrl-C are missing.
    ///
    /// Several searches share the memory; one that needs more than its part runs again at the end, alone and with all of it.
    private func explored<Result: Sendable>(
        _ units: [CheckPlan.Unit], of tests: [LitmusTest], file: String?,
        _ judge: @escaping @Sendable (Verdict, CheckPlan.Unit) -> Result
    ) -> [CheckPlan.Unit: Swift.Result<Result, Diagnostic>] {
        let meter = ProgressMeter(surroundings.errors, searches: units.count)
        let jobs = max(1, min(jobs, units.count))
        let state = Mutex(
            (next: 0, results: [CheckPlan.Unit: Swift.Result<Result, Diagnostic>](), late: [CheckPlan.Unit]()))
        let (assignments, options) = (assignments, options)
        @Sendable func search(_ unit: CheckPlan.Unit, memory: Int, isLast: Bool) {
            let assignment = assignments[unit.assignment]
            var options = options
            options.limits.maxMemory = memory
            options.progress = { meter.note(unit, $0) }
            let result: Swift.Result<Result, Diagnostic>
            do throws(Diagnostic) {
                let verdict = try TestChecker(tests[unit.test], file: file)
                    .check(label: assignment.label, profiles: assignment.profiles, options: options)
                if !isLast, verdict.end == .memoryLimit || verdict.replayEnd == .memoryLimit {
                    state.withLock { $0.late.append(unit) }
                    return
                }
                result = .success(judge(verdict, unit))
            } catch { result = .failure(error) }
            state.withLock { $0.results[unit] = result }
            meter.finish(unit)
        }
        DispatchQueue.concurrentPerform(iterations: jobs) { _ in
            while !Interruption.isRequested {
                let taken = state.withLock { state in
                    defer { state.next += 1 }
                    return state.next
                }
                guard units.indices.contains(taken) else { return }
                search(units[taken], memory: max(1, options.limits.maxMemory / jobs), isLast: jobs == 1)
            }
        }
        for unit in state.withLock({ $0.late }) where !Interruption.isRequested {
            search(unit, memory: options.limits.maxMemory, isLast: true)
        }
        meter.erase()
        return state.withLock { $0.results }
    }
}
