/// A kernel service that code can call by name: `call flush_tlb_page(x)` (litmus.md, "Kernel services").
///
/// What holds of a service is said here and nowhere else; what it does to the machine is in `Machine/Services`.
public enum KernelService: String, CaseIterable, Sendable, Hashable {
    case flushPage = "flush_tlb_page"
    case flushSpace = "flush_tlb_mm"
    case flushRange = "flush_tlb_range"
    case flushLocal = "flush_tlb_local"
    case lock = "spin_lock"
    case unlock = "spin_unlock"
    case waitFor = "wait_for"
    case setPageDirty = "set_page_dirty"
    case clearPageDirty = "clear_page_dirty"
    case pageDirty = "page_dirty"
    case writeback
    case reclaim
    case freeFrame = "free_frame"
    case freeTable = "free_table"
    case syncTables = "tlb_remove_table_sync_one"
    case synchronizeRCU = "synchronize_rcu"
    case lockRCU = "rcu_read_lock"
    case unlockRCU = "rcu_read_unlock"
    case pteOffset = "pte_offset"
    case pmdOffset = "pmd_offset"
    case pudOffset = "pud_offset"
    case enterLazy = "enter_lazy_tlb"
    case switchSpace = "switch_mm"
    case sendInterrupt = "send_ipi"
    case invalidateOne = "invpcid_flush_one"
    case invalidateContext = "invpcid_flush_single_context"
    case invalidateAll = "invpcid_flush_all"
    case invalidateNonglobal = "invpcid_flush_all_nonglobals"
    case broadcastInvalidate = "invlpgb"

    /// What a service is about: the thing that its first argument names.
    public enum Subject: Sendable, Hashable {
        /// A lock of 32 bits: 0 when it is free.
        case lock
        /// A variable, as wide as its type.
        case variable
        /// A translated page, whose translations it drops.
        case page
        /// All pages of an address space.
        case space
        /// The pages from one address to another.
        case range
        /// A page's frame, of which the kernel keeps book.
        case frame
        /// A table of the page table.
        case table
        /// The page whose entry's address is computed, in registers alone.
        case entry
        /// What other CPUs are in the middle of.
        case readers
        /// Which address space the CPU runs, and whether its user pages are in use.
        case mode
        /// Another CPU.
        case processor
        /// The translations of a tag: it is one instruction, `invpcid` or `invlpgb`, with its operands by their names.
        case tag
    }

    /// The name that calls it.
    public var name: String { rawValue }

    /// The name of every service, in the order in which they are listed.
    public static var names: [String] { allCases.map { $0.rawValue } }

    /// What it is about.
    public var subject: Subject {
        switch self {
        case .lock, .unlock: .lock
        case .waitFor: .variable
        case .flushPage, .flushLocal: .page
        case .flushSpace: .space
        case .flushRange: .range
        case .setPageDirty, .clearPageDirty, .pageDirty, .writeback, .reclaim, .freeFrame: .frame
        case .freeTable: .table
        case .pteOffset, .pmdOffset, .pudOffset: .entry
        case .syncTables, .synchronizeRCU, .lockRCU, .unlockRCU: .readers
        case .enterLazy, .switchSpace: .mode
        case .sendInterrupt: .processor
        case .invalidateOne, .invalidateContext, .invalidateAll, .invalidateNonglobal, .broadcastInvalidate: .tag
        }
    }

    /// The arguments of a call in a column, as documentation names them.
    public var parameters: [String] {
        switch self {
        case .flushSpace, .syncTables, .synchronizeRCU, .lockRCU, .unlockRCU, .enterLazy, .invalidateAll,
            .invalidateNonglobal:
            []
        case .switchSpace: ["mm"]
        case .sendInterrupt: ["P1"]
        case .flushRange: ["x", "size", "stride", "tables"]
        case .freeTable: ["PT(x)"]
        case .lock, .unlock: ["l"]
        case .waitFor: ["l", "v"]
        case .flushPage, .flushLocal, .setPageDirty, .clearPageDirty, .pageDirty, .writeback, .reclaim, .freeFrame,
            .pteOffset, .pmdOffset, .pudOffset, .invalidateOne, .broadcastInvalidate:
            ["x"]
        case .invalidateContext: ["m"]
        }
    }

    /// How many arguments a call in a column may have.
    public var argumentCounts: ClosedRange<Int> {
        switch self {
        // The address space that is loaded, unless one is named.
        case .flushSpace: 0...1
        // A page, an address space or neither; `final`; `global`.
        case .broadcastInvalidate: 0...3
        default: parameters.count...parameters.count
        }
    }

    /// How many arguments compiled code passes in registers: those of a column, to `wait_for` the variable's bytes, and to
    /// `flush_tlb_range` two addresses, a shift and a root in place of page, size and stride.
    package var registerCount: Int { parameters.count + (self == .waitFor || self == .flushRange ? 1 : 0) }

    /// Whether compiled code cannot call it: there the kernel's own functions compute addresses of entries, and have the
    /// instructions that drop translations.
    public var isForColumnsOnly: Bool {
        switch subject {
        case .entry, .tag: true
        case .lock, .variable, .page, .space, .range, .frame, .table, .readers, .mode, .processor: false
        }
    }

    /// Whether it is about a CPU that may keep an address space loaded without using it, or fall behind in one.
    public var changesMode: Bool { subject == .mode }

    /// Whether it can wait for another CPU's store.
    public var waits: Bool { self == .lock || self == .waitFor }

    /// Whether it drops translations, here or on all CPUs.
    public var flushes: Bool {
        switch subject {
        case .page, .space, .range: true
        case .lock, .variable, .frame, .table, .entry, .readers, .mode, .processor, .tag: false
        }
    }

    /// Whether it reads or writes memory and does nothing else.
    package var isPlainAccess: Bool { subject == .lock || subject == .variable }

    /// Whether its first argument may be a variable that the test names nowhere else.
    ///
    /// Pages, frames and address spaces are what the rest of the test says; a misspelt one must not be a new one.
    package var introducesVariable: Bool { isPlainAccess }

    /// Whether it returns a value, in %rax.
    public var answers: Bool { self == .pageDirty || subject == .entry }

    /// Whether it waits until other CPUs have taken part, as a flush does.
    public var awaitsCPUs: Bool {
        flushes && self != .flushLocal || self == .syncTables || self == .synchronizeRCU || self == .sendInterrupt
    }
}

extension KernelService {
    /// Why no handler of interrupts can call it; nil for services that it can call.
    package var refusalInHandler: (message: String, remedy: String)? {
        guard awaitsCPUs else { return nil }
        return (
            "\(name) in an interrupt handler waits for other CPUs with interrupts off",
            "call it in a thread: two CPUs that do this wait for each other"
        )
    }

    /// The number of the CPU that the arguments of `send_ipi` name, as `P1`; nil where they name none.
    package func target(_ arguments: [String]) -> Int? {
        guard self == .sendInterrupt, let name = arguments.first, name.first == "P", name.utf8.count > 1,
            name.dropFirst().utf8.allSatisfy({ $0 >= UInt8(ascii: "0") && $0 <= UInt8(ascii: "9") })
        else { return nil }
        return Int(name.dropFirst())
    }
}

extension Instruction {
    /// What compiled code calls, with `()`, in place of a pointer that leads to no function of the test.
    package static let unknownTarget = "unknown_target"
}
