import Diagnostics
import Machine

/// Where things stand in a JSON5 text, and what keeps it from being one.
///
/// The decoder reads the values, but tells of no place in the text, and of two fields of one name takes one without a word.
struct JSON5Outline {
    /// The places of values by their paths, as in `.profiles[0].name`; that of the whole text has the empty path.
    private(set) var places: [String: SourcePlace] = [:]

    private let text: [Unicode.Scalar]
    private var position = 0
    private var line = 1
    private var lineStart = 0

    /// Deeper nesting than any file of profiles or prices has.
    private static let mostDepth = 32

    /// Reads the text.
    ///
    /// - Throws: `Diagnostic` for what is not JSON5, and for a field that stands twice.
    init(_ text: String) throws(Diagnostic) {
        self.text = Array(text.unicodeScalars)
        try skipBlanks()
        try value("", depth: 0)
        try skipBlanks()
        if position < self.text.count { throw fault("there is text after the end of the file's value") }
    }

    /// The place of a value, or of the nearest one around it.
    func place(of path: [any CodingKey]) -> SourcePlace? {
        for count in stride(from: path.count, through: 0, by: -1) {
            if let place = places[Self.name(path.prefix(count))] { return place }
        }
        return nil
    }

    /// A path as messages show it: `.profiles[0].name`.
    static func name(_ path: some Collection<any CodingKey>) -> String {
        path.map { key in key.intValue.map { "[\($0)]" } ?? "." + key.stringValue }.joined()
    }

    private var next: Unicode.Scalar? { position < text.count ? text[position] : nil }
    private var place: SourcePlace { SourcePlace(line: line, column: position - lineStart + 1) }

    private func fault(_ message: String, at place: SourcePlace? = nil) -> Diagnostic {
        Diagnostic(place: place ?? self.place, message: message)
    }

    private mutating func advance() {
        let isNewline = next == "\n"
        position += 1
        if isNewline { (line, lineStart) = (line + 1, position) }
    }

    private func hasPrefix(_ prefix: String) -> Bool {
        text[position...].starts(with: prefix.unicodeScalars)
    }

    private mutating func skipBlanks() throws(Diagnostic) {
        while let scalar = next {
            if scalar.properties.isWhitespace || scalar == "\u{feff}" {
                advance()
            } else if hasPrefix("//") {
                while let inside = next, inside != "\n" { position += 1 }
            } else if hasPrefix("/*") {
                let start = place
                position += 2
                while next != nil, !hasPrefix("*/") { advance() }
                if next == nil { throw fault("this comment does not end", at: start) }
                position += 2
            } else {
                return
            }
        }
    }

    private mutating func value(_ path: String, depth: Int) throws(Diagnostic) {
        guard depth < Self.mostDepth else { throw fault("values are nested too deeply") }
        places[path] = place
        switch next {
        case "{": try members(path, depth)
        case "[": try elements(path, depth)
        case "\"", "'": _ = try quoted()
        default: try bareValue()
        }
    }

    private mutating func members(_ path: String, _ depth: Int) throws(Diagnostic) {
        var known: Set<String> = []
        try sequence("}", "this { has no }") { outline throws(Diagnostic) in
            let start = outline.place
            let key = outline.next == "\"" || outline.next == "'" ? try outline.quoted() : outline.word()
            if key.isEmpty { throw outline.fault("a field's name is missing here") }
            guard known.insert(key).inserted else { throw outline.fault("field \(key) is given twice", at: start) }
            try outline.skipBlanks()
            guard outline.next == ":" else { throw outline.fault("a colon is missing after \(key)") }
            outline.advance()
            try outline.skipBlanks()
            try outline.value(path + "." + key, depth: depth + 1)
        }
    }

    private mutating func elements(_ path: String, _ depth: Int) throws(Diagnostic) {
        var count = 0
        try sequence("]", "this [ has no ]") { outline throws(Diagnostic) in
            try outline.value("\(path)[\(count)]", depth: depth + 1)
            count += 1
        }
    }

    /// What stands between brackets, with commas between and perhaps one at the end.
    private mutating func sequence(
        _ end: Unicode.Scalar, _ unended: String, _ part: (inout JSON5Outline) throws(Diagnostic) -> Void
    ) throws(Diagnostic) {
        let start = place
        advance()
        try skipBlanks()
        while let scalar = next, scalar != end {
            try part(&self)
            try skipBlanks()
            if next == "," {
                advance()
                try skipBlanks()
            } else if next != nil, next != end {
                throw fault("a comma is missing here")
            }
        }
        if next == nil { throw fault(unended, at: start) }
        advance()
    }

    private mutating func quoted() throws(Diagnostic) -> String {
        let (start, quote) = (place, next)
        advance()
        var content = ""
        while let scalar = next, scalar != "\n" {
            position += 1
            if scalar == quote { return content }
            content.unicodeScalars.append(scalar)
            // What follows a backslash is text, and at a line's end lets the text go on.
            if scalar == "\\", let escaped = next {
                content.unicodeScalars.append(escaped)
                advance()
            }
        }
        throw fault("this text does not end on its line", at: start)
    }

    private mutating func word() -> String {
        var word = ""
        while let scalar = next,
            scalar.properties.isAlphabetic || scalar.properties.numericType != nil
                || "_$+-.\\".unicodeScalars.contains(scalar)
        {
            word.unicodeScalars.append(scalar)
            position += 1
        }
        return word
    }

    private mutating func bareValue() throws(Diagnostic) {
        let start = place
        let word = word()
        if word.isEmpty { throw fault("a value is missing here") }
        let isNumber = word.unicodeScalars.first.map { "+-.0123456789".unicodeScalars.contains($0) } ?? false
        guard isNumber || ["true", "false", "null", "NaN", "Infinity"].contains(word) else {
            throw fault("\(word) is not a value: write true and false bare, words in quotes", at: start)
        }
    }
}
