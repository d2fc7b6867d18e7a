import Diagnostics

extension LitmusTest {
    /// Puts what comes after the program into the test, the conditions with what comments and head say about them.
    ///
    /// What names no condition is about the first one where that has no name; where all have names, it is about all of which
    /// nothing else is said.
    mutating func take(_ closing: Closing, _ results: [String: ExpectedResult]) {
        starts = closing.starts
        ensures = closing.ensures
        let conditions = closing.conditions
        let isNamed = conditions.first?.name != nil
        func result(_ name: String?) -> ExpectedResult? { results[name ?? ""] ?? (isNamed ? results[""] : nil) }
        func places(_ read: ReadCondition) -> TestPlaces {
            TestPlaces(results: result(read.name)?.places ?? [:])
        }
        for (number, read) in conditions.enumerated() {
            let expectation = result(read.name)?.expectation ?? Expectation()
            if number == 0 {
                conditionName = read.name
                condition = read.condition
                self.expectation = expectation
                self.places = places(read)
            } else {
                var further = NamedCondition(read.name ?? "", read.condition, expectation: expectation)
                further.places = places(read)
                furtherConditions.append(further)
            }
        }
    }

    /// What to do where a condition is named that is not there.
    static func remedy(for name: String, among names: [String]) -> String {
        names.isEmpty
            ? "no condition of the test has a name: write `exists \(name): (...)`, or leave the name out"
            : NearName.remedy(for: name, among: names)
    }
}
