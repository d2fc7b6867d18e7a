/// HTML written piece by piece, with every text escaped.
struct HTMLText {
    private(set) var body = ""

    /// Adds a piece that is HTML already.
    mutating func add(_ html: String) { body += html }

    /// Adds an element with a text in it; `attributes` is HTML.
    mutating func element(_ name: String, _ attributes: String = "", text: String) {
        body += "<\(name)\(attributes.isEmpty ? "" : " " + attributes)>\(SVGText.escaped(text))</\(name)>"
    }

    /// A name as part of a fragment: letters and digits, everything else a hyphen.
    static func slug(_ name: String) -> String {
        var text = ""
        for byte in name.utf8.prefix(80) {
            let isPlain = (0x30...0x39).contains(byte) || (0x41...0x5a).contains(byte) || (0x61...0x7a).contains(byte)
            if isPlain { text.unicodeScalars.append(Unicode.Scalar(byte)) } else if text.last != "-" { text += "-" }
        }
        return text.isEmpty || text == "-" ? "run" : text
    }

    /// A link to a step, as its number in a disc.
    static func disc(_ step: Int, _ slug: String) -> String {
        "<a class=\"d\" href=\"#\(slug)-\(step + 1)\">\(step + 1)</a>"
    }
}
