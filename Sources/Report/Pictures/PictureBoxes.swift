import Checker
import Machine
import PageTable

/// What TLBs and store buffers hold: a box that lasts as long as the content does.
struct PictureBoxes {
    /// A content of one CPU, from a row to a row.
    private struct Box {
        var slot: Int
        var first: Int
        var last: Int
        var lines: [String]
        /// The row from which on memory says something else.
        var staleFrom: Int?
    }

    private let run: Run
    private let sentences: RunSentences
    private let layout: PictureLayout

    init(_ run: Run, _ sentences: RunSentences, _ layout: PictureLayout) {
        self.run = run
        self.sentences = sentences
        self.layout = layout
    }

    /// How many translations and how many stores a CPU holds at a time at most.
    static func slots(ofCPU cpu: Int, in run: Run) -> (translations: Int, stores: Int) {
        let states = [run.start] + run.steps.map { $0.after }
        return (
            states.map { $0.cpus[cpu].translations.count }.max() ?? 0,
            states.map { $0.cpus[cpu].stores.count }.max() ?? 0
        )
    }

    /// Draws the boxes of all CPUs.
    func draw(_ svg: inout SVGText) {
        for cpu in run.profiles.indices {
            let lanes = layout.lanes[cpu]
            for box in translations(cpu) { draw(&svg, box, at: lanes.translation(box.slot), "tlb") }
            for box in stores(cpu) { draw(&svg, box, at: lanes.store(box.slot), "buffer") }
        }
    }

    private func draw(_ svg: inout SVGText, _ box: Box, at x: Int, _ style: String) {
        let top = layout.middle(box.first) - 16
        let bottom = max(top + 34, box.last < layout.rows.count ? layout.middle(box.last) - 18 : layout.height - 44)
        let width = PictureLayout.boxWidth - 8
        svg.box(x, top, width, bottom - top, radius: 4, style)
        for (line, text) in box.lines.enumerated() {
            svg.text(text, at: .init(x: x + 5, y: top + 15 + line * 14), "tiny code")
        }
        guard let row = box.staleFrom else { return }
        let edge = max(top + 36, layout.middle(row) - 14)
        guard bottom - edge > 16 else { return }
        svg.box(x, edge, width, bottom - edge, radius: 4, "stale")
        var y = edge + 26
        while y + 8 < bottom {
            svg.line(.init(x: x + 4, y: y + 8), .init(x: x + width - 4, y: y), "hatch")
            y += 10
        }
        svg.text("stale", at: .init(x: x + 6, y: edge + 15), "staleword")
    }

    // MARK: Contents

    private func translations(_ cpu: Int) -> [Box] {
        boxes { state in
            state.cpus[cpu].translations.map { held in
                let entry = PageTableEntry(rawValue: held.translation.bits)
                let page = sentences.page(of: held.translation.leaf)
                return (
                    "\(page) \(held.translation.level) \(held.translation.bits)",
                    [page, "W\(entry.isWritable ? 1 : 0) D\(entry.isDirty ? 1 : 0)"],
                    !run.staleness(of: held.translation, in: state).isEmpty
                )
            }
        }
    }

    private func stores(_ cpu: Int) -> [Box] {
        boxes { state in
            state.cpus[cpu].stores.map { held in
                (
                    "\(held.storedBy ?? -1) \(held.store.word) \(held.store.bytes)",
                    ["from \((held.storedBy ?? -1) + 1)"], false
                )
            }
        }
    }

    /// Boxes of contents that come and go, each in the first slot that is free.
    private func boxes(_ contents: (RunState) -> [(key: String, lines: [String], isStale: Bool)]) -> [Box] {
        var done: [Box] = []
        var open: [(key: String, box: Box)] = []
        for row in 0..<layout.rows.count - 1 {
            let state = row == 0 ? run.start : run.steps[row - 1].after
            let now = contents(state)
            for gone in open where !now.contains(where: { $0.key == gone.key }) {
                var box = gone.box
                box.last = row
                done.append(box)
            }
            open.removeAll { held in !now.contains { $0.key == held.key } }
            for content in now {
                if let index = open.firstIndex(where: { $0.key == content.key }) {
                    if content.isStale, open[index].box.staleFrom == nil { open[index].box.staleFrom = row }
                    continue
                }
                var slot = 0
                while open.contains(where: { $0.box.slot == slot }) { slot += 1 }
                open.append(
                    (
                        content.key,
                        Box(
                            slot: slot, first: row, last: layout.rows.count, lines: content.lines,
                            staleFrom: content.isStale ? row : nil)
                    ))
            }
        }
        return done + open.map { $0.box }
    }
}
