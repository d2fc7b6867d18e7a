import Checker
import Diagnostics
import Explorer
import Litmus
import Machine
import X86

/// Asks the machine about candidates: every file of the problem, on every profile.
package struct Judge: Sendable {
    let problem: SynthesisProblem
    private let profiles: ProfileChoice
    private let limits: SearchLimits

    /// The profiles to check on, as ``TestChecker/assignments(among:known:onRequest:)`` takes them.
    package struct ProfileChoice: Sendable {
        var offered: [CPUProfile]
        var known: [CPUProfile]
        var onRequest: [CPUProfile]

        /// Makes a choice.
        package init(offered: [CPUProfile], known: [CPUProfile], onRequest: [CPUProfile] = []) {
            self.offered = offered
            self.known = known
            self.onRequest = onRequest
        }
    }

    init(_ problem: SynthesisProblem, _ profiles: ProfileChoice, limits: SearchLimits) {
        self.problem = problem
        self.profiles = profiles
        self.limits = limits
    }

    /// Whether a candidate is right everywhere; nil if it is, else the first trial that it does not pass.
    ///
    /// - Throws: `Diagnostic` for a problem that the machine has no meaning for.
    func rejection(of lines: [String], reference: Bool = false) throws(Diagnostic) -> Rejection? {
        for file in problem.files.indices {
            let filled = try problem.filled(file, with: lines)
            let checker = try TestChecker(filled.joined, file: filled.places.file)
            let assignments = try assignments(checker)
            for group in checker.sharedSearches(assignments) {
                let (label, profiles) = assignments[group[0]]
                if let kind = rejection(by: checker, profiles, reference: reference) {
                    return Rejection(file: file, profile: label, kind: kind)
                }
            }
        }
        return nil
    }

    /// Why a test is not passed on a profile; nil when it is.
    private func rejection(
        by checker: TestChecker, _ profiles: [CPUProfile], reference: Bool
    ) -> Rejection.Kind? {
        do throws(Diagnostic) {
            return switch try checker.canBeMet(on: profiles, options: options(reference: reference)) {
            case true?: .wrong
            case false?: nil
            case nil: .unended
            }
        } catch {
            // Some run leads to where the machine has no meaning: to a frame that is none, say.
            return .refused
        }
    }

    /// Why the machine has no meaning for a candidate that it refused.
    func refusal(of lines: [String], _ rejection: Rejection) -> Diagnostic? {
        do throws(Diagnostic) {
            let filled = try problem.filled(rejection.file, with: lines)
            let checker = try TestChecker(filled.joined, file: filled.places.file)
            for own in try assignments(checker) where own.label == rejection.profile {
                _ = try checker.check(
                    label: own.label, profiles: own.profiles, options: options(reference: false))
            }
            return nil
        } catch { return error }
    }

    /// The clause that a rejected candidate breaks, with a shortest run, on the profile that rejected it.
    func penalty(of lines: [String], _ rejection: Rejection) throws(Diagnostic) -> Penalty? {
        let filled = try problem.filled(rejection.file, with: lines)
        for question in filled.questions {
            let checker = try TestChecker(question, file: filled.places.file)
            let assignments = try assignments(checker)
            guard let own = assignments.first(where: { $0.label == rejection.profile }) else { continue }
            // Where the whole question leads to what the machine has no meaning for, a part of it may, too.
            guard
                let verdict = try? checker.check(
                    label: own.label, profiles: own.profiles, options: options(reference: false))
            else { continue }
            guard verdict.observation == .sometimes || verdict.observation == .always else { continue }
            return Penalty(
                file: rejection.file, test: question.title, conditionName: question.conditionName, profile: own.label,
                failure: question.failure, condition: verdict.condition, observation: verdict.observation,
                replay: verdict.replay)
        }
        return nil
    }

    private func assignments(
        _ checker: TestChecker
    ) throws(Diagnostic) -> [(label: String, profiles: [CPUProfile])] {
        try checker.assignments(among: profiles.offered, known: profiles.known, onRequest: profiles.onRequest)
    }

    private func options(reference: Bool) -> CheckOptions {
        var options = CheckOptions()
        options.usesReference = reference
        options.tellsWitnesses = false
        options.limits = limits
        return options
    }
}

/// Where a candidate failed.
struct Rejection: Hashable, Sendable {
    /// The file of the problem.
    var file: Int
    /// The profile.
    var profile: String
    /// Why.
    var kind: Kind

    /// The ways to fail; the raw value is the word of journals.
    enum Kind: String, Hashable, Sendable {
        /// What may not happen can happen.
        case wrong
        /// The search did not end.
        case unended
        /// The machine has no meaning for what the candidate does.
        case refused
    }
}

/// What a rejected candidate does that may not happen.
package struct Penalty: Hashable, Sendable {
    /// The file of the problem, by number.
    package var file: Int
    /// The test, with the condition's name.
    package var test: String
    /// The condition's name where it has one.
    package var conditionName: String?
    /// The profile.
    package var profile: String
    /// The file's own words for it (`Failure=`), or nil.
    package var failure: String?
    /// The condition that can be met.
    package var condition: String
    /// Whether every run does it.
    package var observation: Observation
    /// A shortest run that does it.
    package var replay: String?
}

extension LitmusTest {
    /// The test with all its conditions in one: whether any of them can be met.
    fileprivate var joined: LitmusTest {
        guard !furtherConditions.isEmpty else { return self }
        var test = self
        let parts = [condition.proposition] + furtherConditions.map { $0.condition.proposition }
        test.condition = Condition(.notExists, .or(parts))
        test.conditionName = nil
        test.furtherConditions = []
        return test
    }
}
