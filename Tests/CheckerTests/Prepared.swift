import Checker
import Foundation
import Litmus
import Machine
import TestSupport

/// A test that is ready to be checked.
struct Prepared {
    var checker: TestChecker
    /// The machines that the test asks for: label and profiles.
    var assignments: [(label: String, profiles: [CPUProfile])]

    init(text: String, file: String? = nil, on profile: String? = nil) throws {
        checker = try TestChecker(LitmusParser.parse(text, file: file), file: file)
        let offered = profile == nil ? CPUProfile.builtIn : CPUProfile.shipped.filter { $0.name == profile }
        assignments = try checker.assignments(
            among: offered, known: RandomTests.profiles, onRequest: profile == nil ? CPUProfile.onRequest : [])
    }

    init(path: String) throws { try self.init(text: Checkout.text(path), file: path) }

    /// The verdict on each machine.
    func verdicts(_ change: (inout CheckOptions) -> Void = { _ in }) throws -> [Verdict] {
        var options = CheckOptions()
        change(&options)
        return try assignments.map { try checker.check(label: $0.label, profiles: $0.profiles, options: options) }
    }
}
