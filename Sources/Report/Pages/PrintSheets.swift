/// A long picture on paper: cut between rows into parts that fit a page, each with the heads of the lanes above it.
///
/// The parts show the picture itself (`use`), so that a report hardly grows.
struct PrintSheets {
    private let picture: RunPicture
    /// What the picture's drawing is called in the page.
    let id: String
    /// How much smaller it is printed, in percent.
    let percent: Int
    private let sheets: [Range<Int>]

    /// The width of the captions, and what of a page of paper (A4, upright) is left below a heading, in pixels.
    private static let captionWidth = 356
    private static let paper = (width: 700, height: 800)
    /// So many rows are never cut.
    private static let mostRowsInOne = 12

    /// Parts for a picture; whole where it fits, or has few rows.
    init(_ picture: RunPicture, id: String) {
        self.picture = picture
        self.id = id
        let fits = min(100, 100 * Self.paper.width / (Self.captionWidth + picture.layout.width))
        let whole = min(fits, 100 * Self.paper.height / picture.layout.height)
        guard picture.rows.count > Self.mostRowsInOne, whole < fits else {
            // Not smaller than can be read.
            percent = max(30, whole)
            sheets = []
            return
        }
        percent = max(30, fits)
        let edges = picture.layout.rows
        let room = 100 * Self.paper.height / percent - edges[0]
        var sheets: [Range<Int>] = []
        var first = 0
        for row in picture.rows.indices where edges[row + 1] - edges[first] > room && row > first {
            sheets.append(first..<row)
            first = row
        }
        self.sheets = sheets + [first..<picture.rows.count]
    }

    /// Whether the picture is cut.
    var isCut: Bool { sheets.count > 1 }

    /// The parts; only print shows them.
    func add(to html: inout HTMLText, level: RunLevel) {
        guard isCut else { return }
        html.add("<div class=\"sheets\" data-l=\"\(level.rawValue)\" style=\"--z:\(percent)%\" aria-hidden=\"true\">")
        for sheet in sheets { addSheet(&html, sheet) }
        html.add("</div>")
    }

    private func addSheet(_ html: inout HTMLText, _ sheet: Range<Int>) {
        let (edges, width) = (picture.layout.rows, picture.layout.width)
        let (top, start, end) = (edges[0], edges[sheet.lowerBound], edges[sheet.upperBound])
        // The last part has what is below the rows.
        let bottom = sheet.upperBound == picture.rows.count ? max(end, picture.layout.height) : end
        html.add("<div class=\"sheet\"><ol style=\"padding-top:\(top)px\">")
        for row in sheet {
            let height = edges[row + 1] - edges[row]
            html.add("<li style=\"height:\(height)px\">")
            if let step = picture.rows[row].step { html.add("<b class=\"d\">\(step + 1)</b>") }
            html.add("\(SVGText.escaped(picture.captions[row].whatText))</li>")
        }
        html.add("</ol><svg class=\"run\" width=\"\(width)\" height=\"\(top + bottom - start)\">")
        addPart(&html, at: 0, from: 0, height: top)
        addPart(&html, at: top, from: start, height: bottom - start)
        html.add("</svg></div>")
    }

    /// A strip of the picture.
    private func addPart(_ html: inout HTMLText, at place: Int, from start: Int, height: Int) {
        let width = picture.layout.width
        html.add(
            "<svg y=\"\(place)\" width=\"\(width)\" height=\"\(height)\" viewBox=\"0 \(start) \(width) \(height)\"><use href=\"#\(id)\"/></svg>"
        )
    }
}
