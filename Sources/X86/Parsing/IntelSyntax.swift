import Diagnostics

/// Recognises an instruction in Intel's syntax and says how AT&T's writes it, for messages only.
///
/// Intel's has the destination first, registers and numbers bare, and memory in brackets (SDM 2A, 3.1.1). What is read
/// without a fault as AT&T's is never looked at here.
struct IntelSyntax {
    /// One operand, as AT&T's syntax writes it.
    private struct Written {
        var text: String
        /// The width that a register or `dword ptr` says.
        var width: Width?
        /// It is written as only Intel's syntax does.
        var isIntel = false
        var isBareRegister = false
    }

    /// What is said of an instruction that AT&T's syntax cannot read; nil when it is not Intel's either.
    ///
    /// `rest` is what stands after the mnemonic, `length` how many characters the instruction spans.
    static func error(
        _ word: Word, rest: String, prefix: Word?, length: Int
    ) -> Diagnostic? {
        let operands = split(rest)
        guard !operands.isEmpty, operands.count <= 3 else { return nil }
        let written = operands.map(operand)
        guard written.contains(where: { $0?.isIntel ?? false || $0?.isBareRegister ?? false }) else { return nil }
        let isAmbiguous = !written.contains { $0?.isIntel ?? false }
        // `movl $1,eax` and `movl (x),eax` are AT&T's with a `%` missing.
        if isAmbiguous,
            rest.contains("%") || rest.contains("(") || written.first.map({ !($0?.isBareRegister ?? false) }) ?? true
        {
            return nil
        }
        let line = translation(word, written, prefix.map { $0.text.lowercased() })
        if isAmbiguous, line == nil { return nil }
        return Diagnostic(
            "this is Intel's syntax, Ptero reads AT&T's", at: (prefix ?? word).place, length: length,
            remedy: line.map { "write `\($0)`: the destination comes last" }
                ?? "write the destination last, registers as %eax, numbers as $1 and memory as (x) or 8(%rdi): `movl $1,(x)`"
        )
    }

    /// The line in AT&T's syntax, if that is an instruction of the subset.
    private static func translation(_ word: Word, _ written: [Written?], _ prefix: String?) -> String? {
        let operands = written.compactMap { $0 }
        guard operands.count == written.count else { return nil }
        let name = word.text.lowercased()
        guard let match = MnemonicTable.lookup(name) else { return nil }
        let width = operands.compactMap { $0.width }.first ?? .long
        let isSuffixed = match.width != nil || !match.mnemonic.suffixes.contains(width.suffix)
        let mnemonic = isSuffixed ? name : match.mnemonic.name + String(width.suffix)
        let line =
            (prefix.map { $0 + " " } ?? "") + mnemonic + " "
            + operands.reversed().map { $0.text }.joined(separator: ",")
        var parser = AssemblyParser()
        do throws(Diagnostic) {
            try parser.parse(line: line, at: word.place)
            return line
        } catch { return nil }
    }

    /// The operands, between commas outside brackets.
    private static func split(_ text: String) -> [String] {
        var parts: [String] = [""]
        var depth = 0
        for character in text {
            if character == "[" || character == "(" { depth += 1 }
            if character == "]" || character == ")" { depth -= 1 }
            if character == ",", depth == 0 {
                parts.append("")
            } else {
                parts[parts.count - 1].append(character)
            }
        }
        let trimmed = parts.map { $0.trimmed }
        return trimmed == [""] ? [] : trimmed
    }

    private static func operand(_ text: String) -> Written? {
        var words = text.split(separator: " ", omittingEmptySubsequences: true).map(String.init)
        var written = Written(text: "")
        let sizes: [String: Width] = ["byte": .byte, "word": .word, "dword": .long, "qword": .quad]
        if let first = words.first?.lowercased(), let size = sizes[first], words.count > 1 {
            written.width = size
            written.isIntel = true
            words.removeFirst()
            if words.first?.lowercased() == "ptr" { words.removeFirst() }
        }
        let rest = words.joined()
        if rest.hasPrefix("["), rest.hasSuffix("]") {
            written.isIntel = true
            guard let address = address(String(rest.dropFirst().dropLast())) else { return nil }
            written.text = address
            return written
        }
        // A part that is already AT&T's, as herd7's `$1`.
        if rest.hasPrefix("$") || rest.hasPrefix("%") {
            written.text = rest
            return written
        }
        if let register = RegisterOperand(name: rest.lowercased()) {
            written.text = "%" + register.name
            written.width = register.width
            written.isBareRegister = true
            return written
        }
        if let number = number(rest) {
            written.text = "$" + number
            return written
        }
        return nil
    }

    /// `rdi+rcx*4+8` as `8(%rdi,%rcx,4)`, `x+4` as `x+4`, `x` as `(x)`.
    private static func address(_ text: String) -> String? {
        var base: String?
        var index: String?
        var symbol: String?
        var displacement = ""
        var terms: [(sign: Character, text: String)] = [("+", "")]
        for character in text where character != " " {
            if character == "+" || character == "-" {
                terms.append((character, ""))
            } else {
                terms[terms.count - 1].text.append(character)
            }
        }
        for (sign, term) in terms where !term.isEmpty {
            let factors = term.split(separator: "*").map { $0.lowercased() }
            if let register = factors.first.flatMap({ RegisterOperand(name: $0) }), sign == "+" {
                if factors.count == 1, base == nil {
                    base = "%" + register.name
                } else if index == nil, factors.count <= 2 {
                    index = "%" + register.name + (factors.count == 2 ? "," + factors[1] : "")
                } else {
                    return nil
                }
            } else if let number = number(term) {
                displacement += (sign == "-" ? "-" : displacement.isEmpty ? "" : "+") + number
            } else if symbol == nil, sign == "+", term.unicodeScalars.allSatisfy({ $0.isWordCharacter }) {
                symbol = term
            } else {
                return nil
            }
        }
        let isNegative = displacement.hasPrefix("-")
        let offset = (symbol ?? "") + (symbol != nil && !displacement.isEmpty && !isNegative ? "+" : "") + displacement
        if let base { return "\(offset)(\(base)\(index.map { "," + $0 } ?? ""))" }
        if index != nil { return nil }
        return displacement.isEmpty ? symbol.map { "(\($0))" } : symbol == nil ? nil : offset
    }

    /// A number: decimal, `0x10`, `10h`.
    private static func number(_ text: String) -> String? {
        let digits = text.hasPrefix("-") ? text.dropFirst() : text[...]
        guard digits.unicodeScalars.first?.isDigit ?? false else { return nil }
        if digits.allSatisfy({ $0.isNumber }) { return text }
        if digits.hasPrefix("0x") || digits.hasPrefix("0X") {
            return UInt64(digits.dropFirst(2), radix: 16) == nil ? nil : text
        }
        guard digits.last == "h" || digits.last == "H", UInt64(digits.dropLast(), radix: 16) != nil else { return nil }
        return (text.hasPrefix("-") ? "-" : "") + "0x" + digits.dropLast()
    }
}
