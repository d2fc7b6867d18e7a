/// Shifts and rotates with their flags (SDM 2B, "SAL/SAR/SHL/SHR", "RCL/RCR/ROL/ROR", "SHLD", "SHRD").
///
/// Where the manual leaves a flag undefined (OF for counts above 1, AF, CF for counts above the width) the value is
/// what the formula for count 1 gives; AF is 0.
enum Shifts {
    /// The count the processor uses: six bits of it for quad operands, five for the others.
    static func effectiveCount(_ count: UInt64, _ width: Width) -> Int {
        Int(count & (width == .quad ? 63 : 31))
    }

    /// Shifts or rotates; a count of 0 changes no flag.
    static func shift(
        _ operation: ShiftOperation, _ value: UInt64, by rawCount: UInt64, _ flags: Flags, _ width: Width
    ) -> (value: UInt64, flags: Flags) {
        let count = effectiveCount(rawCount, width)
        let status = flags.intersection(.status)
        guard count != 0 else { return (value, status) }
        switch operation {
        case .left:
            let result = (count < width.bits ? value << UInt64(count) : 0) & width.mask
            return shifted(result, carry: bit(value, width.bits - count)) { $0 != bit(result, width.bits - 1) }
        case .right:
            return shifted(value >> UInt64(count), carry: bit(value, count - 1)) { _ in bit(value, width.bits - 1) }
        case .arithmeticRight:
            let wide = width.signExtended(value)
            let result = UInt64(bitPattern: Int64(bitPattern: wide) >> Int64(count))
            return shifted(result & width.mask, carry: bit(wide, count - 1)) { _ in false }
        case .rotateLeft, .rotateRight, .rotateLeftCarry, .rotateRightCarry:
            return rotate(operation, value, by: count, status, width)
        }

        func shifted(_ result: UInt64, carry: Bool, overflow: (Bool) -> Bool) -> (value: UInt64, flags: Flags) {
            var changed = Arithmetic.resultFlags(result, width)
            if carry { changed.insert(.carry) }
            if overflow(carry) { changed.insert(.overflow) }
            return (result, changed)
        }
    }

    /// The four rotates; they change CF and OF only.
    private static func rotate(
        _ operation: ShiftOperation, _ value: UInt64, by count: Int, _ flags: Flags, _ width: Width
    ) -> (value: UInt64, flags: Flags) {
        let top = width.bits - 1
        var result = value
        var carry = flags.contains(.carry)
        // With the carry the cycle is one bit longer; counts are reduced for bytes and words, longer widths need it not.
        let throughCarry = operation == .rotateLeftCarry || operation == .rotateRightCarry
        let steps = count % (throughCarry ? width.bits + 1 : width.bits)
        if throughCarry && steps == 0 { return (value, flags) }
        for _ in 0..<steps {
            switch operation {
            case .rotateLeft: result = (result << 1 | result >> UInt64(top)) & width.mask
            case .rotateRight: result = (result >> 1 | result << UInt64(top)) & width.mask
            case .rotateLeftCarry:
                let out = bit(result, top)
                result = (result << 1 | (carry ? 1 : 0)) & width.mask
                carry = out
            default:
                let out = bit(result, 0)
                result = result >> 1 | (carry ? width.signBit : 0)
                carry = out
            }
        }
        if operation == .rotateLeft { carry = bit(result, 0) }
        if operation == .rotateRight { carry = bit(result, top) }
        let isLeft = operation == .rotateLeft || operation == .rotateLeftCarry
        let overflow = bit(result, top) != (isLeft ? carry : bit(result, top - 1))
        var changed = flags.subtracting([.carry, .overflow])
        if carry { changed.insert(.carry) }
        if overflow { changed.insert(.overflow) }
        return (result, changed)
    }

    /// `shld` and `shrd`: bits of the filler move in.
    ///
    /// For words a count above 16 is undefined; then nothing changes.
    static func doubleShift(
        isLeft: Bool, _ value: UInt64, filler: UInt64, by rawCount: UInt64, _ flags: Flags, _ width: Width
    ) -> (value: UInt64, flags: Flags) {
        let count = effectiveCount(rawCount, width)
        guard count != 0, count <= width.bits else { return (value, flags.intersection(.status)) }
        let rest = width.bits - count
        let moved =
            isLeft ? shiftLeft(value, count) | filler >> UInt64(rest) : value >> UInt64(count) | shiftLeft(filler, rest)
        let result = moved & width.mask
        var changed = Arithmetic.resultFlags(result, width)
        if bit(value, isLeft ? rest : count - 1) { changed.insert(.carry) }
        if (value ^ result) & width.signBit != 0 { changed.insert(.overflow) }
        return (result, changed)
    }

    /// Swift's shift, which gives 0 for counts of 64 and more.
    private static func shiftLeft(_ value: UInt64, _ count: Int) -> UInt64 { value << UInt64(count) }

    /// One bit of a value; positions outside the value are 0.
    private static func bit(_ value: UInt64, _ position: Int) -> Bool {
        position >= 0 && position < 64 && (value >> UInt64(position)) & 1 != 0
    }
}
