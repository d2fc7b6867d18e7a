import Diagnostics

/// Finds its way through Swift text without understanding it: comments, strings, brackets.
///
/// What it takes wrongly, such as a regular expression with a quotation mark in it, the compiler still takes rightly:
/// only the exported functions and their parameters are looked for here.
struct SwiftScanner {
    private let source: SourceText
    private(set) var offset: Int

    init(_ source: SourceText, from offset: Int) {
        self.source = source
        self.offset = offset
    }

    /// A piece of Swift text.
    enum Piece: Equatable {
        case word(Range<Int>)
        /// A string on one line, with its quotation marks.
        case literal(Range<Int>)
        case sign(UInt8, at: Int)
    }

    static func opens(_ sign: UInt8) -> Bool {
        [UInt8(ascii: "("), UInt8(ascii: "["), UInt8(ascii: "{")].contains(sign)
    }

    static func closes(_ sign: UInt8) -> Bool {
        [UInt8(ascii: ")"), UInt8(ascii: "]"), UInt8(ascii: "}")].contains(sign)
    }

    /// The next word, string or sign; comments and strings of several lines are passed over.
    mutating func next() throws(Diagnostic) -> Piece? {
        let bytes = source.bytes
        while offset < bytes.count {
            let byte = bytes[offset]
            if bytes.has("//", at: offset) {
                offset = bytes[offset...].firstIndex(of: .newline) ?? bytes.count
            } else if bytes.has("/*", at: offset) {
                try skipComment()
            } else if bytes.has("\"\"\"", at: offset) {
                skipLines()
            } else if byte == UInt8(ascii: "\"") {
                let start = offset
                skipLiteral()
                return .literal(start..<offset)
            } else if byte.beginsName {
                let start = offset
                while offset < bytes.count, bytes[offset].continuesName { offset += 1 }
                return .word(start..<offset)
            } else {
                offset += 1
                if !byte.isBlank { return .sign(byte, at: offset - 1) }
            }
        }
        return nil
    }

    /// Moves past the comment that begins here; comments nest in Swift.
    mutating func skipComment() throws(Diagnostic) {
        let start = offset
        var depth = 0
        repeat {
            guard offset < source.bytes.count else {
                throw source.diagnostic(
                    "this comment does not end", at: start..<start + 2, remedy: "close it with `*/`; comments nest")
            }
            if source.bytes.has("/*", at: offset) {
                depth += 1
                offset += 2
            } else if source.bytes.has("*/", at: offset) {
                depth -= 1
                offset += 2
            } else {
                offset += 1
            }
        } while depth > 0
    }

    private mutating func skipLines() {
        offset += 3
        while offset < source.bytes.count, !source.bytes.has("\"\"\"", at: offset) {
            offset += source.bytes[offset] == UInt8(ascii: "\\") ? 2 : 1
        }
        offset = min(offset + 3, source.bytes.count)
    }

    private mutating func skipLiteral() {
        offset += 1
        while offset < source.bytes.count, source.bytes[offset] != UInt8(ascii: "\""), source.bytes[offset] != .newline
        {
            offset += source.bytes[offset] == UInt8(ascii: "\\") ? 2 : 1
        }
        offset = min(offset + 1, source.bytes.count)
    }
}
