/// One line of the instruction table, as `ptero isa` prints it.
public struct MnemonicDescription: Hashable, Sendable {
    /// The heading it belongs under.
    public var group: String
    /// The mnemonic without width suffix.
    public var name: String
    /// Other spellings that are understood.
    public var aliases: [String]
    /// The operand forms in AT&T order, for example `reg/imm, reg/mem`.
    public var forms: [String]
    /// The suffixes that give it a width, for example `bwlq`; empty if it has no width.
    public var suffixes: String
    /// Whether `lock` may stand in front when the destination is memory.
    public var isLockable: Bool
    /// What it does, one line.
    public var summary: String
}

/// The supported instructions.
public enum InstructionSet {
    /// Every supported mnemonic, grouped, in the order in which it is documented.
    public static var mnemonics: [MnemonicDescription] {
        MnemonicTable.entries.map { entry in
            MnemonicDescription(
                group: entry.group.rawValue, name: entry.name, aliases: entry.aliases,
                forms: entry.shape.forms, suffixes: entry.suffixes, isLockable: entry.isLockable, summary: entry.summary
            )
        }
    }

    /// Whether a word in the place of a mnemonic is one, with or without suffix, or a prefix.
    public static func contains(_ word: String) -> Bool {
        MnemonicTable.lookup(word.lowercased()) != nil || Prefix(rawValue: word.lowercased()) != nil
    }
}

/// The operand forms that an instruction can have.
enum Shape: Hashable, Sendable {
    case none, binary, test, unary, source, shift, doubleShift, bitTest, scan, signedMultiply, exchange
    /// Register into register or memory; herd7 writes the memory operand first.
    case registerToPlace
    case pair, move, moveAbsolute, loadAddress, extend, push, pop, target, call, returnBytes, setByte, registerOnly
    case string, anything, memory, invalidateContext, shadowStackStore, broadcast

    /// The forms as documentation writes them.
    var forms: [String] {
        switch self {
        case .none, .string: [""]
        case .binary: ["reg/imm, reg/mem", "mem, reg"]
        case .test: ["reg/imm, reg/mem", "mem, reg"]
        case .unary, .source: ["reg/mem"]
        case .shift: ["reg/mem", "imm, reg/mem", "%cl, reg/mem"]
        case .doubleShift: ["imm, reg, reg/mem", "%cl, reg, reg/mem"]
        case .bitTest: ["reg/imm, reg/mem"]
        case .scan, .extend: ["reg/mem, reg"]
        case .signedMultiply: ["reg/mem", "reg/mem, reg", "imm, reg", "imm, reg/mem, reg"]
        case .exchange: ["reg, reg/mem", "mem, reg"]
        case .registerToPlace: ["reg, reg/mem"]
        case .pair, .memory: ["mem"]
        case .move: ["reg/imm, reg/mem", "mem, reg", "reg, %cr3/%cr4", "%cr2/%cr3/%cr4, reg"]
        case .moveAbsolute: ["imm, reg", "mem, %rax", "%rax, mem"]
        case .loadAddress: ["mem, reg"]
        case .push: ["reg/imm/mem"]
        case .pop: ["reg/mem"]
        case .target: ["label"]
        case .call: ["label", "*reg/mem", "service(arguments)"]
        case .returnBytes: ["", "imm"]
        case .setByte: ["reg/mem"]
        case .registerOnly: ["reg"]
        case .anything: ["", "reg/mem"]
        case .invalidateContext: ["mem, reg"]
        case .shadowStackStore: ["reg, mem"]
        case .broadcast: ["", "%rax, %ecx, %edx"]
        }
    }
}

/// The headings of the instruction table.
enum InstructionGroup: String, Hashable, Sendable {
    case movement = "Data movement"
    case stack = "Stack"
    case arithmetic = "Arithmetic"
    case logic = "Logic and bits"
    case shifts = "Shifts and rotates"
    case atomics = "Read-modify-write"
    case control = "Control flow"
    case flags = "Flags"
    case strings = "Strings"
    case ordering = "Ordering"
    case system = "System"
}
