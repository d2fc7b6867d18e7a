/// A building block of a sequence that has a price of its own; the raw value is its name in cost files.
///
/// The digits are widths in bytes. A price is the time of the block's instruction over many entries, one after the other.
/// Where the summary says *extra* it comes on top of the prices of the instructions it names.
package enum CostItem: String, CaseIterable, Hashable, Sendable {
    /// A load of the entry.
    case load1, load2, load4, load8
    /// A plain store to the entry.
    case store1, store2, store4, store8
    /// A read-modify-write without `lock`, as `andb $-3,(%rdi)`.
    case update1, update2, update4, update8
    /// A locked `and`, `or`, `xor`, `add`, `sub`, `not`, `neg`, `inc` or `dec`; `locked1` is the unit.
    case locked1, locked2, locked4, locked8
    /// A locked `xadd`.
    case lockedExchangeAdd8
    /// A locked `bts`, `btr` or `btc` with the bit's number as a constant.
    case lockedBit8
    /// An `xchg` with the entry.
    case xchg1, xchg2, xchg4, xchg8
    /// A locked `cmpxchg` of 8 bytes that finds what it compares with.
    case cmpxchgSucceeds
    /// A locked `cmpxchg` of 8 bytes that finds something else.
    case cmpxchgFails
    /// Load, change, `cmpxchg`: a loop that succeeds at once.
    case cmpxchgLoop
    /// The same loop when its first `cmpxchg` fails.
    case cmpxchgLoopRetried
    /// An instruction on registers that waits for the one before it.
    case register
    /// A conditional branch that is predicted and not taken.
    case branchNotTaken
    /// A conditional branch that is predicted and taken.
    case branchTaken
    /// What a branch costs that was predicted wrongly, extra.
    case branchMispredicted
    /// A fence.
    case mfence, lfence, sfence
    /// A locked write of the first width, then a load of the second: extra.
    case readBack1to1, readBack1to2, readBack1to4, readBack1to8, readBack2to4, readBack2to8, readBack4to8, readBack8to8
    /// A plain store of the first width, then a load of the second: extra.
    case storeReadBack1to2, storeReadBack1to4, storeReadBack1to8, storeReadBack2to4, storeReadBack2to8
    case storeReadBack4to8, storeReadBack8to8
    /// A plain store to the entry, then a locked instruction on it: extra.
    case storeThenLocked
    /// Load, test Dirty, branch to one of two locked instructions, where all entries are clean.
    case splitClean
    /// The same where all entries are dirty.
    case splitDirty
    /// The same where clean and dirty entries alternate at random.
    case splitMixed
    /// A page fault that the kernel mends; stands in for that of a CPU that meets a closed entry.
    case pageFault
    /// `mprotect` of a page that another CPU uses; stands in for a shootdown.
    case shootdown
    /// `membarrier` while another CPU runs the same program; stands in for the interrupt of a shootdown.
    case shootdownByMembarrier

    /// The unit of all prices: `lock andb $-3,(%rdi)`.
    package static let unit = CostItem.locked1

    /// Whether the price comes on top of those of the instructions it is about.
    package var isExtra: Bool {
        switch self {
        case .branchMispredicted, .storeThenLocked: true
        case .readBack1to1, .readBack1to2, .readBack1to4, .readBack1to8, .readBack2to4, .readBack2to8, .readBack4to8,
            .readBack8to8:
            true
        case .storeReadBack1to2, .storeReadBack1to4, .storeReadBack1to8, .storeReadBack2to4, .storeReadBack2to8,
            .storeReadBack4to8, .storeReadBack8to8:
            true
        default: false
        }
    }

    /// Whether what is measured only stands in for what is meant: no program can do that outside the kernel.
    package var isStandIn: Bool {
        switch self {
        case .pageFault, .shootdown, .shootdownByMembarrier: true
        default: false
        }
    }

    /// Whether it does not depend on the size of the table, so that it is measured once.
    package var isOfNoTable: Bool {
        switch self {
        case .register, .branchNotTaken, .branchTaken, .branchMispredicted: true
        default: isStandIn
        }
    }
}

// The same by width in bytes: nil for a width that no instruction has.
extension CostItem {
    /// A load of the entry.
    package static func load(_ bytes: Int) -> CostItem? { chosen(bytes, .load1, .load2, .load4, .load8) }

    /// A plain store to the entry.
    package static func store(_ bytes: Int) -> CostItem? { chosen(bytes, .store1, .store2, .store4, .store8) }

    /// A read-modify-write without `lock`.
    package static func update(_ bytes: Int) -> CostItem? { chosen(bytes, .update1, .update2, .update4, .update8) }

    /// A locked instruction other than `xadd`, `bts` and its like, and `cmpxchg`.
    package static func locked(_ bytes: Int) -> CostItem? { chosen(bytes, .locked1, .locked2, .locked4, .locked8) }

    /// An `xchg` with the entry.
    package static func xchg(_ bytes: Int) -> CostItem? { chosen(bytes, .xchg1, .xchg2, .xchg4, .xchg8) }

    /// What a load costs extra after a locked write of the entry; nil where that was not measured: a narrower load.
    package static func readBack(written: Int, read: Int) -> CostItem? {
        switch (written, read) {
        case (1, 1): .readBack1to1
        case (1, 2): .readBack1to2
        case (1, 4): .readBack1to4
        case (1, 8): .readBack1to8
        case (2, 4): .readBack2to4
        case (2, 8): .readBack2to8
        case (4, 8): .readBack4to8
        case (8, 8): .readBack8to8
        default: nil
        }
    }

    /// What a load costs extra after a plain store to the entry; nil where that was not measured.
    package static func storeReadBack(written: Int, read: Int) -> CostItem? {
        switch (written, read) {
        case (1, 2): .storeReadBack1to2
        case (1, 4): .storeReadBack1to4
        case (1, 8): .storeReadBack1to8
        case (2, 4): .storeReadBack2to4
        case (2, 8): .storeReadBack2to8
        case (4, 8): .storeReadBack4to8
        case (8, 8): .storeReadBack8to8
        default: nil
        }
    }

    private static func chosen(
        _ bytes: Int, _ one: CostItem, _ two: CostItem, _ four: CostItem, _ eight: CostItem
    ) -> CostItem? {
        switch bytes {
        case 1: one
        case 2: two
        case 4: four
        case 8: eight
        default: nil
        }
    }
}
