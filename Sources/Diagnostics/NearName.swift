/// Finds what a user may have meant.
package enum NearName {
    /// The known name nearest to a misspelled one, if it is near enough to be worth saying.
    package static func of(_ written: String, among known: some Sequence<String>) -> String? {
        let written = Array(written.lowercased().utf8.prefix(40))
        var best: (name: String, distance: Int)?
        for name in known {
            let distance = distance(written, Array(name.lowercased().utf8))
            // A third of the letters may differ: with more, every short name is near every other.
            guard distance <= max(1, name.utf8.count / 3) else { continue }
            if best.map({ distance < $0.distance }) ?? true { best = (name, distance) }
        }
        return best?.name
    }

    /// A remedy that names the nearest known name, or else lists them all.
    package static func remedy(for written: String, among known: [String]) -> String {
        if let near = of(written, among: known) { return "did you mean `\(near)`?" }
        return "known: " + known.map { "`\($0)`" }.joined(separator: ", ")
    }

    /// The number of letters to insert, delete, change, or swap with their neighbour (optimal string alignment).
    private static func distance(_ first: [UInt8], _ second: [UInt8]) -> Int {
        var rows = [Array(0...second.count)]
        for (i, letter) in first.enumerated() {
            var row = [i + 1]
            for (j, other) in second.enumerated() {
                var best = min(rows[i][j + 1] + 1, row[j] + 1, rows[i][j] + (letter == other ? 0 : 1))
                if i > 0, j > 0, letter == second[j - 1], first[i - 1] == other {
                    best = min(best, rows[i - 1][j - 1] + 1)
                }
                row.append(best)
            }
            rows.append(row)
        }
        return rows[first.count][second.count]
    }
}
