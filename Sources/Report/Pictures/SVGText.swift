/// SVG written element by element: the few shapes that a picture of a run needs, with every text escaped.
///
/// No script, no style sheet outside, no foreign object: a slide and a browser without a network show it alike.
struct SVGText {
    private(set) var body = ""

    /// A place in the picture, in pixels from its upper left corner.
    struct Point {
        var x: Int
        var y: Int
    }

    /// An element as it is: only for what has no text in it.
    mutating func raw(_ element: String) { body += element }

    /// A rectangle with corners of a radius.
    mutating func box(_ x: Int, _ y: Int, _ width: Int, _ height: Int, radius: Int = 0, _ style: String) {
        let round = radius > 0 ? " rx=\"\(radius)\"" : ""
        body +=
            "<rect x=\"\(x)\" y=\"\(y)\" width=\"\(max(0, width))\" height=\"\(max(0, height))\"\(round) class=\"\(style)\"/>"
    }

    /// A straight line.
    mutating func line(_ from: Point, _ to: Point, _ style: String) {
        body += "<line x1=\"\(from.x)\" y1=\"\(from.y)\" x2=\"\(to.x)\" y2=\"\(to.y)\" class=\"\(style)\"/>"
    }

    /// A horizontal arrow with a head at its end, over what it passes; a label stands in the middle where there is room for it.
    mutating func arrow(from start: Int, to end: Int, at y: Int, _ style: String, label: String? = nil) {
        guard abs(end - start) > 8 else { return }
        let back = end > start ? -7 : 7
        line(Point(x: start, y: y), Point(x: end + back, y: y), "halo")
        line(Point(x: start, y: y), Point(x: end + back, y: y), "arrow \(style)")
        body += "<path d=\"M\(end) \(y)l\(back) -4v8Z\" class=\"head \(style)\"/>"
        guard let label else { return }
        let width = PictureText.mono(label) + 10
        guard abs(end - start) > width + 24 else { return }
        let middle = style == "flush" ? start + (end > start ? 1 : -1) * (width / 2 + 12) : (start + end) / 2
        box(middle - width / 2, y - 8, width, 16, radius: 2, "label")
        text(
            label, at: Point(x: middle, y: y + 4), style == "flush" ? "tiny flushword" : "tiny code read",
            anchor: "middle")
    }

    /// A disc.
    mutating func disc(_ center: Point, _ radius: Int, _ style: String) {
        body += "<circle cx=\"\(center.x)\" cy=\"\(center.y)\" r=\"\(radius)\" class=\"\(style)\"/>"
    }

    /// A text on a baseline; `anchor` is `start`, `middle` or `end`.
    mutating func text(_ text: String, at place: Point, _ style: String = "", anchor: String = "start") {
        let ends = anchor == "start" ? "" : " text-anchor=\"\(anchor)\""
        let named = style.isEmpty ? "" : " class=\"\(style)\""
        body += "<text x=\"\(place.x)\" y=\"\(place.y)\"\(named)\(ends)>\(Self.escaped(text))</text>"
    }

    /// A text as XML takes it; what XML has no place for is a blank.
    static func escaped(_ text: String) -> String {
        var result = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": result += "&amp;".unicodeScalars
            case "<": result += "&lt;".unicodeScalars
            case ">": result += "&gt;".unicodeScalars
            case "\"": result += "&quot;".unicodeScalars
            default:
                let isControl =
                    scalar.value < 0x20 || (0x7f..<0xa0).contains(scalar.value) || scalar.value & 0xfffe == 0xfffe
                result.append(isControl ? " " : scalar)
            }
        }
        return String(result)
    }
}
