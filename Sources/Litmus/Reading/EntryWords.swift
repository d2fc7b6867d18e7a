/// An entry by the table that holds it and its place there: pages of one region share their PMD, and so on upwards.
struct EntryWord: Hashable {
    var level: EntryLevel
    /// The page of a leaf; what the pages below an upper entry have in common.
    var place: String
    var space: String
}

/// Which names of entries and tables mean the same.
struct EntryWords {
    /// By page, its region and its range, for those that `Region=` lists.
    private var listed: [String: (region: String, range: String)] = [:]

    init(_ regions: Regions?) {
        for (number, range) in (regions?.ranges ?? []).enumerated() {
            for region in range {
                for page in region { listed[page] = (region.first ?? page, "\(number)") }
            }
        }
    }

    /// The word that a name means at the start; nil for what is not an entry.
    func word(of name: MemoryName) -> EntryWord? {
        guard let (level, page, space) = name.entry else { return nil }
        return EntryWord(level: level, place: place(of: page, level), space: space ?? "mm")
    }

    /// What a page has in common with others that share its entry of a level; pages that are not listed lie in the first range.
    private func place(of page: String, _ level: EntryLevel) -> String {
        switch level {
        case .pte: page
        case .pmd: listed[page]?.region ?? page
        case .pud: listed[page]?.range ?? "0"
        case .pgd, .p4d, .fifth: ""
        }
    }

    /// An entry above the leaf with its table filled in, and named by what the table's pages have in common.
    func normalized(_ literal: EntryLiteral, in name: MemoryName) -> EntryLiteral {
        guard case .upperEntry(let level, let page, let space) = name, let below = level.below,
            literal != EntryLiteral(fields: [EntryField(name: "p", value: 0)])
        else { return literal }
        var literal = literal
        if literal.isLarge {
            literal.frame = place(of: literal.frame ?? page, level)
            return literal
        }
        let table = literal.table ?? TableName(below, page: page, space: space)
        literal.table = TableName(
            table.level, page: place(of: table.page, table.level.above ?? .pgd), space: table.space ?? "mm")
        return literal
    }
}

extension Location {
    /// The entry that it is, all of it or a field.
    var entryName: MemoryName? {
        switch kind {
        case .memory(let name, _), .field(let name, _): name.entry == nil ? nil : name
        case .register, .setting: nil
        }
    }
}
