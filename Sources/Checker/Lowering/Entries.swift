import Diagnostics
import Litmus
import Machine
import PageTable

/// Entries by their names, and what is in those that the initial state does not set.
extension Resolver {
    /// The word that an entry's name means; nil for what is not an entry of the map.
    func entryWord(_ name: MemoryName) -> Int? {
        guard let (level, page, space) = name.entry, let page = map.page(named: page),
            let space = map.spaces.firstIndex(of: space ?? "mm")
        else { return nil }
        return map.entryWord(page: page, level: level.rawValue, space: space)
    }

    /// Whether a name is of an entry that has no word because it never changes.
    func isFolded(_ name: MemoryName) -> Bool { (name.entry?.level.rawValue ?? 1) > (map.tables?.rootLevel ?? 1) }

    /// What entries hold that the initial state does not set: leaves, then level by level what is above.
    func defaultEntries() throws(Diagnostic) -> [Int: UInt64] {
        var contents: [Int: UInt64] = [:]
        for level in Litmus.EntryLevel.all(of: map.levels) where level.rawValue <= map.tables?.rootLevel ?? 1 {
            for page in map.pages.indices {
                for space in map.spaces.indices {
                    let spaceName = space == 0 ? nil : map.spaces[space]
                    let name = MemoryName.entry(level, page: map.name(ofPage: page), space: spaceName)
                    guard exists(name), let word = entryWord(name) else { continue }
                    contents[word] = try entry(
                        EntryLiteral(), in: name, at: names.variableSpans[map.name(ofPage: page)])
                }
            }
        }
        return contents
    }

    /// Whether an entry that the initial state does not set leads on: a leaf to its page, what is above to its own table.
    private func exists(_ name: MemoryName) -> Bool {
        guard let (level, page, space) = name.entry else { return false }
        let owner = space.map(SpaceName.owner)
        return exists(level, page, in: owner == "mm" ? nil : owner)
    }

    private func exists(_ level: Litmus.EntryLevel, _ page: String, in space: String?) -> Bool {
        guard level == .pte else { return space == nil || names.hasEntry(of: page, in: space) }
        // A leaf that is named but not set, or of a page that the head translates, maps its own page.
        return names.leaves.contains(.leaf(page: page, space: space)) || (space == nil && !names.hasLeaf(of: page))
    }

    /// Checks that each table that is named is one, and that `Region=` places pages.
    func checkTables(_ rootLevel: RootLevel) throws(Diagnostic) {
        guard rootLevel.named > 1 else { return }
        for table in names.tables.sorted(by: { $0.text < $1.text }) where rootLevel.folded > table.level.rawValue {
            _ = try self.table(table, at: names.tableSpans[table.text])
        }
        let missing = test.regions?.names.first { map.page(named: $0) == nil && !names.frames.contains($0) }
        if let name = missing {
            throw diagnostic(
                "`Region=` names `\(name)`, which is not a translated page", at: test.span(inRegions: name),
                remedy: "name its entry in the initial state: [PTE(\(name))] = (oa:PA(\(name)));")
        }
        try checkOrder()
    }

    /// Checks that blocks begin with a page where there is one: flushes with a long stride name the first address of each.
    private func checkOrder() throws(Diagnostic) {
        let listed = Set(test.regions?.names ?? [])
        let alone = map.pages.indices.map(map.name(ofPage:)).filter { !listed.contains($0) }
        for (number, range) in (test.regions?.ranges ?? []).enumerated() {
            // Pages that are not listed come alone in regions of the first range.
            for names in range + [range.compactMap({ $0.first }) + (number == 0 ? alone : [])] {
                guard let first = names.first, map.page(named: first) == nil,
                    let page = names.first(where: { map.page(named: $0) != nil })
                else { continue }
                throw diagnostic(
                    "`Region=` lists `\(first)`, which is not a translated page, before `\(page)`, which is one",
                    at: test.span(inRegions: first), remedy: "put `\(page)` first")
            }
        }
    }

    /// The number of the frame that an entry leads to: a page's, the first of a block, or a table's.
    ///
    /// `owner` is the entry that the value goes to; a large page whose entry is not known has 2 MByte.
    func frameNumber(_ literal: EntryLiteral, in owner: MemoryName?, at span: SourceSpan?) throws(Diagnostic) -> UInt64
    {
        if let table = literal.frameOfTable { return map.frameNumber(ofTable: try self.table(table, at: span)) }
        if let table = literal.table ?? (literal.isLarge || literal.frame != nil ? nil : owner?.ownTable) {
            return map.frameNumber(ofTable: try self.table(table, at: span))
        }
        guard let frame = literal.frame ?? owner?.entry?.page, let variable = map.variable(named: frame) else {
            throw diagnostic(
                "this entry maps no frame", at: span,
                remedy: literal.isLarge
                    ? "write (oa:PA(x), ps:1, ...)"
                    : "write (oa:PA(x), ...), or (table:PT(x), ...) for an entry above the leaf")
        }
        guard literal.isLarge else { return map.frameNumber(ofVariable: variable) }
        guard map.tables != nil else {
            throw diagnostic(
                "`ps:1` maps a large page, and the test has no entry that could", at: span,
                remedy: "name one: [PMD(\(frame))] = (oa:PA(\(frame)), ps:1);")
        }
        return map.blockNumber(ofVariable: variable, level: max(2, owner?.entry?.level.rawValue ?? 2))
    }
}

extension TestNames {
    /// Whether any address space's leaf of the page is named.
    func hasLeaf(of page: String) -> Bool {
        leaves.contains { if case .leaf(page, _) = $0 { true } else { false } }
    }

    /// Whether an entry of any level of the page is named in an address space; nil for `mm`.
    func hasEntry(of page: String, in space: String?) -> Bool {
        Litmus.EntryLevel.all(of: levels).contains { level in
            let name = MemoryName.entry(level, page: page, space: space)
            return level == .pte ? leaves.contains(name) : upperEntries.contains(name)
        }
    }
}

extension MemoryName {
    /// The table that an entry above the leaf points to unless it says otherwise; nil for other names.
    var ownTable: TableName? {
        guard case .upperEntry(let level, let page, let space) = self, let below = level.below else { return nil }
        return TableName(below, page: page, space: space)
    }
}

extension EntryLiteral {
    /// Whether it is `(p:0)`, all of whose bits are clear.
    var isEmptyEntry: Bool { !namesTarget && fields == [EntryField(name: "p", value: 0)] }
}
