/// What an instruction does, apart from its operands and width.
enum Operation: Hashable, Sendable {
    // Data movement
    case move, zeroExtend, signExtend, loadAddress, moveIf(ConditionCode), set(ConditionCode), byteSwap
    case exchange, exchangeAdd, compareExchange, compareExchangePair
    /// `cbtw`, `cwtl`, `cltq`: the accumulator's lower half into the whole.
    case extendAccumulator
    /// `cwtd`, `cltd`, `cqto`: the accumulator's sign into RDX.
    case extendIntoData
    // Stack
    case push, pop, pushFlags, popFlags, leave
    // Arithmetic and logic
    case binary(BinaryOperation), unary(UnaryOperation)
    case compare, test
    case multiply(isSigned: Bool), multiplyTruncating, divide(isSigned: Bool)
    case shift(ShiftOperation), doubleShift(isLeft: Bool)
    case bitTest(BitAction), scan(BitScan)
    // Control
    case jump, jumpIf(ConditionCode), jumpIfCountZero, jumpIndirect, call, callIndirect, ret
    // Flags
    case changeFlag(Flags, FlagChange), loadFlags, storeFlags
    // Strings
    case moveString(isRepeated: Bool), storeString(isRepeated: Bool), loadString(isRepeated: Bool)
    // No effect that matters: `nop`, `pause`, `endbr64`, `lfence`, `sfence`, prefetches
    case nothing
    // Reads a byte and drops it: `clflush`, `clflushopt`, `clwb`
    case touch
    // System
    case fence, identify, readProtectionKeys, serialize, invalidatePage, invalidateContext, broadcastInvalidate,
        broadcastSynchronize
    case readControl, writeControl, setInterruptFlag(Bool), interruptReturn, halt, undefined, shadowStackStore
}

/// The operations with two inputs that replace their destination.
enum BinaryOperation: Hashable, Sendable {
    case add, addCarry, subtract, subtractBorrow, and, or, xor
}

/// The operations with one operand that replace it.
enum UnaryOperation: Hashable, Sendable {
    case increment, decrement, negate, not
}

/// Shifts and rotates by a count.
enum ShiftOperation: Hashable, Sendable {
    case left, right, arithmeticRight, rotateLeft, rotateRight, rotateLeftCarry, rotateRightCarry
}

/// What `bt`, `bts`, `btr`, `btc` do to the bit they test.
enum BitAction: Hashable, Sendable {
    case keep, set, reset, complement
}

/// Instructions that compute a number from the bits of their source.
enum BitScan: Hashable, Sendable {
    case forward, reverse, trailingZeros, leadingZeros, populationCount
}

/// What `clc`, `stc`, `cmc`, `cld`, `std` do.
enum FlagChange: Hashable, Sendable {
    case clear, set, complement
}
