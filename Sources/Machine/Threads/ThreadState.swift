import X86

/// Everything that is private to one thread: registers, what it is in the middle of, mode and address space.
///
/// Threads are always at a *request*: instructions that touch only registers have run already. Each distinct thread
/// state has a number; a packed state holds the number.
struct ThreadState: Hashable {
    /// How a thread goes on.
    enum Progress: Hashable {
        case running
        /// Ran off its end, `hlt`, or stopped by a fault.
        case ended
    }

    var registers: RegisterFile
    var memory: PrivateMemory
    /// 0 at the start of an instruction, 1 between the load and the store of an unlocked read-modify-write.
    var stage: UInt8 = 0
    /// What the first stage loaded.
    var loaded: UInt64 = 0
    var progress = Progress.running
    var privilege: UInt8
    /// The address space that is loaded.
    var space: UInt8
    /// The address space that the thread itself loaded last; an interrupt can have left it (`AddressSpaces.swift`).
    var home: UInt8
    /// The CPU keeps its address space loaded and does not use it.
    var isLazy = false
    /// CR4.PGE.
    ///
    /// While it is clear translations keep what G says, which is more than a processor promises.
    var hasGlobalPages = true
    /// How many `rcu_read_lock`s are not yet undone.
    var readLocks: UInt8 = 0
    /// In the fault handler: where the faulting instruction is, and the privilege level there.
    var interrupted: Interrupted?
    /// In the handler of an interrupt from another CPU: what it interrupted.
    var interruption: Interruption?

    /// Whether the code at hand is a handler's.
    var isInHandler: Bool { interrupted != nil || interruption != nil }

    /// What most states differ in; the rest is left to the comparison.
    func hash(into hasher: inout Hasher) {
        hasher.combine(registers)
        if !memory.range.isEmpty { hasher.combine(memory) }
        hasher.combine(loaded)
        hasher.combine(stage)
    }

    struct Interrupted: Hashable {
        var rip: Int
        var flags: Flags
        var privilege: UInt8
        var faultAddress: UInt64
    }

    /// An interrupt that a CPU is serving.
    struct Interruption: Hashable {
        /// The number of the thread state that it goes back to.
        var state: Int32
        /// The CPU that waits for the end of the handler.
        var sender: UInt8
        /// The CPU was waiting for others itself.
        var isWaiting: Bool
    }
}

/// A record where it lies; good as long as its machine, because records that have moved are kept until then.
typealias Record = UnsafePointer<ThreadRecord>

/// A thread state as the steps need it: what is requested, with all addresses and values looked up.
struct ThreadRecord {
    enum Kind: UInt8 {
        case ended
        /// Runs registers for ever, never asks for anything.
        case spinning
        case load
        case store
        /// Locked read-modify-write.
        case update
        /// Waits for an empty store buffer, nothing else.
        case fence
        /// `cli`, `sti`: a step of its own, because an interrupt may be taken before it.
        case setInterrupts
        /// Drops translations of this CPU, after an empty store buffer.
        case invalidate
        case invalidateContext
        case flush
        case lock
        case waitFor
        case setPageDirty
        case clearPageDirty
        case readPageDirty
        case writeback
        case reclaim
        case freeFrame
        case broadcast
        case broadcastSync
        case freeTable
        case syncTables
        case synchronizeRCU
        case enterLazy
        case switchSpace
        case sendInterrupt
        /// `iretq` at the end of an interrupt's handler.
        case interruptReturn
    }

    /// What kind of access a page is asked for.
    enum Access: UInt8 {
        case read
        case write
        case shadowStackWrite
    }

    // Small fields first, then larger ones: a search goes through many records, and what is shorter stays in the cache.

    var kind = Kind.ended
    var access = Access.read
    /// The thread's run is over.
    var isEnded = false
    /// Takes interrupts here: enabled or over, and between two instructions.
    var isInterruptible = false
    var isBetweenInstructions = false
    var isUser = false
    /// A page fault here makes the thread wait and try again.
    var retriesFault = false
    /// It names pages one by one, as `invlpg` does.
    var isPageWise = false
    /// It ends walks under way: it serialises or invalidates.
    var endsWalks = false
    /// `synchronize_rcu` waits for the thread here.
    var isReader = false
    /// The CPU is in lazy mode.
    var isLazy = false
    /// It is in the handler of an interrupt from another CPU.
    var isInInterrupt = false
    /// Its CPU will never access a page again.
    var needsNoTranslations = false
    /// A flush frees tables, so that lazy CPUs count.
    var freesTables = false
    /// A flush is about the kernel's own addresses: lazy CPUs drop them like others, and no CPU falls behind by it.
    var isOfKernel = false
    var space: UInt8 = 0
    /// The address space that a flush or `switch_mm` is about.
    var flushedSpace: UInt8 = 0
    /// Bytes of the word that are read or written, and how far its lowest byte lies in the word.
    var mask: UInt8 = 0
    var shift: UInt8 = 0
    var width: UInt8 = 0
    /// The word, or -1 for a translated access.
    var word: Int32 = -1
    /// The page of a translated access or of a service, or -1.
    var page: Int32 = -1
    /// The variable whose frame a service is about, or -1; the table of `free_table`.
    var frame: Int32 = -1
    /// The word of the page.
    var offset: Int32 = 0
    /// Number of the stored value, shifted to its place in the word.
    var value: Int32 = 0
    /// Number of the buffered store for untranslated stores.
    var storeNumber: Int32 = 0
    /// The thread state after a request that reads nothing; -1 until it is needed.
    var next: Int32 = -1
    /// The thread state after a page fault here; -1 until it is needed.
    var afterFault: Int32 = -1
    /// The thread state in which the CPU waits for others, which an interrupt's handler has interrupted; or -1.
    var suspended: Int32 = -1
    /// The instruction.
    var instruction: Int32 = 0
    /// Words that this thread can still read or write, a bit each, where partial-order reduction asks.
    var laterReads: UInt64 = 0
    var laterWrites: UInt64 = 0
    /// Leaves whose translations an invalidation or flush drops, except global ones; a bit each.
    var leaves: UInt64 = 0
    /// Leaves whose global translations it drops.
    var globalLeaves: UInt64 = 0
    /// `fault(...)` bits that a fault here makes true.
    var faultBits: UInt64 = 0
    /// The value that `wait_for` waits for; the type of `invpcid`; the other CPU of an interrupt.
    var operand: UInt64 = 0
    /// What else an invalidation drops; nil for requests that drop nothing.
    ///
    /// ``ThreadTable`` frees it.
    var drops: UnsafeMutablePointer<Drops>?
}

extension ThreadRecord {
    /// What an invalidation drops besides the translations of its leaves.
    struct Drops {
        var points: UInt64 = 0
        var pathPoints: UInt64 = 0
        var flushedLeaves: UInt64 = 0
    }

    /// Points whose partial walks an invalidation drops (`WalkLayout.swift`), a bit each.
    var points: UInt64 {
        get { drops?.pointee.points ?? 0 }
        set { change { $0.points = newValue } }
    }

    /// The same where EFER.TCE is on.
    var pathPoints: UInt64 {
        get { drops?.pointee.pathPoints ?? 0 }
        set { change { $0.pathPoints = newValue } }
    }

    /// Leaves that count as flushed when a flush has completed.
    var flushedLeaves: UInt64 {
        get { drops?.pointee.flushedLeaves ?? 0 }
        set { change { $0.flushedLeaves = newValue } }
    }

    private mutating func change(_ body: (inout Drops) -> Void) {
        let drops = drops ?? .allocate(capacity: 1)
        if self.drops == nil { drops.initialize(to: Drops()) }
        body(&drops.pointee)
        self.drops = drops
    }
}
