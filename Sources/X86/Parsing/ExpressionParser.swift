import Diagnostics

/// A symbol plus a number.
struct SymbolicValue {
    var symbol: SymbolReference?
    var constant: UInt64 = 0
}

/// Parses the constant expressions of immediates and displacements: `-8`, `x+4`, `PTE(child:x)`, `~(1<<2)`.
struct ExpressionParser {
    /// Deep enough for every assembler text, shallow enough for the stack.
    private static let deepestNesting = 32

    /// Parses a sum; parentheses nest only where `allowsParentheses`, since a displacement is followed by one.
    static func parse(
        _ cursor: inout Cursor, allowsParentheses: Bool, depth: Int = 0
    ) throws(Diagnostic) -> SymbolicValue {
        var result = try term(&cursor, allowsParentheses, depth)
        while let sign = cursor.peek(), sign == "+" || sign == "-" || sign == "|" || sign == "&" {
            let place = cursor
            _ = cursor.take(sign)
            let next = try term(&cursor, allowsParentheses, depth)
            if next.symbol != nil && (sign != "+" || result.symbol != nil)
                || result.symbol != nil && (sign == "|" || sign == "&")
            {
                throw place.error(
                    "only a number can be added to or subtracted from a symbol", remedy: "write symbol+number")
            }
            switch sign {
            case "+": result.constant &+= next.constant
            case "-": result.constant &-= next.constant
            case "|": result.constant |= next.constant
            default: result.constant &= next.constant
            }
            result.symbol = result.symbol ?? next.symbol
        }
        return result
    }

    /// A product or shift of factors.
    private static func term(
        _ cursor: inout Cursor, _ allowsParentheses: Bool, _ depth: Int
    ) throws(Diagnostic) -> SymbolicValue {
        var result = try factor(&cursor, allowsParentheses, depth)
        while let sign = cursor.peek(), sign == "*" || ((sign == "<" || sign == ">") && cursor.peek(1) == sign) {
            let place = cursor
            _ = cursor.take(sign)
            if sign != "*" { _ = cursor.take(sign) }
            let next = try factor(&cursor, allowsParentheses, depth)
            if result.symbol != nil || next.symbol != nil {
                throw place.error("a symbol cannot be multiplied or shifted", remedy: "write symbol+number")
            }
            switch sign {
            case "*": result.constant &*= next.constant
            // The smart shift gives 0 for counts past the width.
            case "<": result.constant = result.constant << next.constant
            default: result.constant = result.constant >> next.constant
            }
        }
        return result
    }

    private static func factor(
        _ cursor: inout Cursor, _ allowsParentheses: Bool, _ depth: Int
    ) throws(Diagnostic) -> SymbolicValue {
        guard depth < deepestNesting else {
            throw cursor.error("the expression nests too deeply", remedy: "write the number")
        }
        if let sign = cursor.peek(), sign == "-" || sign == "~" || sign == "+" {
            let place = cursor
            _ = cursor.take(sign)
            let operand = try factor(&cursor, allowsParentheses, depth + 1)
            if operand.symbol != nil && sign != "+" {
                throw place.error("the address of a symbol cannot be negated", remedy: "write symbol+number")
            }
            switch sign {
            case "-": return SymbolicValue(constant: 0 &- operand.constant)
            case "~": return SymbolicValue(constant: ~operand.constant)
            default: return operand
            }
        }
        if allowsParentheses && cursor.take("(") {
            let inner = try parse(&cursor, allowsParentheses: true, depth: depth + 1)
            guard cursor.take(")") else { throw cursor.error("expected )", remedy: "close the parenthesis") }
            return inner
        }
        let word = cursor.takeWord()
        if word.text.isEmpty { throw cursor.error("expected a number or a symbol") }
        if word.isNumber { return SymbolicValue(constant: try number(word)) }
        return SymbolicValue(symbol: try symbol(word, &cursor))
    }

    /// A symbol, with `(x)` or `(space:x)` directly after it for `PTE(x)` and its like.
    private static func symbol(_ word: Word, _ cursor: inout Cursor) throws(Diagnostic) -> SymbolReference {
        var name = word.text
        if name.contains("@") {
            guard name.hasSuffix("@PLT") else {
                throw word.error(
                    "relocation \(word.quoted) is not supported", remedy: "compile with -fno-pic or -mcmodel=kernel")
            }
            name.removeLast(4)
        }
        if RegisterOperand(name: name.lowercased()) != nil {
            throw word.error("\(word.quoted) is a register", remedy: "write %\(name)")
        }
        guard cursor.current == "(", let next = cursor.peek(1), next.isWordCharacter, !next.isDigit
        else {
            return SymbolReference(name: name, place: word.place)
        }
        _ = cursor.take("(")
        var argument = cursor.takeWord().text
        // An address space, `child:x`, or its root for user mode, `child:user:x`.
        while cursor.take(":") {
            let variable = cursor.takeWord().text
            if variable.isEmpty {
                throw cursor.error(
                    "expected a variable after the address space", remedy: "write \(name)(\(argument):x)")
            }
            argument += ":" + variable
        }
        guard cursor.take(")") else { throw cursor.error("expected )", remedy: "write \(name)(x) or \(name)(space:x)") }
        return SymbolReference(name: "\(name)(\(argument))", place: word.place)
    }

    /// A decimal, hexadecimal, octal or binary number of at most 64 bits.
    static func number(_ word: Word) throws(Diagnostic) -> UInt64 {
        let text = word.text.lowercased()
        let digits: Substring
        let radix: Int
        if text.hasPrefix("0x") {
            (digits, radix) = (text.dropFirst(2), 16)
        } else if text.hasPrefix("0b") {
            (digits, radix) = (text.dropFirst(2), 2)
        } else if text.hasPrefix("0") && text.count > 1 {
            (digits, radix) = (text.dropFirst(), 8)
        } else {
            (digits, radix) = (text[...], 10)
        }
        // GNU as prints a U or UL that came through a macro nowhere, but kernel inline assembly leaves it in.
        let bare = radix == 10 || radix == 16 ? digits.prefix { !["u", "l"].contains($0) } : digits
        if let value = UInt64(bare, radix: radix), digits.dropFirst(bare.count).count <= 3 { return value }
        let looksRight = !digits.isEmpty && digits.allSatisfy { $0.isHexDigit }
        throw word.error(
            looksRight
                ? "the number \(word.quoted) does not fit 64 bits or its base" : "\(word.quoted) is not a number",
            remedy: "write a decimal number or a hexadecimal one with 0x")
    }
}
