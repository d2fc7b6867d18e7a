import Diagnostics

/// The forms with rules of their own: shifts, multiplication, extension, system instructions, indirect targets.
extension InstructionForm {
    func shift() throws(Diagnostic) -> Instruction {
        try expect(1...2)
        let destination = operands[operands.count - 1]
        guard destination.operand.isRegister || destination.operand.isMemory else { throw unsupported(destination) }
        let width = try width(of: [destination])
        var instruction = try make(mnemonic.operation, width, to: destination)
        instruction.source = operands.count == 2 ? try count(operands[0]) : .immediate(ImmediateOperand(value: 1))
        return instruction
    }

    func doubleShift() throws(Diagnostic) -> Instruction {
        try expect(2...3)
        let (source, destination) = (operands[operands.count - 2], operands[operands.count - 1])
        guard source.operand.isRegister else { throw unsupported(source) }
        guard destination.operand.isRegister || destination.operand.isMemory else { throw unsupported(destination) }
        let width = try width(of: [source, destination])
        var instruction = try make(mnemonic.operation, width, from: source, to: destination)
        // The assembler's two-operand form counts by %cl.
        instruction.third = operands.count == 3 ? try count(operands[0]) : .register(RegisterOperand(.rcx, .byte))
        return instruction
    }

    /// A shift count: an 8-bit immediate or `%cl`.
    private func count(_ operand: PlacedOperand) throws(Diagnostic) -> Operand {
        switch operand.operand {
        case .immediate:
            try checkImmediate(operand, .byte)
            return operand.operand
        case .register(RegisterOperand(.rcx, .byte)): return operand.operand
        default: throw operand.error("\(operand.operand) cannot be a shift count", remedy: "use a number ($3) or %cl")
        }
    }

    /// Sources of any place, a register as the destination.
    func intoRegister() throws(Diagnostic) -> Instruction {
        try expect(2...2)
        let (source, destination) = (operands[0], operands[1])
        guard destination.operand.isRegister else { throw unsupported(destination) }
        let isAddress = mnemonic.shape == .loadAddress
        guard source.operand.isMemory || (source.operand.isRegister && !isAddress) else { throw unsupported(source) }
        return try make(mnemonic.operation, try width(of: operands), from: source, to: destination)
    }

    func signedMultiply() throws(Diagnostic) -> Instruction {
        try expect(1...3)
        if operands.count == 1 {
            if case .immediate = operands[0].operand { throw unsupported(operands[0]) }
            return try oneSource()
        }
        let destination = operands[operands.count - 1]
        guard destination.operand.isRegister else { throw unsupported(destination) }
        let width = try width(of: operands)
        guard width != .byte else {
            throw word.error(
                "imul has no form of 8 bits with a destination", remedy: "use the one-operand imulb, or imull")
        }
        var factor: Operand?
        var source = operands[operands.count - 2]
        if case .immediate = operands[0].operand {
            try checkImmediate(operands[0], width)
            factor = operands[0].operand
            // `imul $3,%rax` is `imul $3,%rax,%rax`.
            if operands.count == 2 { source = destination }
        } else if operands.count == 3 {
            throw unsupported(operands[0])
        }
        guard source.operand.isRegister || source.operand.isMemory else { throw unsupported(source) }
        var instruction = try make(.multiplyTruncating, width, from: source, to: destination)
        instruction.third = factor
        return instruction
    }

    func extend() throws(Diagnostic) -> Instruction {
        try expect(2...2)
        let (source, destination) = (operands[0], operands[1])
        guard let target = destination.operand.register else { throw unsupported(destination) }
        guard source.operand.isRegister || source.operand.isMemory else { throw unsupported(source) }
        let from = match.sourceWidth ?? source.operand.register?.width
        guard let from else {
            throw word.error(
                "no operand tells the width that \(word.text) reads",
                remedy: "write \(mnemonic.name)bl, \(mnemonic.name)wq, ...")
        }
        if let register = source.operand.register, register.width != from {
            throw source.error(
                "\(source.operand) has \(register.width.bits) bits, \(word.text) reads \(from.bits)",
                remedy: "use %\(RegisterOperand(register.register, from).name)")
        }
        let to = match.width ?? target.width
        if target.width != to {
            throw destination.error(
                "\(destination.operand) has \(target.width.bits) bits, \(word.text) writes \(to.bits)",
                remedy: "use %\(RegisterOperand(target.register, to).name)")
        }
        guard from.rawValue < to.rawValue else {
            throw word.error("\(word.text) cannot extend \(from.bits) to \(to.bits) bits", remedy: "use mov")
        }
        if mnemonic.operation == .zeroExtend && from == .long {
            throw word.error("32 bits are zero-extended by movl", remedy: "use movl into the 32-bit register")
        }
        var instruction = try make(mnemonic.operation, to, from: source, to: destination)
        instruction.sourceWidth = from
        return instruction
    }

    func system() throws(Diagnostic) -> Instruction {
        switch mnemonic.shape {
        case .memory:
            try expect(1...1)
            guard operands[0].operand.isMemory else { throw unsupported(operands[0]) }
            return try make(mnemonic.operation, .byte, to: operands[0])
        case .invalidateContext:
            try expect(2...2)
            guard operands[0].operand.isMemory else { throw unsupported(operands[0]) }
            guard operands[1].operand.register?.width == .quad else { throw unsupported(operands[1]) }
            return try make(mnemonic.operation, .quad, from: operands[0], to: operands[1])
        default:
            try expect(2...2)
            let width = mnemonic.defaultWidth ?? .quad
            guard operands[0].operand.register?.width == width else { throw unsupported(operands[0]) }
            guard operands[1].operand.isMemory else { throw unsupported(operands[1]) }
            return try make(mnemonic.operation, width, from: operands[0], to: operands[1])
        }
    }

    /// `jmp *` and `call *`; direct targets do not come here.
    func indirect() throws(Diagnostic) -> Instruction {
        try expect(1...1)
        let operand = operands[0]
        if case .register(let register) = operand.operand, register.width != .quad {
            throw operand.error("a code address has 64 bits", remedy: "use %\(RegisterOperand(register.register).name)")
        }
        guard operand.operand.isRegister || operand.operand.isMemory else { throw unsupported(operand) }
        switch mnemonic.operation {
        case .jump: return try make(.jumpIndirect, .quad, from: operand)
        case .call: return try make(.callIndirect, .quad, from: operand)
        default: throw operand.error("\(word.text) has no indirect form", remedy: "jump to a label")
        }
    }
}
