import Checker
import Machine
import X86

/// What a step does, as marks in its row: a box or a pill in the CPU's lane, and arrows to and from memory and other CPUs.
extension RunPicture {
    /// Draws the marks of a row that shows a step.
    func drawMarks(_ svg: inout SVGText, _ row: Int) {
        guard let number = rows[row].step, !layout.lanes[run.steps[number].cpu].needs.isFolded else { return }
        let lanes = layout.lanes[run.steps[number].cpu]
        let y = layout.middle(row)
        let isSecond = run.steps[number].report.kind == .setDirty
        if run.pill(ofStep: number) != nil { drawWalk(&svg, number, y, lanes) }
        if run.steps[number].report.kind == .drain { drawDrain(&svg, number, y, lanes) }
        if let chip = run.chip(ofStep: number) {
            let y = isSecond ? layout.second(row) : y
            drawAccess(&svg, number, y, lanes, from: chipSpan(chip, lanes))
            drawChip(&svg, chip, y, chipSpan(chip, lanes), run.isPill(number) ? "pill flushed" : "chip", number)
        }
        for store in run.drained(by: number) {
            guard
                let slot = PictureBoxes(self).slot(
                    ofStoreBy: store.storedBy, word: store.store.word, cpu: run.steps[number].cpu)
            else { continue }
            toMemory(
                &svg, store.store.word, lanes.store(slot).edge(towards: layout.memory.middle), layout.second(row),
                "store")
        }
    }

    private func chipSpan(_ text: String, _ lanes: PictureLayout.Lanes) -> PictureLayout.Span {
        let (width, lane) = (PictureText.chip(text), lanes.instructions)
        return PictureLayout.Span(x: lanes.isMirrored ? lane.end - width - 6 : lane.x + 6, width: width)
    }

    private func drawChip(
        _ svg: inout SVGText, _ text: String, _ y: Int, _ span: PictureLayout.Span, _ style: String, _ number: Int
    ) {
        svg.box(span.x, y - 11, span.width, 22, radius: style == "chip" ? 2 : 11, style)
        svg.text(text, at: .init(x: span.middle, y: y + 4), "tiny code", anchor: "middle")
        // What goes wrong with an access is not to be seen in an entry.
        guard !run.steps[number].violations.isEmpty else { return }
        svg.box(span.x - 4, y - 15, span.width + 8, 30, radius: 6, "ring")
    }

    // MARK: Walker

    private func drawWalk(_ svg: inout SVGText, _ number: Int, _ y: Int, _ lanes: PictureLayout.Lanes) {
        guard let pill = run.pill(ofStep: number) else { return }
        let (step, width) = (run.steps[number], PictureText.chip(pill))
        let lane = lanes.walker
        let span = PictureLayout.Span(x: lane.middle - width / 2, width: width)
        let edge = span.edge(towards: layout.memory.middle)
        let word = run.walkedWord(step.report)
        switch step.report.kind {
        case .walk, .speculate:
            let filled = step.after.cpus[step.cpu].translations.contains { $0.filledBy == number }
            // A partial walk is cached where no TLB is drawn.
            let end = filled ? slot(filledBy: number, step.cpu).map { lanes.translation($0) } : nil
            if let word { fromMemory(&svg, word, end?.edge(towards: layout.memory.middle) ?? edge, y, "hw") }
            if let end { svg.line(.init(x: end.edge(towards: edge), y: y), .init(x: edge, y: y), "arrow hw") }
        case .setAccessed, .setDirty, .setDirtyAndFault:
            if let word { toMemory(&svg, word, edge, y, "hw") }
        case .beginDirty where step.filledBy != nil:
            if let filler = step.filledBy, let slot = slot(filledBy: filler, step.cpu) {
                svg.arrow(from: lanes.translation(slot).edge(towards: edge), to: edge, at: y, "look")
            }
        case .beginDirty, .beginAccessed, .walkAgain, .readTable, .goWild:
            if let word { fromMemory(&svg, word, edge, y, "look") }
        default: break
        }
        drawChip(&svg, pill, y, span, "pill", number)
    }

    /// Where the box of a translation is drawn that a step has filled.
    private func slot(filledBy step: Int, _ cpu: Int) -> Int? {
        guard let held = run.steps[step].after.cpus[cpu].translations.first(where: { $0.filledBy == step }) else {
            return nil
        }
        let key = PictureNeeds.key(held)
        return PictureBoxes(self).translations(cpu).first { $0.key == key }?.slot
    }

    private func drawDrain(_ svg: inout SVGText, _ number: Int, _ y: Int, _ lanes: PictureLayout.Lanes) {
        let step = run.steps[number]
        guard let store = step.report.store, let held = run.state(before: number).cpus[step.cpu].stores.first else {
            return
        }
        let slot = PictureBoxes(self).slot(ofStoreBy: held.storedBy, word: store.word, cpu: step.cpu) ?? 0
        toMemory(&svg, store.word, lanes.store(slot).edge(towards: layout.memory.middle), y, "store")
    }

    // MARK: Instructions

    private func drawAccess(
        _ svg: inout SVGText, _ number: Int, _ y: Int, _ lanes: PictureLayout.Lanes, from span: PictureLayout.Span
    ) {
        let edge = span.edge(towards: layout.memory.middle)
        let step = run.steps[number]
        let report = step.report
        switch report.kind {
        case .flush:
            tell(&svg, step.after.cpus[step.cpu].awaits, step.cpu, span, y, "flush request")
            return
        case .broadcast:
            tell(&svg, run.profiles.indices.filter { $0 != step.cpu }, step.cpu, span, y, "broadcast")
            return
        case .acknowledge, .takeBroadcast, .interrupt:
            guard let initiator = report.initiator, initiator != step.cpu, report.kind == .acknowledge else { return }
            tell(&svg, [initiator], step.cpu, span, y, "acknowledged")
            return
        case .fault:
            if let word = run.walkedWord(report), step.filledBy == nil { fromMemory(&svg, word, edge, y, "look") }
        default: break
        }
        if let filler = step.filledBy, report.kind == .access || report.kind == .fault,
            let slot = slot(filledBy: filler, step.cpu)
        {
            svg.arrow(from: lanes.translation(slot).edge(towards: edge), to: edge, at: y - 6, "look")
        }
        if let written = report.written {
            if run.buffers(step: number) {
                if let slot = PictureBoxes(self).slot(ofStoreBy: number, word: written.word, cpu: step.cpu) {
                    svg.arrow(from: edge, to: lanes.store(slot).edge(towards: edge), at: y, "store")
                }
            } else {
                toMemory(&svg, written.word, edge, y, "store")
            }
        } else if let read = report.read {
            drawRead(&svg, read, number, y, lanes, edge)
        }
    }

    private func drawRead(
        _ svg: inout SVGText, _ read: AccessedBytes, _ number: Int, _ y: Int, _ lanes: PictureLayout.Lanes, _ edge: Int
    ) {
        let step = run.steps[number]
        if step.report.readSource == .ownBuffer, let writer = step.writtenBy,
            let slot = PictureBoxes(self).slot(ofStoreBy: writer, word: read.word, cpu: step.cpu)
        {
            svg.arrow(from: lanes.store(slot).edge(towards: edge), to: edge, at: y, "read")
            return
        }
        guard let place = place(of: read.word, from: edge) else { return }
        if step.cause == .lockFree {
            svg.arrow(from: edge, to: place, at: y, "store")
            return
        }
        svg.arrow(from: place, to: edge, at: y, "read", label: Self.short(sentences.amount(read)))
    }

    /// Arrows to other CPUs, with a word on the longest to each side.
    private func tell(
        _ svg: inout SVGText, _ cpus: [Int], _ from: Int, _ span: PictureLayout.Span, _ y: Int, _ word: String
    ) {
        let ends = cpus.map { other($0, from) }
        for end in ends {
            let start = span.edge(towards: end)
            let isLongest = !ends.contains {
                $0 != end && ($0 < start) == (end < start) && abs($0 - start) > abs(end - start)
            }
            svg.arrow(from: start, to: end, at: y, "flush", label: isLongest ? word : nil)
        }
    }

    // MARK: Ends of arrows

    /// The instructions of another CPU.
    private func other(_ cpu: Int, _ from: Int) -> Int {
        let lanes = layout.lanes[cpu]
        let lane = lanes.needs.isFolded ? lanes.span : lanes.instructions
        return layout.lanes[from].span.x < lanes.span.x ? lane.x + 8 : lane.end - 8
    }

    /// Where a word is drawn, by its near edge.
    private func place(of word: Int, from x: Int) -> Int? {
        if let position = entries.firstIndex(where: { $0.word == word }) {
            let span = layout.entries[position]
            return x < span.x ? span.x - 3 : span.end + 3
        }
        guard let position = variables.firstIndex(of: word) else { return nil }
        let span = layout.variables[position]
        return x < span.x ? span.x - 3 : span.end + 3
    }

    private func toMemory(_ svg: inout SVGText, _ word: Int, _ x: Int, _ y: Int, _ style: String) {
        if let place = place(of: word, from: x) { svg.arrow(from: x, to: place, at: y, style) }
    }

    private func fromMemory(_ svg: inout SVGText, _ word: Int, _ x: Int, _ y: Int, _ style: String) {
        if let place = place(of: word, from: x) { svg.arrow(from: place, to: x, at: y, style) }
    }
}
