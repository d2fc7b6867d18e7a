/// CPUs that do the same as another one, for the reduction that does not tell them apart.
extension TestGenerator {
    /// Copies a CPU once or twice; mostly nothing is asked of it and of its copies.
    mutating func addTwins() {
        let original = numbers.below(test.columns.count)
        if numbers.chance(85) { forget(original) }
        for _ in 0..<(test.columns.count < 3 && numbers.chance(40) ? 2 : 1) {
            let copy = test.columns.count
            var code = test.columns[original]
            // Constants that no CPU reads make no difference either.
            if numbers.chance(40) {
                code = code.map { $0.hasPrefix("movl $1,(x)") ? "movl $7,(x)" + $0.dropFirst("movl $1,(x)".count) : $0 }
            }
            test.columns.append(code)
            test.handlers[copy] = test.handlers[original]
            test.assignments += test.assignments.compactMap { assignment in
                assignment.hasPrefix("\(original):") ? "\(copy):" + assignment.dropFirst("\(original):".count) : nil
            }
            test.headers = test.headers.map { header in
                let words = header.drop { $0 != "=" }.dropFirst().split(separator: " ")
                guard let own = words.first(where: { $0.hasPrefix("P\(original):") }) else { return header }
                return header + " P\(copy)" + own.drop { $0 != ":" }
            }
        }
    }

    /// Asks nothing of a CPU any more.
    private mutating func forget(_ cpu: Int) {
        func names(_ text: String) -> Bool {
            text.contains("P\(cpu),") || text.contains("P\(cpu))") || text.contains("P\(cpu):")
                || text.hasPrefix("\(cpu):") || text.contains("(\(cpu):")
        }
        test.locations.removeAll(where: names)
        test.atoms.removeAll(where: names)
        if let filter = test.filter, names(filter) { test.filter = nil }
    }
}
