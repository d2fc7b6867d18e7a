/// A level of the page table, named by its entries; the raw value counts from the leaf (SDM 3A 4.5).
///
/// The root of four levels and that of five are two levels, though both are written `PGD(x)`: which of them is meant the head of
/// the test says (`Levels=5`).
public enum EntryLevel: CaseIterable, Comparable, Hashable, Sendable {
    /// Maps a page of 4 KByte.
    case pte
    case pmd
    case pud
    /// Of the root of four levels.
    case pgd
    /// Of the level below the root of five levels.
    case p4d
    /// Of the root of five levels.
    case fifth

    /// The levels of a table with four, from the leaf upwards.
    public static let allCases: [EntryLevel] = [.pte, .pmd, .pud, .pgd]

    /// The levels of a table with so many (4 or 5), from the leaf upwards.
    public static func all(of levels: Int) -> [EntryLevel] {
        levels == 5 ? [.pte, .pmd, .pud, .p4d, .fifth] : allCases
    }

    /// How many levels of entries a walk has read when it has read this one as the last: 1 for the leaf.
    public var rawValue: Int {
        switch self {
        case .pte: 1
        case .pmd: 2
        case .pud: 3
        case .pgd, .p4d: 4
        case .fifth: 5
        }
    }

    /// The level of a number from 1 on, in a table of so many levels.
    public init?(rawValue: Int, of levels: Int = 4) {
        guard rawValue > 0, rawValue <= levels else { return nil }
        self = Self.all(of: levels)[rawValue - 1]
    }

    /// Whether it is one of the root, which only CR3 points to.
    public var isOfRoot: Bool { self == .pgd || self == .fifth }

    /// How an entry is written before `(x)`.
    public var entrySpelling: String {
        switch self {
        case .pte: "PTE"
        case .pmd: "PMD"
        case .pud: "PUD"
        case .p4d: "P4D"
        case .pgd, .fifth: "PGD"
        }
    }

    /// How a table that holds such entries is written before `(x)`; nil for the root, which only CR3 points to.
    public var tableSpelling: String? {
        switch self {
        case .pte: "PT"
        case .pmd: "PD"
        case .pud: "PDPT"
        case .p4d: "PML4"
        case .pgd, .fifth: nil
        }
    }

    /// The level above, whose entries point to tables of this one; of the PUD that of four levels.
    public var above: EntryLevel? { above(of: self == .p4d ? 5 : 4) }

    /// The same in a table of so many levels.
    public func above(of levels: Int) -> EntryLevel? { EntryLevel(rawValue: rawValue + 1, of: levels) }

    /// The level below.
    public var below: EntryLevel? { EntryLevel(rawValue: rawValue - 1, of: self == .fifth ? 5 : 4) }

    /// Reads the name of an entry, such as `PMD`, in a table of so many levels.
    public init?(entrySpelling: String, of levels: Int = 4) {
        guard let level = Self.all(of: levels).first(where: { $0.entrySpelling == entrySpelling }) else { return nil }
        self = level
    }

    /// Reads how a parameter or a variable of a test in C begins that is an entry, such as `pmd` of `pmd_x`.
    init?(prefix: some StringProtocol) {
        guard let level = Self.allCases.first(where: { $0.entrySpelling.lowercased() == prefix }) else { return nil }
        self = level
    }

    /// Reads the name of a table, such as `PT`; that of P4Ds is one of five levels.
    public init?(tableSpelling: String) {
        guard let level = Self.all(of: 5).first(where: { $0.tableSpelling == tableSpelling }) else { return nil }
        self = level
    }

    /// Whether a level is nearer to the leaf.
    public static func < (first: EntryLevel, second: EntryLevel) -> Bool { first.rawValue < second.rawValue }
}

/// A table of the page table: `PT(x)`, the one that holds the PTE of x, and so on upwards.
public struct TableName: Hashable, Sendable {
    /// The level of the entries that it holds.
    public var level: EntryLevel
    /// A page whose entry it holds.
    public var page: String
    /// The address space; nil for `mm`.
    public var space: String?

    /// Names a table.
    public init(_ level: EntryLevel, page: String, space: String? = nil) {
        self.level = level
        self.page = page
        self.space = space
    }

    /// Reads `PT(x)`, `PD(child:x)` as they are spelled in the argument of a service; nil for what is not a table.
    public init?(text: String) {
        guard text.hasSuffix(")"), let opening = text.firstIndex(of: "("),
            let level = EntryLevel(tableSpelling: String(text[..<opening]))
        else { return nil }
        let inner = text[text.index(after: opening)...].dropLast()
        let parts = inner.split(separator: ":", omittingEmptySubsequences: false).map { String($0) }
        guard parts.count <= 2, let page = parts.last, parts.allSatisfy({ $0.isVariableName }) else { return nil }
        self.init(level, page: page, space: parts.count == 2 ? parts[0] : nil)
    }

    /// The same with no name for `mm`, whose name may be left out.
    public var inPlainSpelling: TableName { TableName(level, page: page, space: space == "mm" ? nil : space) }

    /// `PT(x)`, `PD(child:x)`.
    public var text: String { "\(level.tableSpelling ?? "root")(\(space.map { $0 + ":" } ?? "")\(page))" }
}
