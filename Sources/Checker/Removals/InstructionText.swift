import Diagnostics
import X86

/// An instruction's normalised text taken apart, to write another like it.
struct InstructionText {
    /// The mnemonic, prefixes left out.
    var mnemonic: String
    /// The operands, commas within parentheses respected.
    var operands: [String]
    /// Whether there is a `lock` prefix.
    var isLocked: Bool

    init(_ instruction: Instruction) {
        var rest = instruction.text[...]
        isLocked = rest.hasPrefix("lock ")
        if isLocked { rest = rest.dropFirst(5) }
        let words = rest.split(separator: " ", maxSplits: 1)
        mnemonic = words.first.map(String.init) ?? ""
        operands = []
        var depth = 0
        var operand = ""
        for character in words.count > 1 ? words[1] : "" {
            if character == "(" { depth += 1 }
            if character == ")" { depth -= 1 }
            if character == "," && depth == 0 {
                operands.append(operand)
                operand = ""
            } else {
                operand.append(character)
            }
        }
        if !operand.isEmpty { operands.append(operand) }
    }

    /// The position of the memory operand: the one that is neither a register nor a number.
    var memory: Int? { operands.firstIndex { !$0.hasPrefix("%") || $0.contains(":") ? !$0.hasPrefix("$") : false } }

    /// The instructions of a text at the place of another; nil when it is none.
    static func instructions(_ lines: [String], at place: SourcePlace) -> [Instruction]? {
        var parser = AssemblyParser()
        do throws(Diagnostic) {
            for line in lines { try parser.parse(line: line, at: place) }
            var instructions = try parser.finish().instructions
            for index in instructions.indices { instructions[index].place = place }
            return instructions
        } catch { return nil }
    }
}
