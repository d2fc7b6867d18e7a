/// What instructions can do to the place in memory that they write, as far as their text tells.
extension Instruction {
    /// The bits of its memory operand, counted from the operand's lowest, that the instruction may change: never one too few.
    ///
    /// Only an immediate says which bits stay as they are. Of an instruction without `lock` this is said of its own work:
    /// what another CPU does between its read and its write is undone, too.
    package var changeableBits: UInt64 {
        guard case .immediate(let immediate)? = source else { return .max }
        switch operation {
        case .binary(.and): return ~immediate.value
        case .binary(.or), .binary(.xor): return immediate.value
        // The bit is taken modulo the width (SDM 2A, "BTR").
        case .bitTest(.keep): return 0
        case .bitTest: return 1 << (immediate.value % UInt64(width.rawValue * 8))
        default: return .max
        }
    }

    /// Whether it stores only if it finds what it compares with: `cmpxchg`, `cmpxchg8b`.
    package var comparesAndExchanges: Bool { operation == .compareExchange || operation == .compareExchangePair }
}
