/// Reads litmus tests.
public struct LitmusParser {
    /// Reads a test from a text.
    ///
    /// `file` is how diagnostics name the text's origin. Throws the first fault found, in reading order as far as possible.
    public static func parse(_ source: String, file: String? = nil) throws(Diagnostic) -> LitmusTest {
        try parse(bytes: Array(source.utf8), file: file)
    }

    /// Reads a test from a file's content: UTF-8, at most 16 MiB, no control characters.
    public static func parse(bytes: [UInt8], file: String? = nil) throws(Diagnostic) -> LitmusTest {
        let source = try SourceText(bytes, file: file)
        let text = try CommentedText(source)
        let head = try HeadParser.parse(source, text.bytes)

        var grammar = try Grammar(source: source, bytes: text.bytes, at: head.end)
        let initializations = try grammar.initialState()
        let columns = try ProgramParser.parse(source, text.bytes, at: grammar.token.range.upperBound)

        var closing = try Grammar(source: source, bytes: text.bytes, at: columns.end)
        closing.mentions = grammar.mentions
        let end = try closing.closing()

        let test = LitmusTest(
            name: head.name, description: head.description, headers: head.headers, expectation: text.expectation,
            initializations: initializations, threads: columns.threads, handlers: columns.handlers,
            locations: end.locations, filter: end.filter, condition: end.condition)
        try ConsistencyCheck(
            source: source, test: test, headerRanges: head.headerRanges, mentions: closing.mentions,
            stateAndProgram: text.bytes[head.end..<columns.end]
        ).run()
        return test
    }
}
