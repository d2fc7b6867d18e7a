import Diagnostics

/// Reads litmus tests.
public struct LitmusParser {
    /// The largest file that is read, in bytes.
    package static let largestFile = SourceText.largestSize

    /// Reads a test from a text.
    ///
    /// `file` is how diagnostics name the text's origin. Throws what is wrong, all in one `Diagnostic`.
    public static func parse(_ source: String, file: String? = nil) throws(Diagnostic) -> LitmusTest {
        try parse(bytes: Array(source.utf8), file: file)
    }

    /// Reads a test from a file's content: UTF-8, at most 16 MiB, no control characters.
    public static func parse(bytes: [UInt8], file: String? = nil) throws(Diagnostic) -> LitmusTest {
        let source = try SourceText(bytes, file: file)
        let log = FaultLog()
        let text = try log.require { () throws(Diagnostic) in try CommentedText(source, log: log) }
        return try log.require { () throws(Diagnostic) in try parse(source, text, log) }
    }

    private static func parse(
        _ source: SourceText, _ text: CommentedText, _ log: FaultLog
    ) throws(Diagnostic) -> LitmusTest {
        let head = try HeadParser.parse(source, text.bytes, log: log)
        let paging = Paging(head.headers)
        var grammar = try Grammar(source: source, bytes: text.bytes, at: head.end, paging: paging, log: log)
        let initializations = try grammar.initialState()
        let columns = try ProgramParser.parse(source, text.bytes, at: grammar.stateEnd, paging: paging, log: log)

        var closing = try Grammar(source: source, bytes: text.bytes, at: columns.end, paging: paging, log: log)
        closing.mentions = grammar.mentions
        let end = try closing.closing()

        var test = LitmusTest(
            name: head.name, description: head.description, headers: head.headers,
            initializations: initializations, threads: columns.threads, handlers: columns.handlers,
            locations: end.locations, filter: end.filter, condition: end.first)
        test.interrupts = columns.interrupts
        test.holes = columns.holes
        test.take(end, text.results)
        ConsistencyCheck(
            source: source, test: test, mentions: closing.mentions, results: text.results,
            stateAndProgram: text.bytes[head.end..<columns.end], log: log
        ).run()
        try log.check()
        return test
    }
}
