import Diagnostics

/// A condition after the first: a verdict of its own, about the same code, initial state, `locations` and `filter`.
public struct NamedCondition: Sendable, Hashable {
    /// The name, which no other condition of the test has.
    public var name: String
    /// What it asks.
    public var condition: Condition
    /// The verdicts that a `(* Result NAME: ... *)` comment expects.
    public var expectation: Expectation
    /// Where parts of it stand; as ``LitmusTest/places`` has it for the first condition.
    public var places = TestPlaces()

    /// Makes a condition.
    public init(_ name: String, _ condition: Condition, expectation: Expectation = Expectation()) {
        self.name = name
        self.condition = condition
        self.expectation = expectation
    }
}

extension LitmusTest {
    /// What verdicts and messages call the test: its name, with that of the condition where it has one: `fork:lost`.
    public var title: String { conditionName.map { "\(name):\($0)" } ?? name }

    /// The test once for each of its conditions, in the order of the text, asking that one alone.
    ///
    /// Header lines of other conditions are left out; those of the own one stand for the whole test. A test with one
    /// condition is the only element.
    public var questions: [LitmusTest] {
        guard !furtherConditions.isEmpty else { return [question(conditionName, condition, expectation, places)] }
        var first = NamedCondition(conditionName ?? "", condition, expectation: expectation)
        first.places = places
        let all = [first] + furtherConditions
        return all.enumerated().map { number, own in
            var test = question(own.name.isEmpty ? nil : own.name, own.condition, own.expectation, own.places)
            test.besides = all.enumerated().filter { $0.offset != number }.map { $0.element }
            return test
        }
    }

    /// A test that asks one of several conditions alone, with the others after it again, of which nothing is expected: as a
    /// text, which has to name what they name.
    package var withOthers: LitmusTest {
        var test = self
        test.besides = []
        let taken = besides.map { $0.name } + [conditionName ?? ""]
        test.furtherConditions = besides.map { other in
            guard other.name.isEmpty else { return NamedCondition(other.name, other.condition) }
            // The first one needed no name where it was the first.
            let name = (["first"] + (1...taken.count + 1).map { "first-\($0)" }).first { !taken.contains($0) }
            return NamedCondition(name ?? "first", other.condition)
        }
        return test
    }

    /// The test without its question: what it declares and what its code names.
    package var withoutQuestion: LitmusTest {
        var test = self
        test.condition = Condition(.exists, .constant(true))
        test.furtherConditions = []
        test.besides = []
        test.filter = nil
        test.locations = []
        return test
    }

    /// The propositions of filter and conditions: what they name belongs to the test.
    package var propositions: [Proposition] {
        (filter.map { [$0] } ?? []) + [condition.proposition]
            + (furtherConditions + besides).map { $0.condition.proposition }
    }

    /// The names of the conditions in order; nil for a first one that has none.
    ///
    /// Those of a test that asks one of several alone are the asked one's only.
    package var conditionNames: [String?] { [conditionName] + furtherConditions.map { $0.name } }

    /// Under which names words about the asked condition are found, the best first.
    ///
    /// Its own, and none. What names none is about the condition without a name, or about all where every one has a name.
    package var conditionKeys: [String?] {
        guard let conditionName else { return [nil] }
        return besides.contains { $0.name.isEmpty } ? [conditionName] : [conditionName, nil]
    }

    private func question(
        _ name: String?, _ condition: Condition, _ expectation: Expectation, _ places: TestPlaces
    ) -> LitmusTest {
        var test = self
        test.conditionName = name
        test.condition = condition
        test.expectation = expectation
        test.places = places
        test.furtherConditions = []
        guard conditionName != nil || !furtherConditions.isEmpty else { return test }
        let own = headers.filter { $0.condition != nil && $0.condition == name }
        // Words about the first condition, where it has no name, are about no other one.
        let isForAll = name == nil || conditionName != nil
        test.headers = headers.compactMap { header in
            guard header.condition == nil else {
                guard header.condition == name else { return nil }
                var header = header
                header.condition = nil
                return header
            }
            guard HeaderKey(rawValue: header.key)?.isAboutCondition == true else { return header }
            return isForAll && !own.contains { $0.key == header.key } ? header : nil
        }
        return test
    }
}
