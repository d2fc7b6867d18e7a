import Diagnostics

/// An operand with its place, for messages.
struct PlacedOperand {
    var operand: Operand
    var place: SourcePlace
    /// Characters it spans.
    var length: Int
    /// Written with `*`: the target of an indirect jump.
    var isIndirect = false

    func error(_ message: String, remedy: String? = nil) -> Diagnostic {
        Diagnostic(message, at: place, length: length, remedy: remedy)
    }
}

/// Parses operands in AT&T syntax, with herd7's `(x)` for a variable in memory.
enum OperandParser {
    /// Parses the operands up to the statement's end.
    static func operands(_ cursor: inout Cursor) throws(Diagnostic) -> [PlacedOperand] {
        var operands: [PlacedOperand] = []
        guard cursor.peek() != nil else { return [] }
        repeat {
            operands.append(try operand(&cursor))
            if operands.count > 3, let last = operands.last {
                throw last.error("no supported instruction has more than three operands", remedy: "remove the rest")
            }
        } while cursor.take(",")
        if cursor.peek() != nil {
            throw cursor.error(
                "unexpected text after the operands", remedy: "separate operands by commas and instructions by ;")
        }
        return operands
    }

    private static func operand(_ cursor: inout Cursor) throws(Diagnostic) -> PlacedOperand {
        cursor.skipSpaces()
        let start = cursor.position
        let isIndirect = cursor.take("*")
        let operand = try plainOperand(&cursor)
        return PlacedOperand(
            operand: operand, place: cursor.place(at: start), length: max(1, cursor.text(from: start).count),
            isIndirect: isIndirect)
    }

    private static func plainOperand(_ cursor: inout Cursor) throws(Diagnostic) -> Operand {
        if cursor.take("$") {
            let value = try ExpressionParser.parse(&cursor, allowsParentheses: true)
            return .immediate(ImmediateOperand(value: value.constant, symbol: value.symbol))
        }
        guard cursor.take("%") else { return .memory(try memory(&cursor, segment: nil)) }
        let word = cursor.takeWord()
        let name = word.text.lowercased()
        if cursor.take(":") {
            switch name {
            case "fs", "gs": return .memory(try memory(&cursor, segment: Segment(rawValue: name)))
            case "cs", "ds", "es", "ss": return .memory(try memory(&cursor, segment: nil))
            default: throw word.error("%\(word.text) is not a segment register", remedy: "use %gs: or %fs:")
            }
        }
        if name.hasPrefix("cr"), let number = Int(name.dropFirst(2)), (0...15).contains(number) {
            return .controlRegister(number)
        }
        return .register(try register(word))
    }

    private static func register(_ word: Word) throws(Diagnostic) -> RegisterOperand {
        if let register = RegisterOperand(name: word.text.lowercased()) { return register }
        throw word.error(
            "%\(word.text.prefix(40)) is not a general register",
            remedy: "use %rax to %r15 and their parts; vector, segment and floating-point registers are not modelled")
    }

    // MARK: Memory

    private static func memory(_ cursor: inout Cursor, segment: Segment?) throws(Diagnostic) -> MemoryOperand {
        var memory = MemoryOperand(segment: segment)
        if cursor.peek() != "(" {
            add(try ExpressionParser.parse(&cursor, allowsParentheses: false), to: &memory)
        }
        guard cursor.peek() == "(" else { return memory }
        let open = cursor
        _ = cursor.take("(")
        if cursor.peek() == "%" || cursor.peek() == "," {
            try registers(&cursor, &memory)
        } else {
            let inner = try ExpressionParser.parse(&cursor, allowsParentheses: true)
            if inner.symbol != nil && memory.symbol != nil {
                throw open.error("an address can name only one symbol", remedy: "write symbol+number")
            }
            add(inner, to: &memory)
        }
        guard cursor.take(")") else { throw cursor.error("expected )", remedy: "close the memory operand") }
        if cursor.peek() == "(" {
            _ = cursor.take("(")
            guard cursor.peek() == "%" || cursor.peek() == "," else {
                throw cursor.error("expected a register", remedy: "write displacement(%base,%index,scale)")
            }
            if memory.base != nil || memory.index != nil || memory.isRIPRelative {
                throw cursor.error(
                    "an address has one pair of parentheses", remedy: "write displacement(%base,%index,scale)")
            }
            try registers(&cursor, &memory)
            guard cursor.take(")") else { throw cursor.error("expected )", remedy: "close the memory operand") }
        }
        if memory.isRIPRelative && memory.symbol == nil && memory.segment == nil {
            throw open.error("an address relative to %rip must name a symbol", remedy: "write x(%rip)")
        }
        return memory
    }

    private static func add(_ value: SymbolicValue, to memory: inout MemoryOperand) {
        memory.displacement &+= value.constant
        memory.symbol = memory.symbol ?? value.symbol
    }

    /// `%base`, `%base,%index`, `%base,%index,scale`, `,%index,scale`.
    private static func registers(_ cursor: inout Cursor, _ memory: inout MemoryOperand) throws(Diagnostic) {
        if cursor.take("%") {
            let word = cursor.takeWord()
            if word.text.lowercased() == "rip" {
                memory.isRIPRelative = true
                return
            }
            memory.base = try addressRegister(word)
        }
        guard cursor.take(",") else { return }
        guard cursor.take("%") else {
            throw cursor.error("expected an index register", remedy: "write (%base,%index,scale)")
        }
        let word = cursor.takeWord()
        memory.index = try addressRegister(word)
        if memory.index == .rsp {
            throw word.error("%rsp cannot be an index", remedy: "exchange base and index")
        }
        guard cursor.take(",") else { return }
        let scale = cursor.takeWord()
        guard ["1", "2", "4", "8"].contains(scale.text), let factor = UInt64(scale.text) else {
            throw scale.error("the scale must be 1, 2, 4 or 8", remedy: "write (%base,%index,8)")
        }
        memory.scale = factor
    }

    private static func addressRegister(_ word: Word) throws(Diagnostic) -> Register {
        let register = try register(word)
        guard register.width == .quad else {
            throw word.error(
                "an address needs 64-bit registers, %\(word.text) has \(register.width.bits) bits",
                remedy: "use %\(RegisterOperand(register.register).name)")
        }
        return register.register
    }

    // MARK: Jump and call targets

    /// The target of a jump without `*`: a label, or `1b` and `1f`.
    static func target(_ cursor: inout Cursor) throws(Diagnostic) -> Word {
        var word = cursor.takeWord()
        if word.text.isEmpty { throw cursor.error("expected a label", remedy: "write the name of a label, or *%rax") }
        if word.text.hasSuffix("@PLT") { word.text.removeLast(4) }
        return word
    }

    /// The arguments of `call name(...)`, split at commas outside parentheses; nil if there is no parenthesis.
    static func arguments(_ cursor: inout Cursor) throws(Diagnostic) -> [String]? {
        guard cursor.take("(") else { return nil }
        var arguments: [String] = []
        var depth = 0
        var start = cursor.position
        while let character = cursor.current {
            switch character {
            case "(": depth += 1
            case ")" where depth > 0: depth -= 1
            case ")",
                "," where depth == 0:
                let argument = cursor.text(from: start)
                if argument.isEmpty && (character == "," || !arguments.isEmpty) {
                    throw cursor.error("expected an argument", remedy: "write call name(a, b)")
                }
                if !argument.isEmpty { arguments.append(argument) }
                cursor.advance()
                if character == ")" { return arguments }
                start = cursor.position
                continue
            default: break
            }
            cursor.advance()
        }
        throw cursor.error("expected )", remedy: "close the argument list")
    }
}
