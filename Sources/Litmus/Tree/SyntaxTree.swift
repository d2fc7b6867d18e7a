import Diagnostics
import X86

/// A parsed litmus test, as written: nothing is resolved against a machine yet.
public struct LitmusTest: Sendable, Hashable {
    /// The name on the first line.
    public var name: String
    /// The quoted description, if there is one.
    public var description: String?
    /// The `Key=Value` lines in order, unknown keys included.
    public var headers: [Header]
    /// The verdicts that a `(* Result: ... *)` comment expects.
    public var expectation: Expectation
    /// The initial state in order.
    public var initializations: [Initialization]
    /// The columns `P0`, `P1` and so on, in order of their number: 0, 1, 2 without gaps.
    public var threads: [ThreadColumn]
    /// The fault-handler columns `Pn.F`, by `n`.
    public var handlers: [Int: ThreadColumn]
    /// The columns `Pn.I` of interrupts from other CPUs, by `n`.
    public var interrupts: [Int: ThreadColumn] = [:]
    /// The locations that `locations [...]` adds to what a final state shows.
    public var locations: [Location]
    /// `filter`: final states in which it is false are left out.
    public var filter: Proposition?
    /// `exists`, `~exists` or `forall`.
    public var condition: Condition
    /// The name of ``condition``; nil where it has none, as in files with one condition.
    public var conditionName: String?
    /// The conditions after the first, each a verdict of its own; see ``questions``.
    public var furtherConditions: [NamedCondition] = []
    /// The other conditions of the text where ``condition`` is asked alone: not asked, but what they name exists, and an entry
    /// that they name is one.
    public var besides: [NamedCondition] = []
    /// The places for which `ptero synth` looks for instructions: by column, in the order of the text.
    public var holes: [Hole] = []
    /// `starts`: the entries that the instructions in the holes must handle alone; nil where it is not said.
    public var starts: StartEntries?
    /// The clauses of all `ensures`: what holds after these instructions.
    public var ensures: [Ensured] = []
    /// What the code needs besides its instructions when a compiler made it; nil for columns.
    package var compiled: CompiledCode?
    /// Where things stand that are checked only when the machine is known; empty for a test that was not read from a text.
    public var places = TestPlaces()

    /// Makes a test.
    public init(
        name: String, description: String? = nil, headers: [Header] = [], expectation: Expectation = Expectation(),
        initializations: [Initialization] = [], threads: [ThreadColumn] = [], handlers: [Int: ThreadColumn] = [:],
        locations: [Location] = [], filter: Proposition? = nil, condition: Condition, compiled: CompiledCode? = nil
    ) {
        self.name = name
        self.description = description
        self.headers = headers
        self.expectation = expectation
        self.initializations = initializations
        self.threads = threads
        self.handlers = handlers
        self.locations = locations
        self.filter = filter
        self.condition = condition
        self.compiled = compiled
    }

    /// All columns: each processor's own, then that of its faults, then that of interrupts.
    public var columns: [ThreadColumn] {
        threads.flatMap { column in
            [column] + [handlers[column.processor], interrupts[column.processor]].compactMap { $0 }
        }
    }

    /// The value of the last header line with this key that is about the whole test, or nil.
    public func header(_ key: String) -> String? { headers.last { $0.key == key && $0.condition == nil }?.value }
}

/// Where parts of a test stand.
public struct TestPlaces: Sendable, Hashable {
    /// The file that the test was read from, where the reader has noted it.
    public var file: String?
    /// The profiles that `Result:` comments name, where they name each first.
    public var results: [String: SourcePlace] = [:]

    /// Makes places; none by default.
    public init(results: [String: SourcePlace] = [:]) { self.results = results }
}

/// A `Key=Value` line of the head.
public struct Header: Sendable, Hashable {
    /// The part before the first `=`.
    public var key: String
    /// The condition that the line is about, as in `Failure lost=loses a Dirty bit`; nil for the whole test.
    public var condition: String?
    /// Where its name stands.
    public var conditionSpan: SourceSpan?
    /// The rest, without surrounding blanks.
    public var value: String
    /// Where the line begins.
    public var place: SourcePlace
    /// Where the value begins.
    public var valuePlace: SourcePlace

    /// Makes a header line; `valuePlace` is after `key=` when it is not given.
    public init(
        key: String, condition: String? = nil, value: String, place: SourcePlace, valuePlace: SourcePlace? = nil
    ) {
        self.key = key
        self.condition = condition
        self.value = value
        self.place = place
        self.valuePlace =
            valuePlace ?? SourcePlace(line: place.line, column: place.column + key.unicodeScalars.count + 1)
    }

    /// Where a part of the value stands, the first that is delimited like a word; the value's place if it is not there.
    package func place(of word: String) -> SourcePlace { wordSpan(word)?.place ?? valuePlace }

    /// The same with its length; the whole line if it is not there.
    package func span(of word: String) -> SourceSpan { wordSpan(word) ?? span }

    /// The whole line.
    package var span: SourceSpan {
        let end = value.isEmpty ? key.unicodeScalars.count + 1 : valueStart + value.unicodeScalars.count
        return SourceSpan(place, length: end)
    }

    /// What is wrong with a word of the value, or with all of it where there is no such word.
    func fault(_ message: String, at word: String, remedy: String) -> Diagnostic {
        Diagnostic(file: nil, span: span(of: word), message: message, remedy: remedy)
    }

    /// How many characters of the line stand before the value.
    private var valueStart: Int { valuePlace.column - place.column }

    private func wordSpan(_ word: String) -> SourceSpan? {
        let value = Array(self.value.unicodeScalars)
        let word = Array(word.unicodeScalars)
        func ends(_ scalar: Unicode.Scalar) -> Bool { " ,\t:;=".unicodeScalars.contains(scalar) }
        guard let last = word.last, value.count >= word.count else { return nil }
        for start in 0...(value.count - word.count) {
            let end = start + word.count
            guard value[start..<end].elementsEqual(word), start == 0 || ends(value[start - 1]),
                end == value.count || ends(value[end]) || ends(last)
            else { continue }
            return SourceSpan(
                SourcePlace(line: valuePlace.line, column: valuePlace.column + start), length: word.count)
        }
        return nil
    }
}

/// What is observed of a condition over all final states.
public enum Observation: String, Sendable, Hashable, CaseIterable {
    case never = "Never"
    case sometimes = "Sometimes"
    case always = "Always"
    case inconclusive = "Inconclusive"
}

/// `Result:` for all profiles, or per profile.
public struct Expectation: Sendable, Hashable {
    /// The verdict for profiles that are not named.
    public var all: Observation?
    /// The verdicts of named profiles.
    public var byProfile: [String: Observation]

    /// Makes an expectation; none by default.
    public init(all: Observation? = nil, byProfile: [String: Observation] = [:]) {
        self.all = all
        self.byProfile = byProfile
    }

    /// What is expected on a profile, or nil.
    public subscript(profile: String) -> Observation? { byProfile[profile] ?? all }
}

/// One column of code.
public struct ThreadColumn: Sendable, Hashable {
    /// `n` of `Pn`.
    public var processor: Int
    /// The instructions, symbols not yet resolved.
    public var program: Program
    /// Where the column's head stands.
    public var place: SourcePlace

    /// Makes a column.
    public init(processor: Int, program: Program, place: SourcePlace) {
        self.processor = processor
        self.program = program
        self.place = place
    }
}

/// One assignment of the initial state.
public struct Initialization: Sendable, Hashable {
    /// What is set.
    public var location: Location
    /// The value, several for an array; a declaration without `=` sets 0.
    public var values: [Value]
    /// The C type in front, if there is one (`int`, `uint64_t`, ...).
    public var type: String?
    /// Where it stands.
    public var place: SourcePlace

    /// Makes an assignment.
    public init(location: Location, values: [Value], type: String? = nil, place: SourcePlace) {
        self.location = location
        self.values = values
        self.type = type
        self.place = place
    }
}

/// How a condition quantifies over final states.
public enum Quantifier: String, Sendable, Hashable {
    case exists
    case notExists = "~exists"
    case forall
}

/// `exists P`, `~exists P` or `forall P`.
public struct Condition: Sendable, Hashable {
    /// The quantifier.
    public var quantifier: Quantifier
    /// The proposition about one final state.
    public var proposition: Proposition
    /// Where the quantifier is written; nil for a condition that was not read from a text.
    public var span: SourceSpan?

    /// Makes a condition.
    public init(_ quantifier: Quantifier, _ proposition: Proposition, span: SourceSpan? = nil) {
        self.quantifier = quantifier
        self.proposition = proposition
        self.span = span
    }

    /// Whether both say the same, wherever they are written.
    public static func == (first: Condition, second: Condition) -> Bool {
        first.quantifier == second.quantifier && first.proposition == second.proposition
    }

    /// Mixes in what the condition says.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(quantifier)
        hasher.combine(proposition)
    }
}
