import Diagnostics
import ProfileFiles
import Synthesis

/// Prices that the user names: files, or those that come with Ptero.
enum CostFiles {
    /// The names of those that come with Ptero, at least one.
    static var shippedNames: [String] { CostFile.shipped.map { $0.name } }

    /// The prices of these files or names; without any, those of all machines that come with Ptero.
    ///
    /// - Throws: `Diagnostic` for a file that cannot be used.
    static func tables(_ requests: [String], _ surroundings: Surroundings) throws(Diagnostic) -> [CostTable] {
        var tables: [CostTable] = []
        for request in requests.isEmpty ? shippedNames : requests {
            tables.append(try table(request, surroundings))
        }
        return tables
    }

    /// The prices that come with Ptero under this name, else those of a file.
    ///
    /// - Throws: `Diagnostic` for a file that cannot be read or is not one of prices.
    static func table(_ request: String, _ surroundings: Surroundings) throws(Diagnostic) -> CostTable {
        if let shipped = CostFile.shipped.first(where: { $0.name == request }) {
            return try CostFile.read(shipped.text, name: shipped.name)
        }
        return try read(request, surroundings)
    }

    private static func read(_ file: String, _ surroundings: Surroundings) throws(Diagnostic) -> CostTable {
        let limit = 1 << 20
        let shipped = shippedNames.joined(separator: ", ")
        let remedy = "name a file that `ptero measure --cost-file` wrote, or what comes with Ptero: \(shipped)"
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
