import Checker
import Litmus
import PageTable

/// Memory in the middle: six tracks for each entry, a column for each variable.
extension RunPicture {
    private static let track = PictureLayout.track

    /// Bars where bits are set, dotted lines where they are clear, each as long as the bit stays so.
    func drawTracks(_ svg: inout SVGText) {
        for (position, entry) in entries.enumerated() {
            let columns = (0..<layout.lastRow).map { Array(entry.value(state(after: $0)).columns) }
            for track in 0..<6 {
                let middle = layout.entries[position].x + track * Self.track + Self.track / 2
                var first = 0
                for row in 1...layout.lastRow
                where row == layout.lastRow || columns[row][track] != columns[first][track] {
                    let top = first == 0 ? layout.rows[0] + 4 : layout.middle(first)
                    let bottom = row == layout.lastRow ? layout.rows[row] - 6 : layout.middle(row)
                    if columns[first][track] != "-" {
                        svg.box(middle - 9, top, 18, bottom - top, "bar")
                    } else {
                        svg.line(.init(x: middle, y: top), .init(x: middle, y: bottom), "low")
                    }
                    first = row
                }
            }
        }
    }

    /// Letters in the rows that touch an entry, changed bits in a cell of their own; variables where they change.
    func drawMemory(_ svg: inout SVGText) {
        let head = layout.top + 46
        for (position, entry) in entries.enumerated() {
            svg.text(Self.short(entry.name), at: .init(x: layout.entries[position].x, y: head), "dim")
            drawEntry(&svg, entry, layout.entries[position].x)
        }
        for (position, word) in variables.enumerated() {
            svg.text(
                Self.short(sentences.name(ofWord: word)), at: .init(x: layout.variables[position].x, y: head), "dim")
            drawVariable(&svg, word, layout.variables[position])
        }
    }

    private func drawEntry(_ svg: inout SVGText, _ entry: DrawnEntry, _ x: Int) {
        var before = entry.value(run.start)
        drawBits(&svg, before, before, x, layout.middle(0))
        for row in 1..<layout.lastRow {
            let now = entry.value(state(after: row))
            let isTouched = rows[row].step.map { Self.touched(run, $0).contains(entry.word) } ?? false
            let y = layout.middle(row)
            if now != before || isTouched { drawBits(&svg, now, before, x, y) }
            if now != before { drawChange(&svg, now, before, x, y, harm: harm(entry, row, now, before)) }
            before = now
        }
        let y = layout.middle(layout.lastRow)
        drawBits(&svg, before, before, x, y)
        if run.ending.harms.contains(where: { isAbout($0, entry) }) {
            svg.box(x - 3, y - 15, 6 * Self.track + 6, 30, radius: 8, "ring")
        }
    }

    /// What a change does that goes wrong, in a word; nil for others.
    private func harm(_ entry: DrawnEntry, _ row: Int, _ now: PageTableEntry, _ before: PageTableEntry) -> String? {
        guard let step = rows[row].step else { return nil }
        if !run.steps[step].violations.isEmpty { return "goes wrong" }
        // What was set in the run and is gone for good.
        let wasSet = run.steps[..<step].indices.contains { number in
            !entry.value(run.state(before: number)).isDirty && entry.value(run.steps[number].after).isDirty
        }
        let isLast = !run.steps[(step + 1)...].contains { entry.value($0.after).isDirty }
        let loses = run.ending.harms.contains { harm in
            guard case .property(.lostDirty, _) = harm else { return false }
            return isAbout(harm, entry)
        }
        return loses && wasSet && before.isDirty && !now.isDirty && isLast ? "Dirty is lost" : nil
    }

    /// `W 1→0`, with a ring and a word where it is the harm.
    private func drawChange(
        _ svg: inout SVGText, _ now: PageTableEntry, _ before: PageTableEntry, _ x: Int, _ y: Int, harm: String?
    ) {
        let pairs = Array(zip(before.columns, now.columns))
        let changed = pairs.indices.filter { pairs[$0].0 != pairs[$0].1 }
        var words = changed.map { pairs[$0].0 == "-" ? "\(pairs[$0].1) 0→1" : "\(pairs[$0].0) 1→0" }
        if changed.isEmpty { words = [now.frameNumber != before.frameNumber ? "other frame" : "other bits"] }
        // More than three have no room, and are seen.
        let text = words.count > 3 ? "" : words.joined(separator: " ")
        let middle =
            changed.isEmpty ? 3 * Self.track : (changed.reduce(0, +) * Self.track / changed.count + Self.track / 2)
        let half = max(text.count, harm?.count ?? 0) * 7 / 2
        let place = x + min(max(middle, half), max(half, 6 * Self.track - half))
        let low = text.isEmpty && harm == nil ? 0 : harm == nil || text.isEmpty ? 15 : 29
        if low > 0 { svg.box(place - half - 3, y + 13, 2 * half + 6, low, radius: 2, "under") }
        if !text.isEmpty {
            svg.text(text, at: .init(x: place, y: y + 24), harm == nil ? "tiny" : "tiny wrong", anchor: "middle")
        }
        guard let harm else { return }
        svg.text(harm, at: .init(x: place, y: y + (text.isEmpty ? 24 : 38)), "tiny wrong", anchor: "middle")
        // Of a store that loses a bit only that bit is the harm.
        let lost = changed.filter { pairs[$0].1 == "-" && $0 >= 4 }
        for track in now.isDirty || lost.isEmpty ? changed : lost {
            svg.box(x + track * Self.track + 1, y - 12, Self.track - 2, 24, radius: 4, "ring")
        }
    }

    private func drawBits(_ svg: inout SVGText, _ now: PageTableEntry, _ before: PageTableEntry, _ x: Int, _ y: Int) {
        let (bits, old) = (Array(now.columns), Array(before.columns))
        for (track, bit) in bits.enumerated() {
            let left = x + track * Self.track
            if bit != old[track] { svg.box(left + 1, y - 11, Self.track - 2, 22, radius: 3, "change") }
            // A text for each: not every reader of SVG knows a text of several places.
            svg.text(
                bit == "-" ? "–" : String(bit), at: .init(x: left + Self.track / 2, y: y + 5),
                bit == "-" ? "bit clear" : bit == old[track] ? "bit" : "bit on", anchor: "middle")
        }
    }

    /// Whether a harm is one of the page whose entry this is.
    private func isAbout(_ harm: RunEnding.Harm, _ entry: DrawnEntry) -> Bool {
        guard case .property(let property, let subject) = harm else { return false }
        switch property {
        case .lostDirty, .kernelShadowStack, .shadowStackExposed, .strayPresent: break
        case .staleWrite, .staleFrame, .staleTable, .sizeConflict, .sizeMismatch, .written: return false
        }
        return entry.name.hasSuffix("(\(subject))") || entry.name.hasSuffix(":\(subject))")
    }

    private func drawVariable(_ svg: inout SVGText, _ word: Int, _ span: PictureLayout.Span) {
        guard let index = run.words.firstIndex(of: word) else { return }
        var before = run.start.words[index]
        svg.text(PictureText.number(before), at: .init(x: span.x + 8, y: layout.middle(0) + 5), "value")
        for row in 1..<layout.lastRow {
            let value = state(after: row).words[index]
            guard value != before else { continue }
            let y =
                rows[row].step.map { run.hasSecondMark($0) ? layout.second(row) : layout.middle(row) }
                ?? layout.middle(row)
            let text = PictureText.number(value)
            svg.box(span.x + 1, y - 11, max(24, PictureText.mono(text) + 14), 22, radius: 3, "change")
            svg.text(text, at: .init(x: span.x + 8, y: y + 4), "value on")
            before = value
        }
        svg.text(PictureText.number(before), at: .init(x: span.x + 8, y: layout.middle(layout.lastRow) + 5), "value")
    }
}
