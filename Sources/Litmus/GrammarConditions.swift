import X86

/// What stands behind the program.
struct Closing {
    var locations: [Location] = []
    var filter: Proposition?
    var condition: Condition
}

extension Grammar {
    /// Words that begin what stands behind the program.
    static let closingWords: Set<String> = [
        "exists", "forall", "locations", "filter", "final", "observed", "Observed", "ensures", "cases",
    ]

    /// Reads `locations [...]`, `filter P` and the condition, up to the end of the test.
    mutating func closing() throws(Diagnostic) -> Closing {
        var locations: [Location] = []
        var filter: Proposition?
        if stands("ensures") { throw ensures() }
        if stands("locations") { locations = try shownLocations() }
        if stands("filter") {
            try advance()
            filter = try proposition()
        }
        let condition = Condition(try quantifier(), try proposition())
        _ = try accept(.semicolon)
        if stands("with") {
            throw unexpected(
                "the end of the test", remedy: "conditions per model (`with`) are not supported: remove them")
        }
        guard token.kind == .end else {
            throw unexpected("the end of the test", remedy: "join propositions with `/\\` (and) or `\\/` (or)")
        }
        return Closing(locations: locations, filter: filter, condition: condition)
    }

    private func ensures() -> Diagnostic {
        source.diagnostic(
            "`ensures` belongs to synthesis, which this version does not have", at: token.range,
            remedy: "write the instructions in place of the hole and remove the clause")
    }

    private mutating func quantifier() throws(Diagnostic) -> Quantifier {
        switch token.kind {
        case .name("exists"), .name("final"):
            try advance()
            return .exists
        case .name("forall"):
            try advance()
            return .forall
        case .sign(.not), .name("not"):
            try advance()
            guard stands("exists") else { throw unexpected("`exists` after `~`") }
            try advance()
            return .notExists
        case .name("ensures"): throw ensures()
        case .end:
            throw source.diagnostic(
                "the test has no condition", at: token.range,
                remedy: "end it with one: `exists (...)`, `~exists (...)`, or `forall (true)` to list the final states")
        default:
            throw unexpected(
                "`exists`, `~exists` or `forall`", remedy: "a test ends with one of them and a proposition")
        }
    }

    private mutating func shownLocations() throws(Diagnostic) -> [Location] {
        try advance()
        try expect(.openingBracket, "after `locations`")
        var locations: [Location] = []
        while !stands(.closingBracket) {
            if try accept(.semicolon) { continue }
            guard locations.count < Self.mostPhrases else {
                throw source.diagnostic("`locations` names at most \(Self.mostPhrases)", at: token.range)
            }
            if stands("fault"), try following().kind == .sign(.opening) {
                throw source.diagnostic(
                    "`locations` cannot list faults", at: token.range, remedy: "put `fault(...)` into the condition")
            }
            locations.append(try location(in: .condition))
            // herd7 takes the type in which the value is to be printed.
            while true {
                if case .name = token.kind { try advance() } else if try !accept(.star) { break }
            }
            guard !stands(.closingBracket) else { break }
            try expect(.semicolon, "after the location", remedy: "write `locations [x; 0:rax;]`")
        }
        try advance()
        return locations
    }
}
