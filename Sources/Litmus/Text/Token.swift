import Diagnostics

/// A word or sign of an initial state or a condition, with the bytes it covers.
struct Token: Equatable {
    /// What it is.
    enum Kind: Equatable {
        case name(String)
        /// An integer as its 64-bit pattern.
        case number(UInt64)
        case sign(Sign)
        case end
    }

    /// The signs of the language.
    enum Sign: String {
        case and = "/\\"
        case or = "\\/"
        case implies = "=>"
        case identical = "=="
        case different = "!="
        case differentToo = "<>"
        case equal = "="
        case not = "~"
        case opening = "("
        case closing = ")"
        case openingBracket = "["
        case closingBracket = "]"
        case openingBrace = "{"
        case closingBrace = "}"
        case semicolon = ";"
        case comma = ","
        case colon = ":"
        case dot = "."
        case star = "*"
        case ampersand = "&"
        case percent = "%"
    }

    var kind: Kind
    var range: Range<Int>

    /// How a message names the token.
    var description: String {
        switch kind {
        case .name(let name): "`\(name)`"
        case .number(let value): "`\(value)`"
        case .sign(let sign): "`\(sign.rawValue)`"
        case .end: "the end of the test"
        }
    }
}

/// Cuts a text into tokens, one at a time, so that a large file costs no list of them.
struct Lexer {
    /// The text, for places.
    let source: SourceText
    /// The text without its comments.
    let bytes: [UInt8]
    /// Where the next token is looked for.
    var offset: Int

    /// The next token.
    mutating func next() throws(Diagnostic) -> Token {
        while offset < bytes.count, bytes[offset].isBlank { offset += 1 }
        // herd7 reads nothing after `<<`.
        guard offset < bytes.count, !bytes.has("<<", at: offset) else {
            return Token(kind: .end, range: offset..<offset + 1)
        }
        let start = offset
        if bytes[start].beginsName {
            offset = bytes[start...].firstIndex { !$0.continuesName } ?? bytes.count
            return Token(kind: .name(bytes.text(start..<offset)), range: start..<offset)
        }
        let isNegative = bytes[start] == UInt8(ascii: "-")
        let digits = isNegative ? start + 1 : start
        if digits < bytes.count, bytes[digits].isDigit {
            offset = bytes[digits...].firstIndex { !$0.continuesName } ?? bytes.count
            let value = try number(in: digits..<offset, isNegative: isNegative, start: start)
            return Token(kind: .number(value), range: start..<offset)
        }
        guard !bytes.has("&&", at: start) else { throw strangeCharacter(at: start) }
        for length in [2, 1] where start + length <= bytes.count {
            guard let sign = Token.Sign(rawValue: bytes.text(start..<start + length)) else { continue }
            offset = start + length
            return Token(kind: .sign(sign), range: start..<offset)
        }
        throw strangeCharacter(at: start)
    }

    private func number(in range: Range<Int>, isNegative: Bool, start: Int) throws(Diagnostic) -> UInt64 {
        let text = bytes.text(range)
        let isHexadecimal = text.hasPrefix("0x") || text.hasPrefix("0X")
        let digits = isHexadecimal ? text.dropFirst(2) : text[...]
        let isWellFormed = !digits.isEmpty && digits.allSatisfy { isHexadecimal ? $0.isHexDigit : $0.isNumber }
        guard isWellFormed else {
            throw source.diagnostic(
                "`\(text)` is not a number", at: start..<range.upperBound,
                remedy: "numbers are decimal or hexadecimal with `0x`, without suffix")
        }
        guard let magnitude = UInt64(digits, radix: isHexadecimal ? 16 : 10),
            !isNegative || magnitude <= 1 << 63
        else {
            throw source.diagnostic(
                "the number does not fit in 64 bits", at: start..<range.upperBound,
                remedy: "the largest is 0xffffffffffffffff, the least -9223372036854775808")
        }
        return isNegative ? 0 &- magnitude : magnitude
    }

    private func strangeCharacter(at start: Int) -> Diagnostic {
        var end = start + 1
        while end < bytes.count, bytes[end].isContinuation { end += 1 }
        var remedy: String?
        if bytes.has("&&", at: start) { remedy = "`and` is written `/\\`" }
        if bytes.has("||", at: start) { remedy = "`or` is written `\\/`" }
        if bytes.has("!", at: start) { remedy = "`not` is written `~`" }
        if bytes.has("??", at: start) { remedy = "a hole, `??NAME {...}`, stands in a cell of a column" }
        return source.diagnostic(
            "`\(bytes.text(start..<end))` has no meaning here", at: start..<end, remedy: remedy)
    }
}
