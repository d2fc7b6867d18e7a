import Diagnostics
import X86

/// A Swift test as written (litmus.md, "Tests in Swift"): a Swift file whose first comment is a test without code.
///
///     /* Swift NAME
///     { initial state }
///     exists (condition) */
///     @_cdecl("P0") func writeProtect(pte_x: UnsafeMutablePointer<UInt64>) { ... }
///
/// Nothing is compiled yet.
package struct SwiftTest: Sendable, Hashable {
    /// Everything but the code: the threads' programs are empty.
    package var test: LitmusTest
    /// The whole file, which is Swift.
    package var text: [UInt8]
    /// The functions that are exported as `P0`, `P1` and so on, in order of their number.
    package var functions: [SwiftFunction]

    /// Whether a file's content is a Swift test: its first comment in `/* */` begins with the word `Swift`.
    ///
    /// Lines that begin with `//` may stand before, for a licence.
    package static func isSwiftTest(_ bytes: [UInt8]) -> Bool {
        guard let start = scenarioStart(bytes) else { return false }
        let words = bytes[(start + 2)...].prefix(4096).split(omittingEmptySubsequences: true) { $0.isBlank }
        return words.first.map { Array($0) == Array("Swift".utf8) } ?? false
    }

    /// Reads a Swift test: UTF-8, at most 16 MiB.
    package static func parse(bytes: [UInt8], file: String? = nil) throws(Diagnostic) -> SwiftTest {
        let source = try SourceText(bytes, file: file)
        guard let start = scenarioStart(bytes) else {
            throw source.diagnostic(
                "the file does not begin with a test", at: 0..<1, remedy: "begin with a comment: `/* Swift NAME ... */`"
            )
        }
        var scanner = SwiftScanner(source, from: start)
        try scanner.skipComment()
        let scenario = start + 2..<scanner.offset - 2
        let masked = try SourceText(masked(bytes, to: scenario), file: file)
        let log = FaultLog()
        let commented = try log.require { () throws(Diagnostic) in try CommentedText(masked, log: log) }
        return try log.require { () throws(Diagnostic) in
            try parse(source, masked, commented, codeFrom: scanner.offset, log)
        }
    }

    /// Reads the test in the first comment, and the functions after it.
    private static func parse(
        _ source: SourceText, _ masked: SourceText, _ commented: CommentedText, codeFrom codeStart: Int, _ log: FaultLog
    ) throws(Diagnostic) -> SwiftTest {
        let head = try HeadParser.parse(masked, commented.bytes, architecture: "Swift", log: log)
        let paging = Paging(head.headers)
        var grammar = try Grammar(source: masked, bytes: commented.bytes, at: head.end, paging: paging, log: log)
        let initializations = try grammar.initialState()
        let stateEnd = grammar.stateEnd
        var closing = try Grammar(source: masked, bytes: commented.bytes, at: stateEnd, paging: paging, log: log)
        closing.mentions = grammar.mentions
        closing.namesLocals = true
        let end = try closing.closing()
        let functions =
            log.attempt { () throws(Diagnostic) in try SwiftFunctionParser(source, from: codeStart).functions() } ?? []
        source.noteHoles(inSwiftFrom: codeStart, log: log)
        var test = LitmusTest(
            name: head.name, description: head.description, headers: head.headers,
            initializations: initializations, threads: functions.columns, locations: end.locations,
            filter: end.filter, condition: end.first)
        test.take(end, commented.results)
        ConsistencyCheck(
            source: source, test: test, mentions: closing.mentions, results: commented.results,
            stateAndProgram: (commented.bytes[head.end..<stateEnd] + source.bytes[codeStart...])[...], log: log
        ).run()
        test.refuseRegisters(language: "Swift", parameters: "addresses", file: source.file, log: log)
        try log.check()
        return SwiftTest(test: test, text: source.bytes, functions: functions)
    }

    /// Where the comment with the test begins; nil if something else comes first.
    private static func scenarioStart(_ bytes: [UInt8]) -> Int? {
        var offset = bytes.has("\u{feff}", at: 0) ? 3 : 0
        while offset < bytes.count {
            if bytes[offset].isBlank {
                offset += 1
            } else if bytes.has("//", at: offset) {
                offset = bytes[offset...].firstIndex(of: .newline) ?? bytes.count
            } else {
                return bytes.has("/*", at: offset) ? offset : nil
            }
        }
        return nil
    }

    /// The text up to the end of a part, with blanks before the part, so that every byte of it keeps its place.
    private static func masked(_ bytes: [UInt8], to part: Range<Int>) -> [UInt8] {
        var masked = Array(bytes[..<part.upperBound])
        let start = bytes.has("\u{feff}", at: 0) ? 3 : 0
        for index in start..<part.lowerBound where bytes[index] != .newline { masked[index] = .space }
        return masked
    }
}

/// A thread of a Swift test: a function that is exported as `P0`, `P1` and so on.
package struct SwiftFunction: Sendable, Hashable {
    /// The number of the processor.
    package var processor: Int
    /// Parameters in order.
    package var parameters: [CFunction.Parameter]
    /// Where the exported name stands in the file.
    package var place: SourcePlace
}
