import Diagnostics
import X86

/// A test's text with its comments blanked out, and what the comments said about the expected verdict.
struct CommentedText {
    /// The text, each comment replaced by blanks (line ends kept), so that every byte keeps its place.
    private(set) var bytes: [UInt8]
    /// What the `Result:` comments say, by the condition that they name; under "" what names none.
    private(set) var results: [String: ExpectedResult] = [:]

    /// The C program of a C test, from after the initial state to the condition; its comments are left alone.
    private(set) var program: Range<Int>?

    private let source: SourceText
    private let log: FaultLog

    /// Removes the comments `(* ... *)`, which nest.
    ///
    /// The value of a header line and a quoted description are taken as they stand: herd7 looks for no comment there.
    init(_ source: SourceText, hasCProgram: Bool = false, log: FaultLog) throws(Diagnostic) {
        self.source = source
        self.log = log
        bytes = source.bytes
        var offset = bytes.has("\u{feff}", at: 0) ? 3 : 0
        for index in 0..<offset { bytes[index] = .space }
        var inHead = true
        var depth = 0
        while offset < bytes.count {
            if bytes.has("(*", at: offset) {
                offset = try blankComment(at: offset)
            } else if inHead, let end = endOfVerbatim(at: offset) {
                offset = end
            } else {
                if bytes[offset] == UInt8(ascii: "{") {
                    inHead = false
                    depth += 1
                }
                if bytes[offset] == UInt8(ascii: "}") { depth -= 1 }
                offset += 1
                if hasCProgram, program == nil, !inHead, depth == 0 {
                    let end = try CProgramScanner.end(source, from: offset)
                    program = offset..<end
                    offset = end
                }
            }
        }
    }

    /// The end of a description or of a header line that begins here.
    private func endOfVerbatim(at offset: Int) -> Int? {
        // A quotation mark within a word, such as the test's name, opens nothing.
        guard offset == 0 || bytes[offset - 1].isBlank else { return nil }
        if bytes[offset] == UInt8(ascii: "\"") {
            return bytes[(offset + 1)...].firstIndex(of: UInt8(ascii: "\"")).map { $0 + 1 }
        }
        guard bytes[offset].isLetter else { return nil }
        guard bytes[..<offset].reversed().first(where: { !$0.isBlank || $0 == .newline }) ?? .newline == .newline else {
            return nil
        }
        guard let sign = HeadParser.headerSign(in: bytes, keyAt: offset) else { return nil }
        return bytes[sign...].firstIndex(of: .newline) ?? bytes.count
    }

    private mutating func blankComment(at start: Int) throws(Diagnostic) -> Int {
        var depth = 0
        var offset = start
        repeat {
            guard offset < bytes.count else {
                throw source.diagnostic(
                    "this comment does not end", at: start..<start + 2, remedy: "close it with `*)`; comments nest")
            }
            if bytes.has("(*", at: offset) {
                depth += 1
                offset += 2
            } else if bytes.has("*)", at: offset) {
                depth -= 1
                offset += 2
            } else {
                offset += 1
            }
        } while depth > 0
        readResults(in: start + 2..<offset - 2)
        for index in start..<offset where bytes[index] != .newline { bytes[index] = .space }
        return offset
    }

    /// Reads the lines of a comment that begin with `Result:`, as the kernel's tests write them, or `Result NAME:`.
    private mutating func readResults(in comment: Range<Int>) {
        var start = comment.lowerBound
        while start < comment.upperBound {
            let end = bytes[start..<comment.upperBound].firstIndex(of: .newline) ?? comment.upperBound
            var word = start
            while word < end, bytes[word].isBlank || bytes[word] == UInt8(ascii: "*") { word += 1 }
            if let (name, colon) = resultHead(at: word, before: end) { readVerdicts(of: name, word, colon + 1..<end) }
            start = end + 1
        }
    }

    /// The name of a condition in `Result NAME:`, empty in `Result:`, and where the colon is; nil for other words.
    private func resultHead(at start: Int, before end: Int) -> (name: Range<Int>, colon: Int)? {
        guard bytes.has("Result", at: start) else { return nil }
        var offset = start + 6
        func skipBlanks() { while offset < end, bytes[offset].isBlank { offset += 1 } }
        skipBlanks()
        var name = offset..<offset
        if offset > start + 6, let found = Grammar.conditionName(in: bytes, at: offset) {
            name = found
            offset = found.upperBound
            skipBlanks()
        }
        guard offset < end, bytes[offset] == UInt8(ascii: ":"), !name.isEmpty || offset == start + 6 else { return nil }
        return (name, offset)
    }

    private mutating func readVerdicts(of condition: Range<Int>, _ head: Int, _ line: Range<Int>) {
        let name = bytes.text(condition)
        if results[name] == nil { results[name] = ExpectedResult(range: condition) }
        var count = 0
        var offset = line.lowerBound
        while offset < line.upperBound {
            while offset < line.upperBound, bytes[offset].isBlank || Self.separates(bytes[offset]) { offset += 1 }
            var end = offset
            while end < line.upperBound, !bytes[end].isBlank, !Self.separates(bytes[end]) { end += 1 }
            if offset < end { log.attempt { () throws(Diagnostic) in try readVerdict(offset..<end, of: name) } }
            count += offset < end ? 1 : 0
            offset = end
        }
        if count == 0 {
            log.note(
                source.diagnostic(
                    "`Result\(name.isEmpty ? "" : " \(name)"):` names no verdict", at: head..<line.upperBound,
                    remedy: Self.verdictRemedy))
        }
    }

    private static let verdictRemedy =
        "write `(* Result: Never *)`, or `profile=Verdict` for single profiles; the verdicts are Never, Sometimes, Always, Inconclusive"

    /// What may stand between verdicts, or after the last.
    private static func separates(_ byte: UInt8) -> Bool {
        [UInt8(ascii: ","), UInt8(ascii: ";"), UInt8(ascii: ".")].contains(byte)
    }

    private mutating func readVerdict(_ range: Range<Int>, of condition: String) throws(Diagnostic) {
        let word = bytes.text(range)
        let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        guard let last = parts.last, let verdict = Observation(rawValue: last), parts.first?.isEmpty == false else {
            let wrong = parts.last ?? ""
            let start = range.upperBound - wrong.utf8.count
            let near = NearName.of(wrong, among: Observation.allCases.map({ $0.rawValue }))
            throw source.diagnostic(
                parts.first?.isEmpty == true ? "`\(word)` names no profile" : "`\(wrong)` is not a verdict",
                at: wrong.isEmpty || parts.first?.isEmpty == true ? range : start..<range.upperBound,
                remedy: near.map { "did you mean `\($0)`?" } ?? Self.verdictRemedy)
        }
        let profile = parts.count > 1 ? parts.first : nil
        var result = results[condition] ?? ExpectedResult(range: range)
        let known = profile.map { result.expectation.byProfile[$0] } ?? result.expectation.all
        if let known, known != verdict {
            throw source.diagnostic(
                "the expected verdict\(profile.map { " for `\($0)`" } ?? "") was \(known.rawValue) before", at: range,
                remedy: "keep one of them")
        }
        if let profile {
            if result.places[profile] == nil { result.places[profile] = source.place(of: range.lowerBound) }
            result.expectation.byProfile[profile] = verdict
        } else {
            result.expectation.all = verdict
        }
        results[condition] = result
    }
}

/// What the `Result:` comments about one condition say.
struct ExpectedResult {
    /// Where the condition is named first.
    var range: Range<Int>
    /// The verdicts together.
    var expectation = Expectation()
    /// Where each profile is named first.
    var places: [String: SourcePlace] = [:]
}
