import Checker
import Machine
import X86

/// What a step does, as marks in its row: a box or a pill in the CPU's lane, and arrows to and from memory and other CPUs.
extension RunPicture {
    /// Draws the marks of a step.
    func drawMarks(_ svg: inout SVGText, _ number: Int) {
        let step = run.steps[number]
        let y = layout.middle(number + 1) - 4
        let lanes = layout.lanes[step.cpu]
        let label = Self.label(of: step)
        let width = min(PictureLayout.instructionWidth - 8, max(46, label.count * 7 + 14))
        let edge = lanes.isMirrored ? lanes.instruction - width / 2 : lanes.instruction + width / 2
        drawArrows(&svg, step, y, from: edge, lanes)
        svg.box(
            lanes.instruction - width / 2, y - 12, width, 22, radius: step.isHardware ? 11 : 2,
            step.isHardware ? "pill" : "chip")
        svg.text(label, at: .init(x: lanes.instruction, y: y + 3), "code", anchor: "middle")
    }

    /// A few letters for the chip: the instruction, or what hardware does.
    private static func label(of step: RunStep) -> String {
        switch step.report.kind {
        case .drain: "store leaves"
        case .walk: "walk"
        case .speculate: "walk ahead"
        case .beginAccessed: "finds A=0"
        case .setAccessed: "sets A"
        case .beginDirty: "decides on D"
        case .setDirty, .setDirtyAndFault: "sets D"
        case .walkAgain: "walks again"
        case .evict: "evicts"
        case .abandonWalk: "ends a walk"
        case .acknowledge: "takes flush"
        case .takeBroadcast: "takes invlpgb"
        case .readTable: "freed table"
        case .goWild: "unknown frame"
        case .interrupt: "interrupt"
        case .instruction, .access, .fault, .retry, .flush, .broadcast:
            shortened(step.report.instruction?.text ?? "ended")
        }
    }

    private static func shortened(_ text: String) -> String {
        text.count <= 22 ? text : String(text.prefix(21)) + "…"
    }

    private func drawArrows(
        _ svg: inout SVGText, _ step: RunStep, _ y: Int, from edge: Int, _ lanes: PictureLayout.Lanes
    ) {
        let report = step.report
        switch report.kind {
        case .drain:
            if let store = report.store { toMemory(&svg, store.word, lanes.inner, y, "store") }
        case .setAccessed, .setDirty, .setDirtyAndFault:
            if let word = walkedWord(report) { toMemory(&svg, word, edge, y, "hw") }
        case .walk, .speculate:
            if let word = walkedWord(report) {
                fromMemory(
                    &svg, word,
                    lanes.isMirrored ? lanes.translation(0) : lanes.translation(0) + PictureLayout.boxWidth - 8, y, "hw"
                )
            }
        case .beginDirty, .beginAccessed, .walkAgain, .fault:
            if let word = walkedWord(report) { fromMemory(&svg, word, edge, y, "look") }
        case .flush:
            for cpu in step.after.cpus[step.cpu].awaits {
                svg.arrow(from: edge, to: other(cpu, step.cpu), at: y, "flush")
            }
        case .acknowledge:
            if let initiator = report.initiator {
                svg.arrow(from: edge, to: other(initiator, step.cpu), at: y, "flush")
            }
        default:
            if let read = report.read { fromMemory(&svg, read.word, edge, y - 4, "read") }
            if let written = report.written, isInMemory(step, written.word) {
                toMemory(&svg, written.word, edge, y + 5, "store")
            }
        }
    }

    /// The edge of another CPU's lanes that is nearest.
    private func other(_ cpu: Int, _ from: Int) -> Int {
        let lanes = layout.lanes[cpu]
        return layout.lanes[from].x < lanes.x ? lanes.x + 4 : lanes.x + lanes.width - 4
    }

    private func walkedWord(_ report: StepReport) -> Int? {
        report.entryWord ?? report.leaf.map { run.map.leafWord(page: $0.page, space: $0.space) }
    }

    /// Whether a write went to memory at once, and not into the buffer.
    private func isInMemory(_ step: RunStep, _ word: Int) -> Bool {
        !step.after.cpus[step.cpu].stores.contains { $0.store.word == word }
    }

    /// Where a word is drawn, by its near edge.
    private func place(of word: Int, from x: Int) -> Int? {
        if let position = entries.firstIndex(where: { $0.word == word }) {
            let left = layout.entry(position)
            return x < left ? left - 3 : left + 6 * PictureLayout.track + 3
        }
        guard let position = variables.firstIndex(of: word) else { return nil }
        let left = layout.variable(position, entries: entries.count)
        return x < left ? left - 3 : left + layout.variableWidths[position] - 12
    }

    private func toMemory(_ svg: inout SVGText, _ word: Int, _ x: Int, _ y: Int, _ style: String) {
        if let place = place(of: word, from: x) { svg.arrow(from: x, to: place, at: y, style) }
    }

    private func fromMemory(_ svg: inout SVGText, _ word: Int, _ x: Int, _ y: Int, _ style: String) {
        if let place = place(of: word, from: x) { svg.arrow(from: place, to: x, at: y, style) }
    }
}
