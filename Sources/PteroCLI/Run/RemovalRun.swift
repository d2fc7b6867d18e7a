import Checker
import Diagnostics
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

    /// The verdicts of the whole test by assignment; after Ctrl-C some may be missing.
    func base(_ checker: TestChecker) throws(Diagnostic) -> [Int: Verdict] {
        let all = Array(assignments.indices)
        let results = verdicts([checker], on: all)
        var verdicts: [Int: Verdict] = [:]
        for assignment in all {
            switch results[CheckPlan.Unit(test: 0, assignment: assignment)] {
            case .success(let verdict)?: verdicts[assignment] = verdict
            case .failure(let diagnostic)?: throw diagnostic
            case nil: break
            }
        }
        return verdicts
    }

    /// The verdicts of tests on some of the assignments; those that cannot differ on a test share a search.
    private func verdicts(
        _ checkers: [TestChecker], on judged: [Int]
    ) -> [CheckPlan.Unit: Swift.Result<Verdict, Diagnostic>] {
        let searches = checkers.enumerated().flatMap { test, checker in
            checker.sharedSearches(judged.map { assignments[$0] }).map { positions in
                positions.map { CheckPlan.Unit(test: test, assignment: judged[$0]) }
            }
        }
        let results = searched(searches.map { $0[0] }) { unit, options throws(Diagnostic) in
            let verdict = try check(checkers[unit.test], unit, options)
            return (verdict, verdict.needsMemory)
        }
        var verdicts: [CheckPlan.Unit: Swift.Result<Verdict, Diagnostic>] = [:]
        for units in searches {
            guard let result = results[units[0]] else { continue }
            verdicts[units[0]] = result
            for unit in units.dropFirst() {
                let (label, profiles) = assignments[unit.assignment]
                verdicts[unit] = result.map { checkers[unit.test].shared($0, label: label, profiles: profiles) }
            }
        }
        return verdicts
    }

    /// What each removal does to the verdict, where the whole test's is good.
    func findings(_ found: [RemovalFinder.Found], base: [Int: Verdict]) -> [RemovalFinding] {
        let judged = assignments.indices.filter { base[$0]?.isGood ?? false }
        var verdicts: [CheckPlan.Unit: RemovalVerdict] = [:]
        var checkers: [TestChecker] = []
        /// By checker, the removal's position.
        var removals: [Int] = []
        func note(_ unit: CheckPlan.Unit, impossible diagnostic: Diagnostic) {
            verdicts[unit] = RemovalVerdict(profile: assignments[unit.assignment].label, impossible: diagnostic)
        }
        for (position, found) in found.enumerated() {
            do throws(Diagnostic) {
                checkers.append(try TestChecker(found.removal.test))
                removals.append(position)
            } catch {
                for assignment in judged {
                    note(CheckPlan.Unit(test: position, assignment: assignment), impossible: error)
                }
            }
        }
        for (unit, result) in self.verdicts(checkers, on: judged) {
            let removed = CheckPlan.Unit(test: removals[unit.test], assignment: unit.assignment)
            switch result {
            case .success(let verdict):
                verdicts[removed] = RemovalVerdict(verdict, base: base[unit.assignment] ?? verdict)
            case .failure(let diagnostic): note(removed, impossible: diagnostic)
            }
        }
        for unit in dangers(found, verdicts) { verdicts[unit]?.disarm() }
        var findings = found.indices.map { test in
            let own = judged.compactMap { verdicts[CheckPlan.Unit(test: test, assignment: $0)] }
            return RemovalFinding(
                removal: found[test].removal, verdicts: own, isComplete: own.count == judged.count)
        }
        findings.noteEmptiedOrders()
        return findings
    }

    /// Steps that are not needed, and without which no other step is: what the test is afraid of.
    ///
    /// Each is taken away together with every step that is needed on the same CPUs.
    private func dangers(
        _ found: [RemovalFinder.Found], _ verdicts: [CheckPlan.Unit: RemovalVerdict]
    ) -> [CheckPlan.Unit] {
        let units = verdicts.keys.filter {
            verdicts[$0]?.outcome == .unneeded && found[$0.test].removal.canBeDanger
        }.sorted { ($0.test, $0.assignment) < ($1.test, $1.assignment) }
        let results = searched(units) { unit, options throws(Diagnostic) in
            var isDanger = false
            for other in found.indices
            where verdicts[CheckPlan.Unit(test: other, assignment: unit.assignment)]?.outcome == .needed {
                guard let test = found[unit.test].also(without: found[other]) else { continue }
                let verdict = try check(TestChecker(test), unit, options)
                guard verdict.isGood else { return (false, verdict.needsMemory) }
                isDanger = true
            }
            return (isDanger, false)
        }
        return units.filter { if case .success(true)? = results[$0] { true } else { false } }
    }

    private func check(
        _ checker: TestChecker, _ unit: CheckPlan.Unit, _ options: CheckOptions
    ) throws(Diagnostic) -> Verdict {
        let (label, profiles) = assignments[unit.assignment]
        return try checker.check(label: label, profiles: profiles, options: options)
    }

    /// Does work on several processors; what was not begun before Ctrl-C is missing.
    ///
    /// Several searches share the memory; one that needs more than its part runs again at the end, alone and with all of it.
    private func searched<Result: Sendable>(
        _ units: [CheckPlan.Unit],
        _ work: @escaping @Sendable (CheckPlan.Unit, CheckOptions) throws(Diagnostic) -> (Result, needsMemory: Bool)
    ) -> [CheckPlan.Unit: Swift.Result<Result, Diagnostic>] {
        let meter = ProgressMeter(surroundings.errors, searches: units.count)
        let jobs = max(1, min(jobs, units.count))
        let progress = Mutex(SearchProgress<Result>())
        let options = options
        @Sendable func search(_ unit: CheckPlan.Unit, memory: Int, isLast: Bool) {
            var options = options
            options.limits.maxMemory = memory
            options.progress = { meter.note(unit, $0) }
            let result: Swift.Result<Result, Diagnostic>
            do throws(Diagnostic) {
                let (value, needsMemory) = try work(unit, options)
                if needsMemory && !isLast {
                    progress.withLock { $0.late.append(unit) }
                    return
                }
                result = .success(value)
            } catch { result = .failure(error) }
            progress.withLock { $0.results[unit] = result }
            meter.finish(unit)
        }
        DispatchQueue.concurrentPerform(iterations: jobs) { _ in
            while !Interruption.isRequested {
                let taken = progress.withLock { progress in
                    defer { progress.next += 1 }
                    return progress.next
                }
                guard units.indices.contains(taken) else { return }
                search(units[taken], memory: max(1, options.limits.maxMemory / jobs), isLast: jobs == 1)
            }
        }
        for unit in progress.withLock({ $0.late }) where !Interruption.isRequested {
            search(unit, memory: options.limits.maxMemory, isLast: true)
        }
        meter.erase()
        return progress.withLock { $0.results }
    }
}

extension Verdict {
    /// Whether the search ran out of its part of the memory.
    fileprivate var needsMemory: Bool { end == .memoryLimit || replayEnd == .memoryLimit }
}

/// How far the searches are.
private struct SearchProgress<Result: Sendable>: Sendable {
    /// The next one to begin.
    var next = 0
    var results: [CheckPlan.Unit: Swift.Result<Result, Diagnostic>] = [:]
    /// Those that want all memory.
    var late: [CheckPlan.Unit] = []
}
