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
