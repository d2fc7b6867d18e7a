import Diagnostics

/// Prefix words seen so far in front of a mnemonic; they may stand on lines of their own.
struct PendingPrefixes {
    var lock: Word?
    var repeated: Word?
    var isRepeatNotEqual = false

    mutating func add(_ prefix: Prefix, _ word: Word) {
        if prefix == .lock { lock = word }
        if prefix.isRepeat || prefix.isRepeatNotEqual {
            repeated = word
            isRepeatNotEqual = prefix.isRepeatNotEqual
        }
        // Segment and other prefixes (`cs`, `notrack`, `data16`) change nothing in 64-bit code that is modelled.
    }
}

/// Parses one instruction after its labels and prefixes.
struct StatementParser {
    var word: Word
    var prefixes: PendingPrefixes
    /// Gives the label name for `1b` and `1f`; the argument is the word with its place.
    var numericLabel: (Word) throws(Diagnostic) -> String

    func instruction(_ cursor: inout Cursor) throws(Diagnostic) -> Instruction {
        let name = word.text.lowercased()
        guard var match = MnemonicTable.lookup(name) else { throw unknown(name) }
        var instruction: Instruction
        if match.mnemonic.shape == .target || match.mnemonic.shape == .call, cursor.peek() != "*" {
            instruction = try branch(match, &cursor)
        } else {
            let operands = try OperandParser.operands(&cursor)
            // `movsb` and `movsl` without a register destination are string instructions.
            if match.mnemonic.operation == .signExtend, !(operands.last?.operand.isRegister ?? false),
                let string = MnemonicTable.stringMove(name)
            {
                match = string
            }
            instruction = try InstructionForm(match: match, word: word, operands: operands).instruction()
        }
        try applyRepeat(&instruction, &match)
        try applyLock(&instruction, match.mnemonic)
        instruction.text = text(of: instruction, match.mnemonic)
        return instruction
    }

    private func unknown(_ name: String) -> Diagnostic {
        if let refused = RefusedInstruction(named: name) {
            return word.error("\(word.text) \(refused.reason)", remedy: refused.remedy)
        }
        return word.error(
            "unknown instruction \(word.quoted)",
            remedy: MnemonicTable.nearest(to: name).map { "did you mean \($0)?" }
                ?? "ptero isa lists the supported instructions")
    }

    // MARK: Direct jumps and calls

    private func branch(_ match: MnemonicMatch, _ cursor: inout Cursor) throws(Diagnostic) -> Instruction {
        let mnemonic = match.mnemonic
        let isCall = mnemonic.shape == .call
        if let next = cursor.peek(), next == "%" || next == "$" {
            throw cursor.error("\(word.text) needs a label", remedy: "write * in front of a register or memory operand")
        }
        let target = try OperandParser.target(&cursor)
        let width = mnemonic.defaultWidth ?? .quad
        var instruction = Instruction(mnemonic.operation, width, at: word.place)
        var arguments: [String]?
        if isCall && !target.isNumber {
            arguments = try OperandParser.arguments(&cursor)
            instruction.source = .callee(Callee(name: target.text, place: target.place))
        } else {
            let name = target.isNumber ? try numericLabel(target) : target.text
            instruction.source = .target(
                BranchTarget(label: SymbolReference(name: name, place: target.place), spelling: target.text))
        }
        if cursor.peek() != nil {
            throw cursor.error(
                "unexpected text after the target",
                remedy: isCall ? "write call name(arguments)" : "write \(word.text) label")
        }
        if case .callee(let callee) = instruction.source, let arguments {
            instruction.source = try call(of: callee, arguments)
        }
        return instruction
    }

    /// What is called with parentheses is never a label.
    private func call(of callee: Callee, _ arguments: [String]) throws(Diagnostic) -> Operand {
        if callee.name == Instruction.unknownTarget { return .unknownTarget }
        guard let service = callee.service else { throw callee.unknown() }
        return .service(ServiceCall(service: service, arguments: arguments))
    }

    // MARK: Prefixes

    private func applyRepeat(_ instruction: inout Instruction, _ match: inout MnemonicMatch) throws(Diagnostic) {
        guard let repeated = prefixes.repeated else { return }
        switch instruction.operation {
        // The same bytes as newer instructions, which is what processors with BMI1 execute (SDM 2B, "TZCNT").
        case .scan(.forward) where !prefixes.isRepeatNotEqual: try reinterpret("tzcnt", .scan(.trailingZeros))
        case .scan(.reverse) where !prefixes.isRepeatNotEqual: try reinterpret("lzcnt", .scan(.leadingZeros))
        case .nothing where match.mnemonic.name == "nop": try reinterpret("pause", .nothing)
        case .moveString: instruction.operation = .moveString(isRepeated: true)
        case .storeString: instruction.operation = .storeString(isRepeated: true)
        case .loadString: instruction.operation = .loadString(isRepeated: true)
        case .ret, .nothing: break
        default:
            throw repeated.error(
                "\(repeated.text) does nothing defined in front of \(word.text)",
                remedy: "remove \(repeated.text), or write movs, stos or lods after it")
        }

        func reinterpret(_ name: String, _ operation: Operation) throws(Diagnostic) {
            guard let new = MnemonicTable.lookup(name) else {
                throw repeated.error("\(name) is missing from the instruction table")
            }
            match = new
            instruction.operation = operation
        }
    }

    private func applyLock(_ instruction: inout Instruction, _ mnemonic: Mnemonic) throws(Diagnostic) {
        let changesMemory = instruction.destination?.isMemory ?? false
        if let lock = prefixes.lock {
            guard mnemonic.isLockable else {
                throw lock.error(
                    "\(word.text) cannot have a lock prefix",
                    remedy:
                        "lock goes with add, adc, and, btc, btr, bts, cmpxchg, dec, inc, neg, not, or, sbb, sub, xadd, xchg, xor"
                )
            }
            guard changesMemory else {
                throw lock.error(
                    "lock needs a memory destination", remedy: "remove lock, or make the last operand memory")
            }
            instruction.isLocked = true
        }
        // xchg with memory is locked without a prefix (SDM 2D, "XCHG").
        if mnemonic.operation == .exchange && changesMemory { instruction.isLocked = true }
    }

    // MARK: Text

    private func text(of instruction: Instruction, _ mnemonic: Mnemonic) -> String {
        var name = mnemonic.name
        switch mnemonic.shape {
        case .extend: name += "\(instruction.sourceWidth.suffix)\(instruction.width.suffix)"
        case .setByte, .anything: break
        default:
            if mnemonic.suffixes.contains(instruction.width.suffix) { name.append(instruction.width.suffix) }
        }
        if prefixes.lock != nil { name = "lock " + name }
        switch instruction.operation {
        case .moveString(true), .storeString(true), .loadString(true): name = "rep " + name
        default: break
        }
        var operands = [instruction.third, instruction.source, instruction.destination].compactMap { $0?.description }
        switch instruction.operation {
        case .jumpIndirect, .callIndirect: operands = operands.map { "*" + $0 }
        case .multiplyTruncating where instruction.third != nil && instruction.source == instruction.destination:
            operands.removeLast()
        default: break
        }
        return operands.isEmpty ? name : "\(name) \(operands.joined(separator: ","))"
    }
}
