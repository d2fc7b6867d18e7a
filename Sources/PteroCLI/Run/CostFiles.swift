import Diagnostics
import ProfileFiles
import Synthesis

/// Files of prices that the user names, and those that come with Ptero.
enum CostFiles {
    /// The prices in these files; without any, those of all machines that come with Ptero.
    ///
    /// - Throws: `Diagnostic` for a file that cannot be used.
    static func tables(_ files: [String], _ surroundings: Surroundings) throws(Diagnostic) -> [CostTable] {
        var tables: [CostTable] = []
        if files.isEmpty {
            for shipped in CostFile.shipped { tables.append(try CostFile.read(shipped.text, name: shipped.name)) }
        }
        for file in files { tables.append(try read(file, surroundings)) }
        return tables
    }

    /// The prices in a file.
    ///
    /// - Throws: `Diagnostic` for one that cannot be read or is not a file of prices.
    static func read(_ file: String, _ surroundings: Surroundings) throws(Diagnostic) -> CostTable {
        let limit = 1 << 20
        let remedy = "name a file that `ptero measure --cost-file` wrote"
        let bytes: [UInt8]
        do {
            bytes = try Files.contents(surroundings.resolved(file), atMost: limit + 1)
        } catch {
            throw Diagnostic(
                withoutPlace: Files.exists(surroundings.resolved(file)) ? "cannot be read" : "there is no such file",
                file: file, remedy: remedy)
        }
        guard bytes.count <= limit, let text = String(validating: bytes, as: UTF8.self) else {
            throw Diagnostic(withoutPlace: "this is not a file of prices", file: file, remedy: remedy)
        }
        return try CostFile.read(text, name: file)
    }
}
