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

    /// Services of the language that this version does not have.
    static let later: Set<String> = [
        "enter_lazy_tlb", "switch_mm", "invpcid_flush_one", "invpcid_flush_single_context", "invpcid_flush_all",
        "invpcid_flush_all_nonglobals", "invlpgb", "send_ipi",
    ]

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
        }
    }

    /// The arguments of a call in a column, as documentation names them.
    public var parameters: [String] {
        switch self {
        case .flushSpace, .syncTables, .synchronizeRCU, .lockRCU, .unlockRCU: []
        case .flushRange: ["x", "size", "stride", "tables"]
        case .freeTable: ["PT(x)"]
        case .lock, .unlock: ["l"]
        case .waitFor: ["l", "v"]
        case .flushPage, .flushLocal, .setPageDirty, .clearPageDirty, .pageDirty, .writeback, .reclaim, .freeFrame,
            .pteOffset, .pmdOffset, .pudOffset:
            ["x"]
        }
    }

    /// How many arguments a call in a column may have.
    public var argumentCounts: ClosedRange<Int> {
        // The address space that is loaded, unless one is named.
        self == .flushSpace ? 0...1 : parameters.count...parameters.count
    }

    /// How many arguments compiled code passes in registers: those of a column, and to `wait_for` the variable's bytes.
    package var registerCount: Int { parameters.count + (self == .waitFor ? 1 : 0) }

    /// Whether compiled code has no use for it: there the kernel's own functions compute addresses of entries.
    public var isForColumnsOnly: Bool { subject == .entry }

    /// Whether it can wait for another CPU's store.
    public var waits: Bool { self == .lock || self == .waitFor }

    /// Whether it drops translations, here or on all CPUs.
    public var flushes: Bool {
        switch subject {
        case .page, .space, .range: true
        case .lock, .variable, .frame, .table, .entry, .readers: false
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
    public var awaitsCPUs: Bool { flushes && self != .flushLocal || self == .syncTables || self == .synchronizeRCU }
}

extension Instruction {
    /// What compiled code calls, with `()`, in place of a pointer that leads to no function of the test.
    package static let unknownTarget = "unknown_target"
}
