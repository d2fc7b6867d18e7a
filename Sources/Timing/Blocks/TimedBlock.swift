import Synthesis

/// Code that is timed in a loop over entries.
struct TimedBlock: Hashable, Sendable {
    /// How it is timed.
    enum Kind: Int, Sendable {
        case code = 0, pageFault, mprotect, membarrier
    }

    var kind = Kind.code
    /// Instructions before the loop.
    var setup: [String] = []
    /// The instructions that are timed, with the entry's address in %rdi.
    var text: [String] = []
    /// Instructions whose time is taken off, one list a loop of its own.
    var minus: [[String]] = []
    /// What the rest is multiplied by: one in so many.
    var scale = 1.0
    /// How many entries the text is about, which the loop goes on by.
    var stride = 1
    var start = EntryStart.clean
    /// Registers for the loop itself: the entry's address, and where the entries end.
    var entryRegister = "r14"
    var endRegister = "r15"

    /// How often the loops go over 512 entries in one sample: the text that stands for many entries is about constants, so
    /// that it meets the same entries again.
    var again: Int { stride > 1 ? 16 : 1 }

    /// The unit of all prices.
    static let unit = ["lock andb $-3,(%rdi)"]

    /// The loops of the block: an empty one, the unit, the text, what is taken off.
    var loops: [[String]] { kind == .code ? [[], Self.unit, text] + minus : [[], Self.unit, []] }

    /// The price by the times of ``loops``; nil where the unit took no time.
    ///
    /// Each time but the first has that of the empty loop in it.
    func price(_ times: [Double]) -> Double? {
        guard times.count == loops.count else { return nil }
        let (empty, unit) = (times[0], times[1])
        guard unit > empty else { return nil }
        // What is no loop over entries has none in it.
        guard kind == .code else { return times[2] / (unit - empty) }
        let taken = times.dropFirst(3).reduce(0) { $0 + $1 - empty }
        return max(0, scale * (times[2] - empty - taken) / (unit - empty))
    }
}

/// Something that the program is to do: a block in one setting.
struct TimedJob: Sendable {
    /// The row of the measurement and its column.
    var row: Int
    var column: MeasuredColumn
    var block: TimedBlock

    /// The setting that the program times it in.
    var setting: CostSetting {
        switch column {
        case .setting(let setting): setting
        case .start: .small
        }
    }
}
