import Checker
import Machine
import PageTable

/// A run as a drawing: a row for each step, a lane for each part of a CPU, memory in the middle (`pictures.md`).
///
/// A pure function of the run: the same text for the command line, for a report and for a browser. Time runs down. Position says
/// where, shape says who (box: an instruction; pill: hardware by itself), dotted is a look, a ring is harm; colour repeats it.
package struct RunPicture {
    let run: Run
    let sentences: RunSentences
    let layout: PictureLayout
    let form: PictureForm
    let rows: [PictureRow]
    let captions: [PictureCaption]
    /// The entries and the words of data that are drawn: those that a step touches, or that the question is about.
    let entries: [DrawnEntry]
    let variables: [Int]
    /// The steps that the failure rests on.
    let matters: Set<Int>
    private let title: String

    /// An entry of the memory strip.
    struct DrawnEntry {
        /// `PTE(x)`.
        var name: String
        /// The word of memory that it is.
        var word: Int
        /// Its value in a state.
        var value: (RunState) -> PageTableEntry
    }

    /// A picture of a run for a slide, with captions inside.
    /// - Parameters:
    ///   - title: what is shown, in one line.
    ///   - theme: `light`, `dark` or `grey`; nil for a name that is none of them.
    ///   - keepsLanes: whether what no step has touched yet is drawn, too: for a run that goes on.
    package init?(
        _ run: Run, title: String, theme: String = "light", level: RunLevel = .all, keepsLanes: Bool = false
    ) {
        guard let theme = PictureStyle.Theme(rawValue: theme) else { return nil }
        self.init(run, title: title, PictureForm(theme: theme, keepsLanes: keepsLanes), level)
    }

    /// A picture of a run, for a slide or for a page that has the captions beside it.
    init(_ run: Run, title: String, _ form: PictureForm, _ level: RunLevel) {
        self.run = run
        self.title = title
        self.form = form
        let sentences = RunSentences(run)
        self.sentences = sentences
        rows = PictureRow.rows(of: run, sentences, level)
        captions = rows.map { PictureCaption($0, run, form) }
        let touched = Set(run.steps.indices.flatMap { Self.touched(run, $0) })
        entries = Self.entries(of: run, sentences).filter { form.keepsLanes || touched.contains($0.word) }
        variables = run.words.filter { form.keepsLanes || touched.contains($0) }
        matters = Set(run.stepsThatMatter)
        let values = variables.map { Self.widest(run, sentences, word: $0) }
        layout = PictureLayout(
            form, needs: PictureNeeds(run, sentences, keepsLanes: form.keepsLanes).all,
            entries: entries.map { PictureText.mono(Self.short($0.name)) },
            variables: values, heights: Self.heights(of: rows, captions, run))
    }

    /// The drawing, as the text of an SVG file, or as an element of a page, where others can show what is called `id` again.
    package func rendered(id: String? = nil) -> String {
        var svg = SVGText()
        if !form.isPage { svg.box(0, 0, layout.width, layout.height, "page") }
        drawGround(&svg)
        drawTracks(&svg)
        // What holds something lies under the arrows that reach it.
        PictureBoxes(self).draw(&svg)
        for row in rows.indices {
            drawCaption(&svg, row)
            if rows[row].step != nil { drawMarks(&svg, row) }
        }
        drawMemory(&svg)
        let size =
            "width=\"\(layout.width)\" height=\"\(layout.height)\" viewBox=\"0 0 \(layout.width) \(layout.height)\""
        let head = "<title>\(SVGText.escaped(title + ". " + sentences.conclusion))</title>"
        let space = form.isPage ? "" : " xmlns=\"http://www.w3.org/2000/svg\""
        let style = form.theme.map { "<style>\(PictureStyle.sheet($0))</style>\(PictureStyle.patterns)" } ?? ""
        let body = id.map { "<g id=\"\($0)\">\(svg.body)</g>" } ?? svg.body
        return "<svg\(space) class=\"run\" \(size) role=\"img\">\(head)\(style)\(body)</svg>\n"
    }

    // MARK: What is drawn of memory

    private static func entries(of run: Run, _ sentences: RunSentences) -> [DrawnEntry] {
        let map = run.map
        let leaves = run.leaves.indices.map { position in
            DrawnEntry(
                name: sentences.name(of: run.leaves[position]),
                word: map.leafWord(page: run.leaves[position].page, space: run.leaves[position].space)
            ) { PageTableEntry(rawValue: $0.entries[position]) }
        }
        let upper = run.upperWords.indices.map { position in
            DrawnEntry(name: map.name(ofEntryWord: run.upperWords[position]), word: run.upperWords[position]) {
                PageTableEntry(rawValue: $0.upperEntries[position])
            }
        }
        return upper + leaves
    }

    /// The words that a step reads, writes or walks through, or that change in it.
    static func touched(_ run: Run, _ number: Int) -> [Int] {
        let report = run.steps[number].report
        var words = [report.read?.word, report.written?.word, report.store?.word, run.walkedWord(report)].compactMap {
            $0
        }
        let (before, after) = (run.state(before: number), run.steps[number].after)
        for (position, word) in run.words.enumerated() where before.words[position] != after.words[position] {
            words.append(word)
        }
        return words
    }

    /// The entries and words that are not drawn, because nothing happens to them.
    var unchanged: [String] {
        let drawn = Set(entries.map { $0.word })
        return Self.entries(of: run, sentences).filter { !drawn.contains($0.word) }.map { $0.name }
    }

    private static func widest(_ run: Run, _ sentences: RunSentences, word: Int) -> Int {
        guard let index = run.words.firstIndex(of: word) else { return 0 }
        let values = ([run.start] + run.steps.map { $0.after }).map { PictureText.number($0.words[index]) }
        return (values + [short(sentences.name(ofWord: word))]).map(PictureText.mono).max() ?? 0
    }

    /// A name that leaves room for others.
    static func short(_ name: String) -> String { name.count <= 20 ? name : String(name.prefix(19)) + "…" }

    private static func heights(of rows: [PictureRow], _ captions: [PictureCaption], _ run: Run) -> [Int] {
        var before = run.start
        return zip(rows, captions).map { row, caption in
            let after = row.done == 0 ? run.start : run.steps[row.done - 1].after
            let changes =
                before.entries != after.entries || before.upperEntries != after.upperEntries
                || before.words != after.words
            before = after
            switch row.content {
            case .start: return 44
            case .fold: return max(changes ? 50 : 26, caption.height + 8)
            case .end: return max(56, caption.height + 20)
            case .step(let number):
                return max(run.fillsBelow(number) ? 112 : run.hasSecondMark(number) ? 74 : 52, caption.height + 18)
            }
        }
    }

    /// The machine after a row.
    func state(after row: Int) -> RunState {
        rows[row].done == 0 ? run.start : run.steps[rows[row].done - 1].after
    }

    // MARK: Ground, captions, end

    private func drawGround(_ svg: inout SVGText) {
        if !form.isPage {
            svg.text(PictureText.cut(title, toFit: layout.width * 7 / 9 - 16), at: .init(x: 8, y: 28), "h1")
        }
        let (top, bottom) = (layout.top, layout.rows[layout.lastRow] - 2)
        for (cpu, lanes) in layout.lanes.enumerated() {
            svg.box(lanes.span.x, top, lanes.span.width, bottom - top, radius: 6, "cpu")
            svg.text("P\(cpu)", at: .init(x: lanes.span.x + 8, y: top + 22), "h2")
            guard !lanes.needs.isFolded else { continue }
            let words = (form.namesProfiles ? [run.profiles[cpu]] : []) + (run.role(ofCPU: cpu).map { [$0] } ?? [])
            let label = PictureText.cut(words.joined(separator: ": "), toFit: lanes.span.width - 44)
            if !label.isEmpty { svg.text(label, at: .init(x: lanes.span.x + 34, y: top + 22), "dim") }
            head(&svg, "instructions", lanes.instructions)
            head(&svg, "walker", lanes.walker)
            head(&svg, "TLB", lanes.tlb)
            head(&svg, "buffer", lanes.buffer)
        }
        svg.box(layout.memory.x, top, layout.memory.width, bottom - top, radius: 6, "mem")
        for (row, content) in rows.enumerated() {
            guard form.isPage, let step = content.step else { continue }
            let height = layout.rows[row + 1] - layout.rows[row]
            svg.raw(
                "<rect x=\"0\" y=\"\(layout.rows[row])\" width=\"\(layout.width)\" height=\"\(height)\" class=\"row\" data-s=\"\(step + 1)\"/>"
            )
        }
        svg.text("memory", at: .init(x: layout.memory.x + 10, y: top + 22), "h2")
        for row in layout.rows.dropLast() {
            svg.line(.init(x: 0, y: row), .init(x: layout.width, y: row), "hair")
        }
        svg.line(
            .init(x: 0, y: layout.rows[layout.lastRow]), .init(x: layout.width, y: layout.rows[layout.lastRow]), "last")
    }

    private func head(_ svg: inout SVGText, _ name: String, _ lane: PictureLayout.Span) {
        if lane.width > 0 { svg.text(name, at: .init(x: lane.x + 6, y: layout.top + 46), "dim") }
    }

    private func drawCaption(_ svg: inout SVGText, _ row: Int) {
        let y = layout.middle(row) + 4
        if let step = rows[row].step {
            let isFull = matters.contains(step)
            // A page has the numbers beside the captions, and where those stand above the picture here too.
            if form.isPage { svg.raw("<g class=\"gut\">") }
            svg.disc(.init(x: 18, y: y - 4), 11, isFull ? "disc" : "other")
            svg.text("\(step + 1)", at: .init(x: 18, y: y), isFull ? "num" : "numdim", anchor: "middle")
            if form.isPage { svg.raw("</g>") }
        }
        guard !form.isPage else { return }
        let style: String
        let top: Int
        switch rows[row].content {
        case .start: (style, top) = ("dim", y)
        case .fold: (style, top) = ("dim", layout.rows[row] + 18)
        case .step: (style, top) = ("cap", y)
        case .end: (style, top) = (run.ending.harms.isEmpty ? "cap" : "bad", y)
        }
        for (line, text) in captions[row].what.enumerated() {
            svg.text(text, at: .init(x: 40, y: top + line * 19), style)
        }
    }
}
