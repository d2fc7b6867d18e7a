/// The sixteen conditions of `jcc`, `setcc` and `cmovcc`, numbered as the processor numbers them (SDM 1, appendix B).
enum ConditionCode: UInt8, CaseIterable, Hashable, Sendable {
    case overflow = 0
    case noOverflow, below, aboveOrEqual, equal, notEqual, belowOrEqual, above
    case sign, noSign, parity, noParity, less, greaterOrEqual, lessOrEqual, greater

    /// The spelling that is printed.
    var name: String { names[0] }

    /// All of the assembler's spellings, the printed one first.
    var names: [String] {
        switch self {
        case .overflow: ["o"]
        case .noOverflow: ["no"]
        case .below: ["b", "c", "nae"]
        case .aboveOrEqual: ["ae", "nc", "nb"]
        case .equal: ["e", "z"]
        case .notEqual: ["ne", "nz"]
        case .belowOrEqual: ["be", "na"]
        case .above: ["a", "nbe"]
        case .sign: ["s"]
        case .noSign: ["ns"]
        case .parity: ["p", "pe"]
        case .noParity: ["np", "po"]
        case .less: ["l", "nge"]
        case .greaterOrEqual: ["ge", "nl"]
        case .lessOrEqual: ["le", "ng"]
        case .greater: ["g", "nle"]
        }
    }

    /// The condition in words: `above or equal`.
    var words: String {
        switch self {
        case .overflow: "overflow"
        case .noOverflow: "no overflow"
        case .below: "below"
        case .aboveOrEqual: "above or equal"
        case .equal: "equal"
        case .notEqual: "not equal"
        case .belowOrEqual: "below or equal"
        case .above: "above"
        case .sign: "sign"
        case .noSign: "no sign"
        case .parity: "parity"
        case .noParity: "no parity"
        case .less: "less"
        case .greaterOrEqual: "greater or equal"
        case .lessOrEqual: "less or equal"
        case .greater: "greater"
        }
    }

    /// herd7's own spellings, understood after `j` only (`jle` and `jge` are the assembler's as well).
    var herdNames: [String] {
        switch self {
        case .less: ["lt"]
        case .greater: ["gt"]
        default: []
        }
    }

    /// Whether the condition holds.
    func holds(_ flags: Flags) -> Bool {
        let positive: Bool =
            switch rawValue >> 1 {
            case 0: flags.contains(.overflow)
            case 1: flags.contains(.carry)
            case 2: flags.contains(.zero)
            case 3: flags.contains(.carry) || flags.contains(.zero)
            case 4: flags.contains(.sign)
            case 5: flags.contains(.parity)
            case 6: flags.contains(.sign) != flags.contains(.overflow)
            default: flags.contains(.zero) || flags.contains(.sign) != flags.contains(.overflow)
            }
        // Odd numbers are the negations of the even ones.
        return rawValue & 1 == 0 ? positive : !positive
    }
}
