import Litmus
import PageTable

extension AddressMap {
    /// An entry of a level in the test language's notation, frames by the names of their pages or of the tables that they hold.
    public func text(ofEntry entry: UInt64, level: Int = 1) -> String {
        let entry = PageTableEntry(rawValue: entry)
        let isUpper = level > 1
        let pointsOn = isUpper && entry[.pageSize] == 0 && table(ofFrame: entry.frameNumber) != nil
        return entry.litmus(
            level: isUpper ? .upper : .leaf, frameKey: pointsOn ? "table" : "oa", frameName: name(ofFrame:))
    }

    /// The level of the entry that a word is, from 1.
    public func level(ofEntryWord word: Int) -> Int {
        tables.map { $0.tables[$0.slot(ofEntry: word - firstLeaf).table].level } ?? 1
    }

    /// The name of what a frame holds: `PA(x)`, `PT(x)`; nil where it is nothing of the test.
    public func name(ofFrame number: UInt64) -> String? {
        variable(ofFrame: number).map { "PA(\(variables[$0].name))" } ?? table(ofFrame: number).map(name(ofTable:))
    }

    /// The name of a table: `PT(x)`, `PD(child:x)`; a table of the root level is named by its entries.
    public func name(ofTable table: Int) -> String {
        guard let layout = tables else { return "?" }
        let place = layout.tables[table]
        let page = (place.space == 0 ? "" : spaces[place.space] + ":") + name(ofPage: place.page)
        let level = EntryLevel(rawValue: place.level, of: levels)
        guard place.level < layout.rootLevel, let spelling = level?.tableSpelling else {
            return "the table of \(level?.entrySpelling ?? "?")(\(page))"
        }
        return "\(spelling)(\(page))"
    }

    /// The name of an entry: `PTE(x)`, `PMD(child:x)`, or `PT(x)[3]` for a slot that no page has there at the start.
    public func name(ofEntryWord word: Int) -> String {
        guard let layout = tables else {
            guard let leaf = leaf(ofWord: word) else { return "?" }
            return "PTE(\(leaf.space == 0 ? "" : spaces[leaf.space] + ":")\(name(ofPage: leaf.page)))"
        }
        let (table, index) = layout.slot(ofEntry: word - firstLeaf)
        let place = layout.tables[table]
        guard let page = layout.page(ofEntry: word - firstLeaf),
            let level = EntryLevel(rawValue: place.level, of: levels)
        else {
            return "\(name(ofTable: table))[\(index)]"
        }
        return "\(level.entrySpelling)(\(place.space == 0 ? "" : spaces[place.space] + ":")\(name(ofPage: page)))"
    }
}

extension AddressMap {
    /// The name of a word of data: the variable, with the word's number after the first.
    public func name(ofDataWord word: Int) -> String {
        guard let variable = variable(ofWord: word) else { return "?" }
        let offset = word - dataWord(ofVariable: variable)
        return variables[variable].name + (offset == 0 ? "" : "+\(offset * 8)")
    }
}
