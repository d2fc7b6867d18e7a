import Report

/// Text in the language of man(7).
enum RoffText {
    /// Lines of a paragraph, with code in bold and emphasis in italics.
    static func paragraph(_ text: String) -> String {
        TextWrap.lines(of: inline(text), width: 78).map { protected($0) + "\n" }.joined()
    }

    /// Text that is laid out as it stands, like examples.
    static func literal(_ lines: [Substring]) -> String {
        ".EX\n" + lines.map { protected(escaped($0)) + "\n" }.joined() + ".EE\n"
    }

    /// An entry of a list: its tag, which is roff already, and its text.
    static func tagged(_ tag: String, _ text: String) -> String { ".TP\n" + protected(tag) + "\n" + paragraph(text) }

    static func bold(_ text: some StringProtocol) -> String { "\\fB\(escaped(text))\\fR" }

    static func italic(_ text: some StringProtocol) -> String { "\\fI\(escaped(text))\\fR" }

    /// Characters that roff would take for something else.
    static func escaped(_ text: some StringProtocol) -> String {
        var result = ""
        for character in text {
            switch character {
            case "\\": result += "\\e"
            // A hyphen that can be typed again.
            case "-": result += "\\-"
            case "^": result += "\\(ha"
            case "~": result += "\\(ti"
            case "`": result += "\\(ga"
            case "'": result += "\\(aq"
            default: result.append(character)
            }
        }
        return result
    }

    /// A line that begins like a request, and is none.
    private static func protected(_ line: String) -> String {
        line.first == "." || line.first == "'" ? "\\&" + line : line
    }

    /// Escapes text; `code` becomes bold and *words* italic.
    private static func inline(_ text: String) -> String {
        var result = ""
        var rest = Substring(text)
        while let mark = rest.firstIndex(where: { $0 == "`" || $0 == "*" }) {
            result += escaped(rest[..<mark])
            let after = rest.index(after: mark)
            guard let end = end(of: rest[after...], rest[mark]) else {
                result += escaped(rest[mark..<after])
                rest = rest[after...]
                continue
            }
            let words = rest[after..<end]
            result += rest[mark] == "`" ? bold(words) : italic(words)
            rest = rest[rest.index(after: end)...]
        }
        return result + escaped(rest)
    }

    /// Where what began with this mark ends; nil where the mark is meant, as in `*.litmus`.
    private static func end(of text: Substring, _ mark: Character) -> Substring.Index? {
        guard let end = text.firstIndex(of: mark), end != text.startIndex else { return nil }
        if mark == "`" { return end }
        guard text.first?.isLetter == true, text[text.index(before: end)].isLetter else { return nil }
        return end
    }
}
