/// Addition, subtraction and logic with their flags (SDM 1, section 3.4.3.1; SDM 2, each instruction's "Flags Affected").
///
/// Operands are zero-extended to 64 bits and have no bits above the width.
enum Arithmetic {
    /// The bit that the carry out of the lowest four bits goes into, which is what AF tells.
    private static let lowDigitCarry: UInt64 = 1 << 4

    /// The flags that every result sets the same way: sign, zero, parity.
    static func resultFlags(_ result: UInt64, _ width: Width) -> Flags {
        var flags: Flags = []
        if result & width.mask == 0 { flags.insert(.zero) }
        if result & width.signBit != 0 { flags.insert(.sign) }
        if (result & Width.byte.mask).nonzeroBitCount & 1 == 0 { flags.insert(.parity) }
        return flags
    }

    /// `a + b + carry`.
    static func add(_ a: UInt64, _ b: UInt64, carry: Bool, _ width: Width) -> (value: UInt64, flags: Flags) {
        let result = (a &+ b &+ (carry ? 1 : 0)) & width.mask
        var flags = resultFlags(result, width)
        // The carry out of a bit follows from the bit's inputs and its sum, whatever came in from below.
        if ((a & b) | ((a | b) & ~result)) & width.signBit != 0 { flags.insert(.carry) }
        if (a ^ result) & (b ^ result) & width.signBit != 0 { flags.insert(.overflow) }
        if (a ^ b ^ result) & lowDigitCarry != 0 { flags.insert(.adjust) }
        return (result, flags)
    }

    /// `a - b - borrow`.
    static func subtract(_ a: UInt64, _ b: UInt64, borrow: Bool, _ width: Width) -> (value: UInt64, flags: Flags) {
        let result = (a &- b &- (borrow ? 1 : 0)) & width.mask
        var flags = resultFlags(result, width)
        if ((~a & b) | ((~a | b) & result)) & width.signBit != 0 { flags.insert(.carry) }
        if (a ^ b) & (a ^ result) & width.signBit != 0 { flags.insert(.overflow) }
        if (a ^ b ^ result) & lowDigitCarry != 0 { flags.insert(.adjust) }
        return (result, flags)
    }

    /// The seven replacing operations; AF, which logic leaves undefined, is 0.
    static func binary(
        _ operation: BinaryOperation, _ a: UInt64, _ b: UInt64, _ flags: Flags, _ width: Width
    ) -> (value: UInt64, flags: Flags) {
        switch operation {
        case .add: return add(a, b, carry: false, width)
        case .addCarry: return add(a, b, carry: flags.contains(.carry), width)
        case .subtract: return subtract(a, b, borrow: false, width)
        case .subtractBorrow: return subtract(a, b, borrow: flags.contains(.carry), width)
        case .and: return (a & b, resultFlags(a & b, width))
        case .or: return (a | b, resultFlags(a | b, width))
        case .xor: return (a ^ b, resultFlags(a ^ b, width))
        }
    }

    /// The four operations on one operand; `inc` and `dec` keep CF, `not` keeps all flags.
    static func unary(
        _ operation: UnaryOperation, _ a: UInt64, _ flags: Flags, _ width: Width
    ) -> (value: UInt64, flags: Flags) {
        switch operation {
        case .increment:
            let (value, changed) = add(a, 1, carry: false, width)
            return (value, changed.subtracting(.carry).union(flags.intersection(.carry)))
        case .decrement:
            let (value, changed) = subtract(a, 1, borrow: false, width)
            return (value, changed.subtracting(.carry).union(flags.intersection(.carry)))
        case .negate: return subtract(0, a, borrow: false, width)
        case .not: return (~a & width.mask, flags.intersection(.status))
        }
    }
}

extension RegisterFile {
    /// Replaces the six status flags and keeps the rest of RFLAGS.
    mutating func setStatus(_ status: Flags) {
        flags = flags.subtracting(.status).union(status.intersection(.status))
    }

    /// Replaces some status flags.
    mutating func setStatus(_ status: Flags, only changed: Flags) {
        flags = flags.subtracting(changed).union(status.intersection(changed))
    }
}
