/// How text is set off on a terminal; without colour every role prints plainly.
package struct Style: Sendable, Hashable {
    /// What a piece of text is.
    package enum Role: Sendable, Hashable {
        /// Neither good nor bad.
        case plain
        /// A heading.
        case heading
        /// As wished for.
        case good
        /// Not as expected.
        case bad
        /// Not known.
        case unsure
        /// Less important.
        case faint
    }

    /// Whether escape sequences are written.
    package var isColored: Bool
    /// The width that tables keep to, in characters: the terminal's, or 80.
    package var width: Int
    /// The width that runs keep to: what a mail has room for, and no more than the terminal's.
    package var runWidth: Int

    /// The width of tables where the output is not a terminal.
    package static let usualWidth = 80
    /// The width of runs where the output is not a terminal.
    package static let usualRunWidth = 112

    /// A style with or without colour, for a terminal of `width` columns; nil when there is none.
    package init(isColored: Bool, width: Int? = nil) {
        self.isColored = isColored
        self.width = width ?? Self.usualWidth
        runWidth = min(width ?? Self.usualRunWidth, Self.usualRunWidth)
    }

    /// The width to keep to: what the variable `COLUMNS` says, else the terminal's; nil for neither.
    package static func width(columns variable: String?, terminal: Int?) -> Int? {
        let usable = 20...4096
        if let given = variable.flatMap({ Int($0) }), usable.contains(given) { return given }
        return terminal.flatMap { usable.contains($0) ? $0 : nil }
    }

    /// No escape sequences.
    package static let plain = Style(isColored: false)

    /// The text in its role (ECMA-48 SGR sequences).
    package func apply(_ role: Role, _ text: String) -> String {
        let code: String
        switch role {
        case .plain: return text
        case .heading: code = "1"
        case .good: code = "32"
        case .bad: code = "1;31"
        case .unsure: code = "33"
        case .faint: code = "2"
        }
        return isColored && !text.isEmpty ? "\u{1b}[\(code)m\(text)\u{1b}[0m" : text
    }
}

/// Text from a file or the command line, for a terminal: no control characters.
package func printable(_ text: String) -> String {
    var clean = String.UnicodeScalarView()
    for scalar in text.unicodeScalars {
        let isControl = scalar.value < 0x20 || (0x7f..<0xa0).contains(scalar.value)
        clean.append(isControl ? "?" : scalar)
    }
    return String(clean)
}
