@testable import X86

/// The flags that the SDM leaves undefined after an instruction; only these are left out of the comparison.
enum UndefinedFlags {
    static func of(_ instruction: Instruction, _ registers: RegisterFile, loaded: UInt64) -> Flags {
        switch instruction.operation {
        case .binary(.and), .binary(.or), .binary(.xor), .test: return .adjust
        case .multiply, .multiplyTruncating: return [.sign, .zero, .adjust, .parity]
        case .divide: return .status
        case .bitTest: return [.overflow, .sign, .adjust, .parity]
        case .scan(.forward), .scan(.reverse): return [.carry, .overflow, .sign, .adjust, .parity]
        case .scan(.trailingZeros), .scan(.leadingZeros): return [.overflow, .sign, .adjust, .parity]
        case .shift(let shift):
            let raw = instruction.value(of: instruction.source, .byte, registers, loaded)
            return ofShift(shift, count: Shifts.effectiveCount(raw, instruction.width), instruction.width)
        case .doubleShift:
            let raw = instruction.value(of: instruction.third, .byte, registers, loaded)
            let count = Shifts.effectiveCount(raw, instruction.width)
            return count == 0 ? [] : count == 1 ? .adjust : [.adjust, .overflow]
        default: return []
        }
    }

    /// OF is defined for a count of 1 only, CF of `shl` and `shr` only below the width, AF never; rotates leave AF alone.
    private static func ofShift(_ shift: ShiftOperation, count: Int, _ width: Width) -> Flags {
        guard count != 0 else { return [] }
        var undefined: Flags = count == 1 ? [] : .overflow
        switch shift {
        case .left, .right:
            undefined.insert(.adjust)
            if count >= width.bits { undefined.insert(.carry) }
        case .arithmeticRight: undefined.insert(.adjust)
        case .rotateLeft, .rotateRight, .rotateLeftCarry, .rotateRightCarry: break
        }
        return undefined
    }
}
