import Diagnostics

/// A position in one statement; knows where it is in the source.
///
/// It goes by the bytes of UTF-8, which for nearly all assembly are its characters; columns count characters.
struct Cursor {
    /// The line without its comments.
    private let bytes: ArraySlice<UInt8>
    /// The line as it was written, where a byte can be less than a character.
    private let written: [UInt8]?
    private let line: Int
    /// Column of the first byte of the line.
    private let firstColumn: Int
    private(set) var position: Int

    /// Reads `bytes`, a part of a line that begins at `origin`; `written` is the line where it is not all ASCII.
    init(_ bytes: ArraySlice<UInt8>, written: [UInt8]?, origin: SourcePlace) {
        self.bytes = bytes
        self.written = written
        self.line = origin.line
        self.firstColumn = origin.column
        self.position = bytes.startIndex
    }

    var place: SourcePlace { place(at: position) }

    func place(at index: Int) -> SourcePlace {
        let continuations = written.map { $0.prefix(index).count { $0 & 0xc0 == 0x80 } } ?? 0
        return SourcePlace(line: line, column: firstColumn &+ index &- continuations)
    }

    var current: Unicode.Scalar? { scalar(at: position) }

    private func scalar(at index: Int) -> Unicode.Scalar? {
        guard index < bytes.endIndex else { return nil }
        if bytes[index] < 0x80 { return Unicode.Scalar(bytes[index]) }
        var decoder = UTF8()
        var rest = bytes[index...].makeIterator()
        if case .scalarValue(let scalar) = decoder.decode(&rest) { return scalar }
        return "\u{fffd}"
    }

    /// The next character that is not a space, without moving.
    func peek(_ distance: Int = 0) -> Unicode.Scalar? {
        var index = position
        var remaining = distance
        while let scalar = scalar(at: index) {
            if !scalar.isSpace {
                if remaining == 0 { return scalar }
                remaining -= 1
            }
            index += length(at: index)
        }
        return nil
    }

    /// The bytes of the character at an index.
    private func length(at index: Int) -> Int {
        var end = index + 1
        while end < bytes.endIndex, bytes[end] & 0xc0 == 0x80 { end += 1 }
        return end - index
    }

    mutating func advance() {
        if position < bytes.endIndex { position += length(at: position) }
    }

    mutating func skipSpaces() {
        while let scalar = current, scalar.isSpace { advance() }
    }

    /// Skips spaces and takes the character if it comes next.
    mutating func take(_ scalar: Unicode.Scalar) -> Bool {
        guard peek() == scalar else { return false }
        skipSpaces()
        advance()
        return true
    }

    /// Skips spaces and takes a name, number or mnemonic: letters, digits, `_`, `.`, `@`, and `$` inside; may be empty.
    mutating func takeWord() -> Word {
        skipSpaces()
        let start = position
        while let scalar = current, scalar.isWordCharacter || (scalar == "$" && position > start) { advance() }
        return Word(text: text(start..<position), place: place(at: start))
    }

    /// The rest of the statement, without surrounding spaces.
    var rest: String { text(position..<bytes.endIndex).trimmed }

    /// The text from an index up to here.
    func text(from start: Int) -> String { text(start..<position).trimmed }

    /// How many characters ``text(from:)`` has.
    func length(from start: Int) -> Int {
        guard written == nil else { return text(from: start).count }
        var range = bytes[start..<position]
        while let last = range.last, Unicode.Scalar(last).isSpace { range.removeLast() }
        while let first = range.first, Unicode.Scalar(first).isSpace { range.removeFirst() }
        return range.count
    }

    private func text(_ range: Range<Int>) -> String { String(decoding: bytes[range], as: UTF8.self) }

    /// An error at the next character that is not a space.
    func error(_ message: String, remedy: String? = nil) -> Diagnostic {
        var next = self
        next.skipSpaces()
        return Diagnostic(message, at: next.place, remedy: remedy)
    }
}

/// A word of the source and where it stands.
struct Word: Hashable, Sendable {
    var text: String
    var place: SourcePlace

    /// The text, shortened so that messages stay one line.
    var quoted: String { text.count > 40 ? "\"\(text.prefix(40))...\"" : "\"\(text)\"" }

    var isNumber: Bool { text.unicodeScalars.first?.isDigit ?? false }

    /// An error at the word.
    func error(_ message: String, remedy: String? = nil) -> Diagnostic {
        Diagnostic(message, at: place, length: text.count, remedy: remedy)
    }
}

extension Unicode.Scalar {
    /// A decimal digit of ASCII.
    var isDigit: Bool { ("0"..."9").contains(self) }

    /// Space, tab, a line's end and their like.
    var isSpace: Bool { value < 0x80 ? self == " " || (9...13).contains(value) : properties.isWhitespace }

    /// Whether it can be part of a name.
    var isWordCharacter: Bool {
        guard isASCII else { return properties.isAlphabetic }
        return ("a"..."z").contains(self) || ("A"..."Z").contains(self) || isDigit || self == "_" || self == "."
            || self == "@"
    }
}

extension String {
    /// The text without spaces at both ends.
    var trimmed: String {
        let scalars = unicodeScalars
        guard let first = scalars.first, let last = scalars.last, first.isSpace || last.isSpace else { return self }
        guard let start = scalars.firstIndex(where: { !$0.isSpace }),
            let end = scalars.lastIndex(where: { !$0.isSpace })
        else { return "" }
        return String(scalars[start...end])
    }
}
