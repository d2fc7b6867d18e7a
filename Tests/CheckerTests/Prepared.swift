import Checker
import Foundation
import Litmus
import Machine
import TestSupport
import Testing

/// A condition of a test that is ready to be checked.
struct Prepared {
    var checker: TestChecker
    /// The machines that the test asks for: label and profiles.
    var assignments: [(label: String, profiles: [CPUProfile])]

    /// Prepares a test that has one condition; the others of one that has several would be forgotten.
    init(text: String, file: String? = nil, on profile: String? = nil) throws {
        let questions = try LitmusParser.parse(text, file: file).questions
        try #require(questions.count == 1, "Prepared.questions prepares each of several conditions")
        try self.init(question: questions[0], file: file, on: profile)
    }

    private init(question: LitmusTest, file: String?, on profile: String? = nil) throws {
        checker = try TestChecker(question, file: file)
        let offered = profile == nil ? CPUProfile.builtIn : CPUProfile.shipped.filter { $0.name == profile }
        assignments = try checker.assignments(
            among: offered, known: RandomTests.profiles, onRequest: profile == nil ? CPUProfile.onRequest : [])
    }

    init(path: String) throws { try self.init(text: Checkout.text(path), file: path) }

    /// Every condition of a test, in the order of the file.
    static func questions(path: String) throws -> [Prepared] {
        try LitmusParser.parse(Checkout.text(path), file: path).questions.map { try Prepared(question: $0, file: path) }
    }

    /// The verdict on each machine.
    func verdicts(_ change: (inout CheckOptions) -> Void = { _ in }) throws -> [Verdict] {
        var options = CheckOptions()
        change(&options)
        return try assignments.map { try checker.check(label: $0.label, profiles: $0.profiles, options: options) }
    }
}
