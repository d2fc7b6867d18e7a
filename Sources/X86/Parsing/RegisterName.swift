extension RegisterOperand {
    private static let quadNames = ["rax", "rcx", "rdx", "rbx", "rsp", "rbp", "rsi", "rdi"]
    private static let byteNames = ["al", "cl", "dl", "bl", "spl", "bpl", "sil", "dil"]
    private static let highNames = ["ah", "ch", "dh", "bh"]

    /// The name without the percent sign (SDM 1, table 3-2).
    public var name: String {
        let number = Int(register.rawValue)
        if number >= 8 {
            let suffix: String =
                switch width {
                case .byte: "b"
                case .word: "w"
                case .long: "d"
                case .quad: ""
                }
            return "r\(number)\(suffix)"
        }
        switch width {
        case .quad: return Self.quadNames[number]
        case .long: return "e" + Self.quadNames[number].dropFirst()
        case .word: return String(Self.quadNames[number].dropFirst())
        case .byte: return isHighByte && number < 4 ? Self.highNames[number] : Self.byteNames[number]
        }
    }

    /// The register of a name without the percent sign, in lower case; nil if there is none.
    public init?(name: String) {
        guard name.utf8.count <= 4, let number = Self.number(name) else { return nil }
        for operand in Self.parts(of: number) where operand.name == name {
            self = operand
            return
        }
        return nil
    }

    /// The parts of a register that have names, from the whole down.
    public static func parts(of register: Register) -> [RegisterOperand] {
        let parts = [Width.quad, .long, .word, .byte].map { RegisterOperand(register, $0) }
        return register.rawValue < 4 ? parts + [RegisterOperand(register, .byte, isHighByte: true)] : parts
    }

    /// All names, in the processor's order.
    public static var allNames: [String] { Register.allCases.flatMap { parts(of: $0).map { $0.name } } }

    /// The only register that can have this name or part of it.
    private static func number(_ name: String) -> Register? {
        // `r10d` by its number; `rax`, `eax`, `ax`, `al` and `ah` by the letters that they share. As bytes: a test has
        // a register in nearly every instruction.
        var letters = Substring(name).utf8
        if letters.first == UInt8(ascii: "r") {
            let number = letters.dropFirst().prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
                .reduce(0) { $0 * 10 + Int($1 - UInt8(ascii: "0")) }
            if number > 7 { return number < 16 ? Register(rawValue: UInt8(number)) : nil }
        }
        if letters.count == 3, let first = letters.first, first == UInt8(ascii: "r") || first == UInt8(ascii: "e") {
            letters.removeFirst()
        }
        guard let first = letters.popFirst(), let second = letters.popFirst() else { return nil }
        switch (Unicode.Scalar(first), Unicode.Scalar(second)) {
        case ("a", "x"), ("a", "l"), ("a", "h"): return .rax
        case ("c", "x"), ("c", "l"), ("c", "h"): return .rcx
        case ("d", "x"), ("d", "l"), ("d", "h"): return .rdx
        case ("b", "x"), ("b", "l"), ("b", "h"): return .rbx
        case ("s", "p"): return .rsp
        case ("b", "p"): return .rbp
        case ("s", "i"): return .rsi
        case ("d", "i"): return .rdi
        default: return nil
        }
    }
}

extension Width {
    /// The letter that ends a mnemonic of this width.
    var suffix: Character {
        switch self {
        case .byte: "b"
        case .word: "w"
        case .long: "l"
        case .quad: "q"
        }
    }

    /// The width that a mnemonic's last letter names.
    init?(suffix: Character) {
        switch suffix {
        case "b": self = .byte
        case "w": self = .word
        case "l": self = .long
        case "q": self = .quad
        default: return nil
        }
    }

    /// The low bits of a value of this width, as a signed number.
    func signExtended(_ value: UInt64) -> UInt64 {
        let low = value & mask
        return low & signBit == 0 ? low : low | ~mask
    }
}
