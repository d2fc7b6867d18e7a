/// Conditions at random, so that all ghost state is asked for.
extension TestGenerator {
    private static let properties = [
        "lost_dirty", "kernel_shadow_stack", "shadow_stack_exposed", "stale_write", "stale_frame", "stray_present",
        "written",
    ]

    /// Adds locations, condition and filter.
    mutating func addCondition() {
        // Every entry is shown whole, so that a condition on one field does not make states coarser or finer.
        for page in pages {
            test.locations.append("[PTE(\(page))]")
            if test.assignments.contains(where: { $0.hasPrefix("[PTE(child:\(page))]") }) {
                test.locations.append("[PTE(child:\(page))]")
            }
            if !test.locations.contains("[\(page)]") && numbers.chance(70) { test.locations.append("[\(page)]") }
        }
        for cpu in test.columns.indices {
            for register in ["rax", "rbx", "rdx", "rbp"]
            where numbers.chance(30) && !test.locations.contains("\(cpu):\(register)") {
                test.locations.append("\(cpu):\(register)")
            }
        }
        let count = numbers.pick(weighted: [(2, 1), (3, 2), (3, 3), (3, 5), (2, 8)])
        // Often everything that can be asked of the first page is, so that all ghost state is compared.
        let asksAll = numbers.chance(40)
        if asksAll {
            test.atoms = Self.properties.map { "\($0)(x)" }
            test.atoms += test.columns.indices.flatMap { ["fault(P\($0),x)", "stuck(P\($0))"] }
        }
        for _ in 0..<(asksAll ? 0 : count) {
            let atom = atom()
            test.atoms.append(numbers.chance(20) ? "~(\(atom))" : atom)
        }
        test.isConjunction = !asksAll && count < 4 && numbers.chance(40)
        test.quantifier = numbers.pick(weighted: [(7, "exists"), (1, "~exists"), (2, "forall")])
        if numbers.chance(5) { test.filter = atom() }
    }

    private mutating func atom() -> String {
        let page = numbers.pick(pages)
        let cpu = numbers.below(test.columns.count)
        switch numbers.pick(weighted: [(12, 0), (3, 1), (2, 2), (1, 3), (2, 4), (3, 5), (2, 6), (2, 7)]) {
        case 0: return "\(numbers.pick(Self.properties))(\(page))"
        case 1:
            let fields = ["p", "rw", "us", "a", "d", "sd"].filter { _ in numbers.chance(35) }
            let text = (fields.isEmpty ? ["d"] : fields).map { "\($0):\(numbers.below(2))" }
            return "[PTE(\(page))]=(\(text.joined(separator: ", ")))"
        case 2: return "[PTE(\(page))].\(numbers.pick(["p", "rw", "a", "d", "sd"]))=\(numbers.below(2))"
        case 3: return "[PTE(\(page))]==\(entry(of: page))"
        case 4: return "\(page)=\(numbers.below(4))"
        case 5: return "fault(P\(cpu),\(page))"
        case 6: return "stuck(P\(cpu))"
        default:
            let labelled = test.columns[cpu].compactMap { line in
                line.firstIndex(of: ":").map { String(line[..<$0]) }
            }.filter { !$0.contains("(") }
            if let label = labelled.last { return "fault(P\(cpu):\(label),\(page))" }
            return "\(cpu):\(numbers.pick(["rax", "ebx", "rdx"]))=\(numbers.below(3))"
        }
    }
}
