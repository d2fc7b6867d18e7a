import X86

/// An instruction that candidates are made of: what it does in the quick model, and its text.
struct Template: Hashable, Sendable {
    /// What it does.
    var action: Action
    /// The width of its operand in bytes: 1, 2, 4 or 8.
    var width: UInt8
    /// The first byte of the entry that it accesses; 0 where it accesses none.
    var offset: UInt8 = 0
    /// The scratch register that is its destination, or the source of what it does to memory.
    var register: UInt8 = 0
    /// The source register of an operation on registers.
    var source: UInt8 = 0
    /// The immediate operand.
    var constant: UInt64 = 0
    /// AT&T text.
    var text = ""

    /// What an instruction does; `mem` is the entry.
    enum Action: UInt8, Hashable, Sendable, CaseIterable {
        // Memory, plain.
        case load, store, storeConstant
        // Memory, locked, with an immediate.
        case lockAnd, lockOr, lockXor, lockAdd, lockSub
        // Memory, locked, with a register.
        case lockAndRegister, lockOrRegister, lockXorRegister, lockAddRegister, lockSubRegister, lockXadd
        // Memory, locked, a bit or no operand.
        case lockBts, lockBtr, lockBtc, lockNot, lockNeg, lockInc, lockDec
        case xchg, cmpxchg
        // Registers.
        case move, clear, and, or, xor, add, sub, andConstant, orConstant, shiftLeft, shiftRight
        case bitTest, bitSet, bitReset, carryMask, carryBit, zeroBit, negate, not
        case fence, flush
    }

    /// The mask of the operand's width.
    var widthMask: UInt64 { width == 8 ? ~0 : (1 << (UInt64(width) * 8)) - 1 }

    /// How far up in the entry the operand lies, in bits.
    var shift: UInt64 { UInt64(offset) * 8 }

    /// Whether it accesses the entry.
    var isMemory: Bool { action.rawValue <= Action.cmpxchg.rawValue }

    /// Whether it reads and writes the entry in one step, with a lock.
    var isLocked: Bool { isMemory && ![.load, .store, .storeConstant].contains(action) }

    /// Whether what other software has done to the entry meanwhile is lost by it, or turned into something else: a store, an
    /// exchange, and arithmetic that is right for one content alone.
    var overwritesOthers: Bool {
        switch action {
        case .store, .storeConstant, .xchg, .lockXor, .lockXorRegister, .lockAdd, .lockAddRegister, .lockSub,
            .lockSubRegister, .lockXadd, .lockBtc, .lockNot, .lockNeg, .lockInc, .lockDec:
            true
        default: false
        }
    }

    /// Whether it needs an empty store buffer.
    var drains: Bool { isLocked || action == .fence || action == .flush }

    /// The registers that it reads, as bits; those of which it changes a part are among them.
    ///
    /// `cmpxchg` reads register 0, rax.
    var readRegisters: UInt8 {
        switch action {
        case .load, .clear, .carryMask, .storeConstant, .lockAnd, .lockOr, .lockXor, .lockAdd, .lockSub, .lockBts,
            .lockBtr, .lockBtc, .lockNot, .lockNeg, .lockInc, .lockDec, .fence, .flush:
            0
        case .move: 1 << source
        case .cmpxchg: 1 << register | 1
        case .and, .or, .xor, .add, .sub: 1 << register | 1 << source
        default: 1 << register
        }
    }

    /// The registers that it writes, as bits.
    var writtenRegisters: UInt8 {
        switch action {
        case .cmpxchg: 1
        case .load, .xchg, .lockXadd: 1 << register
        case .bitTest, .fence, .flush: 0
        default: isMemory ? 0 : 1 << register
        }
    }

    /// Whether it reads flags.
    var readsFlags: Bool { [.carryMask, .carryBit, .zeroBit].contains(action) }

    /// Whether it sets the flags that others read.
    var writesFlags: Bool {
        switch action {
        case .load, .store, .storeConstant, .lockNot, .xchg, .move, .not, .fence, .flush, .carryBit, .zeroBit,
            .carryMask:
            false
        default: true
        }
    }
}
