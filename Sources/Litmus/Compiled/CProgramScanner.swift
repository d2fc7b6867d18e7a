import Diagnostics
import X86

/// Finds its way through C text without understanding it: comments, strings, brackets.
struct CProgramScanner {
    private let source: SourceText
    private(set) var offset: Int
    private let end: Int

    init(_ source: SourceText, from offset: Int, to end: Int) {
        self.source = source
        self.offset = offset
        self.end = min(end, source.bytes.count)
    }

    /// A piece of C text that matters to the test language.
    enum Piece: Equatable {
        case word(Range<Int>)
        case sign(UInt8, at: Int)
    }

    /// Where a C program that begins here ends: at the word of the condition outside all brackets, or with the text.
    static func end(_ source: SourceText, from offset: Int) throws(Diagnostic) -> Int {
        var scanner = CProgramScanner(source, from: offset, to: source.bytes.count)
        var open: [(sign: UInt8, at: Int)] = []
        while let piece = try scanner.next() {
            switch piece {
            case .word(let range):
                guard open.isEmpty, closes(source.bytes.text(range), scanner) else { continue }
                let before = source.bytes[offset..<range.lowerBound].lastIndex { !$0.isBlank }
                if let before, source.bytes[before] == UInt8(ascii: "~") { return before }
                return range.lowerBound
            case .sign(let sign, let place):
                if open.isEmpty, source.bytes.has("(*", at: place),
                    let before = source.bytes[offset..<place].last(where: { !$0.isBlank }),
                    [UInt8(ascii: "}"), UInt8(ascii: ";")].contains(before)
                {
                    // Behind a declaration this is a comment of the test language; C has nothing that begins so there.
                    return place
                }
                if let closing = closing(sign) {
                    open.append((closing, place))
                } else if isClosing(sign) {
                    guard let last = open.popLast(), last.sign == sign else {
                        throw source.diagnostic(
                            "this bracket closes nothing", at: place..<place + 1, remedy: "check the brackets before it"
                        )
                    }
                }
            }
        }
        if let first = open.first {
            throw source.diagnostic(
                "this bracket is not closed", at: first.at..<first.at + 1,
                remedy: "close it; the condition comes after the last function")
        }
        return source.bytes.count
    }

    /// Whether a word outside all brackets begins what comes after the program.
    ///
    /// A C program may have something called `starts`; it has no name and colon in parentheses after it.
    private static func closes(_ word: String, _ scanner: CProgramScanner) -> Bool {
        guard word == "starts" else { return Grammar.closingWords.contains(word) }
        var ahead = scanner
        guard case .sign(UInt8(ascii: "("), _)? = try? ahead.next(), case .word? = try? ahead.next(),
            case .sign(UInt8(ascii: ":"), _)? = try? ahead.next()
        else { return false }
        return true
    }

    static func closing(_ sign: UInt8) -> UInt8? {
        switch sign {
        case UInt8(ascii: "("): UInt8(ascii: ")")
        case UInt8(ascii: "["): UInt8(ascii: "]")
        case UInt8(ascii: "{"): UInt8(ascii: "}")
        default: nil
        }
    }

    private static func isClosing(_ sign: UInt8) -> Bool {
        [UInt8(ascii: ")"), UInt8(ascii: "]"), UInt8(ascii: "}")].contains(sign)
    }

    /// The next word or sign; comments, literals and preprocessor lines are passed over.
    mutating func next() throws(Diagnostic) -> Piece? {
        let bytes = source.bytes
        while offset < end {
            let byte = bytes[offset]
            if bytes.has("//", at: offset) {
                offset = bytes[offset...].firstIndex(of: .newline) ?? bytes.count
            } else if bytes.has("/*", at: offset) {
                try skipComment()
            } else if byte == UInt8(ascii: "#") {
                skipDirective()
            } else if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "'") {
                try skipLiteral(byte)
            } else if byte.beginsName {
                let start = offset
                while offset < end, bytes[offset].continuesName { offset += 1 }
                return .word(start..<offset)
            } else {
                offset += 1
                if !byte.isBlank { return .sign(byte, at: offset - 1) }
            }
        }
        return nil
    }

    private mutating func skipComment() throws(Diagnostic) {
        let start = offset
        offset += 2
        while offset < source.bytes.count, !source.bytes.has("*/", at: offset) { offset += 1 }
        guard offset < source.bytes.count else {
            throw source.diagnostic("this comment does not end", at: start..<start + 2, remedy: "close it with `*/`")
        }
        offset += 2
    }

    private mutating func skipDirective() {
        while offset < source.bytes.count {
            let lineEnd = source.bytes[offset...].firstIndex(of: .newline) ?? source.bytes.count
            let continues = lineEnd > offset && source.bytes[lineEnd - 1] == UInt8(ascii: "\\")
            offset = min(lineEnd + 1, source.bytes.count)
            if !continues { return }
        }
    }

    private mutating func skipLiteral(_ quote: UInt8) throws(Diagnostic) {
        let start = offset
        offset += 1
        while offset < source.bytes.count, source.bytes[offset] != quote, source.bytes[offset] != .newline {
            offset += source.bytes[offset] == UInt8(ascii: "\\") ? 2 : 1
        }
        guard offset < source.bytes.count, source.bytes[offset] == quote else {
            throw source.diagnostic("this literal does not end", at: start..<start + 1, remedy: "close it on its line")
        }
        offset += 1
    }
}
