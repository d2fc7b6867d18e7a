import Checker
import Machine
import PageTable

/// What TLBs and store buffers hold: a box that lasts as long as the content does.
struct PictureBoxes {
    /// A content of one CPU, from a row to a row.
    struct Box {
        /// What tells it from others.
        var key: String
        var slot: Int
        var first: Int
        /// The row after which it is gone; the last one's number where it stays.
        var last: Int
        var lines: [String]
        /// The row from which on memory says something else, and what.
        var stale: (row: Int, words: String)?
    }

    private let picture: RunPicture
    private let needs: PictureNeeds
    private var run: Run { picture.run }
    private var layout: PictureLayout { picture.layout }

    init(_ picture: RunPicture) {
        self.picture = picture
        needs = PictureNeeds(picture.run, picture.sentences)
    }

    /// Draws the boxes of all CPUs.
    func draw(_ svg: inout SVGText) {
        for (cpu, lanes) in layout.lanes.enumerated() where !lanes.needs.isFolded {
            for box in translations(cpu) { draw(&svg, box, lanes.translation(box.slot), "tlb", isStore: false) }
            for box in stores(cpu) { draw(&svg, box, lanes.store(box.slot), "buffer", isStore: true) }
        }
    }

    private func draw(_ svg: inout SVGText, _ box: Box, _ span: PictureLayout.Span, _ style: String, isStore: Bool) {
        let top = edge(box.first, isStore: isStore, isEnd: false) - 12
        let bottom = max(
            top + 16,
            box.last > layout.lastRow - 1
                ? layout.rows[layout.lastRow] - 6 : edge(box.last, isStore: isStore, isEnd: true) + 10)
        svg.box(span.x, top, span.width, bottom - top, radius: 4, style)
        var y = top + 15
        for text in box.lines where y + 4 < min(bottom, staleEdge(box, top)) {
            svg.text(
                text, at: .init(x: span.middle, y: y), text.hasPrefix("from") ? "tiny dim" : "tiny code",
                anchor: "middle")
            y += 14
        }
        guard let stale = box.stale else { return }
        let from = staleEdge(box, top)
        guard bottom - from > 12 else { return }
        svg.box(span.x, from, span.width, bottom - from, radius: 4, "stale")
        guard bottom - from > 34 else { return }
        svg.box(span.x + 2, from + 3, span.width - 4, 31, radius: 2, "label")
        svg.text("stale", at: .init(x: span.middle, y: from + 15), "staleword", anchor: "middle")
        svg.text(stale.words, at: .init(x: span.middle, y: from + 29), "staletext", anchor: "middle")
    }

    /// Where the hatch begins.
    private func staleEdge(_ box: Box, _ top: Int) -> Int {
        guard let stale = box.stale else { return .max }
        return stale.row == box.first ? top + 48 : max(top + 34, layout.middle(stale.row) - 4)
    }

    /// Where in a row something comes or goes: a store with the instruction, which is the second mark where there are two.
    private func edge(_ row: Int, isStore: Bool, isEnd: Bool) -> Int {
        guard let step = picture.rows[row].step, run.hasSecondMark(step) else { return layout.middle(row) }
        if isStore { return layout.second(row) }
        return !isEnd && run.fillsBelow(step) ? layout.second(row) + 26 : layout.middle(row)
    }

    // MARK: Contents

    /// What the TLB of a CPU holds.
    func translations(_ cpu: Int) -> [Box] {
        boxes { state in
            state.cpus[cpu].translations.map { held in
                let lost = run.staleness(of: held.translation, in: state).first
                return (
                    PictureNeeds.key(held), needs.lines(of: held, among: state.cpus[cpu].translations),
                    lost.map(Self.words)
                )
            }
        }
    }

    /// What the store buffer of a CPU holds.
    func stores(_ cpu: Int) -> [Box] {
        boxes { state in
            state.cpus[cpu].stores.map { held in
                ("\(held.storedBy ?? -1) \(held.store.word) \(held.store.bytes)", needs.lines(of: held), nil)
            }
        }
    }

    private static func words(_ lost: StaleBit) -> String {
        switch lost {
        case .present: "P is 0 now"
        case .writable: "W is 0 now"
        case .frame: "new frame"
        case .size: "other size"
        case .dirty: "D is 0 now"
        }
    }

    /// Boxes of contents that come and go, each in the first slot that is free.
    private func boxes(_ contents: (RunState) -> [(key: String, lines: [String], stale: String?)]) -> [Box] {
        var done: [Box] = []
        var open: [Box] = []
        for row in 0..<layout.lastRow {
            let now = contents(picture.state(after: row))
            for gone in open where !now.contains(where: { $0.key == gone.key }) {
                var box = gone
                box.last = row
                done.append(box)
            }
            open.removeAll { held in !now.contains { $0.key == held.key } }
            for content in now {
                guard let index = open.firstIndex(where: { $0.key == content.key }) else {
                    var slot = 0
                    while open.contains(where: { $0.slot == slot }) { slot += 1 }
                    open.append(
                        Box(
                            key: content.key, slot: slot, first: row, last: layout.lastRow, lines: content.lines,
                            stale: content.stale.map { (row, $0) }))
                    continue
                }
                if let words = content.stale, open[index].stale == nil { open[index].stale = (row, words) }
            }
        }
        return done + open
    }

    /// Where the box of a store is drawn that a row lets go or brings.
    func slot(ofStoreBy step: Int?, word: Int, cpu: Int) -> Int? {
        stores(cpu).first { $0.key.hasPrefix("\(step ?? -1) \(word) ") }?.slot
    }
}
