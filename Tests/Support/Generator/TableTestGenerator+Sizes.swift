/// Tests with leaves of 2M and 1G.
extension TableTestGenerator {
    /// What a test is about.
    enum SizePlot: CaseIterable {
        /// A large leaf gives way to a table, in steps that may be missing or out of order.
        case split
        /// A table gives way to a large leaf.
        case collapse
        /// P of a large leaf is cleared and set again, A and D kept or not.
        case invalidated
        /// Size, and rights or not, change in one store, and perhaps back.
        case inPlace
        /// Another address is invalidated than the one that is used.
        case anotherAddress
        /// Several pages of a block are written, through leaves of both sizes, and D is cleared.
        case block
        /// A large leaf is write-protected.
        case writeProtected
        /// A of a large leaf is cleared.
        case aged
        /// The frame of a table is mapped as data while it may be walked.
        case reusedTable
    }

    mutating func buildSizes(_ size: TestGenerator.Size) {
        let plot = numbers.chance(80) ? numbers.pick(SizePlot.allCases) : nil
        let single = plot == .anotherAddress || plot == .inPlace ? 2 : 0
        test.columns = [[String]](
            repeating: [], count: numbers.pick(weighted: [(plot == nil ? 1 : single, 1), (8, 2)]))
        hasChild = numbers.chance(8)
        addSizeLayout(plot)
        addRegisters()
        addLargeLeaves()
        addHeaders()
        if let plot { add(plot) } else { addSizeCode(size) }
        addHandlers()
        addSizeCondition(plot)
    }

    // MARK: Initial state

    private mutating func addSizeLayout(_ plot: SizePlot?) {
        let isUpper = plot != .reusedTable && numbers.chance(15)
        upper = [isUpper ? "PUD(x)" : "PMD(x)"]
        tables = [isUpper ? "PD(x)" : "PT(x)"]
        let wantsSecond = plot == .anotherAddress || plot == .block ? 75 : plot == .reusedTable ? 100 : 25
        if numbers.chance(wantsSecond) {
            let separates = plot == .reusedTable ? 80 : 25
            pages.append("y")
            test.headers.append(numbers.chance(separates) ? "Region=x | y" : "Region=x y")
        } else if !isUpper, numbers.chance(20) {
            // Another block that x may be mapped to.
            test.headers.append("Region=x | w")
            flags.insert("w")
        }
        let startsLarge = plot == .collapse ? 8 : plot == .reusedTable ? 0 : 75
        test.assignments.append("[\(upper[0])] = \(numbers.chance(startsLarge) ? large() : pointer(upper[0]))")
        if isUpper, numbers.chance(60) {
            test.locations.append("[PMD(x)]")
            test.assignments.append("[PMD(x)] = \(numbers.chance(50) ? large() : pointer("PMD(x)"))")
            if numbers.chance(50) { tables.append("PT(x)") }
        }
        for page in pages where page != "x" || numbers.chance(90) {
            var value = leaf(of: page)
            if plot == .split, page == "x", numbers.chance(50) { value = "(p:0)" }
            if plot == .reusedTable, page == "y" { value = numbers.chance(60) ? "(p:0)" : "(oa:PT(x))" }
            test.assignments.append("[PTE(\(page))] = \(value)")
        }
        if hasChild {
            let child = upper[0].replacing("(", with: "(child:")
            test.assignments.append("[\(child)] = \(numbers.chance(50) ? large() : pointer(upper[0]))")
        }
    }

    /// A large leaf of x's block, or of the other one, with random fields.
    private mutating func large() -> String {
        let frame = test.headers.contains("Region=x | w") && numbers.chance(50) ? "w" : "x"
        var fields = ["oa:PA(\(frame))", "ps:1"]
        for (field, percent) in [
            ("p:0", 4), ("rw:0", 15), ("us:0", 6), ("a:0", 20), ("d:0", 50), ("sd:1", 6), ("g:1", 6),
        ]
        where numbers.chance(percent) {
            fields.append(field)
        }
        return "(" + fields.joined(separator: ", ") + ")"
    }

    private mutating func addLargeLeaves() {
        // A variable that only `Region=` names is refused.
        let isNamed = !test.headers.contains("Region=x | w") || test.assignments.contains { $0.contains("PA(w)") }
        let value = isNamed ? large() : "(oa:PA(w), ps:1\(numbers.chance(50) ? ", d:0" : ""))"
        for cpu in test.columns.indices { test.assignments.append("\(cpu):r11 = \(value)") }
        guard tables == ["PT(x)"], test.headers.contains("Region=x | y") || numbers.chance(20) else { return }
        for cpu in test.columns.indices { test.assignments.append("\(cpu):rdx = (oa:PT(x))") }
    }

    // MARK: Plots

    private mutating func add(_ plot: SizePlot) {
        let last = test.columns.count - 1
        switch plot {
        case .split: test.columns[0] = split()
        case .collapse: test.columns[0] = collapse()
        case .invalidated: test.columns[0] = invalidate()
        case .inPlace: test.columns[0] = changeInPlace()
        case .anotherAddress: test.columns[0] = invalidateAnother()
        case .block: test.columns[0] = cleanBlock()
        case .writeProtected: return writeProtect()
        case .aged: return ageTable()
        case .reusedTable: return reuseTable()
        }
        test.columns[last] += someAccess()
        if last > 0, numbers.chance(35) { test.columns[last].append(access()) }
        if last > 0, numbers.chance(15) { addHandshake() }
    }

    /// P of the upper entry becomes 0; its old content is in %rax, mostly.
    private mutating func breaking() -> [String] {
        numbers.pick([
            ["xorl %eax,%eax", "xchgq %rax,(%rdi)"],
            ["movq (%rdi),%rax", "andq $-2,%rax", "xchgq %rax,(%rdi)"],
            ["movq (%rdi),%rax", "movq %rax,%rcx", "andq $-2,%rcx", "movq %rcx,(%rdi)"],
            ["movq (%rdi),%rax", "movq $0,(%rdi)"],
            ["lock andb $-2,(%rdi)"],
        ])
    }

    private mutating func maybe(_ percent: Int, _ code: [String]) -> [String] { numbers.chance(percent) ? code : [] }

    private mutating func split() -> [String] {
        let isBroken = numbers.chance(55)
        var code = isBroken ? breaking() : maybe(60, ["movq (%rdi),%rax"])
        if isBroken || numbers.chance(10) { code += maybe(70, invalidation()) }
        if !code.isEmpty, numbers.chance(75) {
            // Without PS it is a small leaf; with it, one with PAT.
            code += maybe(85, ["andq $-129,%rax"]) + maybe(20, ["andq $-3,%rax"])
            code += maybe(isBroken ? 60 : 10, ["orq $1,%rax"]) + ["movq %rax,(%rsi)"]
        }
        return code + ["movq %r9,(%rdi)"] + maybe(60, invalidation()) + maybe(15, ["movq (%rsi),%rbx"])
    }

    private mutating func collapse() -> [String] {
        let isBroken = numbers.chance(75)
        var code = isBroken ? breaking() + maybe(65, invalidation()) : []
        code += maybe(25, ["movq (%rsi),%rbx"]) + maybe(20, ["movl (%r10),%edx", "movl %edx,(%r10)"])
        code += ["movq %r11,(%rdi)"] + maybe(40, invalidation())
        return code + maybe(35, ["call free_table(\(tables[0]))"])
    }

    private mutating func invalidate() -> [String] {
        var code = breaking() + maybe(75, invalidation())
        code.append(numbers.pick(["andq $-3,%rax", "andq $-65,%rax", "andq $-33,%rax", "orq $1,%rax", "orq $3,%rax"]))
        // Of what was read with P=1, or of what was not, P is set again.
        code += maybe(70, ["orq $1,%rax"])
        code.append(numbers.chance(80) ? "movq %rax,(%rdi)" : "xchgq %rax,(%rdi)")
        return code + maybe(30, invalidation())
    }

    private mutating func changeInPlace() -> [String] {
        var code = [numbers.pick(["movq %r9,(%rdi)", "movq %r11,(%rdi)", "xchgq %r9,(%rdi)", "xchgq %r11,(%rdi)"])]
        code += maybe(30, [access()]) + maybe(45, invalidation())
        code += maybe(45, [numbers.pick(["movq %r9,(%rdi)", "movq %r11,(%rdi)", "lock andb $-3,(%rdi)"])])
        return code + maybe(25, invalidation())
    }

    private mutating func invalidateAnother() -> [String] {
        let page = pages[pages.count - 1]
        var code = maybe(30, [access()])
        code += numbers.pick([["movq $0,(%rdi)"], ["movq %r9,(%rdi)"], ["movq %r11,(%rdi)"], ["movq $0,(%rsi)"]])
        code.append(
            numbers.pick([
                "invlpg (\(page))", "call flush_tlb_page(\(page))", "call flush_tlb_local(\(page))",
                "call flush_tlb_range(\(page),2M,2M,0)", "call flush_tlb_range(x,2M,2M,1)",
                "call flush_tlb_range(\(page),4K,4K,0)", "call flush_tlb_range(x,1G,1G,0)",
            ]))
        return code + maybe(60, [numbers.pick(["call free_frame(x)", "call free_frame(\(page))", "movq %r11,(%rdi)"])])
    }

    private mutating func cleanBlock() -> [String] {
        var code = maybe(40, ["movl $1,(\(numbers.pick(pages)))"])
        code += numbers.pick([
            ["lock andb $-65,(%rdi)"], ["lock andb $-65,(%rsi)"], ["movq %r9,(%rdi)"], ["movq %r11,(%rdi)"],
            ["movq (%rdi),%rax", "andq $-65,%rax", "movq %rax,(%rdi)"],
        ])
        code += maybe(65, invalidation())
        let page = numbers.pick(pages)
        return code
            + maybe(
                60,
                [numbers.pick(["call writeback(\(page))", "call reclaim(\(page))", "call set_page_dirty(\(page))"])])
    }

    private mutating func reuseTable() {
        var code = unlinking() + maybe(50, invalidation())
        code += ["movq %rdx,(\(numbers.chance(85) ? "%rbx" : "%rsi"))"] + maybe(30, invalidation())
        code += maybe(20, ["call free_table(PT(x))"])
        test.columns[0] = code
        for cpu in test.columns.indices { test.assignments.append("\(cpu):rbx = PTE(y)") }
        let stored = numbers.pick(weighted: [
            (8, "movq %r8,(y)"), (2, "movq $0,(y)"), (6, "movl $1,(y)"), (2, "movl $33,(y)"), (2, "movl (y),%ecx"),
        ])
        test.columns[1] = numbers.chance(85) ? [stored, access()] : [access(), stored]
        if numbers.chance(15) { addHandshake() }
    }

    // MARK: Random code

    private mutating func addSizeCode(_ size: TestGenerator.Size) {
        let count = test.columns.count
        for number in 0..<max(count, 2 + numbers.below(max(1, min(size.fragments, 5) - 1))) {
            test.columns[number < count ? number : numbers.below(count)] += sizeFragment()
        }
    }

    private mutating func sizeFragment() -> [String] {
        switch numbers.pick(weighted: [
            (24, 0), (14, 1), (16, 2), (8, 3), (10, 4), (10, 5), (4, 6), (hasChild ? 8 : 0, 7),
        ]) {
        case 0: return [access()]
        case 1: return invalidation()
        case 2: return [numbers.pick(["movq %r9,(%rdi)", "movq %r11,(%rdi)", "xchgq %r11,(%rdi)", "movq $0,(%rdi)"])]
        case 3: return breaking()
        case 4:
            let bits = numbers.pick([
                "andb $-3", "andb $-33", "andb $-65", "orb $2", "orb $64", "orb $-128", "andb $-5",
            ])
            return ["lock \(bits),(%rdi)"]
        case 5: return leafChange()
        case 6: return ["call free_\(numbers.chance(50) ? "table(\(tables[0]))" : "frame(x)")"]
        default: return load(root: numbers.pick(["%r12", "%r13"]))
        }
    }

    // MARK: Condition

    private mutating func addSizeCondition(_ plot: SizePlot?) {
        for name in upper + pages.map({ "PTE(\($0))" }) { test.locations.append("[\(name)]") }
        for page in pages where numbers.chance(50) { test.locations.append("[\(page)]") }
        for cpu in test.columns.indices {
            for register in ["rax", "rbx", "rcx"] where numbers.chance(25) {
                test.locations.append("\(cpu):\(register)")
            }
        }
        // wild is refused where a thread could loop.
        if plot == .reusedTable, numbers.chance(75), test.handlers.isEmpty {
            test.atoms += test.columns.indices.map { "wild(P\($0))" }
        }
        for page in pages where numbers.chance(45) { test.atoms.append("size_conflict(\(page))") }
        for page in pages where numbers.chance(25) { test.atoms.append("size_mismatch(\(page))") }
        for table in tables where numbers.chance(25) { test.atoms.append("stale_table(\(table))") }
        let properties = [
            "lost_dirty", "lost_dirty", "kernel_shadow_stack", "shadow_stack_exposed", "stale_write", "stale_frame",
            "stray_present", "written",
        ]
        if numbers.chance(30) {
            test.atoms += properties.dropFirst().flatMap { property in pages.map { "\(property)(\($0))" } }
            test.atoms += test.columns.indices.flatMap { ["fault(P\($0),x)", "stuck(P\($0))"] }
            test.locations += pages.map { "[\($0)]" }
        }
        for _ in 0..<(1 + numbers.below(3)) {
            let cpu = numbers.below(test.columns.count)
            let page = numbers.pick(pages)
            test.atoms.append(
                numbers.pick(weighted: [
                    (10, "\(numbers.pick(properties))(\(page))"),
                    (4, "[\(upper[0])].\(numbers.pick(["a", "p", "rw", "d", "ps"]))=\(numbers.below(2))"),
                    (1, "[\(upper[0])]=\(large())"), (1, "[PTE(\(page))].\(numbers.pick(["p", "d", "a"]))=0"),
                    (2, "fault(P\(cpu),\(page))"), (2, "stuck(P\(cpu))"),
                    (2, "\(cpu):\(numbers.pick(["rbx", "rcx"]))=\(numbers.below(2))"),
                ]))
        }
        test.isConjunction = numbers.chance(20)
        test.quantifier = numbers.pick(weighted: [(8, "exists"), (1, "~exists"), (1, "forall")])
    }
}
