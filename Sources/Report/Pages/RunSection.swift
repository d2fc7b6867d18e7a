import Checker
import Litmus

/// A run on a page: what went wrong, the picture with its captions at several levels, the source, how to see it again.
struct RunSection {
    private let shown: ReportRun
    private let slug: String
    private var run: Run { shown.run }

    init(_ shown: ReportRun, slug: String) {
        self.shown = shown
        self.slug = slug
    }

    /// The section, drawn.
    func rendered() -> String {
        var html = HTMLText()
        html.add("<section class=\"fail\" id=\"\(slug)\">")
        addHead(&html, "h2")
        addStory(&html)
        addFrames(&html)
        html.add(SourceListing(shown, slug: slug).rendered())
        addReplay(&html)
        html.add("</section>\n")
        return html.body
    }

    /// The section as text, closed until somebody opens it.
    func folded() -> String {
        var html = HTMLText()
        html.add("<details class=\"fail\" id=\"\(slug)\"><summary>")
        addHead(&html, "span")
        html.add("</summary>")
        html.element("p", "class=\"lead\"", text: RunSentences(run).conclusion)
        html.add("<ol class=\"text\">")
        let caption = StepCaption(run)
        let matters = Set(run.stepsThatMatter)
        for number in run.steps.indices where run.steps[number].unnoticed == nil || matters.contains(number) {
            html.add("<li value=\"\(number + 1)\"\(matters.contains(number) ? " class=\"m\"" : "")>")
            html.add("\(SVGText.escaped(caption.what(number)))</li>")
        }
        html.add("</ol>")
        addReplay(&html)
        html.add("</details>\n")
        return html.body
    }

    // MARK: What went wrong

    private func addHead(_ html: inout HTMLText, _ name: String) {
        html.add("<\(name) class=\"name\">\(SVGText.escaped(shown.title)) <i>on</i> ")
        html.add(SVGText.escaped(shown.profiles.joined(separator: ", ")))
        if let word = shown.word {
            let mark = shown.isFailure ? "✕ " : ""
            let words = mark + word + (shown.isUnexpected ? ", not expected !" : "")
            html.element("b", "class=\"tag\(shown.isFailure ? " wrong" : "")\"", text: words)
        }
        for remark in shown.remarks { html.element("b", "class=\"tag\"", text: remark) }
        html.add("</\(name)>")
        if name == "h2", let description = shown.test.description {
            html.element("p", "class=\"quote\"", text: "“\(description)”")
        }
    }

    private func addStory(_ html: inout HTMLText) {
        html.add("<div class=\"story\(shown.isFailure ? " wrong" : "")\">")
        html.element("p", "class=\"lead\"", text: RunSentences(run).conclusion)
        html.add("<p>")
        for sentence in RunStory(run).sentences {
            html.add("\(HTMLText.disc(sentence.step, slug)) \(SVGText.escaped(sentence.text)) ")
        }
        html.add("</p></div>")
    }

    private func addReplay(_ html: inout HTMLText) {
        guard let replay = shown.replay else { return }
        html.add("<div class=\"again\"><h3>See it again</h3><pre tabindex=\"0\">\(SVGText.escaped(replay))</pre>")
        html.add("<button type=\"button\" class=\"copy\" hidden>copy</button></div>")
    }

    // MARK: The picture

    /// The levels that differ, and the one that is shown first.
    private var levels: (all: [RunLevel], first: RunLevel) {
        let sentences = RunSentences(run)
        func steps(_ level: RunLevel) -> Int { PictureRow.rows(of: run, sentences, level).count { $0.step != nil } }
        var levels: [RunLevel] = []
        let (all, matters) = (steps(.all), steps(.matters))
        if matters < all && matters > 0 { levels.append(.matters) }
        levels.append(.all)
        let hasPrivates =
            !run.startLocals.lines.isEmpty || run.steps.contains { $0.unnoticed != nil || !$0.locals.lines.isEmpty }
        if hasPrivates { levels.append(.whole) }
        return (levels, levels[0] == .matters && all > 12 ? .matters : .all)
    }

    private func addFrames(_ html: inout HTMLText) {
        let (levels, first) = levels
        html.add("<div class=\"pick\">")
        for level in levels {
            let id = "\(slug)--\(level.rawValue)"
            let isFirst = level == first
            html.add(
                "<input type=\"radio\" class=\"lv\" name=\"\(slug)--level\" id=\"\(id)\" value=\"\(level.rawValue)\"\(isFirst ? " checked" : "")>"
                    + "<label for=\"\(id)\">\(Self.name(level))</label>")
        }
        let frames = levels.map { RunFrame(shown, slug: slug, $0, isFirst: $0 == first) }
        html.element("span", "class=\"hint\"", text: hint(frames))
        for frame in frames { html.add(frame.rendered()) }
        html.add("</div>")
    }

    private func hint(_ frames: [RunFrame]) -> String {
        let unchanged = frames.first { $0.level == .all }?.picture.unchanged ?? []
        let rest = unchanged.count > 8 ? ", … (\(unchanged.count))" : ""
        return Figures.count(run.steps.count, "step") + ". Time runs down; ↑ ↓ select a step."
            + (unchanged.isEmpty
                ? "" : " Not shown, as nothing happens there: \(unchanged.prefix(8).joined(separator: ", "))\(rest).")
    }

    private static func name(_ level: RunLevel) -> String {
        switch level {
        case .matters: "steps that matter"
        case .all: "all steps"
        case .whole: "private ones too"
        }
    }
}

/// The picture of a run at one level, with its captions as a list beside it.
struct RunFrame {
    let picture: RunPicture
    private let slug: String
    let level: RunLevel
    private let isFirst: Bool

    init(_ shown: ReportRun, slug: String, _ level: RunLevel, isFirst: Bool) {
        picture = RunPicture(
            shown.run, title: "\(shown.title) on \(shown.profiles.joined(separator: ", "))",
            PictureForm(namesProfiles: shown.profiles.count == 1), level)
        self.slug = slug
        self.level = level
        self.isFirst = isFirst
    }

    /// The frame.
    func rendered() -> String {
        var html = HTMLText()
        let sheets = PrintSheets(picture, id: "\(slug)--\(level.rawValue)-run")
        html.add(
            "<div class=\"frame\(sheets.isCut ? " cut" : "")\" data-l=\"\(level.rawValue)\" tabindex=\"0\" role=\"group\" aria-label=\"picture of the run\" style=\"--z:\(sheets.percent)%\">"
        )
        html.add("<ol class=\"caps\" style=\"padding-top:\(picture.layout.rows[0])px\">")
        for row in picture.rows.indices { addCaption(&html, row) }
        html.add("</ol>\(picture.rendered(id: sheets.isCut ? sheets.id : nil))</div>")
        sheets.add(to: &html, level: level)
        return html.body
    }

    private func addCaption(_ html: inout HTMLText, _ row: Int) {
        let caption = picture.captions[row]
        let height = "style=\"height:\(picture.layout.rows[row + 1] - picture.layout.rows[row])px\""
        switch picture.rows[row].content {
        case .start: html.add("<li \(height)><p class=\"dim\">\(SVGText.escaped(caption.whatText))</p></li>")
        case .end:
            let isWrong = !picture.run.ending.harms.isEmpty
            html.add(
                "<li class=\"end\(isWrong ? " wrong" : "")\" \(height)><p class=\"what\">\(SVGText.escaped(caption.whatText))</p></li>"
            )
        case .fold(let fold):
            html.add(
                "<li class=\"fold\" \(height)><details\(fold.isOpen ? " open" : "")><summary>\(SVGText.escaped(caption.whatText))</summary><ul>"
            )
            for item in fold.items { html.element("li", text: item) }
            html.add("</ul></details></li>")
        case .step(let number): addStep(&html, number, caption, height)
        }
    }

    private func addStep(_ html: inout HTMLText, _ number: Int, _ caption: PictureCaption, _ height: String) {
        let id = isFirst ? " id=\"\(slug)-\(number + 1)\"" : ""
        let matters = picture.matters.contains(number)
        html.add("<li\(id) data-s=\"\(number + 1)\"\(matters ? " class=\"m\"" : "") \(height)>")
        html.add("<a class=\"d\(matters ? "" : " o")\" href=\"#\(slug)-\(number + 1)\">\(number + 1)</a>")
        html.element("p", "class=\"what\"", text: caption.whatText)
        html.add("<p class=\"why\">\(SVGText.escaped(caption.whyText))")
        for step in caption.because { html.add(" " + HTMLText.disc(step, slug)) }
        html.add("</p>")
        if !caption.sourceText.isEmpty { html.element("code", text: caption.sourceText) }
        html.add("</li>")
    }
}
