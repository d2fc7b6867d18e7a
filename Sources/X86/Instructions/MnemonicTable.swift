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
    /// The name's number, see ``MnemonicTable/spelling(_:)``.
    private let spelling: UInt64

    init(
        group: InstructionGroup, name: String, aliases: [String] = [], operation: Operation, shape: Shape,
        suffixes: String = "", defaultWidth: Width? = nil, isLockable: Bool = false, summary: String
    ) {
        self.group = group
        self.name = name
        self.aliases = aliases
        self.operation = operation
        self.shape = shape
        self.suffixes = suffixes
        self.defaultWidth = defaultWidth
        self.isLockable = isLockable
        self.summary = summary
        spelling = MnemonicTable.spelling(name)
    }

    /// Whether a word, whose number is given, is the name or another spelling.
    func isSpelled(_ word: String, _ number: UInt64) -> Bool {
        (spelling == number && name == word) || aliases.contains(word)
    }
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
///
/// There is no index of names: making one takes longer than most tests take as a whole. A word is looked for in one list
/// after the other, by numbers that stand for names (``spelling(_:)``).
enum MnemonicTable {
    /// Looks up a lower-case word: whole first, then without a width suffix, then as a `movz` or `movs` form.
    static func lookup(_ word: String) -> MnemonicMatch? {
        if let match = extending(word) ?? conditional(word) { return match }
        let whole = spelling(word)
        let last = word.last
        let bare = String(word.dropLast())
        let bareSpelling = spelling(bare)
        for number in 0..<listCount {
            let entries = list(number)
            for index in entries.indices {
                if entries[index].isSpelled(word, whole) {
                    return MnemonicMatch(mnemonic: entries[index], width: entries[index].fixedWidth)
                }
                guard let last, entries[index].isSpelled(bare, bareSpelling), entries[index].suffixes.contains(last)
                else { continue }
                return MnemonicMatch(mnemonic: entries[index], width: Width(suffix: last))
            }
        }
        return stringMove(word)
    }

    /// A number for a name, to tell most names apart at a glance.
    static func spelling(_ word: String) -> UInt64 {
        // FNV-1a.
        word.utf8.reduce(0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
    }

    /// `cmovne`, `setne`, `jne`: a condition behind the family's name, and a width behind that of a move.
    private static func conditional(_ word: String) -> MnemonicMatch? {
        func match(
            _ family: String, _ mnemonic: (ConditionCode) -> Mnemonic, isJump: Bool = false
        ) -> MnemonicMatch? {
            guard word.hasPrefix(family) else { return nil }
            let name = String(word.dropFirst(family.count))
            if let condition = ConditionCode(name: name, isJump: isJump) {
                let entry = mnemonic(condition)
                return MnemonicMatch(mnemonic: entry, width: entry.fixedWidth)
            }
            guard let last = name.last, let condition = ConditionCode(name: String(name.dropLast()), isJump: isJump)
            else { return nil }
            let entry = mnemonic(condition)
            return entry.suffixes.contains(last) ? MnemonicMatch(mnemonic: entry, width: Width(suffix: last)) : nil
        }
        switch word.first {
        case "c": return match("cmov", conditionalMove)
        case "s": return match("set", conditionalSet)
        case "j": return match("j", conditionalJump, isJump: true)
        default: return nil
        }
    }

    /// `movzbl`, `movslq`, `movzx`, `movsxd`: two widths, either of which may be left to the registers.
    private static func extending(_ word: String) -> MnemonicMatch? {
        guard word.utf8.first == UInt8(ascii: "m") else { return nil }
        let isSigned = word.hasPrefix("movs")
        let name = isSigned ? "movs" : "movz"
        guard isSigned || word.hasPrefix("movz"), let entry = list(0).first(where: { $0.name == name }) else {
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
            ([entry.name] + entry.aliases).flatMap { name in [name] + entry.suffixes.map { name + String($0) } }
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
