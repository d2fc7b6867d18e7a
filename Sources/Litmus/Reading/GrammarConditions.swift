import Diagnostics
import X86

/// What comes after the program.
struct Closing {
    var locations: [Location] = []
    var filter: Proposition?
    var starts: StartEntries?
    var ensures: [Ensured] = []
    /// The conditions in order, at least one.
    var conditions: [ReadCondition] = []
    /// The first condition.
    var first: Condition { conditions.first?.condition ?? Condition(.exists, .constant(true)) }
}

/// A condition as it was read.
struct ReadCondition {
    var condition: Condition
    var name: String?
    /// Where the name stands; empty, at the condition, where there is none.
    var nameRange: Range<Int>
}

extension Grammar {
    /// Words that begin what stands after the program.
    static let closingWords: Set<String> = [
        "exists", "forall", "locations", "filter", "final", "observed", "Observed", "starts", "ensures",
        "cases",
    ]

    /// The word that begins what stands after the program and that a word is close to: `exist`, `Exists`, `localtions`.
    static func closingWord(near word: String) -> String? {
        guard word.utf8.count >= 4, !InstructionSet.contains(word) else { return nil }
        return NearName.of(word, among: ["exists", "forall", "locations", "filter", "starts", "ensures"])
    }

    /// Reads `locations [...]`, `filter P`, `starts` and `ensures`, and the condition, up to the end of the test.
    mutating func closing() throws(Diagnostic) -> Closing {
        var closing = Closing()
        try holeClauses(&closing)
        if standsSpelled("locations") {
            closing.locations = try phrase { (grammar) throws(Diagnostic) in try grammar.shownLocations() } ?? []
            try holeClauses(&closing)
        }
        if standsSpelled("filter") {
            closing.filter = try phrase { (grammar) throws(Diagnostic) in
                try grammar.advance()
                return try grammar.proposition()
            }
            try holeClauses(&closing)
        }
        repeat {
            let next = try condition()
            check(next, after: closing.conditions)
            closing.conditions.append(next)
        } while try conditionFollows()
        if case .name(let name) = token.kind, name == "starts" || name == "ensures" {
            throw unexpected("the end of the test", remedy: "`\(name)` comes before the condition")
        }
        if stands("with") {
            throw unexpected(
                "the end of the test", remedy: "conditions per model (`with`) are not supported: remove them")
        }
        guard token.kind == .end else {
            throw unexpected("the end of the test", remedy: "join propositions with `/\\` (and) or `\\/` (or)")
        }
        return closing
    }

    /// How many conditions a test may have: each is a question of its own.
    static let mostConditions = 64

    /// Reads one condition, with its name if it has one.
    private mutating func condition() throws(Diagnostic) -> ReadCondition {
        let start = token.range.lowerBound
        let quantifier = try quantifier()
        let span = span(from: start)
        let name = Self.conditionName(in: lexer.bytes, at: token.range.lowerBound).flatMap { name in
            let rest = lexer.bytes[name.upperBound...]
            return rest.first { !$0.isBlank } == UInt8(ascii: ":") ? name : nil
        }
        if let name {
            try resume(at: name.upperBound)
            try advance()
        }
        let condition = Condition(quantifier, try proposition(), span: span)
        _ = try accept(.semicolon)
        return ReadCondition(
            condition: condition, name: name.map(lexer.bytes.text), nameRange: name ?? start..<start)
    }

    /// Whether another condition begins here.
    private func conditionFollows() throws(Diagnostic) -> Bool {
        if stands(.not) || stands("not") { return try following().kind == .name("exists") }
        return stands("exists") || stands("forall")
    }

    /// Notes what keeps a condition from standing after others.
    private func check(_ next: ReadCondition, after others: [ReadCondition]) {
        guard !others.isEmpty else { return }
        guard let name = next.name else {
            let quantifier = next.condition.quantifier.rawValue
            log.note(
                source.diagnostic(
                    "a condition after the first needs a name",
                    at: next.nameRange.lowerBound..<next.nameRange.lowerBound + 1,
                    remedy: "write `\(quantifier) NAME: (...)`; its verdict is then called TEST:NAME"))
            return
        }
        if let earlier = others.first(where: { $0.name == name }) {
            log.note(
                source.diagnostic(
                    "the condition in line \(source.place(of: earlier.nameRange.lowerBound).line) is also called `\(name)`",
                    at: next.nameRange,
                    remedy: "give each condition a name of its own"))
        }
        if others.count == Self.mostConditions {
            log.note(
                source.diagnostic(
                    "a test has at most \(Self.mostConditions) conditions", at: next.nameRange,
                    remedy: "put the others into another file"))
        }
    }

    /// The name of a condition that begins at a byte: letters, digits and `_ + - .` after a letter; nil where there is none.
    ///
    /// `P0` is not one: `exists P0:rax=1` is about a register.
    static func conditionName(in bytes: [UInt8], at start: Int) -> Range<Int>? {
        guard start < bytes.count, bytes[start].isLetter else { return nil }
        let end = bytes[start...].firstIndex { !$0.continuesConditionName } ?? bytes.count
        let isProcessor =
            bytes[start] == UInt8(ascii: "P") && end > start + 1 && bytes[start + 1..<end].allSatisfy { $0.isDigit }
        return isProcessor ? nil : start..<end
    }

    /// Whether the current token is this word, or a slip in it, which is noted.
    func standsSpelled(_ word: String) -> Bool {
        if stands(word) { return true }
        guard case .name(let name) = token.kind, !Self.closingWords.contains(name),
            Self.closingWord(near: name) == word
        else { return false }
        log.note(source.diagnostic("`\(name)` has no meaning here", at: token.range, remedy: "did you mean `\(word)`?"))
        return true
    }

    /// Reads a phrase before the condition; nil, with a note, when it cannot be understood: what is next is the condition.
    mutating func phrase<Part>(
        _ read: (inout Grammar) throws(Diagnostic) -> Part
    ) throws(Diagnostic) -> Part? {
        let begun = token.range.upperBound
        do throws(Diagnostic) {
            return try read(&self)
        } catch {
            let bytes = lexer.bytes
            // The word that begins the phrase is not read again.
            var offset = max(begun, token.range.lowerBound)
            while offset < bytes.count {
                let end = bytes[offset...].firstIndex { !$0.continuesName } ?? bytes.count
                let word = bytes.text(offset..<end)
                if ["exists", "forall", "filter", "starts", "ensures"].contains(word) {
                    log.note(error)
                    let before = bytes.trimmed(0..<offset)
                    let isNegated = before.upperBound > 0 && bytes[before.upperBound - 1] == UInt8(ascii: "~")
                    try resume(at: isNegated ? before.upperBound - 1 : offset)
                    return nil
                }
                offset = max(end, offset + 1)
            }
            throw error
        }
    }

    private mutating func quantifier() throws(Diagnostic) -> Quantifier {
        if stands(.not) || stands("not") {
            try advance()
            guard standsSpelled("exists") else { throw unexpected("`exists` after `~`") }
            try advance()
            return .notExists
        }
        if stands("final") || standsSpelled("exists") {
            try advance()
            return .exists
        }
        if standsSpelled("forall") {
            try advance()
            return .forall
        }
        if token.kind == .end {
            let end = max(1, lexer.bytes.trimmed(0..<min(token.range.lowerBound, lexer.bytes.count)).upperBound)
            throw source.diagnostic(
                "the test has no condition", at: end - 1..<end,
                remedy: "end it with one: `exists (...)`, `~exists (...)`, or `forall (true)` to list the final states")
        }
        throw unexpected("`exists`, `~exists` or `forall`", remedy: "a test ends with one of them and a proposition")
    }

    private mutating func shownLocations() throws(Diagnostic) -> [Location] {
        try advance()
        try expect(.openingBracket, "after `locations`")
        var locations: [Location] = []
        while !stands(.closingBracket) {
            if try accept(.semicolon) { continue }
            guard locations.count < Self.mostPhrases else {
                throw source.diagnostic("`locations` names at most \(Self.mostPhrases) places", at: token.range)
            }
            if stands(ThreadProperty.fault.name), try following().kind == .sign(.opening) {
                throw source.diagnostic(
                    "`locations` cannot list faults", at: token.range,
                    remedy: "put `\(ThreadProperty.fault.name)(...)` into the condition")
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
