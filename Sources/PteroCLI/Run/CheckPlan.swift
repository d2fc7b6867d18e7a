import Checker
import CompiledTests
import Diagnostics
import Dispatch
import Explorer
import Litmus
import Machine
import Report
import Synchronization

/// What a run checks: each test with the profiles it is checked on, in the order in which results are shown.
struct CheckPlan: Sendable {
    /// A test with one question and what to do with it.
    struct PlannedTest: Sendable {
        var source: TestSource
        /// The test, lowered once for all its searches.
        var checker: TestChecker
        /// What was assumed to compile it.
        var assumptions: [String]
        /// Labels, each with one profile for each CPU; none when the test is for other profiles.
        var assignments: [(label: String, profiles: [CPUProfile])]
        /// The positions of assignments that one search answers, made on the first of them.
        var searches: [[Int]]
        /// The question about shadow stacks that the test does not ask because the kernel knows none.
        var rule: LitmusTest?

        var test: LitmusTest { checker.test }
    }

    /// One search.
    struct Unit: Sendable, Hashable {
        /// The test's position in `tests`.
        var test: Int
        /// The position, among its assignments, of the first that it is for.
        var assignment: Int
    }

    private(set) var tests: [PlannedTest] = []
    /// Inputs that were no tests; each was reported.
    private(set) var unreadable = 0
    /// Inputs that Ctrl-C came before.
    private(set) var interrupted = 0
    /// Tells what is wrong with tests.
    let faults = FaultReporter()

    /// Tests in C or Swift that were not run, by what is missing here.
    private(set) var skipped: [SkippedTests] = []

    /// Reads the tests; reports on standard error those that cannot be checked.
    ///
    /// A test that was found in a folder and needs what is not here, a compiler or a kernel's sources, is not an error but
    /// skipped. Tests in C and Swift are compiled here, each once.
    init(
        _ sources: [TestSource], _ profiles: ProfileSelection, _ compiler: TestCompiler, _ surroundings: Surroundings
    ) {
        var sources = sources
        sources.removeAll { skip($0, compiler) }
        let compiled = Self.compiled(sources, compiler, surroundings)
        for (number, source) in sources.enumerated() {
            if compiled[number] == nil, source.language != .columns, Interruption.isRequested {
                interrupted += 1
                continue
            }
            let loaded: TestSource.Loaded
            do throws(Diagnostic) {
                loaded = try (compiled[number] ?? source.loaded(compiler, surroundings)).get()
            } catch {
                faults.report(error, of: source, surroundings)
                unreadable += 1
                continue
            }
            source.warn(about: loaded.test, surroundings)
            do throws(Diagnostic) {
                tests += try Self.planned(source, loaded, profiles, keepsText: tests.count <= 5_000)
            } catch {
                faults.reportOwn(error, of: source, surroundings)
                unreadable += 1
            }
        }
        faults.finish(surroundings)
    }

    /// The questions of a test, each with the profiles that it is checked on.
    ///
    /// - Throws: what is wrong with any of them.
    private static func planned(
        _ source: TestSource, _ loaded: TestSource.Loaded, _ profiles: ProfileSelection, keepsText: Bool
    ) throws(Diagnostic) -> [PlannedTest] {
        var source = source
        var planned: [PlannedTest] = []
        var faults: [Diagnostic] = []
        for question in loaded.test.questions {
            do throws(Diagnostic) {
                let checker = try TestChecker(question, file: source.file)
                let assignments = try checker.assignments(
                    among: profiles.selected, known: profiles.known, onRequest: profiles.onRequest)
                // The text has done its duty unless a diagnostic needs it, and corpora can be large.
                if !keepsText { source.content = .success([]) }
                planned.append(
                    PlannedTest(
                        source: source, checker: checker, assumptions: loaded.compiled?.assumptions ?? [],
                        assignments: assignments, searches: checker.sharedSearches(assignments),
                        rule: planned.isEmpty ? loaded.rule : nil))
            } catch { faults.append(error) }
        }
        if let fault = Diagnostic(joining: faults) { throw fault }
        return planned
    }

    /// Whether a test needs what is not here, or is a problem that somebody has yet to solve; takes note of it.
    private mutating func skip(_ source: TestSource, _ compiler: TestCompiler) -> Bool {
        if source.isFound && source.hasHole {
            note(
                SkippedTests(
                    reason: "they have holes (`ptero synth` fills them)", count: 1, hasSequence: false,
                    noun: "problem file", files: [source.file]))
            return true
        }
        guard source.isFound, source.language != .columns, let bytes = try? source.content.get(),
            let reason = compiler.lack(for: bytes)
        else {
            return false
        }
        let isSequence =
            (source.language == .swift
            ? try? SwiftTest.parse(bytes: bytes).test : try? CTest.parse(bytes: bytes).test)?.sequence != nil
        note(SkippedTests(reason: reason, count: 1, hasSequence: isSequence, files: [source.file]))
        return true
    }

    /// Adds tests that are skipped to those that are for the same reason.
    private mutating func note(_ group: SkippedTests) {
        guard let known = skipped.firstIndex(where: { $0.reason == group.reason }) else {
            skipped.append(group)
            return
        }
        skipped[known].count += group.count
        skipped[known].files += group.files
        skipped[known].hasSequence = skipped[known].hasSequence || group.hasSequence
    }

    /// The tests in C and Swift, compiled on several processors, by their positions.
    private static func compiled(
        _ sources: [TestSource], _ compiler: TestCompiler, _ surroundings: Surroundings
    ) -> [Int: Result<TestSource.Loaded, Diagnostic>] {
        let positions = sources.indices.filter { sources[$0].language != .columns }
        guard !positions.isEmpty else { return [:] }
        let compiler = compiler.sharingHeaders(tests: positions.count, jobs: surroundings.cores)
        let results = Mutex<[Int: Result<TestSource.Loaded, Diagnostic>]>([:])
        let next = Mutex(0)
        DispatchQueue.concurrentPerform(iterations: min(surroundings.cores, positions.count)) { _ in
            while true {
                let taken = next.withLock { next in
                    defer { next += 1 }
                    return next
                }
                guard positions.indices.contains(taken), !Interruption.isRequested else { return }
                let result = sources[positions[taken]].loaded(compiler, surroundings)
                // A compiler that was killed says nothing about its test.
                if case .failure = result, Interruption.isRequested { return }
                results.withLock { $0[positions[taken]] = result }
            }
        }
        return results.withLock { $0 }
    }

    /// Reports rows of a table of verdicts that no verdict of this plan will be compared with; how many are wrong.
    func faults(
        of expected: ExpectedVerdicts, _ profiles: ProfileSelection, _ sources: [TestSource],
        _ surroundings: Surroundings
    ) -> Int {
        let scenarios = Set(KernelScenarios.all.map { TestSource.scenarioPrefix + $0.name })
        let named = Set(sources.map(\.file))
        let (faults, left) = expected.unmatched(
            tests.map {
                .init(
                    file: $0.source.file, conditions: $0.test.conditionKeys, labels: $0.assignments.map(\.label))
            },
            selected: profiles.selected.map(\.name), known: profiles.known.map(\.name),
            exists: { name in
                named.contains(name) || scenarios.contains(name) || Files.exists(surroundings.resolved(name))
            })
        for fault in faults {
            surroundings.report(fault)
            self.faults.note(fault, of: fault.file)
        }
        if left > 0 && faults.isEmpty {
            surroundings.errors.write(
                "\(Figures.count(left, "row")) of the table \(left == 1 ? "is" : "are") about what is not checked here\n"
            )
        }
        return faults.count
    }

    /// Inputs that gave no verdict so far, and those that Ctrl-C came before.
    var inputFaults: [InputFault] {
        guard interrupted > 0 else { return faults.inputs }
        let message = "interrupted: \(Figures.count(interrupted, "test")) not compiled"
        return faults.inputs + [InputFault(file: nil, Diagnostic(withoutPlace: message), kind: .interrupted)]
    }

    /// All searches in order.
    var units: [Unit] {
        tests.indices.flatMap { test in tests[test].searches.map { Unit(test: test, assignment: $0[0]) } }
    }
}
