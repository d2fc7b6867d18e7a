import Litmus
import PageTable

extension AddressMap {
    /// An entry in the test language's notation, frames by the names of their pages or of the tables that they hold.
    public func text(ofEntry entry: UInt64) -> String {
        let entry = PageTableEntry(rawValue: entry)
        if let table = table(ofFrame: entry.frameNumber) {
            return entry.litmus(level: .upper, frameKey: "table") { _ in name(ofTable: table) }
        }
        return entry.litmus(level: .leaf, detail: .full) { number in
            variable(ofFrame: number).map { "PA(\(variables[$0].name))" }
        }
    }

    /// The name of an entry, by the first of the pages that it is of at the start: `PTE(x)`, `PMD(child:x)`; of a slot that
    /// no page has at the start, by its table and its index there.
    public func name(ofEntryWord word: Int) -> String {
        guard let tables else {
            return leaf(ofWord: word).map { entryName("PTE", page: $0.page, space: $0.space) } ?? "?"
        }
        let (number, index) = tables.slot(ofEntry: word - (wordCount - entryCount))
        guard let page = tables.page(ofEntry: word - (wordCount - entryCount)),
            let level = Litmus.EntryLevel(rawValue: tables.tables[number].level)
        else { return "\(name(ofTable: number))[\(index)]" }
        return entryName(level.entrySpelling, page: page, space: tables.tables[number].space)
    }

    private func entryName(_ spelling: String, page: Int, space: Int) -> String {
        "\(spelling)(\(space == 0 ? "" : spaces[space] + ":")\(name(ofPage: page)))"
    }

    /// The name of a table, by the first of its pages: `PT(x)`, `PD(child:x)`.
    public func name(ofTable number: Int) -> String {
        guard let table = tables?.tables[number], let level = Litmus.EntryLevel(rawValue: table.level) else {
            return "?"
        }
        return TableName(level, page: name(ofPage: table.page), space: table.space == 0 ? nil : spaces[table.space])
            .text
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
