import Checker
import Litmus
import Machine
import Report

/// What a run checks: each test with the profiles it is checked on, in the order in which results are shown.
struct CheckPlan: Sendable {
    /// A test and what to do with it.
    struct PlannedTest: Sendable {
        var source: TestSource
        var test: LitmusTest
        /// Labels, each with one profile for each CPU; none when the test is for other profiles.
        var assignments: [(label: String, profiles: [CPUProfile])]
    }

    /// One search.
    struct Unit: Sendable, Hashable {
        /// The test's position in `tests`.
        var test: Int
        /// The position among its assignments.
        var assignment: Int
    }

    private(set) var tests: [PlannedTest] = []
    /// Inputs that were no tests; each was reported.
    private(set) var unreadable = 0

    /// Reads the tests; reports on standard error those that cannot be checked.
    init(_ sources: [TestSource], _ profiles: ProfileSelection, _ surroundings: Surroundings) {
        for source in sources {
            guard let test = source.parsed(surroundings) else {
                unreadable += 1
                continue
            }
            do throws(Diagnostic) {
                let assignments = try TestChecker(test, file: source.file)
                    .assignments(among: profiles.selected, known: profiles.known)
                var planned = PlannedTest(source: source, test: test, assignments: assignments)
                // The text has done its duty unless a diagnostic needs it, and corpora can be large.
                if tests.count > 5_000 { planned.source.content = .success([]) }
                tests.append(planned)
            } catch {
                source.report(error, surroundings)
                unreadable += 1
            }
        }
    }

    /// All searches in order.
    var units: [Unit] {
        tests.indices.flatMap { test in tests[test].assignments.indices.map { Unit(test: test, assignment: $0) } }
    }
}
