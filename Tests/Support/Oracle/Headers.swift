import Litmus

extension LitmusTest {
    /// Whether the test names an entry above the leaf, or a table.
    public var hasUpperLevels: Bool { (try? Names(self).rootLevel > 1) ?? false }

    /// What `CPU=` asks for: a name to print, and a profile for each processor.
    ///
    /// Without the line, every built-in profile; those for upper levels where the test names some.
    public var oracleProfileSets: [(name: String, profiles: [OracleProfile])] {
        get throws {
            func profile(_ name: String?) throws -> OracleProfile {
                guard let found = (OracleProfile.builtIn + OracleProfile.onRequest).first(where: { $0.name == name })
                else {
                    throw OracleError.unsupported("profile \(name ?? "")")
                }
                return found
            }
            switch cpuAssignment {
            case .perProcessor(let names):
                let profiles = try threads.map { try profile(names[$0.processor]) }
                let title = threads.map { "P\($0.processor):\(names[$0.processor] ?? "")" }.joined(separator: "+")
                return [(title, profiles)]
            case .profiles(let names):
                return try names.map { name in (name, try threads.map { _ in try profile(name) }) }
            case nil:
                let levels = hasUpperLevels ? OracleProfile.forUpperLevels : []
                return (OracleProfile.builtIn + levels).map { one in (one.name, threads.map { _ in one }) }
            }
        }
    }
}
