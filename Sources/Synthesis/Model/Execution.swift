import X86

/// What an instruction does to a state, hardware's own steps apart (SDM 2).
extension SequenceState {
    /// The state after an instruction; nil where the instruction has to wait for the store buffer, or the buffer is full.
    @inline(__always)
    func executing(_ template: Template) -> SequenceState? {
        if template.drains && buffered > 0 { return nil }
        var next = self
        switch template.action {
        case .load: next.registers[template.register] = seen >> template.shift & template.widthMask
        case .store:
            guard next.bufferStore(registers[template.register], template) else { return nil }
        case .storeConstant:
            guard next.bufferStore(template.constant, template) else { return nil }
        case .fence: break
        case .flush:
            // Who had decided to set D has done so, or walks again: acknowledgements come between instructions.
            if update == .decided { next.update = .none }
        case .move, .clear, .and, .or, .xor, .add, .sub, .andConstant, .orConstant, .shiftLeft, .shiftRight, .bitTest,
            .bitSet, .bitReset, .carryMask, .carryBit, .zeroBit, .negate, .not:
            next.compute(template)
        default: next.update(template)
        }
        return next
    }

    /// Puts a store into the buffer; false when it is full.
    @inline(__always)
    private mutating func bufferStore(_ value: UInt64, _ template: Template) -> Bool {
        guard buffered < Self.mostBuffered else { return false }
        let mask = template.widthMask << template.shift
        let bytes = (value & template.widthMask) << template.shift
        switch buffered {
        case 0: (buffer.masks.0, buffer.values.0) = (mask, bytes)
        case 1: (buffer.masks.1, buffer.values.1) = (mask, bytes)
        case 2: (buffer.masks.2, buffer.values.2) = (mask, bytes)
        default: (buffer.masks.3, buffer.values.3) = (mask, bytes)
        }
        buffered += 1
        return true
    }

    /// A locked operation on the entry.
    @inline(__always)
    private mutating func update(_ template: Template) {
        let mask = template.widthMask
        let old = entry >> template.shift & mask
        let operand = registers[template.register] & mask
        let new: UInt64
        switch template.action {
        case .lockAnd: new = logic(old & template.constant, mask)
        case .lockOr: new = logic(old | template.constant, mask)
        case .lockXor: new = logic(old ^ template.constant, mask)
        case .lockAdd: new = sum(old, template.constant, mask)
        case .lockSub: new = difference(old, template.constant, mask)
        case .lockAndRegister: new = logic(old & operand, mask)
        case .lockOrRegister: new = logic(old | operand, mask)
        case .lockXorRegister: new = logic(old ^ operand, mask)
        case .lockAddRegister: new = sum(old, operand, mask)
        case .lockSubRegister: new = difference(old, operand, mask)
        case .lockXadd:
            new = sum(old, operand, mask)
            set(template.register, old, template.width)
        case .lockBts: new = bit(old, template) | template.constant
        case .lockBtr: new = bit(old, template) & ~template.constant
        case .lockBtc: new = bit(old, template) ^ template.constant
        case .lockNot: new = ~old & mask
        case .lockNeg:
            new = (0 &- old) & mask
            flags = result(new, mask, carry: old != 0)
        case .lockInc:
            new = (old &+ 1) & mask
            flags = result(new, mask, carry: flags.contains(.carry))
        case .lockDec:
            new = (old &- 1) & mask
            flags = result(new, mask, carry: flags.contains(.carry))
        case .xchg:
            new = operand
            set(template.register, old, template.width)
        default:
            // cmpxchg, with rax as register 0.
            let expected = registers.first & mask
            _ = difference(expected, old, mask)
            if expected == old {
                new = operand
            } else {
                new = old
                set(0, old, template.width)
            }
        }
        write((new & mask) << template.shift, mask << template.shift)
    }

    /// An operation on registers and flags.
    @inline(__always)
    private mutating func compute(_ template: Template) {
        let mask = template.widthMask
        let old = registers[template.register]
        let operand = registers[template.source]
        let new: UInt64
        switch template.action {
        case .move: new = operand
        case .clear: new = logic(0, mask)
        case .and: new = logic(old & operand, mask)
        case .or: new = logic(old | operand, mask)
        case .xor: new = logic(old ^ operand, mask)
        case .add: new = sum(old, operand, mask)
        case .sub: new = difference(old, operand, mask)
        case .andConstant: new = logic(old & template.constant, mask)
        case .orConstant: new = logic(old | template.constant, mask)
        case .shiftLeft:
            new = old << template.constant
            flags = result(new, ~0, carry: old >> (64 - template.constant) & 1 != 0)
        case .shiftRight:
            new = old >> template.constant
            flags = result(new, ~0, carry: old >> (template.constant - 1) & 1 != 0)
        case .bitTest: new = bit(old, template)
        case .bitSet: new = bit(old, template) | template.constant
        case .bitReset: new = bit(old, template) & ~template.constant
        case .carryMask:
            // sbb of a register with itself: 0 or all ones, and CF as it was.
            new = flags.contains(.carry) ? ~0 : 0
            flags = result(new, ~0, carry: flags.contains(.carry))
        case .carryBit: new = old & ~0xff | (flags.contains(.carry) ? 1 : 0)
        case .zeroBit: new = old & ~0xff | (flags.contains(.zero) ? 1 : 0)
        case .negate:
            new = 0 &- old
            flags = result(new, ~0, carry: old != 0)
        default: new = ~old
        }
        // What writes 32 bits clears the upper half.
        registers[template.register] = template.width == 4 ? new & mask : new
    }

    /// Notes the flags of a logical operation.
    @inline(__always)
    private mutating func logic(_ value: UInt64, _ mask: UInt64) -> UInt64 {
        flags = result(value & mask, mask, carry: false)
        return value & mask
    }

    @inline(__always)
    private mutating func sum(_ first: UInt64, _ second: UInt64, _ mask: UInt64) -> UInt64 {
        let value = (first & mask) &+ (second & mask)
        flags = result(value & mask, mask, carry: mask == ~0 ? value < first : value > mask)
        return value & mask
    }

    @inline(__always)
    private mutating func difference(_ first: UInt64, _ second: UInt64, _ mask: UInt64) -> UInt64 {
        let value = (first & mask) &- (second & mask)
        flags = result(value & mask, mask, carry: first & mask < second & mask)
        return value & mask
    }

    /// CF becomes the bit that an instruction names; other flags stay.
    @inline(__always)
    private mutating func bit(_ word: UInt64, _ template: Template) -> UInt64 {
        if word & template.constant != 0 { flags.insert(.carry) } else { flags.remove(.carry) }
        return word
    }

    @inline(__always)
    private func result(_ value: UInt64, _ mask: UInt64, carry: Bool) -> SequenceFlags {
        var flags: SequenceFlags = carry ? .carry : []
        if value == 0 { flags.insert(.zero) }
        if value & (mask ^ (mask >> 1)) != 0 { flags.insert(.sign) }
        return flags
    }

    /// Writes a part of a register as an instruction of this width does: 4 bytes clear the upper half, fewer keep the rest.
    @inline(__always)
    private mutating func set(_ register: UInt8, _ value: UInt64, _ width: UInt8) {
        switch width {
        case 1: registers[register] = registers[register] & ~0xff | value
        case 2: registers[register] = registers[register] & ~0xffff | value
        default: registers[register] = value
        }
    }
}
