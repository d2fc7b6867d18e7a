/// Tests about who is flushed: lazy processors, address spaces that are left and loaded again, second roots, shared tags,
/// broadcasts, interrupts handled in code, and five levels.
extension TableTestGenerator {
    /// What such a test is about.
    enum Who: CaseIterable {
        /// A processor runs an address space without using it.
        case lazy
        /// `switch_mm` away and back.
        case switched
        /// `PTI=on`.
        case userRoots
        /// `Pcid=`: two address spaces with one tag.
        case sharedTag
        /// `invlpgb` in its forms.
        case broadcast
        /// `P1.I`.
        case interrupt
        /// `Levels=5`.
        case five
        /// Single entries above the leaf gain and lose rights.
        case rights
    }

    mutating func buildWho(_ size: TestGenerator.Size) {
        let who = numbers.pick(Who.allCases)
        let single = who == .userRoots || who == .sharedTag ? 4 : 0
        let triple = size.cpus > 2 && (who == .lazy || who == .switched) ? 1 : 0
        test.columns = [[String]](repeating: [], count: numbers.pick(weighted: [(single, 1), (8, 2), (triple, 3)]))
        addWhoLayout(who)
        addWhoRegisters(who)
        addHeaders()
        switch who {
        case .lazy: addLazy()
        case .switched: addSwitches()
        case .userRoots: addRoots(user: true)
        case .sharedTag: addRoots(user: false)
        case .broadcast: addBroadcast()
        case .interrupt: addInterrupt()
        case .five: add(numbers.pick([.freedTable, .writeProtected, .agedTable, .unmappedPage]))
        case .rights: addRights()
        }
        addHandlers()
        addWhoCondition()
    }

    // MARK: Initial state

    private mutating func addWhoLayout(_ who: Who) {
        let flat = [.five, .rights].contains(who) ? 0 : who == .broadcast ? 25 : 55
        if numbers.chance(flat) {
            upper = []
        } else if who == .five {
            upper = [numbers.pick(["P4D(x)", "P4D(x)", "PGD(x)", "PMD(x)"])]
            test.headers.append("Levels=5")
        } else if who == .rights {
            upper = ["PUD(x)", "PMD(x)"]
        } else {
            upper = [numbers.pick(weighted: [(8, "PMD(x)"), (1, "PUD(x)"), (who == .userRoots ? 3 : 0, "PGD(x)")])]
        }
        if let first = upper.first {
            let names = ["PMD": "PT(x)", "PUD": "PD(x)", "P4D": "PDPT(x)", "PGD": who == .five ? "PML4(x)" : "PDPT(x)"]
            tables = [names[String(first.prefix(3))] ?? "PT(x)"]
        }
        if who == .userRoots { test.headers.append("PTI=on") }
        if who == .sharedTag { test.headers.append(numbers.chance(80) ? "Pcid=mm:1 child:1" : "Pcid=mm:0 child:0") }
        hasChild = who == .sharedTag || numbers.chance(who == .switched || who == .broadcast ? 40 : 10)
        if numbers.chance(who == .five || who == .rights ? 0 : 15) {
            pages.append("y")
            if !upper.isEmpty { test.headers.append(numbers.chance(60) ? "Region=x y" : "Region=x | y") }
        }
        for name in upper { test.assignments.append("[\(name)] = \(whoPointer(name, who))") }
        for page in pages { test.assignments.append("[PTE(\(page))] = \(leaf(of: page))") }
        if hasChild {
            test.assignments.append("[PTE(child:x)] = \(numbers.chance(70) ? leaf(of: "x") : "(p:0)")")
            if let first = upper.first, numbers.chance(40) {
                test.assignments.append("[\(first.replacing("(", with: "(child:"))] = \(whoPointer(first, who))")
            }
        }
    }

    private mutating func whoPointer(_ name: String, _ who: Who) -> String {
        guard who == .five, !name.hasPrefix("PMD") else { return pointer(name) }
        var fields = ["table:\(tables[0])"]
        if numbers.chance(10) { fields.append("rw:0") }
        if numbers.chance(35) { fields.append("a:0") }
        return "(" + fields.joined(separator: ", ") + ")"
    }

    private mutating func addWhoRegisters(_ who: Who) {
        for cpu in test.columns.indices {
            let first = upper.first ?? "PTE(x)"
            test.assignments += [
                "\(cpu):rdi = \(first)", "\(cpu):rsi = PTE(x)", "\(cpu):r8 = \(leaf(of: "x"))",
                "\(cpu):r9 = \(upper.isEmpty ? leaf(of: "x") : whoPointer(first, who))",
                "\(cpu):r10 = PA(\(numbers.pick(pages)))", "\(cpu):r12 = mm",
            ]
            if upper.count > 1 { test.assignments.append("\(cpu):r11 = \(upper[1])") }
            if hasChild || who == .userRoots {
                test.assignments.append("\(cpu):r13 = \(who == .userRoots ? "mm:user" : "child")")
                test.assignments.append("\(cpu):r15 = 0x8000000000000000")
            }
            if hasChild, numbers.chance(20) { test.assignments.append("\(cpu):mm = child") }
            if numbers.chance(8) { test.assignments.append("\(cpu):cpl = 3") }
        }
    }

    // MARK: Plots

    private mutating func maybe(_ percent: Int, _ code: [String]) -> [String] { numbers.chance(percent) ? code : [] }

    /// Something is taken away, and somebody is told, or nobody.
    private mutating func takeAway() -> [String] {
        var code = maybe(75, unlinking())
        if code.isEmpty { code = leafChange() }
        if !upper.isEmpty, numbers.chance(30) { code = ["movq $0,(%rsi)"] + code }
        return code + maybe(90, tell()) + maybe(80, afterwards())
    }

    private mutating func tell() -> [String] {
        let page = numbers.chance(85) ? "x" : numbers.pick(pages)
        switch numbers.pick(weighted: [(12, 0), (6, 1), (6, 2), (5, 3), (3, 4), (hasChild ? 5 : 0, 5)]) {
        case 0:
            let range = numbers.pick(["4K,4K,0", "4K,4K,1", "4K,4K,0", "2M,4K,1", "2M,4K,0", "1G,4K,1"])
            return ["call flush_tlb_range(\(page),\(range))"]
        case 1: return ["call flush_tlb_page(\(page))"]
        case 2: return ["call flush_tlb_mm()"]
        case 3: return ["invlpg (\(page))"]
        case 4: return invalidation()
        default: return ["call \(numbers.pick(["flush_tlb_mm(child)", "flush_tlb_page(child:x)", "flush_tlb_mm(mm)"]))"]
        }
    }

    private mutating func afterwards() -> [String] {
        [
            numbers.pick(weighted: [
                (5, "call free_frame(x)"), (tables.isEmpty ? 0 : 6, "call free_table(\(tables.first ?? ""))"),
                (2, "movl (%r10),%ebx"), (2, "movq %r8,(%rsi)"), (1, "movq %r9,(%rdi)"), (1, "call reclaim(x)"),
            ])
        ]
    }

    private mutating func addLazy() {
        test.columns[0] = maybe(12, ["call enter_lazy_tlb()"]) + takeAway() + maybe(15, [access()])
        for cpu in 1..<max(2, test.columns.count) where cpu < test.columns.count {
            var code = maybe(25, [access()]) + ["call enter_lazy_tlb()"] + maybe(35, [access()])
            code += maybe(70, switchBack()) + maybe(85, [access()])
            if cpu == 2 { code = Array(code.suffix(2)) }
            test.columns[cpu] = code
        }
        if numbers.chance(8) { test.columns[1].insert("cli", at: 0) }
    }

    private mutating func switchBack() -> [String] {
        if numbers.chance(60) { return ["call switch_mm(mm)"] }
        let other = hasChild ? numbers.pick(["child", "init"]) : "init"
        return ["call switch_mm(\(other))"] + maybe(80, ["call switch_mm(mm)"])
    }

    private mutating func addSwitches() {
        test.columns[0] = takeAway() + maybe(15, [access()])
        let other = hasChild ? numbers.pick(["child", "child", "idle"]) : "idle"
        var code = maybe(30, [access()]) + ["call switch_mm(\(other))"]
        if other == "child" { code += maybe(25, [access()]) }
        code += maybe(15, tell())
        code += numbers.chance(80) ? ["call switch_mm(mm)"] : load(root: "%r12")
        test.columns[1] = code + [access()]
        if test.columns.count > 2 { test.columns[2] = numbers.chance(60) ? Array(takeAway().prefix(2)) : [access()] }
    }

    private mutating func rootLoad(_ root: String) -> [String] {
        if numbers.chance(70) { return ["movq \(root),%rbp", "orq %r15,%rbp", "movq %rbp,%cr3"] }
        return ["movq \(root),%cr3"]
    }

    private mutating func addRoots(user: Bool) {
        let space = user ? "mm:user" : "child"
        var parts = [maybe(50, [access()]), maybe(80, rootLoad("%r13")), maybe(50, [access()])]
        parts += [maybe(70, rootLoad("%r12")), maybe(80, numbers.chance(60) ? unlinking() : leafChange())]
        switch numbers.below(8) {
        case 0, 1: parts.append(["invlpg (x)"])
        case 2: parts.append(["call flush_tlb_page(x)"])
        case 3: parts.append([numbers.pick(["call flush_tlb_local(x)", "call flush_tlb_mm()"])])
        case 4: parts.append(["invlpg (x)", "call invpcid_flush_one(\(space):x)"])
        case 5: parts.append(["call invpcid_flush_single_context(\(space))"])
        case 6: parts.append([numbers.pick(["call invpcid_flush_all()", "call invpcid_flush_all_nonglobals()"])])
        default: break
        }
        parts += [maybe(60, rootLoad("%r13")), maybe(60, [access()]), maybe(30, afterwards())]
        // Two whole columns would be too much.
        test.columns[0] = parts.filter { !$0.isEmpty }.suffix(test.columns.count > 1 ? 4 : 9).flatMap { $0 }
        if test.columns.count > 1 { test.columns[1] = maybe(50, rootLoad("%r13")) + [access()] }
    }

    private mutating func addBroadcast() {
        var code = numbers.chance(70) ? unlinking() : leafChange()
        let page = numbers.pick(pages)
        let space = hasChild ? "child" : "mm"
        let forms = [
            "invlpgb(\(page))", "invlpgb(\(page), final)", "invlpgb()", "invlpgb(\(space))", "invlpgb(\(space), final)",
            "invlpgb(final)",
        ]
        code.append("call \(numbers.pick(forms))")
        code += maybe(85, ["tlbsync"]) + maybe(85, afterwards())
        test.columns[0] = code
        test.columns[1] = maybe(hasChild ? 40 : 0, load(root: "%r13")) + someAccess()
    }

    private mutating func addInterrupt() {
        var handler = maybe(60, [numbers.pick(["invlpg (x)", "call flush_tlb_local(x)", "movq %cr3,%rcx"])])
        if handler == ["movq %cr3,%rcx"] { handler.append("movq %rcx,%cr3") }
        handler += maybe(35, [numbers.pick(["movl (x),%ecx", "movl $2,(x)", "movq (%rsi),%rcx", "movl $1,(done)"])])
        if handler.contains("movl $1,(done)") { flags.insert("done") }
        handler += maybe(12, ["call switch_mm(init)"])
        test.interrupts[1] = handler + ["iretq"]
        var code = numbers.chance(60) ? unlinking() : leafChange()
        code += maybe(92, ["call send_ipi(P1)"]) + maybe(20, tell()) + maybe(85, afterwards())
        test.columns[0] = code
        let window = numbers.chance(25)
        test.columns[1] = (window ? ["cli"] : []) + someAccess() + (window ? maybe(70, ["sti"]) : [])
        test.columns[1] += maybe(
            25, [numbers.pick(["movq (%rsi),%rbx", "call flush_tlb_page(x)", "movl (done),%ebx"])])
        if test.columns[1].contains("movl (done),%ebx") { flags.insert("done") }
    }

    private mutating func addRights() {
        func right(_ place: String, _ gains: Bool) -> String { "lock \(gains ? "orb $2" : "andb $-3"),\(place)" }
        let first = numbers.pick(["(%rdi)", "(%r11)"])
        var code = [right(first, numbers.chance(40))] + maybe(30, tell())
        code.append(right(first == "(%rdi)" ? "(%r11)" : "(%rdi)", numbers.chance(60)))
        test.columns[0] = code + maybe(40, tell()) + maybe(25, ["movq (%rsi),%rbx"])
        test.columns[1] = maybe(30, ["movl (x),%ebx"]) + [numbers.chance(80) ? "movl $1,(x)" : access()]
    }

    // MARK: Condition

    private mutating func addWhoCondition() {
        for name in upper + pages.map({ "PTE(\($0))" }) { test.locations.append("[\(name)]") }
        for page in pages where numbers.chance(40) { test.locations.append("[\(page)]") }
        for cpu in test.columns.indices {
            for register in ["rbx", "rcx"] where numbers.chance(40) { test.locations.append("\(cpu):\(register)") }
        }
        let properties = ["stale_frame", "stale_frame", "stale_write", "lost_dirty", "written", "shadow_stack_exposed"]
        test.atoms += tables.filter { _ in numbers.chance(75) }.map { "stale_table(\($0))" }
        if numbers.chance(60) { test.atoms.append("stale_frame(x)") }
        for _ in 0..<(1 + numbers.below(2)) {
            let cpu = numbers.below(test.columns.count)
            let page = numbers.pick(pages)
            test.atoms.append(
                numbers.pick(weighted: [
                    (8, "\(numbers.pick(properties))(\(page))"), (3, "fault(P\(cpu),\(page))"), (2, "stuck(P\(cpu))"),
                    (2, "[PTE(\(page))].\(numbers.pick(["p", "a", "d"]))=\(numbers.below(2))"),
                    (2, "\(cpu):rbx=\(numbers.below(2))"),
                    (upper.isEmpty ? 0 : 2, "[\(upper.first ?? "")].\(numbers.pick(["a", "rw", "p"]))=0"),
                ]))
        }
        test.isConjunction = numbers.chance(20)
        test.quantifier = numbers.pick(weighted: [(8, "exists"), (1, "~exists"), (1, "forall")])
    }
}
