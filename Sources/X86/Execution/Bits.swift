/// Bit tests and bit counts (SDM 2A "BT" to "BTS", "BSF", "BSR", "LZCNT"; SDM 2B "POPCNT", "TZCNT").
enum Bits {
    /// Bit tests change CF only; the flags the manual leaves undefined keep their values.
    static func test(
        _ action: BitAction, _ value: UInt64, bit offset: UInt64, _ width: Width
    ) -> (value: UInt64, carry: Bool) {
        let bit: UInt64 = 1 << (offset & UInt64(width.bits - 1))
        let carry = value & bit != 0
        switch action {
        case .keep: return (value, carry)
        case .set: return (value | bit, carry)
        case .reset: return (value & ~bit, carry)
        case .complement: return (value ^ bit, carry)
        }
    }

    /// How far a register bit offset moves the address of a memory operand: whole operands, rounded down (SDM 2A, table 3-2).
    static func displacement(bit offset: UInt64, _ width: Width) -> UInt64 {
        let signed = Int64(bitPattern: width.signExtended(offset))
        let operands = signed >> Int64(width.bits.trailingZeroBitCount)
        return UInt64(bitPattern: operands) &* UInt64(width.rawValue)
    }

    /// The scan's result (nil: the destination keeps its value) and the status flags.
    static func scan(_ scan: BitScan, _ value: UInt64, _ flags: Flags, _ width: Width) -> (value: UInt64?, flags: Flags)
    {
        let leading = UInt64(value.leadingZeroBitCount - (64 - width.bits))
        let trailing = UInt64(min(value.trailingZeroBitCount, width.bits))
        var changed = flags.intersection(.status)
        switch scan {
        case .forward, .reverse:
            // A zero source leaves the destination as it was: AMD documents it, Intel does it, Linux relies on it.
            if value == 0 { return (nil, changed.union(.zero)) }
            let result = scan == .forward ? trailing : UInt64(width.bits - 1) &- leading
            return (result, changed.subtracting(.zero))
        case .trailingZeros, .leadingZeros:
            let result = scan == .trailingZeros ? trailing : leading
            changed.subtract([.carry, .zero])
            if value == 0 { changed.insert(.carry) }
            if result == 0 { changed.insert(.zero) }
            return (result, changed)
        case .populationCount:
            return (UInt64(value.nonzeroBitCount), value == 0 ? .zero : [])
        }
    }
}
