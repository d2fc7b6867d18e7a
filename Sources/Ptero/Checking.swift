import Checker
import Diagnostics
import Litmus
import Machine

extension LitmusTest {
    /// Checks the test on classes of CPUs: one verdict for each condition and each class, in their order.
    ///
    /// A test with a `CPU=` line is checked on those of the profiles that the line names; one that gives each CPU its
    /// own profile has a single verdict.
    ///
    /// - Parameters:
    ///   - profiles: the classes of CPUs; ``/Machine/CPUProfile/builtIn`` are those of `ptero check`.
    ///   - options: limits, threads and reductions.
    /// - Throws: `Diagnostic` for a test that the machine has no meaning for, and for a profile's name that is not known.
    public func check(
        on profiles: [CPUProfile], options: CheckOptions = CheckOptions()
    ) throws(Diagnostic) -> [Verdict] {
        let names = profiles.map { $0.name }
        let others = CPUProfile.shipped.filter { !names.contains($0.name) }
        var verdicts: [Verdict] = []
        for question in questions {
            let checker = try TestChecker(question, file: places.file)
            let assignments = try checker.assignments(
                among: profiles, known: profiles + others, onRequest: CPUProfile.onRequest)
            var answers = [Verdict?](repeating: nil, count: assignments.count)
            for group in checker.sharedSearches(assignments) {
                let (label, profiles) = assignments[group[0]]
                let first = try checker.check(label: label, profiles: profiles, options: options)
                for (position, verdict) in checker.verdicts(of: group, among: assignments, first) {
                    answers[position] = verdict
                }
            }
            verdicts += answers.compactMap { $0 }
        }
        return verdicts
    }
}

extension [CPUProfile] {
    /// The classes of CPUs that `ptero check` looks at when the user names none.
    public static var builtIn: [CPUProfile] { CPUProfile.builtIn }
}
