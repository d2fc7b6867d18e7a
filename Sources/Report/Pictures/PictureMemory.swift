import Checker
import PageTable

/// Memory in the middle: six tracks for each entry, a column for each variable.
extension RunPicture {
    /// Bars where bits are set, dotted lines where they are clear, from one row to the next.
    func drawTracks(_ svg: inout SVGText) {
        for (position, entry) in entries.enumerated() {
            let x = layout.entry(position)
            drawTracks(&svg, Array(entry.value(run.start).columns), x, from: layout.middle(0), to: nextEdge(0))
            for step in run.steps.indices {
                let bits = Array(entry.value(run.steps[step].after).columns)
                drawTracks(&svg, bits, x, from: layout.middle(step + 1), to: nextEdge(step + 1))
            }
        }
    }

    /// Letters in the rows that change an entry, changed bits in a cell of their own; variables where they change.
    func drawMemory(_ svg: inout SVGText) {
        for (position, entry) in entries.enumerated() { drawEntry(&svg, entry, position) }
        for (position, word) in variables.enumerated() { drawVariable(&svg, word, position) }
    }

    private func drawEntry(_ svg: inout SVGText, _ entry: DrawnEntry, _ position: Int) {
        let x = layout.entry(position)
        svg.text(entry.name, at: .init(x: x, y: layout.rows[0] - 10), "h2")
        var before = Array(entry.value(run.start).columns)
        drawBits(&svg, before, before, x, row: 0)
        for step in run.steps.indices {
            let bits = Array(entry.value(run.steps[step].after).columns)
            if bits != before { drawBits(&svg, bits, before, x, row: step + 1) }
            before = bits
        }
        let last = layout.rows.count - 1
        drawBits(&svg, before, before, x, row: last)
        if run.ending.harms.contains(where: { harm in isAbout(harm, entry) }) {
            svg.box(x - 5, layout.middle(last) - 18, 6 * PictureLayout.track + 8, 26, radius: 8, "ring")
        }
    }

    /// Whether a harm is one of the page whose entry this is.
    private func isAbout(_ harm: RunEnding.Harm, _ entry: DrawnEntry) -> Bool {
        guard case .property(_, let subject) = harm else { return false }
        return entry.name.hasSuffix("(\(subject))") || entry.name.hasSuffix(":\(subject))")
    }

    private func nextEdge(_ row: Int) -> Int {
        row + 1 < layout.rows.count ? layout.middle(row + 1) : layout.height - 40
    }

    private func drawTracks(_ svg: inout SVGText, _ bits: [Character], _ x: Int, from top: Int, to bottom: Int) {
        for (track, bit) in bits.enumerated() {
            let middle = x + track * PictureLayout.track + PictureLayout.track / 2
            if bit != "-" {
                svg.box(middle - 4, top, 8, bottom - top, "bar")
            } else {
                svg.line(.init(x: middle, y: top), .init(x: middle, y: bottom), "low")
            }
        }
    }

    private func drawBits(_ svg: inout SVGText, _ bits: [Character], _ before: [Character], _ x: Int, row: Int) {
        let y = layout.middle(row)
        for (track, bit) in bits.enumerated() {
            let left = x + track * PictureLayout.track
            svg.box(left + 2, y - 14, PictureLayout.track - 4, 20, radius: 3, bit == before[track] ? "mem" : "change")
            svg.text(
                bit == "-" ? "–" : String(bit), at: .init(x: left + PictureLayout.track / 2, y: y),
                bit == "-" ? "bit clear" : "bit on", anchor: "middle")
        }
    }

    private func drawVariable(_ svg: inout SVGText, _ word: Int, _ position: Int) {
        let x = layout.variable(position, entries: entries.count)
        svg.text(sentences.name(ofWord: word), at: .init(x: x, y: layout.rows[0] - 10), "h2")
        guard let index = run.words.firstIndex(of: word) else { return }
        var before = run.start.words[index]
        svg.text("\(before)", at: .init(x: x + 6, y: layout.middle(0)), "bit")
        for step in run.steps.indices {
            let value = run.steps[step].after.words[index]
            guard value != before else { continue }
            let y = layout.middle(step + 1)
            svg.box(x, y - 14, layout.variableWidths[position] - 14, 20, radius: 3, "change")
            svg.text("\(value)", at: .init(x: x + 6, y: y), "bit on")
            before = value
        }
    }
}
