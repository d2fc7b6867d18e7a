/// One access to memory, by virtual address as the instruction computed it.
public struct MemoryAccess: Hashable, Sendable {
    /// The effective address.
    public var address: UInt64
    /// The number of bytes.
    public var width: Width

    /// Describes an access.
    public init(address: UInt64, width: Width) {
        self.address = address
        self.width = width
    }
}

/// What an instruction needs from the machine before it can finish.
///
/// This module knows no memory: an instruction is asked for its request, the machine serves it, and
/// ``Instruction/execute(on:loaded:)`` finishes the instruction with what was read.
public enum Request: Hashable, Sendable {
    /// Registers only; nothing is needed.
    case none
    /// One read; `execute` takes what was read.
    case load(MemoryAccess)
    /// One write; `execute` returns what is written.
    case store(MemoryAccess)
    /// A read, then a write of what `execute` returns for what was read (nothing is written when it returns nil).
    /// Locked: both in one step. Not locked: two steps, other CPUs may run in between.
    case update(MemoryAccess, locked: Bool)
    /// A read of one place, then a write of another (`push mem`, `movs`): two steps, never locked.
    case copy(from: MemoryAccess, to: MemoryAccess)
    /// A shadow-stack store (`wrssd`, `wrssq`).
    case shadowStackStore(MemoryAccess)
    /// `mfence` (waits for an empty store buffer).
    case fence
    /// `cpuid` and other instructions that serialise and do nothing else that matters here.
    case serialize
    /// `invlpg`: drop translations of the page of this address.
    case invalidatePage(UInt64)
    /// `invpcid`: type, and the address of the descriptor (two words: PCID, linear address).
    case invalidateContext(type: UInt64, descriptor: UInt64)
    /// `invlpgb`: every CPU drops the translations that the operands name.
    case broadcastInvalidate(BroadcastInvalidation)
    /// `tlbsync`.
    case broadcastSynchronize
    /// `mov` to CR3 of this value.
    case writeCR3(UInt64)
    /// `mov` from CR3; `execute` takes the value as `loaded`.
    case readCR3
    /// `mov` to CR4 of this value.
    case writeCR4(UInt64)
    /// `mov` from CR4; `execute` takes the value as `loaded`.
    case readCR4
    /// `mov` from CR2; `execute` takes the value as `loaded`.
    case readCR2
    /// `cli` (false) or `sti` (true).
    case setInterruptFlag(Bool)
    /// `iretq`.
    case interruptReturn
    /// `hlt`: the thread ends.
    case halt
    /// `ud2` or a kernel `BUG`: the thread ends.
    case undefined
    /// `call name(a, b)`: a kernel service. Compiled code passes its arguments in registers instead.
    case service(KernelService, arguments: [String])
    /// A call of compiled code through a pointer that leads to no function of the test.
    case unknownTarget
}
