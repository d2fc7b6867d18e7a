import Synthesis

/// What tables call building blocks, and why a figure is not there.
enum CostWords {
    /// Building blocks that stand together in a table.
    struct Group {
        var heading: String
        var items: [CostItem]
    }

    /// All building blocks, in the order of tables.
    static let groups = [
        Group(heading: "load", items: [.load1, .load2, .load4, .load8]),
        Group(heading: "plain store", items: [.store1, .store2, .store4, .store8]),
        Group(heading: "and to memory without lock", items: [.update1, .update2, .update4, .update8]),
        Group(
            heading: "lock and (or, xor, add, sub, not, neg, inc, dec)",
            items: [.locked1, .locked2, .locked4, .locked8]),
        Group(heading: "other locked instructions", items: [.lockedExchangeAdd8, .lockedBit8]),
        Group(heading: "xchg", items: [.xchg1, .xchg2, .xchg4, .xchg8]),
        Group(
            heading: "compare and exchange",
            items: [.cmpxchgSucceeds, .cmpxchgFails, .cmpxchgLoop, .cmpxchgLoopRetried]),
        Group(heading: "registers", items: [.register, .branchNotTaken, .branchTaken, .branchMispredicted]),
        Group(heading: "fence", items: [.mfence, .lfence, .sfence]),
        Group(
            heading: "a load after lock and: extra, by bytes written and read",
            items: [
                .readBack1to1, .readBack1to2, .readBack1to4, .readBack1to8, .readBack2to4, .readBack2to8,
                .readBack4to8, .readBack8to8,
            ]),
        Group(
            heading: "a load after a plain store: extra, by bytes written and read",
            items: [
                .storeReadBack1to2, .storeReadBack1to4, .storeReadBack1to8, .storeReadBack2to4, .storeReadBack2to8,
                .storeReadBack4to8, .storeReadBack8to8,
            ]),
        Group(heading: "lock and after a plain store", items: [.storeThenLocked]),
        Group(
            heading: "a choice by Dirty: load, test, branch, a locked instruction",
            items: [.splitClean, .splitDirty, .splitMixed]),
        Group(
            heading: "stand-ins for what only a kernel can do",
            items: [.pageFault, .shootdown, .shootdownByMembarrier]),
    ]

    /// What a row of the table is called below its group's heading.
    static func label(_ item: CostItem) -> String {
        switch item {
        case .load1, .store1, .update1, .locked1, .xchg1: "1 byte"
        case .load2, .store2, .update2, .locked2, .xchg2: "2 bytes"
        case .load4, .store4, .update4, .locked4, .xchg4: "4 bytes"
        case .load8, .store8, .update8, .locked8, .xchg8: "8 bytes"
        case .lockedExchangeAdd8: "lock xadd, 8 bytes"
        case .lockedBit8: "lock btr, 8 bytes"
        case .cmpxchgSucceeds: "cmpxchg that succeeds"
        case .cmpxchgFails: "cmpxchg that fails"
        case .cmpxchgLoop: "loop, succeeds at once"
        case .cmpxchgLoopRetried: "loop, fails once"
        case .register: "an instruction"
        case .branchNotTaken: "branch, not taken"
        case .branchTaken: "branch, taken"
        case .branchMispredicted: "misprediction, extra"
        case .mfence: "mfence"
        case .lfence: "lfence"
        case .sfence: "sfence"
        case .storeThenLocked: "8 bytes, extra"
        case .splitClean: "all clean"
        case .splitDirty: "all dirty"
        case .splitMixed: "mixed at random"
        case .pageFault: "page fault: first read"
        case .shootdown: "shootdown: mprotect"
        case .shootdownByMembarrier: "shootdown: membarrier"
        default: readBackLabel(item)
        }
    }

    private static func readBackLabel(_ item: CostItem) -> String {
        for written in [1, 2, 4, 8] {
            for read in [1, 2, 4, 8] {
                let items = [
                    CostItem.readBack(written: written, read: read),
                    CostItem.storeReadBack(written: written, read: read),
                ]
                if items.contains(item) { return "\(written), then \(read)" }
            }
        }
        return item.rawValue
    }

    /// What a column is called.
    static func title(_ setting: CostSetting) -> String {
        switch setting {
        case .small: "512"
        case .medium: "65,536"
        case .large: "8 Mi"
        case .contended: "512, other\nCPU writes"
        }
    }

    /// Why there is no figure, in a few words.
    static func words(_ reason: UnusableReason) -> String {
        switch reason {
        case .spread(let spread): "spread \(percent(spread))"
        case .unitSpread(let spread): "lock andb spread \(percent(spread))"
        case .stolen(let part): "\(percent(part)) stolen by the host"
        case .samples(0): "no pass counted"
        case .samples(let count): "only \(Figures.count(count, "pass", plural: "passes"))"
        case .oneCPU: "one CPU only"
        case .systemCall: "the kernel refused"
        case .endless: "does not end"
        case .signal(let number): "signal \(number)"
        case .notReached: "not reached"
        case .notRunnable(let problem): words(problem)
        }
    }

    /// Why a sequence cannot be run.
    static func words(_ problem: SequenceProblem) -> String {
        switch problem {
        case .notColumns: "only tests in columns are timed, and this one is compiled"
        case .noColumn: "there is no column P0"
        case .noEntry: "no register of P0 starts with the address of an entry"
        case .instruction(let text): "`\(printable(text))` cannot run outside a kernel, or leaves the column"
        case .memory(let text):
            "`\(printable(text))` accesses something other than an entry that a register has from the start"
        case .registers: "the column leaves no two registers for the loop around it"
        }
    }

    /// `12%`, of large numbers only that they are large.
    static func percent(_ part: Double) -> String {
        part < 10 ? "\(Figures.fixed(part * 100, decimals: 0))%" : "over 1000%"
    }

    /// A ratio with three digits that count.
    static func ratio(_ value: Double) -> String {
        Figures.fixed(value, decimals: value >= 100 ? 0 : value >= 10 ? 1 : 2)
    }
}
