import Diagnostics
import PageTable
import X86

/// Entries above the leaf, the tables that they point to, and what this version does not have of them.
extension Grammar {
    /// Names of paging with five levels.
    private static let fiveLevelNames: Set<String> = ["P4D", "PML4"]

    /// Names before a parenthesis that stand for entries, tables and addresses; any other is a property.
    static let memoryForms = Set(EntryLevel.allCases.map { $0.entrySpelling })
        .union(EntryLevel.allCases.compactMap { $0.tableSpelling })
        .union(fiveLevelNames).union(["TTD", "PA"])

    /// Refuses a name before a parenthesis that stands for neither a place in memory nor an address.
    ///
    /// - Parameter isInService: whether it is an argument of a service, which may be a table.
    static func fault(
        in source: SourceText, ofForm name: String, at range: Range<Int>, _ paging: Paging, isInService: Bool = false
    ) -> Diagnostic? {
        if paging.levels < 5, fiveLevelNames.contains(name) {
            return source.diagnostic(
                "`\(name)(...)` is of five page-table levels, and the test has four", at: range,
                remedy: "add the line `Levels=5`; with four levels `PGD(x)` is the root's entry and points to `PDPT(x)`"
            )
        }
        guard !isInService, let level = EntryLevel(tableSpelling: name) else { return nil }
        return source.diagnostic(
            "`\(name)(...)` is a table, not a place in memory", at: range,
            remedy: "name its entry, `\(level.entrySpelling)(x)`; tables stand in entries, `(table:\(name)(x))`, in "
                + "`\(Property.staleTable.name)(\(name)(x))` and `call \(KernelService.freeTable.name)(\(name)(x))`")
    }

    /// Reads `(x)` or `(child:x)` after the name of an entry or a table.
    mutating func pageInSpace(
        after name: String, at range: Range<Int>
    ) throws(Diagnostic) -> (page: String, space: String?) {
        try advance()
        var page = try expectName("a variable")
        var space: String?
        if try accept(.colon) {
            space = page
            page = try expectName("a variable")
            if page == "user", paging.hasUserRoots, try accept(.colon) {
                space = space.map(SpaceName.user)
                page = try expectName("a variable")
            }
        }
        if stands(.opening) {
            throw source.diagnostic(
                "`\(name)(...)` takes a variable, and `\(page)(...)` is not one", at: range,
                remedy: "the entry above `PTE(x)` is `PMD(x)`, above it are `PUD(x)` and `PGD(x)`")
        }
        try expect(.closing, "after the variable")
        return (page, space)
    }

    /// Reads `PT(x)`, `PD(child:x)`.
    mutating func tableName() throws(Diagnostic) -> TableName {
        let range = token.range
        let name = try expectName("a table such as `PT(x)`")
        guard stands(.opening) else {
            throw source.diagnostic(
                "`\(name)` is not a table", at: range,
                remedy: "write `PT(\(name))` for the table that holds `PTE(\(name))`, or `PD(\(name))`, `PDPT(\(name))`"
            )
        }
        if let fault = Self.fault(in: source, ofForm: name, at: range, paging, isInService: true) { throw fault }
        guard let level = EntryLevel(tableSpelling: name) else {
            let entry = EntryLevel(entrySpelling: name, of: paging.levels)
            throw source.diagnostic(
                "`\(name)(...)` is not a table", at: range,
                remedy: entry?.tableSpelling.map { "the table that holds `\(name)(x)` is `\($0)(x)`" }
                    ?? "tables are `PT(x)`, `PD(x)` and `PDPT(x)`")
        }
        let (page, space) = try pageInSpace(after: name, at: range)
        return TableName(level, page: page, space: space)
    }

    /// Notes what keeps an entry as written from standing in a place.
    func check(_ literal: EntryLiteral, in name: MemoryName, at range: Range<Int>) {
        // Where the literal contradicts itself, the reader of entries has said so.
        if literal.table != nil, literal.frame != nil || literal.frameOfTable != nil || literal.isLarge { return }
        let text = LitmusWriter.text(of: name)
        switch name {
        case .leaf:
            if let table = literal.table {
                log.note(
                    source.diagnostic(
                        "`\(text)` maps a page and does not point to a table", at: range,
                        remedy: "write `(oa:PA(\(table.page)))`; `(table:\(table.text))` is for a "
                            + (table.level.above?.entrySpelling ?? "PMD")))
            } else if literal.fields.contains(where: { $0.name == EntryFieldName.pageSize.spelling }) {
                log.note(pageSizeOfLeaf(at: range))
            }
        case .upperEntry(let level, let page, _): check(literal, at: level, of: text, page: page, range)
        case .variable, .frame: break
        }
    }

    private func check(
        _ literal: EntryLiteral, at level: EntryLevel, of text: String, page: String, _ range: Range<Int>
    ) {
        let wanted = "(table:\(level.below?.tableSpelling ?? "PT")(\(literal.table?.page ?? page)))"
        if literal.isLarge && level.rawValue > 3 {
            log.note(
                source.diagnostic(
                    "`\(text)` maps no pages: in entries of this level `ps` is reserved", at: range,
                    remedy: "write `\(wanted)`; large pages are mapped by `PMD(\(page))` and `PUD(\(page))`"))
        } else if !literal.isLarge, literal.frame != nil || literal.frameOfTable != nil {
            let frame = literal.frame ?? page
            log.note(
                source.diagnostic(
                    "`\(text)` maps a frame only as a large page", at: range,
                    remedy: level.rawValue > 3
                        ? "write `\(wanted)`, and the frame in `[PTE(\(page))]`"
                        : "write `(oa:PA(\(frame)), ps:1)`, or `\(wanted)` and the frame in `[PTE(\(page))]`"))
        } else if let table = literal.table, table.level == level {
            log.note(
                source.diagnostic(
                    "`\(text)` would point to a table of its own level, `\(table.text)`: no table is used at two levels",
                    at: range, remedy: "write `\(wanted)`"))
        } else if let table = literal.table, table.level != level.below {
            log.note(
                source.diagnostic(
                    "`\(text)` cannot point to `\(table.text)`, which holds \(table.level.entrySpelling)s", at: range,
                    remedy: "write `\(wanted)`"))
        } else if literal.fields.contains(where: { $0.name == EntryFieldName.pat.spelling }) {
            log.note(
                source.diagnostic(
                    "`\(text)` has no field `pat`", at: range, remedy: "bit 7 of an entry above the leaf is `ps`"))
        }
    }

    /// What is said of `ps` in a leaf.
    func pageSizeOfLeaf(at range: Range<Int>) -> Diagnostic {
        source.diagnostic(
            "`ps` belongs to entries above the leaf", at: range, remedy: "bit 7 of a leaf is `pat`")
    }
}
