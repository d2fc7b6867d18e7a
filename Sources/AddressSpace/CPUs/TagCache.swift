import PageTable
import Synchronization

/// How often translations of an address space were invalidated: for CPUs that keep translations while they run another one.
///
/// With process-context identifiers (CR4.PCIDE; SDM volume 3A, section 4.10.1) a CPU that leaves an address space keeps what
/// it has cached of it, under a tag. No shootdown asks it then; it finds out when it comes back. A word of the caller's.
///
/// Whoever invalidates calls ``advance()`` after the entries were changed and before it looks which CPUs run the address
/// space. A CPU that comes back announces itself first, with a full fence, then reads ``current`` (``TagCache/tag(for:at:)``).
/// So one of the two sees the other: Linux's `tlb_gen` (`arch/x86/mm/tlb.c`; Ptero checks the kernel's own functions in
/// `Corpus/kernel/sources`).
public struct SpaceGeneration: ~Copyable, Sendable {
    private let word = Atomic<UInt64>(1)

    /// Begins with generation 1.
    public init() {}

    /// Counts one invalidation; a full fence.
    /// - Returns: the generation from which on nothing of before may be used.
    @discardableResult
    public borrowing func advance() -> UInt64 {
        word.wrappingAdd(1, ordering: .sequentiallyConsistent).newValue
    }

    /// The generation now.
    public var current: UInt64 { word.load(ordering: .sequentiallyConsistent) }
}

/// Which address spaces one CPU has translations of, under which tags: for the CPU's own use.
///
/// Six tags take turns, as in Linux (`TLB_NR_DYN_ASIDS`): more are seldom of use, since what a CPU cached of an address space
/// is gone soon. Tags are 1 to 6; 0 is left to whoever uses none.
public struct TagCache: Sendable {
    /// The number of tags.
    public static var tagCount: Int { 6 }

    /// What to load.
    public struct Assignment: Hashable, Sendable {
        /// The process-context identifier, bits 0 to 11 of CR3.
        public let tag: UInt16
        /// Whether what is cached under the tag has to go: bit 63 of CR3 is clear then, and set otherwise.
        public let needsFlush: Bool

        /// Puts both together.
        public init(tag: UInt16, needsFlush: Bool) {
            self.tag = tag
            self.needsFlush = needsFlush
        }
    }

    /// What is cached under a tag.
    private struct Use {
        /// The number of the address space; 0 for none.
        var space: UInt64 = 0
        /// Up to which generation invalidations were taken.
        var generation: UInt64 = 0
    }

    private var uses = InlineArray<6, Use>(repeating: Use())
    private var next = 0

    /// Makes a cache that holds nothing.
    public init() {}

    /// The tag for an address space that the CPU is about to load.
    ///
    /// The CPU has announced itself before (``CPUDirectory``), and read the generation after that.
    /// - Parameters:
    ///   - space: a number that no other address space ever has, so not the root table's frame; not 0.
    ///   - generation: the address space's ``SpaceGeneration/current``.
    public mutating func tag(for space: UInt64, at generation: UInt64) -> Assignment {
        for index in uses.indices where uses[index].space == space {
            let isOld = uses[index].generation < generation
            uses[index].generation = max(uses[index].generation, generation)
            return Assignment(tag: UInt16(index + 1), needsFlush: isOld)
        }
        let index = next
        next = (next + 1) % Self.tagCount
        uses[index] = Use(space: space, generation: generation)
        return Assignment(tag: UInt16(index + 1), needsFlush: true)
    }

    /// Notes that the CPU has taken a shootdown of an address space up to a generation.
    public mutating func noteInvalidation(of space: UInt64, upTo generation: UInt64) {
        for index in uses.indices where uses[index].space == space {
            uses[index].generation = max(uses[index].generation, generation)
        }
    }

    /// Forgets all tags: translations of kernel pages were invalidated, or the CPU has flushed everything.
    public mutating func forgetAll() { uses = InlineArray(repeating: Use()) }
}
