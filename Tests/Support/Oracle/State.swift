import X86

/// A cached translation.
struct Translation: Hashable, Comparable {
    /// The tag (PCID) that it was made under.
    var tag: Int
    /// The level of its leaf: 1 for 4K, 2 for 2M, 3 for 1G.
    var size: Int
    /// The addresses: those that agree with this page, the lowest of them, above the size.
    var page: Int
    /// The number of its first frame.
    var frame: UInt64
    /// Of all levels.
    var writable: Bool
    /// Of all levels.
    var user: Bool
    /// Of any level.
    var noExecute: Bool
    /// Of the leaf.
    var dirty: Bool
    /// Of the leaf.
    var global: Bool
    /// The leaf has W=0 and D=1, and every level above it W=1 (SDM 3A 4.10.2.2).
    var shadowStack: Bool

    /// What a walk that has got as far as the leaf makes of it.
    ///
    /// - Parameter prefix: the lowest page that agrees with the walk's page above the leaf.
    init(_ walk: PartialWalk, prefix: Int, leaf: Entry) {
        tag = walk.tag
        size = walk.level
        page = prefix
        frame = walk.level == 1 ? leaf.frame : leaf.largeFrame
        writable = walk.writable && leaf.writable
        user = walk.user && leaf.user
        noExecute = walk.noExecute || leaf.noExecute
        dirty = leaf.dirty
        global = leaf.global
        shadowStack = walk.writable && leaf.isShadowStack
    }

    private var order: [UInt64] {
        [
            UInt64(tag), UInt64(size), UInt64(page), frame, writable ? 1 : 0, user ? 1 : 0,
            noExecute ? 1 : 0, dirty ? 1 : 0, global ? 1 : 0, shadowStack ? 1 : 0,
        ]
    }

    /// Whether a processor may use it under a tag: the tag's own translations, and global ones of all.
    func isUsable(under tag: Int) -> Bool { self.tag == tag || global }

    static func < (left: Translation, right: Translation) -> Bool { left.order.lexicographicallyPrecedes(right.order) }
}

/// How far a walk has got, in a paging-structure cache or under way: for some addresses it reads this table next.
struct PartialWalk: Hashable, Comparable {
    /// The tag that it has.
    var tag: Int
    /// The level of the entries of the table.
    var level: Int
    /// The addresses: those that agree with this page, the lowest of them, above the level.
    var prefix: Int
    var table: Int
    /// Of all levels passed.
    var writable = true
    /// Of all levels passed.
    var user = true
    /// Of any level passed.
    var noExecute = false
    /// Entries above that were read with A=0, from the top, in which A is still to be set: such a walk is under way, in no cache.
    var late: [LateAccessed] = []

    private var order: [Int] {
        [tag, level, prefix, table, writable ? 1 : 0, user ? 1 : 0, noExecute ? 1 : 0]
            + late.flatMap { [$0.level, Int(bitPattern: UInt($0.word)), Int(bitPattern: UInt($0.seen))] }
    }

    static func < (left: PartialWalk, right: PartialWalk) -> Bool { left.order.lexicographicallyPrecedes(right.order) }
}

/// A walk that has read P=1, A=0 in its table, and will set A.
struct AccessedUpdate: Hashable, Comparable {
    /// With entries above that are late, it is those that are set first.
    var walk: PartialWalk
    /// The page whose entry it is, the lowest of those that share the slot.
    var page: Int
    /// What was read in the leaf, where A comes later in entries above it.
    var leaf: UInt64?

    static func < (left: AccessedUpdate, right: AccessedUpdate) -> Bool {
        if left.walk != right.walk { return left.walk < right.walk }
        return (left.page, left.leaf ?? 0) < (right.page, right.leaf ?? 0)
    }
}

/// What a walk comes to in the end.
enum WalkEnd: Hashable {
    /// P=0, at this level.
    case notPresent(level: Int, Entry)
    /// P=1 and a bit that has to be 0, at this level.
    case reserved(level: Int)
    /// P=1 and nothing behind it, at this level.
    case nothing(level: Int)
    case mapped(Translation)
}

/// The translation that an access goes through.
struct Route: Hashable {
    /// The address space that the processor runs, which need not be the one that a global translation was made in.
    var space: Int
    var page: Int
    /// The page's own frame, which may be one of many of the translation.
    var frame: UInt64
    /// Of the translation; 1 once the access is made.
    var size: Int
    var writable: Bool
}

/// A store that has not reached memory.
struct BufferedStore: Hashable {
    /// The key of the word.
    var word: UInt64
    /// The bits that are written.
    var mask: UInt64
    var value: UInt64
    /// Nil for the direct map.
    var route: Route?
}

/// What a fault was based on, as far as `retry` compares it.
struct FaultBasis: Hashable {
    /// The address space that the processor runs: a walk of its page table is what `retry` looks at.
    var space: Int
    var page: Int
    /// The level with P=0, or with a reserved bit; nil where the page is mapped.
    var absentLevel: Int?
    var isReserved = false
    var isNothing = false
    /// 0 where the page is not mapped.
    var size = 0
    var frame: UInt64 = 0
    var writable = false
    var user = false
    var dirty = false
    var global = false

    /// - Parameter isOneLevel: where there is nothing but leaves, the rule is machine.md's: frame, W, U and D count whatever P is,
    ///   and G does not.
    init(space: Int, page: Int, _ end: WalkEnd, isOneLevel: Bool) {
        self.space = space
        self.page = page
        switch end {
        case .notPresent(let level, let entry):
            absentLevel = level
            guard isOneLevel else { return }
            (frame, writable, user, dirty) = (entry.frame, entry.writable, entry.user, entry.dirty)
        case .reserved(let level):
            absentLevel = level
            isReserved = true
        case .nothing(let level):
            absentLevel = level
            isNothing = true
        case .mapped(let translation):
            size = translation.size
            (frame, writable, user) = (translation.frame, translation.writable, translation.user)
            dirty = translation.dirty
            global = translation.global && !isOneLevel
        }
    }
}

/// What a service asks of other processors, and how it reaches them.
struct FlushScope: Hashable {
    /// By its kernel's root, where it has two.
    var space: Int
    /// Where the one `invlpg` goes; nil for the whole address space.
    var place: Place?
    /// The pages (bits) that the caller asked for.
    var pages: UInt64
    /// By broadcast, not by interrupts.
    var isBroadcast = false
    /// Of a broadcast: upper levels are dropped for the place alone, by the sender's `tce`.
    var sparesOtherPaths = false
    /// `tlb_remove_table_sync_one`: an interrupt, and nothing is dropped.
    var dropsNothing = false
    /// Tables were freed, so that lazy processors count.
    var freesTables = false

    func covers(_ page: Int) -> Bool { pages & (1 << UInt64(page)) != 0 }
}

/// What a grace period waits for at one processor.
enum GracePeriod: Hashable {
    /// The section that it is in.
    case section
    /// Its oldest buffered stores, so many; 0 when there is nothing left.
    case stores(Int)
}

/// A part of an `invlpgb` that a processor has still to take: one page under one tag.
struct BroadcastPart: Hashable, Comparable {
    /// Whose `tlbsync` waits for it.
    var sender: Int
    /// Nil where the PCID is that of no address space.
    var tag: Int?
    /// Nil for an address outside all pages of the test: of it there are only upper levels.
    var page: Int?
    var includesGlobal: Bool
    /// What goes of the partial walks.
    var upper: Upper

    enum Upper: Int {
        case nothing
        case path
        case all
    }

    private var order: [Int] { [sender, tag ?? -1, page ?? -1, includesGlobal ? 1 : 0, upper.rawValue] }

    static func < (left: BroadcastPart, right: BroadcastPart) -> Bool {
        left.order.lexicographicallyPrecedes(right.order)
    }
}

/// What a thread waits for between instructions.
enum Waiting: Hashable {
    case nothing
    /// `retry`: until a walk of memory comes to something else.
    case change(FaultBasis)
    /// A flush service: the processors (as bits) that have not acknowledged, and those that have not caught up in another way.
    case acknowledgements(FlushScope, of: UInt64, due: UInt64)
    /// `synchronize_rcu`: what it waits for, by processor.
    case gracePeriod([GracePeriod])
    /// `send_ipi`: until the interrupt is handled.
    case handler(of: Int, isTaken: Bool)
    /// No longer, but the processor is in the middle of an interrupt.
    case over
}

/// How far the translation of the current access has come.
enum TranslationPhase: Hashable {
    case start
    /// The walk saw A=0; `dirtying` says for which Dirty update it was made, if for one.
    case settingAccessed(AccessedUpdate, dirtying: Route?)
    /// `decide` saw this translation, which permits writing and is clean; `update` is due.
    case updatingDirty(Route)
}

enum ThreadState: Hashable {
    case running
    /// In a loop that touches only registers: never ends, never steps visibly.
    case spinning
    case ended
}

/// A fault that was taken: where, and at which page.
struct FaultRecord: Hashable {
    /// The instruction in the main column; nil in a handler.
    var rip: Int?
    var page: Int
}

struct Processor: Hashable {
    var registers = RegisterFile()
    var buffer: [BufferedStore] = []
    /// Sorted, each translation once.
    var translations: [Translation] = []
    /// Walks under way, and paging-structure caches by prefix; sorted, each once.
    var partials: [PartialWalk] = []
    /// Paging-structure caches by entry; sorted, each once.
    var entries: [UpperEntry] = []
    /// Speculative walks that have read P=1, A=0 and will set A; sorted.
    ///
    /// Only where reading and setting are two steps.
    var updates: [AccessedUpdate] = []
    /// Sorted, each part once.
    var broadcasts: [BroadcastPart] = []
    var space = 0
    /// The kernel runs on the loaded address space without need of its pages.
    var isLazy = false
    /// The address space that was last loaded but by an interrupt.
    var wanted = 0
    /// Address spaces (bits) of which the processor has missed a flush without being asked.
    var behind: UInt64 = 0
    /// CR4.PGE.
    var globalPages = true
    var thread: ThreadState = .running
    var waiting: Waiting = .nothing
    var phase: TranslationPhase = .start
    /// What the first half of an unlocked read-modify-write or a copy read.
    var loaded: UInt64?
    /// One for each handler that runs, the innermost last.
    var frames: [HandlerFrame] = []
    var faultAddress: UInt64 = 0
    var privilege: UInt8 = 0
    /// How many `rcu_read_lock`s are open.
    var readLocks = 0
    /// In the order in which they first happened; only what the condition may ask for.
    var faults: [FaultRecord] = []

    /// Between instructions, no part of one under way.
    var atBoundary: Bool { phase == .start && loaded == nil }

    /// Inside an RCU section: interrupts off are one too.
    var isInSection: Bool { thread != .ended && (readLocks > 0 || !registers.flags.contains(.interrupt)) }

    mutating func hold(_ walk: PartialWalk) {
        guard !partials.contains(walk) else { return }
        partials.append(walk)
        partials.sort()
    }

    mutating func fill(_ translation: Translation) {
        guard !translations.contains(translation) else { return }
        translations.append(translation)
        translations.sort()
    }
}

/// One word of memory; words that are not listed hold 0.
struct Word: Hashable {
    var key: UInt64
    var value: UInt64
}

/// Observations that no instruction can read, as bits by variable.
struct Ghosts: Hashable {
    var written: UInt64 = 0
    var reclaimed: UInt64 = 0
    var freed: UInt64 = 0
    /// Tables (bits) that were freed.
    var freedTables: UInt64 = 0
    /// Words of entries with P=0 in which hardware set A or D; sorted.
    var stray: [UInt64] = []
    /// Frames (bits by number, tables' frames too) for which a flush completed, per page and space (`space * variables + page`).
    var barred: [UInt64] = []

    var lostDirty: UInt64 = 0
    var kernelShadowStack: UInt64 = 0
    var shadowStackExposed: UInt64 = 0
    var staleWrite: UInt64 = 0
    var staleFrame: UInt64 = 0
    var strayPresent: UInt64 = 0
    /// By table.
    var staleTable: UInt64 = 0
    var sizeConflict: UInt64 = 0
    var sizeMismatch: UInt64 = 0
}

/// Everything that a verdict can depend on.
struct State: Hashable {
    /// Sorted by key, no zeros.
    var memory: [Word]
    var processors: [Processor]
    /// The pages' software dirty flags.
    var softwareDirty: UInt64 = 0
    var ghosts: Ghosts
    /// The processor whose walker has read an entry that leads to nothing in the test: there the run ends.
    var wild: Int?

    func word(_ key: UInt64) -> UInt64 { memory.first { $0.key == key }?.value ?? 0 }

    mutating func setWord(_ key: UInt64, _ value: UInt64) {
        let position = memory.firstIndex { $0.key >= key } ?? memory.count
        let exists = position < memory.count && memory[position].key == key
        switch (exists, value) {
        case (true, 0): memory.remove(at: position)
        case (true, _): memory[position].value = value
        case (false, 0): break
        case (false, _): memory.insert(Word(key: key, value: value), at: position)
        }
    }
}
