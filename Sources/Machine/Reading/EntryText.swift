import PageTable

extension AddressMap {
    /// An entry in the test language's notation, frames by the names of their pages.
    public func text(ofEntry entry: UInt64) -> String {
        PageTableEntry(rawValue: entry).litmus(level: .leaf, detail: .full) { number in
            variable(ofFrame: number).map { "PA(\(variables[$0].name))" }
        }
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
