/// A position in one statement; knows where it is in the source.
struct Cursor {
    private let characters: ArraySlice<Character>
    private let line: Int
    /// Column of index 0 of the underlying array.
    private let firstColumn: Int
    private(set) var position: Int

    /// Reads `characters`, whose index 0 stands at `origin`.
    init(_ characters: ArraySlice<Character>, origin: SourcePlace) {
        self.characters = characters
        self.line = origin.line
        self.firstColumn = origin.column
        self.position = characters.startIndex
    }

    var place: SourcePlace { place(at: position) }

    func place(at index: Int) -> SourcePlace {
        SourcePlace(line: line, column: firstColumn &+ index)
    }

    var current: Character? { position < characters.endIndex ? characters[position] : nil }

    /// The next character that is no space, without moving.
    func peek(_ distance: Int = 0) -> Character? {
        var index = position
        var remaining = distance
        while index < characters.endIndex {
            if !characters[index].isWhitespace {
                if remaining == 0 { return characters[index] }
                remaining -= 1
            }
            index += 1
        }
        return nil
    }

    mutating func advance() {
        if position < characters.endIndex { position += 1 }
    }

    mutating func skipSpaces() {
        while let character = current, character.isWhitespace { position += 1 }
    }

    /// Skips spaces and takes the character if it comes next.
    mutating func take(_ character: Character) -> Bool {
        guard peek() == character else { return false }
        skipSpaces()
        advance()
        return true
    }

    /// Skips spaces and takes a name, number or mnemonic: letters, digits, `_`, `.`, `@`, and `$` inside; may be empty.
    mutating func takeWord() -> Word {
        skipSpaces()
        let start = position
        while let character = current, character.isWordCharacter || (character == "$" && position > start) {
            position += 1
        }
        return Word(text: String(characters[start..<position]), place: place(at: start))
    }

    /// The rest of the statement, without surrounding spaces.
    var rest: String {
        String(characters[position..<characters.endIndex]).trimmed
    }

    /// The text from an index up to here.
    func text(from start: Int) -> String { String(characters[start..<position]).trimmed }

    /// An error at the next character that is no space.
    func error(_ message: String, remedy: String? = nil) -> AssemblyError {
        var next = self
        next.skipSpaces()
        return AssemblyError(message, at: next.place, remedy: remedy)
    }
}

/// A word of the source and where it stands.
struct Word: Hashable, Sendable {
    var text: String
    var place: SourcePlace

    /// The text, shortened so that messages stay one line.
    var quoted: String { text.count > 40 ? "\"\(text.prefix(40))...\"" : "\"\(text)\"" }

    var isNumber: Bool { text.first.map { $0.isASCII && $0.isNumber } ?? false }

    /// An error at the word.
    func error(_ message: String, remedy: String? = nil) -> AssemblyError {
        AssemblyError(message, at: place, length: text.count, remedy: remedy)
    }
}

extension Character {
    /// Whether it can be part of a name.
    var isWordCharacter: Bool {
        guard isASCII else { return isLetter }
        return isLetter || isNumber || self == "_" || self == "." || self == "@"
    }
}

extension String {
    /// The text without spaces at both ends.
    var trimmed: String {
        let start = drop { $0.isWhitespace }
        guard let last = start.lastIndex(where: { !$0.isWhitespace }) else { return "" }
        return String(start[...last])
    }
}
