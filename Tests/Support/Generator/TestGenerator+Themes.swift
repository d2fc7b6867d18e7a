/// Tests with a plot: each theme is a shape in which one kind of rule shows, with everything else left to chance.
///
/// Columns of single random fragments rarely read, through an old translation, just what an invalidation should have dropped;
/// a shape that does so, with a random invalidation in its middle, mostly tells one rule from another.
extension TestGenerator {
    /// What a test is about.
    enum Theme: CaseIterable {
        /// A translation is made, the entry changes, something is dropped, the page is read again; all on one CPU.
        case ownInvalidation
        /// The same with the change and the flush on another CPU, and visits to another address space.
        case otherInvalidation
        /// A visit to another address space, whose entries change meanwhile.
        case visit
        /// A fault at a page of which another address space has a global translation.
        case faultBesideGlobal
        /// A page is taken away and its frame freed; another CPU reaches it in time or not.
        case freedFrame
        /// Store buffering with something in the middle.
        case storeBuffering
        /// An entry loses P while walks set A.
        case strayAccessed
        /// A CPU whose thread is over, or waits for ever, goes on walking.
        case idleWalker
        /// What a fault handler keeps waiting, and what happens in it.
        case handler
        /// Writes with CR0.WP=0.
        case withoutWriteProtect
        /// Writes through translations from before a flush, and after it.
        case staleWrite
        /// An entry gets another frame, other rights, or both, between Dirty's decision and its update.
        case changedFrame
        /// A comparison that fails.
        case failedComparison
    }

    /// The themes as often as they are wanted: those in which much can vary more often.
    static let themes =
        Theme.allCases + [.freedFrame, .freedFrame, .strayAccessed, .storeBuffering, .staleWrite, .handler]

    /// Whether a theme needs a second address space.
    static func needsChild(_ theme: Theme) -> Bool {
        [.otherInvalidation, .visit, .faultBesideGlobal, .idleWalker, .staleWrite].contains(theme)
    }

    /// Whether a theme is about global entries too.
    static func needsGlobals(_ theme: Theme) -> Bool {
        [.ownInvalidation, .otherInvalidation, .visit, .faultBesideGlobal, .freedFrame].contains(theme)
    }

    /// The columns of a theme, and the entries that it starts with.
    mutating func addTheme(_ theme: Theme) {
        switch theme {
        case .ownInvalidation: ownInvalidation()
        case .otherInvalidation: otherInvalidation()
        case .visit: visit()
        case .faultBesideGlobal: faultBesideGlobal()
        case .freedFrame: freedFrame()
        case .storeBuffering: storeBuffering()
        case .strayAccessed: strayAccessed()
        case .idleWalker: idleWalker()
        case .handler: handlerInTheWay()
        case .withoutWriteProtect: withoutWriteProtect()
        case .staleWrite: staleWrite()
        case .changedFrame: changedFrame()
        case .failedComparison: failedComparison()
        }
        // Something that does not belong to the plot, at times.
        if numbers.chance(30) {
            let cpu = numbers.below(test.columns.count)
            let place = numbers.below(test.columns[cpu].count + 1)
            test.columns[cpu].insert(contentsOf: numbers.chance(50) ? [access()] : entryChange(), at: place)
        }
        for cpu in test.columns.indices {
            for register in ["rax", "rbx", "rdx"] where numbers.chance(85) {
                test.locations.append("\(cpu):\(register)")
            }
        }
    }

    // MARK: Pieces

    /// Gives an entry, replacing what chance gave it.
    private mutating func set(_ location: String, _ fields: [String], frame: String = "x", global: Int = 50) {
        var fields = ["oa:PA(\(frame))"] + fields
        if usesGlobals && numbers.chance(global) { fields.append("g:1") }
        test.assignments.removeAll { $0.hasPrefix(location + " =") }
        test.assignments.append("\(location) = (\(fields.joined(separator: ", ")))")
    }

    /// The two frames with different content, and %r8 and %r9 as entries of the second.
    private mutating func setContents(_ fields: [String] = []) {
        test.assignments.removeAll { $0.hasPrefix("uint64_t x =") }
        let other = pages.count > 1 ? "y" : "z"
        test.assignments.removeAll { $0.hasPrefix("uint64_t \(other) =") }
        test.assignments += ["uint64_t x = 1", "uint64_t \(other) = 2"]
        for cpu in test.columns.indices {
            set("\(cpu):r8", fields, frame: other, global: 30)
            set("\(cpu):r9", fields, frame: numbers.chance(70) ? "x" : other, global: 30)
        }
        test.locations += ["[x]", "[\(other)]"]
    }

    /// Any way to drop translations, with what has to stand around it.
    private mutating func anyInvalidation() -> [String] {
        switch numbers.pick(weighted: [(10, 0), (10, 1), (6, 2), (hasChild ? 8 : 2, 3), (usesBroadcasts ? 25 : 0, 4)]) {
        case 0: return [invalidation()]
        case 1: return widerInvalidation()
        case 2: return [invalidation(), invalidation()]
        case 3:
            if !hasChild { return ["movq %cr3,%rbp", "movq %rbp,%cr3"] }
            return load(root: numbers.pick(["%r12", "%r13"]))
        default: return broadcast()
        }
    }

    /// A read of a page into a register that nothing else writes.
    private mutating func read(_ register: String, _ page: String = "x") -> String { "movl (\(page)),%\(register)" }

    /// Changes the entry of `x` in one of the two spaces.
    private mutating func change() -> String {
        let place = hasChild && numbers.chance(40) ? "(%r11)" : "(%rdi)"
        return numbers.pick(weighted: [
            (6, "movq %r8,\(place)"), (2, "xchgq %r8,\(place)"), (2, "movq $0,\(place)"), (2, "lock andb $-3,\(place)"),
        ])
    }

    private func waiting(for flag: String) -> String { "call wait_for(\(flag),1)" }

    // MARK: Plots about translations

    private mutating func ownInvalidation() {
        setContents()
        set("[PTE(x)]", [])
        if hasChild { set("[PTE(child:x)]", [], frame: numbers.chance(50) ? "x" : pages.count > 1 ? "y" : "z") }
        var code = numbers.chance(50) ? [read("ebx")] : []
        let visits = hasChild && numbers.chance(60)
        if visits { code += load(root: "%r13") }
        code += numbers.chance(85) ? [change()] : []
        if numbers.chance(50) { code.append("mfence") }
        if !visits || numbers.chance(65) { code += anyInvalidation() }
        if visits && numbers.chance(70) { code += load(root: "%r12") }
        test.columns[0] = code + [read("edx")]
        for cpu in test.columns.indices.dropFirst() { test.columns[cpu] = numbers.chance(50) ? [access()] : [] }
    }

    private mutating func otherInvalidation() {
        setContents()
        set("[PTE(x)]", [])
        set("[PTE(child:x)]", [], frame: numbers.chance(70) ? "x" : pages.count > 1 ? "y" : "z")
        flags.insert("done")
        var code = numbers.chance(30) ? [waiting(for: "v")] : []
        if code.count > 0 { flags.insert("v") }
        code += [change()] + anyInvalidation()
        test.columns[0] = code + ["movl $1,(done)"]
        var other = numbers.chance(40) ? [read("ebx")] : []
        if numbers.chance(60) { other += load(root: "%r13") }
        if flags.contains("v") { other.append("movl $1,(v)") }
        other.append(waiting(for: "done"))
        if numbers.chance(60) { other += load(root: "%r12") }
        test.columns[1] = other + [read("edx")]
    }

    private mutating func visit() {
        setContents()
        set("[PTE(x)]", [], global: 25)
        set("[PTE(child:x)]", [], frame: numbers.chance(70) ? "x" : pages.count > 1 ? "y" : "z", global: 25)
        test.assignments.removeAll { $0 == "0:mm = child" }
        let (away, back, place, space) =
            numbers.chance(50) ? ("%r13", "%r12", "(%rdi)", "mm") : ("%r12", "%r13", "(%r11)", "child")
        if space == "child" { test.assignments.append("0:mm = child") }
        var code = numbers.chance(60) ? [read("ebx")] : []
        code += load(root: away)
        code.append(numbers.pick(["movq %r8,\(place)", "movq $0,\(place)", "xchgq %r8,\(place)"]))
        if numbers.chance(50) {
            code.append(numbers.pick(["call flush_tlb_mm(\(space))", "call flush_tlb_page(\(space):x)", "invlpg (x)"]))
        } else if numbers.chance(50) {
            code += anyInvalidation()
        }
        test.columns[0] = code + load(root: back) + [read("edx")]
        test.columns[1] = numbers.chance(40) ? [access()] : []
    }

    private mutating func faultBesideGlobal() {
        setContents()
        set("[PTE(x)]", [numbers.pick(["p:0", "p:0", "rw:0"])])
        set("[PTE(child:x)]", numbers.chance(60) ? ["rw:0"] : [], global: 85)
        test.assignments.removeAll { $0 == "0:mm = child" }
        if numbers.chance(80) { test.assignments.append("0:mm = child") }
        var code = numbers.chance(50) ? [read("ebx")] : []
        code += load(root: "%r12")
        if numbers.chance(75) { code.append("movl $3,(x)") }
        test.columns[0] = code + [read("edx")]
        test.headers.removeAll { $0.hasPrefix("Fault=") }
        if numbers.chance(75) {
            test.handlers[0] = ["movq %r8,(%rdi)"] + (numbers.chance(25) ? ["invlpg (x)"] : []) + ["iretq"]
        } else {
            test.handlers[0] = nil
            test.headers.append("Fault=P0:retry")
        }
        test.columns[1] = numbers.chance(60) ? ["movq %r8,(%rdi)"] + anyInvalidation() : []
    }

    private mutating func freedFrame() {
        set("[PTE(x)]", [])
        let both = pages.count > 1 && numbers.chance(60)
        var code = [numbers.pick(["movq $0,(%rdi)", "xchgq %rax,(%rdi)"])]
        if both { code.append("movq $0,(%rsi)") }
        if numbers.chance(60) { code.append("mfence") }
        code += usesBroadcasts ? broadcast() : anyInvalidation()
        let freed = both ? "y" : "x"
        test.columns[0] = code + ["call free_frame(\(freed))"]
        test.columns[1] = [
            numbers.pick(["movl (\(freed)),%ebx", "movl $1,(\(freed))", "lock addl $1,(\(freed))", access()])
        ]
        test.atoms.append("stale_frame(\(freed))")
    }

    private mutating func staleWrite() {
        let space = numbers.chance(60) ? ("child:x", "(%r11)") : ("x", "(%rdi)")
        set("[PTE(\(space.0))]", numbers.chance(20) ? ["rw:0", "us:0"] : [])
        flags.formUnion(["v", "done"])
        var code = [waiting(for: "v")]
        code.append(numbers.pick(["lock andb $-3,\(space.1)", "movq $0,\(space.1)", "movq %r8,\(space.1)"]))
        code.append(
            numbers.pick([
                "call flush_tlb_page(\(space.0))",
                space.0 == "x" ? "call flush_tlb_mm(mm)" : "call flush_tlb_mm(child)",
            ])
        )
        if numbers.chance(20) { code.append("lock orb $2,\(space.1)") }
        test.columns[0] = code + ["movl $1,(done)"]
        var other = numbers.chance(60) ? [read("ebx")] : []
        if numbers.chance(60) { other += load(root: numbers.pick(["%r12", "%r13"])) }
        other.append("movl $1,(v)")
        if numbers.chance(70) { other.append(waiting(for: "done")) }
        if numbers.chance(70) { other += load(root: space.0 == "x" ? "%r12" : "%r13") }
        other.append(numbers.pick(weighted: [(6, "movl $1,(x)"), (2, "lock addl $1,(x)"), (2, "wrssd %eax,(x)")]))
        test.columns[1] = other
        test.atoms.append("stale_write(x)")
    }

    // MARK: Plots about A and D

    private mutating func strayAccessed() {
        set("[PTE(x)]", numbers.chance(90) ? ["a:0"] : ["d:0"])
        var code = [numbers.pick(["xchgq %rax,(%rdi)", "movq $0,(%rdi)", "lock andb $-2,(%rdi)", "movq %r8,(%rdi)"])]
        let between = [
            "mfence", "invlpg (x)", "cpuid", "call flush_tlb_page(x)", "call flush_tlb_mm()", "movq %cr3,%rbp", "sti",
        ]
        if numbers.chance(60) { code.append(numbers.pick(between)) }
        if numbers.chance(15) { code += ["movq %cr3,%rbp", "btsq $63,%rbp", "movq %rbp,%cr3"] }
        if numbers.chance(25) { code += widerInvalidation() }
        if numbers.chance(50) { code.append(numbers.pick(["movq $0,(%rdi)", "movq %r9,(%rdi)"])) }
        if numbers.chance(60) { code.append("mfence") }
        test.columns[0] = code + ["movq (%rdi),%rbx"]
        for cpu in test.columns.indices.dropFirst() {
            test.columns[cpu] = numbers.chance(50) ? [access()] : plainLoadAfterStore()
        }
        test.atoms.append("stray_present(x)")
    }

    private mutating func idleWalker() {
        set("[PTE(x)]", [numbers.pick(["a:0", "a:1"])])
        flags.insert("v")
        test.assignments.removeAll { $0 == "0:mm = child" || $0 == "1:mm = child" }
        if numbers.chance(80) { test.assignments.append("0:mm = child") }
        let change = numbers.pick([
            "lock andb $0xdf,(%rdi)", "lock btrq $5,(%rdi)", "movq %r8,(%rdi)", "movq $0,(%rdi)",
        ])
        let flush = numbers.chance(25) ? [invalidation()] : []
        test.columns[0] = [waiting(for: "v"), change] + flush + ["movq (%rdi),%rbx"]
        if numbers.chance(30) { test.columns[0].append("call wait_for(v,7)") }
        let end = numbers.pick(weighted: [(5, ""), (2, "hlt"), (2, "call wait_for(v,9)"), (1, "ud2")])
        test.columns[1] = ["movl $1,(v)"] + (end.isEmpty ? [] : [end])
    }

    private mutating func withoutWriteProtect() {
        set("[PTE(x)]", ["rw:\(numbers.chance(75) ? 0 : 1)", "d:\(numbers.chance(85) ? 0 : 1)"])
        let cpu = numbers.below(test.columns.count)
        test.assignments.removeAll { $0.hasPrefix("\(cpu):cr0.wp") || $0.hasPrefix("\(cpu):cpl") }
        test.assignments.append("\(cpu):cr0.wp = 0")
        for other in test.columns.indices {
            test.columns[other] = other == cpu ? [write()] : numbers.chance(70) ? entryChange() : [access()]
        }
        if numbers.chance(30) { test.columns[cpu].append(write()) }
    }

    private mutating func changedFrame() {
        setContents(["rw:\(numbers.chance(55) ? 1 : 0)", "d:0", "p:\(numbers.chance(85) ? 1 : 0)"])
        set("[PTE(x)]", ["d:0"])
        test.columns[0] = [numbers.pick(["movq %r8,(%rdi)", "xchgq %r8,(%rdi)", "movq %r9,(%rdi)"])]
        if numbers.chance(30) { test.columns[0] += anyInvalidation() }
        if numbers.chance(30) { test.columns[0].append("lock andb $-67,(%rdi)") }
        test.columns[1] = [write()]
        if numbers.chance(20) { test.columns[1].append(write()) }
    }

    private mutating func failedComparison() {
        let onEntry = numbers.chance(60)
        if numbers.chance(60) { set("[PTE(x)]", ["d:0"]) }
        let lock = numbers.chance(30) ? "lock " : ""
        let place = onEntry ? "(%rdi)" : "(x)"
        let exchange = numbers.pick([
            "cmpxchgq %rcx,\(place)", "cmpxchgl %ecx,\(place)", "cmpxchgb %cl,\(place)", "cmpxchg8b \(place)",
        ])
        test.columns[0] = ["movl $\(numbers.below(9)),%eax", lock + exchange]
        test.columns[1] =
            onEntry || numbers.chance(30) ? (numbers.chance(60) ? [write()] : entryChange()) : ["movl $5,(x)"]
        test.locations.append("[x]")
    }

    // MARK: Plots about order and interrupts

    private mutating func storeBuffering() {
        flags.formUnion(["v", "done"])
        flags.remove("l")
        let atoms = [
            "call page_dirty(x)", "call wait_for(w,0)", "lock addl $1,(x)", "xchgl %ecx,(x)", "movl $1,(x)", "cpuid",
            "invlpg (x)", "call flush_tlb_page(x)", "call flush_tlb_mm()", "call set_page_dirty(x)",
            "call spin_lock(w)",
            "call spin_unlock(w)", "sti", "movq %cr3,%rbp", "tlbsync", "lock cmpxchgl %ecx,(x)", "movl (x),%ecx",
        ]
        var middle = numbers.chance(65) ? [numbers.pick(atoms)] : anyInvalidation()
        if numbers.chance(20) { middle = [numbers.pick(["call page_dirty(x)", "call wait_for(w,0)"])] }
        // A fault, or none, by what the other CPU stores into the entry.
        let faults = numbers.chance(25)
        if faults { middle = [numbers.pick(["lock addl $1,(x)", "xchgl %ecx,(x)", "movl (x),%ecx"])] }
        if middle.contains(where: { $0.contains("(w") }) { flags.insert("w") }
        if faults || numbers.chance(40) {
            set("[PTE(x)]", [numbers.pick(faults ? ["p:0"] : ["p:0", "rw:0", "d:0", "a:0"])])
        }
        test.columns[0] = ["movl $1,(v)"] + middle + ["movl (done),%ebx"]
        let publishes = numbers.chance(faults ? 80 : 15) ? "movq %r8,(%rdi)" : "movl $1,(done)"
        if faults { test.atoms.append("fault(P0,x)") }
        test.columns[1] = [publishes, "mfence", "movl (v),%edx"]
        if test.handlers[0] != nil { test.handlers[0] = ["movl (done),%ebx", "hlt"] }
    }

    private mutating func handlerInTheWay() {
        flags.formUnion(["v", "done"])
        test.headers.removeAll { $0.hasPrefix("Fault=") || $0.hasPrefix("Gate=") }
        if numbers.chance(40) { test.headers.append("Gate=trap") }
        set("[PTE(x)]", [numbers.pick(["p:0", "rw:0"])])
        if pages.count > 1 && numbers.chance(60) { set("[PTE(y)]", ["p:0"], frame: "y") }
        test.columns[0] = [numbers.chance(40) ? "A0: movl $1,(x)" : "movl $1,(x)", "movl $1,%ebx"]
        var handler: [String] = []
        if numbers.chance(60) { handler.append("movl $1,(v)") }
        if numbers.chance(pages.count > 1 ? 60 : 20) { handler.append(access()) }
        if numbers.chance(25) { handler.append(numbers.pick(["sti", "cli"])) }
        if numbers.chance(50) { handler.append(waiting(for: "done")) }
        if numbers.chance(60) { handler.append("movq %r8,(%rdi)") }
        test.handlers[0] = handler + [numbers.chance(70) ? "iretq" : "hlt"]
        if numbers.chance(40) { test.columns[0].append(waiting(for: "done")) }
        var other = numbers.chance(70) ? [waiting(for: "v")] : []
        other.append(invalidation())
        other += numbers.chance(50) ? ["movl $1,(done)"] : ["movl $1,%ebx"]
        test.columns[1] = other
        test.atoms += ["fault(P0,x)", "stuck(P1)"]
        if pages.count > 1 { test.atoms.append("fault(P0,y)") }
    }
}
