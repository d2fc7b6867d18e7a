import X86

/// Prices of candidates from a cost table.
struct Pricing: Sendable {
    let costs: CostTable
    /// How much each kind of entry counts in the ranking.
    let mix: [EntryKind: Double]

    /// How many instructions on registers a processor does at a time; the price of one is that of one that waits for another.
    private static let issueWidth = 4.0

    /// What part of its price an instruction on registers costs beside a locked one.
    private static let besideLocked = 0.25

    /// The price of a path: its instructions', and what neighbours cost extra.
    func price(_ path: [PathStep]) -> Double {
        var price = 0.0
        // Instructions on registers and predicted branches run beside locked instructions, and several at a time.
        var besides = 0.0
        // What was done to the entry last: how wide, and whether with a lock.
        var written: (width: UInt8, isLocked: Bool)?
        for step in path {
            let item = Self.item(step)
            switch item {
            case .register, .branchNotTaken, .branchTaken: besides += costs.ratio(item) / Self.issueWidth
            default: price += costs.ratio(item)
            }
            if case .instruction(let template) = step, template.action == .load, let last = written,
                let extra = Self.readBack(last, template.width)
            {
                price += costs.ratio(extra)
            }
            guard let width = Self.writtenWidth(step) else { continue }
            let isLocked = Self.isLocked(step)
            if isLocked, let last = written, !last.isLocked { price += costs.ratio(.storeThenLocked) }
            written = (width, isLocked)
        }
        return price + besides * (path.contains(where: Self.isLocked) ? Self.besideLocked : 1)
    }

    /// What reading the whole entry back after a path costs extra; 0 after a path that writes nothing.
    func readBack(after path: [PathStep]) -> Double {
        guard let last = path.last(where: { Self.writtenWidth($0) != nil }), let width = Self.writtenWidth(last),
            let item = Self.readBack((width, Self.isLocked(last)), 8)
        else { return 0 }
        return costs.ratio(item)
    }

    /// The mean over a mix of entries.
    func ranking(_ prices: [EntryKind: Double]) -> Double {
        var sum = 0.0
        var weight = 0.0
        for kind in EntryKind.allCases {
            guard let price = prices[kind] else { continue }
            let share = mix[kind] ?? kind.usualShare
            sum += share * price
            weight += share
        }
        return weight > 0 ? sum / weight : sum
    }

    private static func isLocked(_ step: PathStep) -> Bool {
        switch step {
        case .instruction(let template): template.isLocked
        case .compare: true
        case .passed, .jump: false
        }
    }

    private static func writtenWidth(_ step: PathStep) -> UInt8? {
        switch step {
        case .instruction(let template): template.isMemory && template.action != .load ? template.width : nil
        case .compare(let width, _): width
        case .passed, .jump: nil
        }
    }

    private static func readBack(_ written: (width: UInt8, isLocked: Bool), _ read: UInt8) -> CostItem? {
        written.isLocked
            ? .readBack(written: Int(written.width), read: Int(read))
            : .storeReadBack(written: Int(written.width), read: Int(read))
    }

    private static func item(_ step: PathStep) -> CostItem {
        switch step {
        case .passed: return .branchNotTaken
        case .jump: return .branchTaken
        case .compare(_, let succeeds): return succeeds ? .cmpxchgSucceeds : .cmpxchgFails
        case .instruction(let template):
            let width = Int(template.width)
            switch template.action {
            case .load: return .load(width) ?? .load8
            case .store, .storeConstant: return .store(width) ?? .store8
            case .lockXadd: return .lockedExchangeAdd8
            case .lockBts, .lockBtr, .lockBtc: return .lockedBit8
            case .xchg: return .xchg(width) ?? .xchg8
            case .cmpxchg: return .cmpxchgSucceeds
            case .fence: return .mfence
            case .flush: return .shootdown
            default: return template.isMemory ? .locked(width) ?? .locked8 : .register
            }
        }
    }
}
