/// Makes a failing test smaller while it keeps failing.
public struct TestShrinker {
    private let fails: (RandomTest) -> Bool

    /// Sets what counts as failing; a test that is not a test any more must not.
    public init(fails: @escaping (RandomTest) -> Bool) { self.fails = fails }

    /// The smallest test that a greedy search finds: nothing can be left out any more.
    public func shrunk(_ test: RandomTest) -> RandomTest {
        var best = test
        while let smaller = Self.smaller(best).first(where: fails) { best = smaller }
        return best
    }

    /// Every test with one thing less, the largest cuts first.
    private static func smaller(_ test: RandomTest) -> [RandomTest] {
        var result: [RandomTest] = []
        func add(_ change: (inout RandomTest) -> Void) {
            var copy = test
            change(&copy)
            if copy != test { result.append(copy) }
        }
        for cpu in test.columns.indices {
            add { $0.columns[cpu] = [] }
            add { $0.handlers[cpu] = nil }
        }
        for cpu in test.columns.indices {
            for line in test.columns[cpu].indices { add { $0.columns[cpu].remove(at: line) } }
            for line in (test.handlers[cpu] ?? []).indices { add { $0.handlers[cpu]?.remove(at: line) } }
            for line in (test.interrupts[cpu] ?? []).indices { add { $0.interrupts[cpu]?.remove(at: line) } }
        }
        for position in test.headers.indices { add { $0.headers.remove(at: position) } }
        add { $0.filter = nil }
        for position in test.atoms.indices { add { $0.atoms.remove(at: position) } }
        for position in test.atoms.indices where test.atoms[position].hasPrefix("~") {
            add { $0.atoms[position].removeFirst() }
        }
        add { $0.quantifier = "exists" }
        for position in test.locations.indices { add { $0.locations.remove(at: position) } }
        for position in test.assignments.indices { add { $0.assignments.remove(at: position) } }
        for position in test.assignments.indices {
            for shorter in shorterEntries(test.assignments[position]) { add { $0.assignments[position] = shorter } }
        }
        return result
    }

    /// An assignment of an entry with one field less.
    private static func shorterEntries(_ assignment: String) -> [String] {
        guard let open = assignment.end(of: "= ("), assignment.hasSuffix(")") else { return [] }
        let fields = assignment[open...].dropLast().split(separator: ",").map { $0.drop { $0 == " " } }
        guard fields.count > 1 else { return [] }
        return fields.indices.map { left in
            let kept = fields.indices.filter { $0 != left }.map { fields[$0] }
            return assignment[..<open] + kept.joined(separator: ", ") + ")"
        }
    }
}

extension String {
    /// Where the text after a part begins.
    fileprivate func end(of part: String) -> Index? {
        indices.first { self[$0...].hasPrefix(part) }.map { index($0, offsetBy: part.count) }
    }
}
