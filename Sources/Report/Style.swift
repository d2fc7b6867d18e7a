/// How text is set off on a terminal; without colour every role prints plainly.
public struct Style: Sendable, Hashable {
    /// What a piece of text is.
    public enum Role: Sendable, Hashable {
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
    public var isColored: Bool

    /// A style with or without colour.
    public init(isColored: Bool) { self.isColored = isColored }

    /// No escape sequences.
    public static let plain = Style(isColored: false)

    /// The text in its role (ECMA-48 SGR sequences).
    public func apply(_ role: Role, _ text: String) -> String {
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
public func printable(_ text: String) -> String {
    var clean = String.UnicodeScalarView()
    for scalar in text.unicodeScalars {
        let isControl = scalar.value < 0x20 || (0x7f..<0xa0).contains(scalar.value)
        clean.append(isControl ? "?" : scalar)
    }
    return String(clean)
}
