/// Which registers instructions change.
extension Instruction {
    /// The general registers that the instruction may write, whatever it reads: never one too few.
    ///
    /// A service is not looked into: it writes what its caller says it writes.
    package var writtenRegisters: Set<Register> {
        switch operation {
        case .compare, .test, .jump, .jumpIf, .jumpIfCountZero, .jumpIndirect, .nothing, .fence, .serialize,
            .invalidatePage, .setInterruptFlag, .halt, .undefined, .shadowStackStore:
            return []
        case .move, .zeroExtend, .signExtend, .loadAddress, .moveIf, .set, .byteSwap, .readControl, .binary, .unary,
            .multiplyTruncating, .shift, .doubleShift, .bitTest, .scan:
            return Self.registers([destination])
        case .exchange, .exchangeAdd: return Self.registers([source, destination])
        case .compareExchange: return Self.registers([destination]).union([.rax])
        case .extendAccumulator: return [.rax]
        case .extendIntoData: return [.rdx]
        case .compareExchangePair, .multiply, .divide, .readProtectionKeys: return [.rax, .rdx]
        case .push, .pushFlags, .popFlags, .ret: return [.rsp]
        case .pop: return Self.registers([destination]).union([.rsp])
        case .leave: return [.rsp, .rbp]
        case .call:
            if case .target = source { return [.rsp] }
            return []
        case .callIndirect: return [.rsp]
        case .changeFlag, .storeFlags: return []
        case .loadFlags: return [.rax]
        // What is not listed, the instructions that come later too, may write anything.
        default: return Set(Register.allCases)
        }
    }

    private static func registers(_ operands: [Operand?]) -> Set<Register> {
        var registers: Set<Register> = []
        for case .register(let operand)?? in operands { registers.insert(operand.register) }
        return registers
    }
}
