import TestSupport

/// Makes random tests with entries above the leaf: tables are unlinked, moved, shared, freed, and walked by software.
///
/// They are smaller than those of ``TestGenerator``, because a machine that evicts whatever it caches has many more states with
/// several levels. The plot of a test is drawn first; what fills it is random.
public struct TableTestGenerator: Sendable {
    var numbers: SeededNumbers
    var test: RandomTest
    /// The translated pages; x is the first, and what most is about.
    var pages: [String] = ["x"]
    /// Upper entries that are named, such as `PMD(x)`; the first is in `%rdi`, the second, if there is one, in `%r11`.
    var upper: [String] = []
    /// Tables that can be freed.
    var tables: [String] = []
    var hasChild = false
    /// The page of the descriptors that `invpcid` reads.
    var usesDescriptor = false
    var flags: Set<String> = []
    private var labels = 0

    /// Which tests a number means: what is added later must not change what seeds were noted down for.
    public enum Generation: Int, Sendable {
        /// Tables and sizes.
        case tables = 1
        /// Every third test is about who is flushed.
        case who = 2
    }

    /// Makes test number `index` of a seed; independent of all others.
    ///
    /// Every third one is about who is flushed, from the second generation on. Of the others every other one has leaves of several
    /// sizes; the rest are what they were before there were any.
    public static func test(
        seed: UInt64, index: Int, size: TestGenerator.Size = TestGenerator.Size(), generation: Generation = .who
    ) -> RandomTest {
        var numbers = SeededNumbers(seed: (seed ^ 0x7461_626c_6573) &* 0x9e37_79b9_7f4a_7c15 &+ UInt64(index))
        let own = numbers.next()
        var generator = TableTestGenerator(
            numbers: SeededNumbers(seed: own), test: RandomTest(name: "tables-\(seed)-\(index)"))
        if generation != .tables, index % 3 == 2 {
            generator.buildWho(size)
        } else if index % 2 == 0 {
            generator.build(size)
        } else {
            generator.buildSizes(size)
        }
        generator.addDescriptor()
        return generator.test
    }

    private mutating func build(_ size: TestGenerator.Size) {
        let plot = numbers.chance(75) ? numbers.pick(Plot.allCases) : nil
        let cpus = plot != nil ? 2 : numbers.pick(weighted: [(1, 1), (8, 2), (size.cpus > 2 ? 1 : 0, 3)])
        test.columns = [[String]](repeating: [], count: cpus)
        hasChild = plot == .sharedTable || numbers.chance(10)
        addLayout(plot)
        addRegisters()
        addHeaders()
        if let plot { add(plot) } else { addCode(size) }
        addHandlers()
        addCondition()
    }

    private mutating func addDescriptor() {
        if usesDescriptor {
            test.assignments.append("uint64_t desc[4] = {0, x, \(hasChild ? 1 : 0), \(numbers.pick(pages))}")
            for cpu in test.columns.indices { test.assignments.append("\(cpu):r14 = desc") }
        }
        for flag in flags.sorted() { test.assignments.append("\(flag) = 0") }
    }

    // MARK: Initial state

    /// Pages, regions, and which entries are named.
    private mutating func addLayout(_ plot: Plot?) {
        let wantsSecond = plot == .movedTable || numbers.chance(30)
        let shape =
            wantsSecond
            ? numbers.pick(
                weighted: plot == .movedTable
                    ? [(0, 0), (8, 1), (2, 2), (3, 3)] : [(6, 0), (8, 1), (2, 2), (1, 3)])
            : 4
        switch shape {
        case 0:
            pages = ["x", "y"]
            test.headers.append("Region=x y")
            upper = ["PMD(x)"]
            tables = ["PT(x)"]
        case 1:
            pages = ["x", "z"]
            if numbers.chance(60) { test.headers.append("Region=x | z") }
            upper = ["PMD(x)", "PMD(z)"]
            tables = ["PT(x)", "PT(z)"]
        case 2:
            pages = ["x", "z"]
            test.headers.append("Region=x || z")
            upper = ["PUD(x)", "PUD(z)"]
            tables = ["PD(x)", "PT(x)"]
        case 3:
            pages = ["x", "y", "z"]
            test.headers.append("Region=x y | z")
            upper = ["PMD(x)", "PMD(z)"]
            tables = ["PT(x)"]
        default:
            upper = [numbers.pick(weighted: [(12, "PMD(x)"), (3, "PUD(x)"), (1, "PGD(x)")])]
            tables = ["PT(x)"]
            if upper == ["PUD(x)"] { tables.append("PD(x)") }
            if upper == ["PUD(x)"], numbers.chance(50) { upper.append("PMD(x)") }
            if upper == ["PGD(x)"] { tables = ["PDPT(x)"] }
        }
        for (number, name) in upper.enumerated() {
            // Where a table may move to there is room, mostly.
            if number > 0, isMovable, numbers.chance(75) {
                test.assignments.append("[\(name)] = (p:0)")
            } else {
                test.assignments.append("[\(name)] = \(pointer(name))")
            }
        }
        // A page that is in a region has to be used.
        for page in pages where page != "x" || numbers.chance(85) {
            test.assignments.append("[PTE(\(page))] = \(leaf(of: page))")
        }
        if hasChild {
            let first = numbers.chance(75)
            let child = upper[0].replacing("(", with: "(child:")
            if first { test.assignments.append("[\(child)] = \(pointer(upper[0]))") }
            if !first { test.assignments.append("[PTE(child:x)] = \(leaf(of: "x"))") }
        }
    }

    /// Whether the second upper entry is one of the same level as the first.
    var isMovable: Bool { upper.count > 1 && upper[0].prefix(3) == upper[1].prefix(3) }

    /// What an entry of this name points to at the start.
    mutating func pointer(_ name: String) -> String {
        let tables = ["PMD": "PT", "PUD": "PD", "PGD": "PDPT"]
        var fields = ["table:\(tables[String(name.prefix(3))] ?? "PT")\(name.dropFirst(3))"]
        if numbers.chance(10) { fields.append("rw:0") }
        if numbers.chance(8) { fields.append("us:0") }
        if numbers.chance(25) { fields.append("a:0") }
        return "(" + fields.joined(separator: ", ") + ")"
    }

    /// A leaf with random fields, rather alive than dead.
    mutating func leaf(of page: String) -> String {
        var frame = page
        if numbers.chance(20) {
            frame = pages.count > 1 ? numbers.pick(pages) : "w"
            if frame == "w" { flags.insert("w") }
        }
        var fields = ["oa:PA(\(frame))"]
        for (field, percent) in [
            ("p:0", 6), ("rw:0", 15), ("us:0", 6), ("a:0", 20), ("d:0", 50), ("sd:1", 6), ("g:1", 6),
        ]
        where numbers.chance(percent) {
            fields.append(field)
        }
        return "(" + fields.joined(separator: ", ") + ")"
    }

    mutating func addRegisters() {
        for cpu in test.columns.indices {
            test.assignments += [
                "\(cpu):rdi = \(upper[0])", "\(cpu):rsi = PTE(x)", "\(cpu):r8 = \(leaf(of: "x"))",
                "\(cpu):r9 = \(pointer(upper[0]))", "\(cpu):r10 = PA(\(numbers.pick(pages)))",
            ]
            if upper.count > 1 { test.assignments.append("\(cpu):r11 = \(upper[1])") }
            if hasChild {
                test.assignments += [
                    "\(cpu):r12 = mm", "\(cpu):r13 = child", "\(cpu):r15 = 0x8000000000000000",
                ]
                if numbers.chance(40) { test.assignments.append("\(cpu):mm = child") }
            }
            if numbers.chance(15) { test.assignments.append("\(cpu):cpl = 3") }
        }
    }

    mutating func addHeaders() {
        let policies = test.columns.indices.map { _ in
            numbers.pick(weighted: [(6, "stop"), (3, "retry"), (1, "handler")])
        }
        let retrying = policies.indices.filter { policies[$0] == "retry" }.map { "P\($0):retry" }
        if !retrying.isEmpty { test.headers.append("Fault=" + retrying.joined(separator: " ")) }
        for cpu in policies.indices where policies[cpu] == "handler" { test.handlers[cpu] = [] }
    }

    mutating func addHandlers() {
        for cpu in test.handlers.keys.sorted() {
            var code = numbers.chance(70) ? [numbers.pick(["movq %r8,(%rsi)", "movq %r9,(%rdi)"])] : []
            code.append(numbers.chance(75) ? "iretq" : "hlt")
            test.handlers[cpu] = code
        }
    }

    mutating func nextLabel() -> String {
        labels += 1
        return "L\(labels)"
    }

    // MARK: Condition

    private mutating func addCondition() {
        for name in upper + pages.map({ "PTE(\($0))" }) { test.locations.append("[\(name)]") }
        for page in pages where numbers.chance(50) { test.locations.append("[\(page)]") }
        for cpu in test.columns.indices {
            for register in ["rbx", "rcx", "rdx"] where numbers.chance(30) {
                test.locations.append("\(cpu):\(register)")
            }
        }
        let properties = [
            "lost_dirty", "kernel_shadow_stack", "shadow_stack_exposed", "stale_write", "stale_frame", "stray_present",
            "written",
        ]
        test.atoms += tables.filter { _ in numbers.chance(70) }.map { "stale_table(\($0))" }
        let asksAll = numbers.chance(25)
        if asksAll {
            test.atoms += properties.map { "\($0)(x)" }
            test.atoms += test.columns.indices.flatMap { ["fault(P\($0),x)", "stuck(P\($0))"] }
        }
        for _ in 0..<(asksAll ? 0 : 1 + numbers.below(3)) {
            let cpu = numbers.below(test.columns.count)
            let page = numbers.pick(pages)
            let entry = numbers.pick(upper)
            let atom = numbers.pick(weighted: [
                (10, "\(numbers.pick(properties))(\(page))"), (3, "[\(entry)].\(numbers.pick(["a", "p", "rw"]))=0"),
                (1, "[\(entry)]=(p:0)"), (1, "[\(entry)]=\(pointer(entry))"),
                (3, "[PTE(\(page))].\(numbers.pick(["p", "rw", "a", "d"]))=\(numbers.below(2))"),
                (2, "fault(P\(cpu),\(page))"), (2, "stuck(P\(cpu))"),
                (2, "\(cpu):\(numbers.pick(["rbx", "rdx"]))=\(numbers.below(2))"),
            ])
            test.atoms.append(numbers.chance(15) ? "~(\(atom))" : atom)
        }
        test.isConjunction = !asksAll && numbers.chance(25)
        test.quantifier = numbers.pick(weighted: [(8, "exists"), (1, "~exists"), (1, "forall")])
    }
}
