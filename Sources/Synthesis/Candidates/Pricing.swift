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
    func price(_ path: [PathStep]) -> Double { price(path.map(Self.priced)) }

    /// The price of steps that were taken one after the other; nil is a flush, which has none, and empties the store buffer.
    func price(_ steps: [PricedStep?]) -> Double {
        var price = 0.0
        // Instructions on registers and predicted branches run beside locked instructions, and several at a time.
        var besides = 0.0
        // What was done to the entry last: how wide, and whether with a lock.
        var written: (width: UInt8, isLocked: Bool)?
        for step in steps {
            guard let step else {
                written = nil
                continue
            }
            switch step.item {
            case .register, .branchNotTaken, .branchTaken: besides += costs.ratio(step.item) / Self.issueWidth
            default: price += costs.ratio(step.item)
            }
            if let width = step.loaded, let last = written, let extra = Self.readBack(last, width) {
                price += costs.ratio(extra)
            }
            guard let width = step.written else { continue }
            if step.isLocked, let last = written, !last.isLocked { price += costs.ratio(.storeThenLocked) }
            written = (width, step.isLocked)
        }
        return price + besides * (steps.contains { $0?.isLocked == true } ? Self.besideLocked : 1)
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

    private static func priced(_ step: PathStep) -> PricedStep {
        var loaded: UInt8?
        if case .instruction(let template) = step, template.action == .load { loaded = template.width }
        return PricedStep(item(step), loaded: loaded, written: writtenWidth(step), isLocked: isLocked(step))
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

/// A step as its price sees it.
struct PricedStep: Hashable, Sendable {
    /// The building block.
    var item: CostItem
    /// How many bytes of the entry a plain load reads.
    var loaded: UInt8?
    /// How many bytes of the entry it writes.
    var written: UInt8?
    /// Whether it is a locked instruction on the entry.
    var isLocked: Bool

    init(_ item: CostItem, loaded: UInt8? = nil, written: UInt8? = nil, isLocked: Bool = false) {
        self.item = item
        self.loaded = loaded
        self.written = written
        self.isLocked = isLocked
    }
}
