extension Instruction {
    /// Finishes the instruction: updates registers, flags and `rip` (to the next instruction, or to the jump's target).
    ///
    /// `loaded` is what the request's read gave, zero-extended, or 0 if it reads nothing. Returns what is to be stored,
    /// nil if nothing is. A `cmpxchg` that fails returns the old value (SDM 2A, "CMPXCHG": it "is written back if the
    /// comparison fails"); ``failsComparison(_:loaded:)`` tells. Division by a memory operand that raises #DE ends the thread. After `ret`, `jmp *` or `call *` to an address that is no
    /// instruction `rip` is `-1 - n`, n being the instruction that went there.
    public func execute(on registers: inout RegisterFile, loaded: UInt64) -> UInt64? {
        registers.rip &+= 1
        switch operation {
        case .nothing, .touch, .fence, .serialize, .invalidatePage, .invalidateContext, .broadcastInvalidate,
            .broadcastSynchronize, .writeControl, .interruptReturn, .halt, .undefined:
            return nil
        case .move, .zeroExtend:
            return write(value(of: source, sourceWidth, registers, loaded), to: destination, width, &registers)
        case .signExtend:
            let extended = sourceWidth.signExtended(value(of: source, sourceWidth, registers, loaded))
            return write(extended, to: destination, width, &registers)
        case .loadAddress:
            return write(source?.memory?.address(registers) ?? 0, to: destination, width, &registers)
        case .moveIf(let condition):
            // Also when the condition fails a 32-bit destination loses its upper half.
            let kept = condition.holds(registers.flags) ? source : destination
            return write(value(of: kept, width, registers, loaded), to: destination, width, &registers)
        case .set(let condition):
            return write(condition.holds(registers.flags) ? 1 : 0, to: destination, .byte, &registers)
        case .readControl: return write(loaded, to: destination, .quad, &registers)
        case .shadowStackStore: return value(of: source, width, registers, loaded)
        case .byteSwap, .extendAccumulator, .extendIntoData, .identify, .readProtectionKeys:
            return executeConversion(&registers)
        case .binary, .unary, .compare, .test, .shift, .doubleShift, .bitTest, .scan:
            return executeArithmetic(&registers, loaded)
        case .multiply, .multiplyTruncating, .divide: return executeMultiplication(&registers, loaded)
        case .exchange, .exchangeAdd, .compareExchange, .compareExchangePair:
            return executeExchange(&registers, loaded)
        case .push, .pop, .pushFlags, .popFlags, .leave: return executeStack(&registers, loaded)
        case .jump, .jumpIf, .jumpIfCountZero, .jumpIndirect, .call, .callIndirect, .ret:
            return executeControl(&registers, loaded)
        case .changeFlag, .loadFlags, .storeFlags, .setInterruptFlag:
            executeFlags(&registers)
            return nil
        case .moveString, .storeString, .loadString: return executeString(&registers, loaded)
        }
    }

    private func executeConversion(_ registers: inout RegisterFile) -> UInt64? {
        let accumulator = RegisterOperand(.rax, width)
        switch operation {
        case .byteSwap:
            let swapped = value(of: destination, width, registers, 0).byteSwapped >> UInt64(64 - width.bits)
            return write(swapped, to: destination, width, &registers)
        case .extendAccumulator:
            registers[accumulator] = sourceWidth.signExtended(registers[.rax]) & width.mask
        case .extendIntoData:
            let isNegative = registers[accumulator] & width.signBit != 0
            registers[RegisterOperand(.rdx, width)] = isNegative ? width.mask : 0
        case .readProtectionKeys:
            // No key is restricted: PKRU is 0.
            for register in [Register.rax, .rdx] { registers[register] = 0 }
        default:
            // `cpuid` tells nothing about the modelled processor: all leaves read as zero.
            for register in [Register.rax, .rbx, .rcx, .rdx] { registers[register] = 0 }
        }
        return nil
    }

    private func executeArithmetic(_ registers: inout RegisterFile, _ loaded: UInt64) -> UInt64? {
        let flags = registers.flags
        let old = value(of: destination, width, registers, loaded)
        let input = value(of: source, width, registers, loaded)
        let result: (value: UInt64, flags: Flags)
        switch operation {
        case .binary(let binary): result = Arithmetic.binary(binary, old, input, flags, width)
        case .unary(let unary): result = Arithmetic.unary(unary, old, flags, width)
        case .compare:
            registers.setStatus(Arithmetic.subtract(old, input, borrow: false, width).flags)
            return nil
        case .test:
            registers.setStatus(Arithmetic.resultFlags(old & input, width))
            return nil
        case .shift(let shift): result = Shifts.shift(shift, old, by: input, flags, width)
        case .doubleShift(let isLeft):
            let count = value(of: third, .byte, registers, loaded)
            result = Shifts.doubleShift(isLeft: isLeft, old, filler: input, by: count, flags, width)
        case .bitTest(let action):
            let (value, carry) = Bits.test(action, old, bit: input, width)
            registers.setStatus(carry ? .carry : [], only: .carry)
            return action == .keep ? nil : write(value, to: destination, width, &registers)
        case .scan(let scan):
            let (value, status) = Bits.scan(scan, input, flags, width)
            registers.setStatus(status)
            return value.flatMap { write($0, to: destination, width, &registers) }
        default: return nil
        }
        registers.setStatus(result.flags)
        return write(result.value, to: destination, width, &registers)
    }

    /// Quotient and remainder; nil where the processor raises #DE.
    func quotient(_ registers: RegisterFile, loaded: UInt64) -> (quotient: UInt64, remainder: UInt64)? {
        guard case .divide(let isSigned) = operation else { return nil }
        let divisor = value(of: source, width, registers, loaded)
        let (high, low) = wideAccumulator
        return MultiplyDivide.divide(
            isSigned: isSigned, high: registers[high], low: registers[low], by: divisor, width)
    }

    /// Where the double-width product or dividend lies: AH:AL for bytes, else RDX:RAX.
    private var wideAccumulator: (high: RegisterOperand, low: RegisterOperand) {
        let high = width == .byte ? RegisterOperand(.rax, .byte, isHighByte: true) : RegisterOperand(.rdx, width)
        return (high, RegisterOperand(.rax, width))
    }

    private func executeMultiplication(_ registers: inout RegisterFile, _ loaded: UInt64) -> UInt64? {
        let input = value(of: source, width, registers, loaded)
        let (high, low) = wideAccumulator
        switch operation {
        case .multiply(let isSigned):
            let product = MultiplyDivide.multiply(isSigned: isSigned, registers[low], input, width)
            registers.setStatus(product.flags)
            registers[low] = product.low
            registers[high] = product.high
        case .multiplyTruncating:
            let factor = value(of: third ?? destination, width, registers, loaded)
            let product = MultiplyDivide.multiply(isSigned: true, factor, input, width)
            registers.setStatus(product.flags)
            return write(product.low, to: destination, width, &registers)
        default:
            guard let (quotient, remainder) = quotient(registers, loaded: loaded) else {
                registers.rip = programEnd
                return nil
            }
            registers[low] = quotient
            registers[high] = remainder
        }
        return nil
    }

    private func executeExchange(_ registers: inout RegisterFile, _ loaded: UInt64) -> UInt64? {
        let old = value(of: destination, width, registers, loaded)
        let input = value(of: source, width, registers, loaded)
        switch operation {
        case .exchange:
            _ = write(old, to: source, width, &registers)
            return write(input, to: destination, width, &registers)
        case .exchangeAdd:
            let sum = Arithmetic.add(old, input, carry: false, width)
            registers.setStatus(sum.flags)
            // The destination is written last: it wins if both are the same register.
            _ = write(old, to: source, width, &registers)
            return write(sum.value, to: destination, width, &registers)
        case .compareExchange:
            let accumulator = RegisterOperand(.rax, width)
            let comparison = Arithmetic.subtract(registers[accumulator], old, borrow: false, width)
            registers.setStatus(comparison.flags)
            if comparison.flags.contains(.zero) { return write(input, to: destination, width, &registers) }
            registers[accumulator] = old
            // Memory gets the old value back (SDM 2A, "CMPXCHG"). A register keeps all of its bits, as on AMD's processors.
            return destination?.memory == nil ? nil : old
        default:
            // cmpxchg8b: EDX:EAX against memory, ECX:EBX into it; only ZF changes.
            let expected = registers[.rdx] << 32 | registers[.rax] & Width.long.mask
            if expected == loaded {
                registers.setStatus(.zero, only: .zero)
                return registers[.rcx] << 32 | registers[.rbx] & Width.long.mask
            }
            registers.setStatus([], only: .zero)
            registers[.rax] = loaded & Width.long.mask
            registers[.rdx] = loaded >> 32
            return loaded
        }
    }

    /// Whether this is a compare-and-exchange that does not find what it compares with.
    ///
    /// - Parameters:
    ///   - registers: the registers before it.
    ///   - loaded: what its read gave.
    public func failsComparison(_ registers: RegisterFile, loaded: UInt64) -> Bool {
        switch operation {
        case .compareExchange:
            registers[.rax] & width.mask != value(of: destination, width, registers, loaded)
        case .compareExchangePair: registers[.rdx] << 32 | registers[.rax] & Width.long.mask != loaded
        default: false
        }
    }
}
