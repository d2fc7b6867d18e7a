import X86

/// A cached translation.
struct Translation: Hashable, Comparable {
    /// The address space whose tag it was made under.
    var space: Int
    var page: Int
    var frame: UInt64
    var writable: Bool
    var user: Bool
    var dirty: Bool
    var global: Bool
    /// Address spaces (bits) in which a flush of the page has completed since it was made.
    var flushed: UInt64 = 0

    init(space: Int, page: Int, entry: Entry) {
        self.space = space
        self.page = page
        frame = entry.frame
        writable = entry.writable
        user = entry.user
        dirty = entry.dirty
        global = entry.global
    }

    private var order: [UInt64] {
        [UInt64(space), UInt64(page), frame, writable ? 1 : 0, user ? 1 : 0, dirty ? 1 : 0, global ? 1 : 0, flushed]
    }

    /// Whether a processor that runs an address space may use it: its own translations, and global ones of all.
    func serves(space: Int, page: Int) -> Bool { self.page == page && (self.space == space || global) }

    static func < (left: Translation, right: Translation) -> Bool { left.order.lexicographicallyPrecedes(right.order) }
}

/// The translation that an access goes through.
struct Route: Hashable {
    /// The address space that the processor runs, which need not be the one that a global translation was made in.
    var space: Int
    var page: Int
    var frame: UInt64
    var writable: Bool
    /// Address spaces (bits) in which a flush of the page has completed since the translation was made.
    var flushed: UInt64 = 0
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

/// The entry that a fault was based on, as far as `retry` compares it.
struct FaultBasis: Hashable {
    var space: Int
    var page: Int
    var present: Bool
    var frame: UInt64
    var writable: Bool
    var user: Bool
    var dirty: Bool

    init(space: Int, page: Int, entry: Entry) {
        self.space = space
        self.page = page
        present = entry.present
        frame = entry.frame
        writable = entry.writable
        user = entry.user
        dirty = entry.dirty
    }

    /// - Parameter space: the address space that the processor runs: its leaf is what `retry` looks at.
    init(space: Int, _ translation: Translation) {
        self.space = space
        page = translation.page
        present = true
        frame = translation.frame
        writable = translation.writable
        user = translation.user
        dirty = translation.dirty
    }
}

/// What a flush service covers, and how it reaches the processors.
struct FlushScope: Hashable {
    var space: Int
    /// Nil for the whole address space.
    var page: Int?
    /// By broadcast, not by interrupts.
    var isBroadcast = false

    func covers(_ page: Int) -> Bool { self.page == nil || self.page == page }
}

/// A part of an `invlpgb` that a processor has still to take: one page under one tag.
struct BroadcastPart: Hashable, Comparable {
    /// Whose `tlbsync` waits for it.
    var sender: Int
    /// Nil where the PCID is that of no address space.
    var space: Int?
    var page: Int
    var includesGlobal: Bool

    private var order: [Int] { [sender, space ?? -1, page, includesGlobal ? 1 : 0] }

    static func < (left: BroadcastPart, right: BroadcastPart) -> Bool {
        left.order.lexicographicallyPrecedes(right.order)
    }
}

/// What a thread waits for between instructions.
enum Waiting: Hashable {
    case nothing
    /// `retry`: until memory's leaf differs from this.
    case leafChange(FaultBasis)
    /// A flush service: the processors (as bits) that have not acknowledged.
    case acknowledgements(FlushScope, of: UInt64)
}

/// How far the translation of the current access has come.
enum TranslationPhase: Hashable {
    case start
    /// An A update found P=0: the processor walks, whatever the TLB holds.
    case walkAgain
    /// After `refault`: walks ignoring the TLB, and accesses through what it reads.
    case rewalk
    /// The walk saw A=0; `afterRefault` says to which walk it belongs.
    case settingAccessed(afterRefault: Bool)
    /// `decide` saw this translation, which permits writing and is clean; `update` is due.
    case updatingDirty(Route)
}

enum ThreadState: Hashable {
    case running
    /// In a loop that touches only registers: never ends, never steps visibly.
    case spinning
    case ended
}

/// What a fault handler returns to.
struct InterruptFrame: Hashable {
    var rip: Int
    var flags: Flags
    var privilege: UInt8
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
    /// Pages of speculative walks that have read P=1, A=0 and will set A; sorted.
    ///
    /// Only where reading and setting are two steps.
    var walks: [Int] = []
    /// Sorted, each part once.
    var broadcasts: [BroadcastPart] = []
    var space = 0
    /// CR4.PGE.
    var globalPages = true
    var thread: ThreadState = .running
    var waiting: Waiting = .nothing
    var phase: TranslationPhase = .start
    /// What the first half of an unlocked read-modify-write or a copy read.
    var loaded: UInt64?
    /// Set while the fault handler runs.
    var interrupted: InterruptFrame?
    var faultAddress: UInt64 = 0
    var privilege: UInt8 = 0
    /// In the order in which they first happened; only what the condition may ask for.
    var faults: [FaultRecord] = []

    /// Between instructions, no part of one under way.
    var atBoundary: Bool { phase == .start && loaded == nil }

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
    /// Leaves with P=0 in which hardware set A or D, as bits by variable, per address space.
    var stray: [UInt64] = []
    /// Frames (bits by owner) for which a flush completed, per leaf (`space * variables + page`).
    var barred: [UInt64] = []

    var lostDirty: UInt64 = 0
    var kernelShadowStack: UInt64 = 0
    var shadowStackExposed: UInt64 = 0
    var staleWrite: UInt64 = 0
    var staleFrame: UInt64 = 0
    var strayPresent: UInt64 = 0
}

/// Everything that a verdict can depend on.
struct State: Hashable {
    /// Sorted by key, no zeros.
    var memory: [Word]
    var processors: [Processor]
    /// The pages' software dirty flags.
    var softwareDirty: UInt64 = 0
    var ghosts: Ghosts

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
