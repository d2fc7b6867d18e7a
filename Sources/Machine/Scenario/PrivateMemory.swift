import X86

/// Memory that one thread alone can reach: its stack and its per-CPU data.
///
/// Accesses to it are like accesses to registers, invisible to everyone else, so they are part of the thread's local
/// state and never a step. Words not named hold 0.
public struct PrivateMemory: Hashable, Sendable {
    /// The addresses that are private; empty for threads without private memory.
    public var range: Range<UInt64>
    /// 64-bit words by their aligned address; none of them 0.
    private var words: [UInt64: UInt64] = [:]

    /// No private memory, or a zeroed range of it.
    public init(_ range: Range<UInt64> = 0..<0) { self.range = range }

    /// Whether an access lies in the range as a whole.
    func contains(_ access: MemoryAccess) -> Bool {
        range.contains(access.address) && UInt64(access.width.rawValue) <= range.upperBound - access.address
    }

    /// Reads bytes, aligned or not.
    public func read(_ access: MemoryAccess) -> UInt64 {
        let shift = (access.address & 7) * 8
        let low = words[access.address & ~7] ?? 0
        guard shift != 0 else { return low & access.width.mask }
        let high = words[(access.address & ~7) &+ 8] ?? 0
        return (low >> shift | high << (64 - shift)) & access.width.mask
    }

    /// Writes bytes, aligned or not.
    public mutating func write(_ value: UInt64, _ access: MemoryAccess) {
        let shift = (access.address & 7) * 8
        let mask = access.width.mask
        let value = value & mask
        put(value << shift, mask << shift, at: access.address & ~7)
        if shift != 0 { put(value >> (64 - shift), mask >> (64 - shift), at: (access.address & ~7) &+ 8) }
    }

    private mutating func put(_ value: UInt64, _ mask: UInt64, at word: UInt64) {
        let content = ((words[word] ?? 0) & ~mask) | value
        words[word] = content == 0 ? nil : content
    }

    /// Forgets dead stack: everything in the range below an address.
    ///
    /// What lies below the stack pointer's red zone (System V ABI, 3.2.2) can be read by nobody before it is written;
    /// keeping it would only tell equal states apart.
    mutating func forget(below address: UInt64, from stack: UInt64) {
        guard range.contains(address) else { return }
        for word in words.keys where word >= stack && word &+ 8 <= address { words[word] = nil }
    }
}
