import Litmus

/// The numbers that names stand for in one test, so that final states that name addresses can be compared with those that do not.
public struct OracleAddresses: Sendable {
    /// By name (`x`, `PA(x)`, `PTE(x)`, `PMD(child:x)`, `mm`), what a register holds.
    public var addresses: [String: UInt64] = [:]
    /// The variables in the order of their numbers.
    public var variables: [String] = []
    /// By name (`PA(x)`, `PT(x)`, `PD(child:x)`), the address in an entry that points there.
    public var frames: [String: UInt64] = [:]

    /// Finds the names of a test.
    public init(_ test: LitmusTest) throws {
        let layout = try Layout(Names(test))
        variables = layout.variables
        for (number, space) in layout.spaces.enumerated() { addresses[space] = layout.rootValue(number) }
        for (number, name) in layout.variables.enumerated() {
            addresses[name] = try layout.address(.variable(name))
            addresses["PA(\(name))"] = try layout.address(.frame(name))
            frames["PA(\(name))"] = layout.frame(number) << 12
            guard layout.translated[number] else { continue }
            for (position, space) in layout.spaces.enumerated()
            where layout.tables.table(space: position, page: number, level: 1) != nil {
                let owner = space == "mm" ? nil : space
                for level in EntryLevel.all(of: test.levels) where level.rawValue <= layout.tables.rootLevel {
                    let inside = "(\(owner.map { $0 + ":" } ?? "")\(name))"
                    let word = MemoryName.upperEntry(level, page: name, space: owner)
                    addresses[level.entrySpelling + inside] = try layout.address(word)
                    // Nothing names the tables of the root level.
                    if level.rawValue < layout.tables.rootLevel {
                        let table = TableName(level, page: name, space: owner)
                        frames[table.text] = try layout.tableFrame(table) << 12
                    }
                }
            }
        }
    }
}
