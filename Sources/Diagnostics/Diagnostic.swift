/// Something that a user can cause and mend: what is wrong, where, and what to do about it.
///
/// All errors that a user can cause have this shape, from the parsers to the command line.
public struct Diagnostic: Error, Hashable, Sendable {
    /// The file as the caller named it, or nil for text that came from no file.
    public var file: String?
    /// Where the fault begins; columns count Unicode scalars.
    ///
    /// Nil for a fault that is in no text: one of the command line, a file that cannot be read, a test made by hand.
    public var place: SourcePlace?
    /// How many characters it spans, at least 1.
    public var length: Int
    /// What is wrong: one line, no full stop.
    public var message: String
    /// What the user can do: one line, or nil.
    public var remedy: String?
    /// What else is wrong in the same file, in reading order; each of them has none itself.
    public var others: [Diagnostic] = []
    /// What else is known, a line each; shown between the message and the remedy.
    public var notes: [String] = []

    /// Makes a diagnostic about a place of a text.
    public init(file: String? = nil, place: SourcePlace, length: Int = 1, message: String, remedy: String? = nil) {
        self.init(file: file, span: SourceSpan(place, length: length), message: message, remedy: remedy)
    }

    /// Makes a diagnostic about a place of a text whose file the reader does not know.
    package init(_ message: String, at place: SourcePlace, length: Int = 1, remedy: String? = nil) {
        self.init(file: nil, place: place, length: length, message: message, remedy: remedy)
    }

    /// Makes a diagnostic about a part of a tree, whose place is nil where the tree was not read from a text.
    package init(file: String?, span: SourceSpan?, message: String, remedy: String? = nil) {
        self.init(file: file, optionalPlace: span?.place, length: span?.length ?? 1, message: message, remedy: remedy)
    }

    /// Makes a diagnostic that is about no place of a text: about the command line, or about a file as a whole.
    public init(withoutPlace message: String, file: String? = nil, remedy: String? = nil) {
        self.init(file: file, optionalPlace: nil, length: 1, message: message, remedy: remedy)
    }

    /// The same about a file.
    package func inFile(_ file: String?) -> Diagnostic {
        var diagnostic = self
        diagnostic.file = file
        return diagnostic
    }

    private init(file: String?, optionalPlace place: SourcePlace?, length: Int, message: String, remedy: String?) {
        self.file = file
        self.place = place
        self.length = max(1, length)
        self.message = Self.shortened(message)
        self.remedy = remedy.map(Self.shortened)
    }

    /// A message of a length that a screen takes: those that quote a text without end lose their middle.
    private static func shortened(_ text: String) -> String {
        guard text.utf8.count > 240, text.unicodeScalars.count > 240 else { return text }
        let scalars = text.unicodeScalars
        return String(scalars.prefix(160)) + " ... " + String(scalars.suffix(60))
    }

    /// What a line about it begins with: `file:line:column`, without a place `file`, without either `ptero`.
    public var origin: String { place.map { "\(file ?? "input"):\($0.line):\($0.column)" } ?? file ?? "ptero" }

    /// The diagnostic for a terminal: `file:line:col: error: message`, the source line, a caret line, the notes, the remedy.
    ///
    /// Of a long line only the part around the place is shown. Without a source (or when the place lies outside it) the
    /// source and caret lines are left out. Without a place the file alone is named, or else `ptero`, whose command line it
    /// is. A warning says so in place of `error`. There is no newline at the end.
    public func rendered(source: String? = nil, isWarning: Bool = false) -> String {
        let kind = isWarning ? "warning" : "error"
        var lines = ["\(Self.printable(origin)): \(kind): \(Self.printable(message))"]
        if let source, let (shown, caret) = excerpt(of: source) {
            lines.append(shown)
            lines.append(caret)
        }
        for note in notes { lines.append("  " + Self.printable(note)) }
        if let remedy { lines.append("  remedy: \(Self.printable(remedy))") }
        return lines.joined(separator: "\n")
    }

    /// How much of a line is shown, in characters.
    private static let shownWidth = 160

    /// The source line and the caret line below it.
    private func excerpt(of source: String) -> (line: String, caret: String)? {
        guard let place, place.line >= 1, place.column >= 1 else { return nil }
        var number = 1
        var line: [Unicode.Scalar] = []
        for scalar in source.unicodeScalars {
            if scalar == "\n" {
                if number == place.line { break }
                number += 1
            } else if number == place.line, scalar != "\r" {
                line.append(scalar)
            }
        }
        guard number == place.line, place.column - 1 <= line.count else { return nil }
        let start = place.column <= Self.shownWidth / 2 ? 0 : place.column - Self.shownWidth / 2
        let end = min(line.count, start + Self.shownWidth)
        var shown = String.UnicodeScalarView()
        var caret = ""
        for (index, scalar) in line[start..<end].enumerated() {
            // A tab stays a tab in both lines, so that the caret stands right whatever the terminal's tab stops are. Other
            // control characters would let a test file write to the terminal.
            let isControl = scalar.value < 0x20 || (0x7f..<0xa0).contains(scalar.value)
            shown.append(scalar == "\t" || !isControl ? scalar : " ")
            if start + index < place.column - 1 { caret += scalar == "\t" ? "\t" : " " }
        }
        let room = max(1, end - (place.column - 1))
        return (String(shown), caret + "^" + String(repeating: "~", count: min(length, room) - 1))
    }

    /// A text without control characters, because messages quote what the test wrote.
    private static func printable(_ text: String) -> String {
        var clean = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            let isControl = scalar.value < 0x20 || (0x7f..<0xa0).contains(scalar.value)
            clean.append(isControl ? " " : scalar)
        }
        return String(clean)
    }
}
