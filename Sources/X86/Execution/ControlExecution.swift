extension Instruction {
    func executeStack(_ registers: inout RegisterFile, _ loaded: UInt64) -> UInt64? {
        let size = UInt64(width.rawValue)
        switch operation {
        case .push:
            // `push %rsp` stores the value before the decrement.
            let pushed = value(of: source, width, registers, loaded)
            registers[.rsp] &-= size
            return pushed
        case .pop:
            // `pop %rsp` ends with the popped value: the register is written after the increment.
            registers[.rsp] &+= size
            return write(loaded, to: destination, width, &registers)
        case .pushFlags:
            registers[.rsp] &-= size
            // Bit 1 of RFLAGS always reads as 1 (SDM 1, figure 3-8).
            return (registers.flags.rawValue | 2) & width.mask
        case .popFlags:
            registers[.rsp] &+= size
            let restored: Flags = [.status, .interrupt, .direction]
            registers.flags = Flags(rawValue: loaded).intersection(restored)
        default:
            registers[.rsp] = registers[.rbp] &+ size
            registers[.rbp] = loaded
        }
        return nil
    }

    func executeControl(_ registers: inout RegisterFile, _ loaded: UInt64) -> UInt64? {
        // `execute` has advanced rip already: it is the return index.
        let returnAddress = Program.codeBase &+ UInt64(truncatingIfNeeded: registers.rip)
        switch operation {
        case .jump: jump(&registers)
        case .jumpIf(let condition):
            if condition.holds(registers.flags) { jump(&registers) }
        case .jumpIfCountZero:
            if registers[.rcx] & width.mask == 0 { jump(&registers) }
        case .call:
            guard case .target = source else { return nil }
            registers[.rsp] &-= 8
            jump(&registers)
            return returnAddress
        case .callIndirect:
            let target = value(of: source, .quad, registers, loaded)
            registers[.rsp] &-= 8
            registers.rip = codeIndex(target) ?? lost(registers)
            return returnAddress
        case .jumpIndirect:
            registers.rip = codeIndex(value(of: source, .quad, registers, loaded)) ?? lost(registers)
        default:
            registers[.rsp] &+= 8 &+ value(of: third, .word, registers, 0)
            registers.rip = codeIndex(loaded) ?? lost(registers)
        }
        return nil
    }

    /// What `rip` becomes when a computed target is not code: `-1 - n` for the instruction n that jumped there.
    private func lost(_ registers: RegisterFile) -> Int { 0 &- registers.rip }

    private func jump(_ registers: inout RegisterFile) {
        guard case .target(let target) = source else { return }
        // A program that was never linked has no targets; its jumps end the thread.
        registers.rip = target.index ?? programEnd
    }

    func executeFlags(_ registers: inout RegisterFile) {
        switch operation {
        case .changeFlag(let flag, .clear): registers.flags.remove(flag)
        case .changeFlag(let flag, .set): registers.flags.insert(flag)
        case .changeFlag(let flag, .complement): registers.flags.formSymmetricDifference(flag)
        case .setInterruptFlag(true): registers.flags.insert(.interrupt)
        case .setInterruptFlag(false): registers.flags.remove(.interrupt)
        case .loadFlags:
            // `lahf`: SF ZF 0 AF 0 PF 1 CF.
            let low = registers.flags.intersection([.sign, .zero, .adjust, .parity, .carry]).rawValue | 2
            registers[RegisterOperand(.rax, .byte, isHighByte: true)] = low
        default:
            let low = Flags(rawValue: registers[RegisterOperand(.rax, .byte, isHighByte: true)])
            registers.setStatus(low, only: [.sign, .zero, .adjust, .parity, .carry])
        }
    }

    /// One iteration; with `rep` the instruction stays the next one until RCX is 0, so that each access is a step.
    func executeString(_ registers: inout RegisterFile, _ loaded: UInt64) -> UInt64? {
        let isRepeated: Bool
        switch operation {
        case .moveString(let repeated), .storeString(let repeated), .loadString(let repeated): isRepeated = repeated
        default: isRepeated = false
        }
        if isRepeated {
            if registers[.rcx] == 0 { return nil }
            registers[.rcx] &-= 1
            if registers[.rcx] != 0 { registers.rip &-= 1 }
        }
        let size = UInt64(width.rawValue)
        let step = registers.flags.contains(.direction) ? 0 &- size : size
        switch operation {
        case .moveString:
            registers[.rsi] &+= step
            registers[.rdi] &+= step
            return loaded & width.mask
        case .storeString:
            registers[.rdi] &+= step
            return registers[.rax] & width.mask
        default:
            registers[.rsi] &+= step
            registers[RegisterOperand(.rax, width)] = loaded
            return nil
        }
    }
}
