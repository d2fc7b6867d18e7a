/// A level of the page table, named by its entries; the raw value counts from the leaf (SDM 3A 4.5).
public enum EntryLevel: Int, CaseIterable, Comparable, Hashable, Sendable {
    /// Maps a page of 4 KByte.
    case pte = 1
    case pmd
    case pud
    /// Of the root of four levels.
    case pgd

    /// How an entry is written before `(x)`.
    public var entrySpelling: String {
        switch self {
        case .pte: "PTE"
        case .pmd: "PMD"
        case .pud: "PUD"
        case .pgd: "PGD"
        }
    }

    /// How a table that holds such entries is written before `(x)`; nil for the root, which only CR3 points to.
    public var tableSpelling: String? {
        switch self {
        case .pte: "PT"
        case .pmd: "PD"
        case .pud: "PDPT"
        case .pgd: nil
        }
    }

    /// The level above, whose entries point to tables of this one.
    public var above: EntryLevel? { EntryLevel(rawValue: rawValue + 1) }

    /// The level below.
    public var below: EntryLevel? { EntryLevel(rawValue: rawValue - 1) }

    /// Reads the name of an entry, such as `PMD`.
    public init?(entrySpelling: String) {
        guard let level = Self.allCases.first(where: { $0.entrySpelling == entrySpelling }) else { return nil }
        self = level
    }

    /// Reads how a parameter or a variable of a test in C begins that is an entry, such as `pmd` of `pmd_x`.
    init?(prefix: some StringProtocol) {
        guard let level = Self.allCases.first(where: { $0.entrySpelling.lowercased() == prefix }) else { return nil }
        self = level
    }

    /// Reads the name of a table, such as `PT`.
    public init?(tableSpelling: String) {
        guard let level = Self.allCases.first(where: { $0.tableSpelling == tableSpelling }) else { return nil }
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
