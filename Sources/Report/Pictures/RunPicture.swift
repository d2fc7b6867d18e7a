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
    /// The entries and the words of data that are drawn: those that a step touches, or that the question is about.
    let entries: [DrawnEntry]
    let variables: [Int]
    private let captions: [[String]]
    private let conclusion: [String]
    /// The steps that the failure rests on.
    private let matters: Set<Int>
    private let title: String
    private let theme: PictureStyle.Theme

    /// An entry of the memory strip.
    struct DrawnEntry {
        /// `PTE(x)`.
        var name: String
        /// The word of memory that it is.
        var word: Int
        /// Its value in a state.
        var value: (RunState) -> PageTableEntry
    }

    /// A picture of a run.
    /// - Parameters:
    ///   - title: what is shown, in one line.
    ///   - theme: `light`, `dark` or `grey`; nil for a name that is none of them.
    package init?(_ run: Run, title: String, theme: String = "light") {
        guard let theme = PictureStyle.Theme(rawValue: theme) else { return nil }
        self.run = run
        self.title = title
        self.theme = theme
        sentences = RunSentences(run)
        let touched = Set(run.steps.indices.flatMap { Self.touched(run, $0) })
        entries = Self.entries(of: run, sentences).filter { touched.contains($0.word) }
        variables = run.words.filter { touched.contains($0) }
        captions = run.steps.map { [sentences] step in
            TextWrap.lines(
                of: "P\(step.cpu)\(step.isHardware ? "’s CPU" : ""): \(sentences.text(of: step))",
                width: PictureLayout.captionCharacters)
        }
        matters = Set(run.stepsThatMatter)
        conclusion = TextWrap.lines(of: sentences.conclusion, width: 90)
        layout = PictureLayout(
            slots: run.profiles.indices.map { PictureBoxes.slots(ofCPU: $0, in: run) }, entries: entries.count,
            variables: variables.map(sentences.name(ofWord:)), lines: captions.map { $0.count } + [conclusion.count])
    }

    /// The drawing, as the text of an SVG file.
    package func rendered() -> String {
        var svg = SVGText()
        svg.box(0, 0, layout.width, layout.height, "page")
        drawGround(&svg)
        drawTracks(&svg)
        for step in run.steps.indices {
            drawCaption(&svg, step)
            drawMarks(&svg, step)
        }
        // What holds something lies over the arrows that pass by.
        PictureBoxes(run, sentences, layout).draw(&svg)
        drawMemory(&svg)
        drawEnd(&svg)
        let size =
            "width=\"\(layout.width)\" height=\"\(layout.height)\" viewBox=\"0 0 \(layout.width) \(layout.height)\""
        return
            "<svg xmlns=\"http://www.w3.org/2000/svg\" \(size) role=\"img\"><title>\(SVGText.escaped(title + ". " + sentences.conclusion))</title>"
            + "<style>\(PictureStyle.sheet(theme))</style>\(svg.body)</svg>\n"
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

    /// The words that a step reads, writes or walks through.
    private static func touched(_ run: Run, _ number: Int) -> [Int] {
        let report = run.steps[number].report
        var words = [report.read?.word, report.written?.word, report.store?.word, report.entryWord].compactMap { $0 }
        if let leaf = report.leaf { words.append(run.map.leafWord(page: leaf.page, space: leaf.space)) }
        return words
    }

    // MARK: Ground, captions, end

    private func drawGround(_ svg: inout SVGText) {
        svg.text(title, at: .init(x: 8, y: 26), "h1")
        let bottom = layout.height - layout.rows[0] - 8
        for (cpu, lanes) in layout.lanes.enumerated() {
            svg.box(lanes.x, layout.rows[0] - 46, lanes.width, bottom + 46, radius: 6, "cpu")
            svg.text("P\(cpu) (\(run.profiles[cpu]))", at: .init(x: lanes.x + 10, y: layout.rows[0] - 28), "h2")
            svg.text("instructions", at: .init(x: lanes.instruction, y: layout.rows[0] - 10), "dim", anchor: "middle")
            svg.text("TLB", at: .init(x: lanes.translation(0), y: layout.rows[0] - 10), "dim")
            svg.text("buffer", at: .init(x: lanes.store(0), y: layout.rows[0] - 10), "dim")
        }
        svg.box(layout.memory.x, layout.rows[0] - 46, layout.memory.width, bottom + 46, radius: 6, "mem")
        svg.text("memory", at: .init(x: layout.memory.x + 10, y: layout.rows[0] - 28), "h2")
        svg.text("at the start", at: .init(x: 42, y: layout.middle(0) - 4), "dim")
        for row in layout.rows.dropFirst() {
            svg.line(.init(x: 0, y: row), .init(x: layout.width, y: row), "hair")
        }
    }

    private func drawCaption(_ svg: inout SVGText, _ step: Int) {
        let y = layout.middle(step + 1)
        svg.disc(.init(x: 20, y: y - 4), 12, matters.contains(step) ? "disc" : "other")
        svg.text("\(step + 1)", at: .init(x: 20, y: y), matters.contains(step) ? "num" : "numdim", anchor: "middle")
        for (line, text) in captions[step].enumerated() {
            svg.text(text, at: .init(x: 42, y: y + line * PictureLayout.lineHeight), "cap")
        }
    }

    private func drawEnd(_ svg: inout SVGText) {
        let y = layout.middle(layout.rows.count - 1)
        for (line, text) in conclusion.enumerated() {
            svg.text(
                (line == 0 ? (run.ending.harms.isEmpty ? "" : "✕ ") : "  ") + text,
                at: .init(x: 12, y: y + line * PictureLayout.lineHeight), run.ending.harms.isEmpty ? "cap" : "bad")
        }
    }
}
