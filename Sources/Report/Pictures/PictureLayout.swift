import Checker

/// Where everything of a picture lies: captions, lanes of the CPUs of one half, memory, lanes of the others mirrored; a row a step.
struct PictureLayout {
    /// The left edge of something, and how wide it is.
    struct Span {
        var x = 0
        var width = 0

        /// Where it ends.
        var end: Int { x + width }
        /// Its middle.
        var middle: Int { x + width / 2 }
        /// The edge that is nearer to a place.
        func edge(towards place: Int) -> Int { place < middle ? x : end }
    }

    /// What the lanes of a CPU have to hold.
    struct Needs {
        /// Pixels of the widest instruction and of the widest word of the walker; 0 where there is none.
        var instructions = 0
        var walker = 0
        /// How many boxes stand side by side in the TLB and in the buffer, and how wide one is; none where nothing is ever held.
        var translations = (count: 0, width: 0)
        var stores = (count: 0, width: 0)
        /// Only its name is shown.
        var isFolded = false
    }

    /// The lanes of a CPU: instructions outside, then walker, TLB and store buffer, which is next to memory.
    struct Lanes {
        /// The whole.
        var span = Span()
        /// Whether memory is to the left.
        var isMirrored = false
        var needs = Needs()

        /// The lane of instructions.
        var instructions: Span { lane(after: 0, needs.instructions) }
        /// The lane of the walker.
        var walker: Span { lane(after: needs.instructions, needs.walker) }
        /// The lane of the TLB.
        var tlb: Span {
            lane(after: needs.instructions + needs.walker, needs.translations.count * needs.translations.width)
        }
        /// The lane of the store buffer.
        var buffer: Span {
            let before = needs.instructions + needs.walker + needs.translations.count * needs.translations.width
            return lane(after: before, needs.stores.count * needs.stores.width)
        }
        /// A box of the TLB; the first is next to the walker.
        func translation(_ slot: Int) -> Span { box(in: tlb, slot, needs.translations.width) }
        /// A box of the store buffer; the first is next to memory.
        func store(_ slot: Int) -> Span { box(in: buffer, needs.stores.count - 1 - slot, needs.stores.width) }

        private func lane(after offset: Int, _ width: Int) -> Span {
            Span(x: isMirrored ? span.end - offset - width : span.x + offset, width: width)
        }

        private func box(in lane: Span, _ slot: Int, _ width: Int) -> Span {
            let x = isMirrored ? lane.end - (slot + 1) * width : lane.x + slot * width
            return Span(x: x + 4, width: width - 8)
        }
    }

    /// A track of an entry, one for each of six bits.
    static let track = 22
    static let gap = 18
    /// From the upper edge of a row to the middle of its first mark, and from there to its second.
    static let mark = 20
    static let secondMark = 30

    /// By CPU.
    private(set) var lanes: [Lanes] = []
    /// Memory, the entries and the variables in it.
    private(set) var memory = Span()
    private(set) var entries: [Span] = []
    private(set) var variables: [Span] = []
    /// By row, its upper edge; at the end where the last row ends.
    private(set) var rows: [Int] = []
    private(set) var width = 0
    /// Where the heads of the lanes begin.
    let top: Int

    /// How high it is.
    var height: Int { (rows.last ?? 0) + 8 }

    /// Lays a picture out.
    /// - Parameters:
    ///   - needs: by CPU, what its lanes hold.
    ///   - entries: the widths of the entries' names in pixels; `variables`: of names and values.
    ///   - heights: by row.
    init(_ form: PictureForm, needs: [Needs], entries: [Int], variables: [Int], heights: [Int]) {
        top = form.isPage ? 8 : 44
        var x = form.captionWidth
        let left = (needs.count + 1) / 2
        lanes = needs.enumerated().map { Lanes(isMirrored: $0.offset >= left, needs: $0.element) }
        for cpu in 0..<left { place(cpu, &x) }
        placeMemory(entries, variables, &x)
        for cpu in left..<max(left, needs.count) { place(cpu, &x) }
        width = x + 4
        var y = top + 62
        rows = [y]
        for height in heights {
            y += height
            rows.append(y)
        }
    }

    private mutating func place(_ cpu: Int, _ x: inout Int) {
        let needs = lanes[cpu].needs
        let width =
            needs.instructions + needs.walker + needs.translations.count * needs.translations.width
            + needs.stores.count * needs.stores.width
        lanes[cpu].span = Span(x: x, width: needs.isFolded ? 44 : max(96, width))
        x += lanes[cpu].span.width + 12
    }

    private mutating func placeMemory(_ entries: [Int], _ variables: [Int], _ x: inout Int) {
        let begin = x
        x += 10
        for name in entries {
            self.entries.append(Span(x: x, width: 6 * Self.track))
            x += max(6 * Self.track, name) + Self.gap
        }
        for width in variables {
            self.variables.append(Span(x: x, width: max(34, width)))
            x += max(34, width) + Self.gap
        }
        x = max(x - Self.gap + 10, begin + 84)
        memory = Span(x: begin, width: x - begin)
        x += 12
    }

    /// The middle of the marks of a row.
    func middle(_ row: Int) -> Int { rows[row] + Self.mark }
    /// The middle of the second mark of a row.
    func second(_ row: Int) -> Int { rows[row] + Self.mark + Self.secondMark }
    /// The number of the last row.
    var lastRow: Int { rows.count - 2 }
}
