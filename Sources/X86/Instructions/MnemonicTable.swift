/// One supported mnemonic.
struct Mnemonic: Sendable {
    var group: InstructionGroup
    var name: String
    var aliases: [String] = []
    var operation: Operation
    var shape: Shape
    /// The width suffixes it takes; empty if it has no width.
    var suffixes = ""
    /// The width when neither suffix nor register gives one.
    var defaultWidth: Width?
    var isLockable = false
    var summary: String

    /// The name and the other spellings.
    var spellings: [String] { [name] + aliases }
}

/// What a word in the place of a mnemonic means.
struct MnemonicMatch: Sendable {
    var mnemonic: Mnemonic
    /// The width that the suffix says, or nil.
    var width: Width?
    /// The source's width for `movz` and `movs`, or nil.
    var sourceWidth: Width?
}

/// Words that stand in front of a mnemonic.
enum Prefix: String, CaseIterable, Sendable {
    case lock, rep, repe, repz, repne, repnz, cs, ds, es, ss, notrack, bnd, data16

    var isRepeat: Bool { self == .rep || self == .repe || self == .repz }
    var isRepeatNotEqual: Bool { self == .repne || self == .repnz }
}

/// Finds mnemonics by name.
enum MnemonicTable {
    /// The position in ``entries`` of what each spelling means; where two entries share one (`movs`), the first has it.
    private static let positions: [String: Int] = {
        var positions = [String: Int](minimumCapacity: 2 * entries.count)
        for (position, entry) in entries.enumerated() {
            for spelling in entry.spellings where positions[spelling] == nil {
                positions[spelling] = position
            }
        }
        return positions
    }()

    private static func entry(spelled spelling: String) -> Mnemonic? { positions[spelling].map { entries[$0] } }

    /// Looks up a lower-case word: as a `movz` or `movs` form, then whole, then without a width suffix.
    static func lookup(_ word: String) -> MnemonicMatch? {
        if let match = extending(word) { return match }
        if let entry = entry(spelled: word) { return MnemonicMatch(mnemonic: entry, width: entry.fixedWidth) }
        if let last = word.last, let entry = entry(spelled: String(word.dropLast())), entry.suffixes.contains(last) {
            return MnemonicMatch(mnemonic: entry, width: Width(suffix: last))
        }
        return stringMove(word)
    }

    /// `movzbl`, `movslq`, `movzx`, `movsxd`: two widths, either of which may be left to the registers.
    private static func extending(_ word: String) -> MnemonicMatch? {
        let isSigned = word.hasPrefix("movs")
        guard isSigned || word.hasPrefix("movz"), let entry = entry(spelled: isSigned ? "movs" : "movz") else {
            return nil
        }
        let letters = Array(word.dropFirst(4))
        switch letters {
        case ["x"]: return MnemonicMatch(mnemonic: entry)
        case ["x", "d"]: return isSigned ? MnemonicMatch(mnemonic: entry, sourceWidth: .long) : nil
        default: break
        }
        guard let first = letters.first, letters.count <= 2, let source = Width(suffix: first), source != .quad,
            isSigned || source != .long
        else { return nil }
        guard letters.count == 2 else { return MnemonicMatch(mnemonic: entry, sourceWidth: source) }
        guard let width = Width(suffix: letters[1]), width.rawValue > source.rawValue else { return nil }
        return MnemonicMatch(mnemonic: entry, width: width, sourceWidth: source)
    }

    /// The string instruction that an extension's name means when it has no register operand (`movsb`, `movsl`).
    static func stringMove(_ word: String) -> MnemonicMatch? {
        guard word.hasPrefix("movs"), word.count == 5, let last = word.last else { return nil }
        return Width(suffix: last).map { MnemonicMatch(mnemonic: moveString, width: $0) }
    }

    /// The supported mnemonic that a misspelt word is nearest to: one character more, less or different.
    static func nearest(to word: String) -> String? {
        guard word.count <= 12 else { return nil }
        let letters = Array(word)
        let names = entries.flatMap { entry in
            entry.spellings.flatMap { name in [name] + entry.suffixes.map { name + String($0) } }
        }
        return names.first { isOneEdit(letters, Array($0)) }
    }

    private static func isOneEdit(_ a: [Character], _ b: [Character]) -> Bool {
        guard abs(a.count - b.count) <= 1 else { return false }
        let common = zip(a, b).prefix { $0 == $1 }.count
        let (restA, restB) = (a.dropFirst(common), b.dropFirst(common))
        return restA.dropFirst(a.count >= b.count ? 1 : 0) == restB.dropFirst(b.count >= a.count ? 1 : 0)
    }
}

extension Mnemonic {
    /// The width that the bare name already says (`movsb` of the string group, `cqto`).
    fileprivate var fixedWidth: Width? { suffixes.isEmpty ? defaultWidth : nil }
}
