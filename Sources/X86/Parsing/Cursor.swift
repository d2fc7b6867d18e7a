import Diagnostics

/// A position in one statement; knows where it is in the source.
struct Cursor {
    /// The statement: part of a line without its comments, whose indices are those of the line.
    private let characters: ArraySlice<Unicode.Scalar>
    /// Where the line begins.
    private let origin: SourcePlace
    private(set) var position: Int

    /// Reads a part of the line that begins at `origin`.
    init(_ characters: ArraySlice<Unicode.Scalar>, origin: SourcePlace) {
        self.characters = characters
        self.origin = origin
        position = characters.startIndex
    }

    var place: SourcePlace { place(at: position) }

    func place(at index: Int) -> SourcePlace { SourcePlace(line: origin.line, column: origin.column &+ index) }

    var current: Unicode.Scalar? { position < characters.endIndex ? characters[position] : nil }

    /// The next character that is not a space, or the one so many after it, without moving.
    func peek(_ distance: Int = 0) -> Unicode.Scalar? {
        characters[position...].lazy.filter { !$0.isSpace }.dropFirst(distance).first
    }

    mutating func advance() {
        if position < characters.endIndex { position += 1 }
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
    var rest: String { text(position..<characters.endIndex).trimmed }

    /// The text from an index up to here.
    func text(from start: Int) -> String { text(start..<position).trimmed }

    private func text(_ range: Range<Int>) -> String {
        var text = String.UnicodeScalarView()
        text.append(contentsOf: characters[range])
        return String(text)
    }

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
