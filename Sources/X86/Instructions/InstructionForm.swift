import Diagnostics

/// Builds a decoded instruction from a mnemonic and its operands, or says what is wrong with the combination.
struct InstructionForm {
    var match: MnemonicMatch
    var word: Word
    var operands: [PlacedOperand]

    var mnemonic: Mnemonic { match.mnemonic }

    /// The decoded instruction without prefixes and text.
    func instruction() throws(Diagnostic) -> Instruction {
        try checkPlain()
        switch mnemonic.shape {
        case .none, .string, .broadcast, .anything, .returnBytes: return try withoutOperands()
        case .binary, .test, .move, .moveAbsolute, .registerToPlace, .exchange, .bitTest: return try twoOperands()
        case .unary, .pop, .setByte, .registerOnly, .pair: return try oneDestination()
        case .source, .push: return try oneSource()
        case .shift: return try shift()
        case .doubleShift: return try doubleShift()
        case .scan, .loadAddress: return try intoRegister()
        case .signedMultiply: return try signedMultiply()
        case .extend: return try extend()
        case .memory, .invalidateContext, .shadowStackStore: return try system()
        case .target, .call: return try indirect()
        }
    }

    // MARK: Checks

    private func checkPlain() throws(Diagnostic) {
        let takesIndirect = mnemonic.shape == .target || mnemonic.shape == .call
        for operand in operands {
            if operand.isIndirect && !takesIndirect {
                throw operand.error("* is for the targets of jumps and calls", remedy: "remove the *")
            }
            if case .controlRegister = operand.operand, mnemonic.shape != .move {
                throw operand.error(
                    "control registers are read and written by mov only", remedy: "copy it with movq %cr3,%rax")
            }
        }
    }

    /// The operand count must be one of these.
    func expect(_ counts: ClosedRange<Int>) throws(Diagnostic) {
        guard counts.contains(operands.count) else {
            let wanted =
                counts.lowerBound == counts.upperBound
                ? "\(counts.lowerBound)" : "\(counts.lowerBound) to \(counts.upperBound)"
            let forms = mnemonic.shape.forms.map { form in form.isEmpty ? mnemonic.name : "\(mnemonic.name) \(form)" }
            throw word.error(
                "\(word.text) takes \(wanted) operand\(counts.upperBound == 1 ? "" : "s"), not \(operands.count)",
                remedy: "write \(forms.joined(separator: " or "))")
        }
    }

    func unsupported(_ operand: PlacedOperand) -> Diagnostic {
        let forms = mnemonic.shape.forms.map { "\(mnemonic.name) \($0)" }
        return operand.error(
            "\(word.text) cannot take \(operand.operand) here", remedy: "write \(forms.joined(separator: " or "))")
    }

    /// The width by the suffix, else by the registers among `sized`, else by the mnemonic's default.
    func width(of sized: [PlacedOperand]) throws(Diagnostic) -> Width {
        var width = match.width
        /// The register that says the width, where no suffix does.
        var sizing: PlacedOperand?
        for operand in sized {
            guard let register = operand.operand.register else { continue }
            if let width, width != register.width {
                let origin = sizing.map { "\($0.operand) has" } ?? "the \(width.suffix) of \(word.text) means"
                throw operand.error(
                    "\(operand.operand) has \(register.width.bits) bits, \(origin) \(width.bits)",
                    remedy:
                        "use %\(RegisterOperand(register.register, width).name) or the suffix \(register.width.suffix)")
            }
            if width == nil { sizing = operand }
            width = register.width
        }
        guard let width = width ?? mnemonic.defaultWidth else {
            let candidates = mnemonic.suffixes.map { mnemonic.name + String($0) }.joined(separator: ", ")
            throw word.error("no operand tells the width of \(word.text)", remedy: "write \(candidates)")
        }
        if !mnemonic.suffixes.isEmpty && !mnemonic.suffixes.contains(width.suffix) {
            let widths = mnemonic.suffixes.compactMap { Width(suffix: $0)?.bits }.map(String.init).joined(
                separator: ", ")
            throw word.error("\(mnemonic.name) has no form of \(width.bits) bits", remedy: "it has \(widths)")
        }
        return width
    }

    /// An immediate must be representable: sign-extended from 32 bits for 64-bit operations.
    func checkImmediate(_ operand: PlacedOperand, _ width: Width) throws(Diagnostic) {
        guard case .immediate(let immediate) = operand.operand, immediate.symbol == nil else { return }
        if width == .quad {
            guard Width.long.signExtended(immediate.value) == immediate.value else {
                throw operand.error(
                    "\(operand.operand) does not fit the instruction's 32-bit signed immediate",
                    remedy: "load it into a register first: movabsq \(operand.operand),%rax")
            }
        } else if !width.holds(immediate.value) {
            throw operand.error(
                "\(operand.operand) does not fit \(width.bits) bits", remedy: "use a wider form or a smaller number")
        }
    }

    /// Memory at a bare number is nearly always a forgotten `$`.
    private func checkAddress(_ operand: PlacedOperand) throws(Diagnostic) {
        guard let memory = operand.operand.memory, memory.base == nil, memory.index == nil, memory.symbol == nil,
            memory.segment == nil
        else { return }
        throw operand.error(
            "\(operand.operand) is the memory at that address, where no variable lies",
            remedy: "write $\(operand.operand) for the number, or name a variable")
    }

    func make(
        _ operation: Operation, _ width: Width, from source: PlacedOperand? = nil, to destination: PlacedOperand? = nil
    ) throws(Diagnostic) -> Instruction {
        for operand in operands where mnemonic.shape != .loadAddress && mnemonic.shape != .anything {
            try checkAddress(operand)
        }
        return Instruction(operation, width, from: source?.operand, to: destination?.operand, at: word.place)
    }

    // MARK: Forms

    private func withoutOperands() throws(Diagnostic) -> Instruction {
        switch mnemonic.shape {
        case .returnBytes:
            try expect(0...1)
            var instruction = try make(.ret, .quad)
            if let operand = operands.first {
                guard case .immediate = operand.operand else { throw unsupported(operand) }
                try checkImmediate(operand, .word)
                instruction.third = operand.operand
            }
            return instruction
        case .anything:
            try expect(0...1)
            if let operand = operands.first, !operand.operand.isMemory, !operand.operand.isRegister {
                throw unsupported(operand)
            }
        case .broadcast: try expect(operands.isEmpty ? 0...0 : 3...3)
        case .string: return try string()
        default: try expect(0...0)
        }
        var instruction = try make(mnemonic.operation, match.width ?? mnemonic.defaultWidth ?? .quad)
        if mnemonic.operation == .extendAccumulator {
            instruction.sourceWidth = instruction.width == .quad ? .long : instruction.width == .long ? .word : .byte
        }
        return instruction
    }

    /// String instructions may repeat their implied operands: `movsq (%rsi),%es:(%rdi)`, `stosq %rax,(%rdi)`.
    private func string() throws(Diagnostic) -> Instruction {
        let wanted: [Register?] =
            switch mnemonic.operation {
            case .moveString: [.rsi, .rdi]
            case .storeString: [nil, .rdi]
            default: [.rsi, nil]
            }
        if !operands.isEmpty { try expect(2...2) }
        for (operand, base) in zip(operands, wanted) {
            let fits: Bool
            if let base {
                fits = operand.operand.memory == MemoryOperand(base: base)
            } else {
                fits = operand.operand.register.map { $0.register == .rax && !$0.isHighByte } ?? false
            }
            if !fits {
                throw operand.error(
                    "\(word.text) has fixed operands: (%rsi), (%rdi) and the accumulator",
                    remedy: "leave the operands out")
            }
        }
        return try make(mnemonic.operation, try width(of: operands))
    }

    private func twoOperands() throws(Diagnostic) -> Instruction {
        try expect(2...2)
        var (source, destination) = (operands[0], operands[1])
        if let control = try controlMove(source, destination) { return control }
        let acceptsEitherOrder =
            mnemonic.shape == .exchange || mnemonic.shape == .registerToPlace || mnemonic.shape == .test
        // herd7 writes the memory operand of cmpxchg and xadd first; xchg and test are symmetric.
        if acceptsEitherOrder && source.operand.isMemory && destination.operand.isRegister {
            swap(&source, &destination)
        }
        if source.operand.isMemory && destination.operand.isMemory {
            throw destination.error(
                "\(word.text) cannot have two memory operands",
                remedy: "load one into a register first; a number needs $ in front")
        }
        guard destination.operand.isMemory || destination.operand.isRegister else { throw unsupported(destination) }
        switch mnemonic.shape {
        case .exchange, .registerToPlace:
            guard source.operand.isRegister else { throw unsupported(source) }
        case .bitTest:
            guard !source.operand.isMemory else { throw unsupported(source) }
        default: break
        }
        let width = try width(of: [source, destination])
        if mnemonic.shape == .bitTest {
            try checkImmediate(source, .byte)
        } else if mnemonic.operation != .move || !destination.operand.isRegister || width != .quad {
            try checkImmediate(source, width)
        }
        return try make(mnemonic.operation, width, from: source, to: destination)
    }

    /// `mov` between a general and a control register; nil if neither operand is one.
    private func controlMove(_ source: PlacedOperand, _ destination: PlacedOperand) throws(Diagnostic)
        -> Instruction?
    {
        if case .controlRegister(let number) = source.operand {
            guard 2...4 ~= number else {
                throw source.error("%cr\(number) is not modelled", remedy: "only %cr2, %cr3 and %cr4 can be read")
            }
            guard destination.operand.isRegister else { throw unsupported(destination) }
            guard try width(of: [destination]) == .quad else {
                throw destination.error("control registers have 64 bits", remedy: "use a 64-bit register")
            }
            return try make(.readControl, .quad, from: source, to: destination)
        }
        guard case .controlRegister(let number) = destination.operand else { return nil }
        guard number == 3 || number == 4 else {
            throw destination.error(
                "writing %cr\(number) is not modelled", remedy: "only %cr3 and %cr4 can be written")
        }
        guard source.operand.isRegister else { throw unsupported(source) }
        guard try width(of: [source]) == .quad else {
            throw source.error("control registers have 64 bits", remedy: "use a 64-bit register")
        }
        return try make(.writeControl, .quad, from: source, to: destination)
    }

    private func oneDestination() throws(Diagnostic) -> Instruction {
        try expect(1...1)
        let operand = operands[0]
        let accepts: Bool =
            switch mnemonic.shape {
            case .registerOnly: operand.operand.isRegister
            case .pair: operand.operand.isMemory
            default: operand.operand.isRegister || operand.operand.isMemory
            }
        guard accepts else { throw unsupported(operand) }
        return try make(mnemonic.operation, try width(of: operands), to: operand)
    }

    func oneSource() throws(Diagnostic) -> Instruction {
        try expect(1...1)
        let operand = operands[0]
        let width = try width(of: operands)
        if case .immediate = operand.operand {
            guard mnemonic.shape == .push else { throw unsupported(operand) }
            try checkImmediate(operand, width)
        }
        return try make(mnemonic.operation, width, from: operand)
    }
}
