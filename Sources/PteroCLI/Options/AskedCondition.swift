import Diagnostics
import Litmus
import Report

extension LitmusTest {
    /// The test asking the one of its conditions that an option names, or the one without a name.
    func question(_ condition: String?) throws(Diagnostic) -> LitmusTest {
        let questions = questions(condition)
        if questions.count == 1 { return questions[0] }
        let names = conditionNames.compactMap { $0 }
        guard let condition else {
            throw Diagnostic(
                withoutPlace: "\(name) has \(questions.count) conditions",
                remedy: "say which: --condition " + names.joined(separator: " | "))
        }
        throw Diagnostic(
            withoutPlace: "\(name) has no condition `\(condition)`",
            remedy: names.isEmpty ? "its only condition has no name" : NearName.remedy(for: condition, among: names))
    }

    private func questions(_ condition: String?) -> [LitmusTest] {
        let all = questions
        if all.count == 1 && condition == nil { return all }
        let found = all.filter { $0.conditionName == condition }
        return found.isEmpty && condition == nil ? all : found
    }
}
