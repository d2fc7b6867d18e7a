/// The long text of a command's help, taken apart: paragraphs, and sections under headings in capitals.
struct Discussion {
    /// The paragraphs before the first heading, in the language of man(7).
    private(set) var introduction = ""
    /// The sections in order.
    private(set) var sections: [(heading: String, body: String)] = []

    init(_ text: String) {
        var body = ""
        for block in Self.blocks(text) {
            var lines = block[...]
            if let first = lines.first, Self.isHeading(first) {
                keep(body)
                body = ""
                sections.append((String(first), ""))
                lines = lines.dropFirst()
            }
            guard let first = lines.first else { continue }
            if first.hasPrefix("  ") {
                body += RoffText.literal(lines.map { $0.hasPrefix("  ") ? $0.dropFirst(2) : $0 })
            } else {
                body += (body.isEmpty ? "" : ".PP\n") + RoffText.paragraph(lines.joined(separator: " "))
            }
        }
        keep(body)
    }

    private mutating func keep(_ body: String) {
        if sections.isEmpty { introduction = body } else { sections[sections.count - 1].body = body }
    }

    /// The lines between empty ones.
    private static func blocks(_ text: String) -> [[Substring]] {
        text.split(separator: "\n", omittingEmptySubsequences: false).split(whereSeparator: \.isEmpty).map(Array.init)
    }

    private static func isHeading(_ line: Substring) -> Bool {
        line.first?.isUppercase == true && line.allSatisfy { $0.isUppercase || $0 == " " }
    }
}
