import Checker

/// Where everything of a picture lies: captions, lanes of the CPUs of one half, memory, lanes of the others mirrored; a row a step.
struct PictureLayout {
    /// The lanes of a CPU: instructions outside, then TLB, then store buffer next to memory.
    struct Lanes {
        /// The left edge and the width of the whole.
        var x = 0
        var width = 0
        /// Whether memory is to the left.
        var isMirrored = false
        /// How many boxes stand side by side in the TLB, and in the buffer.
        var translations = 1
        var stores = 1

        /// The middle of the lane of instructions.
        var instruction: Int {
            isMirrored ? x + width - PictureLayout.instructionWidth / 2 : x + PictureLayout.instructionWidth / 2
        }
        /// The left edge of a box of the TLB.
        func translation(_ slot: Int) -> Int {
            let first = isMirrored ? x + stores * PictureLayout.boxWidth : x + PictureLayout.instructionWidth
            return first + slot * PictureLayout.boxWidth + 4
        }
        /// The left edge of a box of the store buffer.
        func store(_ slot: Int) -> Int {
            let first = isMirrored ? x : x + PictureLayout.instructionWidth + translations * PictureLayout.boxWidth
            return first + slot * PictureLayout.boxWidth + 4
        }
        /// The edge towards memory.
        var inner: Int { isMirrored ? x : x + width }
    }

    static let instructionWidth = 176
    static let boxWidth = 66
    static let captionWidth = 340
    /// Characters of a caption's line.
    static let captionCharacters = 44
    /// A track of an entry, one for each of six bits, and the gap after an entry.
    static let track = 22
    static let gap = 14
    /// The least width of a variable; longer names take more.
    static let variableWidth = 74
    static let top = 96
    static let lineHeight = 18

    /// By CPU.
    private(set) var lanes: [Lanes]
    /// Where memory begins, and how wide it is.
    private(set) var memory = (x: 0, width: 0)
    /// By variable, how wide it is.
    let variableWidths: [Int]
    /// By row, its upper edge: the start, the steps, the end.
    private(set) var rows: [Int] = []
    private(set) var width = 0
    private(set) var height = 0

    /// Lays a picture out.
    /// - Parameters:
    ///   - slots: by CPU, how many translations and stores stand side by side at most.
    ///   - entries: how many entries are drawn.
    ///   - variables: the names of the variables that are drawn.
    ///   - lines: by step, how many lines its caption has; at the end those of the conclusion.
    init(slots: [(translations: Int, stores: Int)], entries: Int, variables: [String], lines: [Int]) {
        variableWidths = variables.map { max(Self.variableWidth, $0.count * 8 + 16) }
        lanes = slots.map { Lanes(translations: max(1, $0.translations), stores: max(1, $0.stores)) }
        let left = (lanes.count + 1) / 2
        var x = Self.captionWidth
        func place(_ cpu: Int, _ lanes: inout [Lanes]) {
            lanes[cpu].x = x
            lanes[cpu].width = Self.instructionWidth + (lanes[cpu].translations + lanes[cpu].stores) * Self.boxWidth + 8
            x += lanes[cpu].width + 10
        }
        for cpu in 0..<left { place(cpu, &lanes) }
        memory = (x, max(96, entries * (6 * Self.track + Self.gap) + variableWidths.reduce(0, +) + Self.gap))
        x += memory.width + 10
        for cpu in left..<max(left, lanes.count) {
            lanes[cpu].isMirrored = true
            place(cpu, &lanes)
        }
        width = x + 10
        var y = Self.top
        rows.append(y)
        y += 34
        for count in lines.dropLast() {
            rows.append(y)
            y += max(2, count) * Self.lineHeight + 22
        }
        rows.append(y)
        height = y + max(2, lines.last ?? 1) * Self.lineHeight + 40
    }

    /// The middle of the marks of a row.
    func middle(_ row: Int) -> Int { rows[row] + 24 }

    /// The left edge of an entry's first track, by its position among those drawn.
    func entry(_ position: Int) -> Int { memory.x + Self.gap + position * (6 * Self.track + Self.gap) }

    /// The left edge of a variable.
    func variable(_ position: Int, entries: Int) -> Int {
        entry(entries) + variableWidths[..<position].reduce(0, +)
    }
}
