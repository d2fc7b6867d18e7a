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
        guard let operand = Self.byName[name] else { return nil }
        self = operand
    }

    private static let byName: [String: RegisterOperand] = {
        var table: [String: RegisterOperand] = [:]
        for register in Register.allCases {
            for part in parts(of: register) { table[part.name] = part }
        }
        return table
    }()

    /// The parts of a register that have names, from the whole down.
    package static func parts(of register: Register) -> [RegisterOperand] {
        let parts = [Width.quad, .long, .word, .byte].map { RegisterOperand(register, $0) }
        return register.rawValue < 4 ? parts + [RegisterOperand(register, .byte, isHighByte: true)] : parts
    }

    /// All names, in the processor's order.
    package static var allNames: [String] { Register.allCases.flatMap { parts(of: $0).map { $0.name } } }
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
