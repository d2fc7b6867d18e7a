/// What drops translations, services, and address spaces with their tags.
extension TestGenerator {
    /// One instruction or service that drops translations of the current address space, or of another.
    mutating func invalidation() -> String {
        let page = numbers.pick(pages)
        var choices = [
            (30, "call flush_tlb_page(\(page))"), (12, "call flush_tlb_mm()"), (14, "call flush_tlb_local(\(page))"),
            (24, "invlpg (\(page))"),
        ]
        if hasChild { choices += [(12, "call flush_tlb_page(child:x)"), (10, "call flush_tlb_mm(child)")] }
        return numbers.pick(weighted: choices)
    }

    /// A service that is about a page, not about translations.
    mutating func service() -> String {
        let page = numbers.pick(pages)
        return
            "call \(numbers.pick(["set_page_dirty", "clear_page_dirty", "page_dirty", "writeback", "reclaim", "free_frame"]))(\(page))"
    }

    /// A load of CR3; or a visit to another address space between two accesses, after which translations may be left.
    mutating func addressSpace() -> [String] {
        guard numbers.chance(35) else { return load(root: numbers.pick(["%r12", "%r13", "%r13"])) }
        let middle = numbers.chance(40) ? entryChange() : numbers.chance(40) ? [invalidation()] : []
        let code = [access()] + load(root: "%r13") + middle
        return numbers.chance(60) ? code + load(root: "%r12") + [access()] : code + [access()]
    }

    /// A load of CR3, at times with bit 63.
    mutating func load(root: String) -> [String] {
        if numbers.chance(45) { return ["movq \(root),%rbp", "orq %r15,%rbp", "movq %rbp,%cr3"] }
        return ["movq \(root),%cr3"]
    }

    /// A store, and a plain load of the kernel's services that may overtake it.
    mutating func plainLoadAfterStore() -> [String] {
        flags.formUnion(["v", "done"])
        let load = numbers.pick([
            "call page_dirty(\(numbers.pick(pages)))", "call wait_for(done,0)", "call wait_for(v,1)", "movl (v),%edx",
        ])
        return [numbers.pick(["movl $1,(v)", "movl $1,(done)", "movl $1,(\(numbers.pick(pages)))"]), load]
    }

    // MARK: By tag, by everything, by broadcast

    /// `invpcid`, a write to CR4, or `invlpgb`.
    mutating func widerInvalidation() -> [String] {
        switch numbers.pick(weighted: [(10, 0), (usesGlobals ? 6 : 2, 1), (usesBroadcasts ? 40 : 0, 2)]) {
        case 0: invalidateContext()
        case 1: toggleGlobalPages()
        default: broadcast()
        }
    }

    /// `invpcid` of one of two descriptors, or of one that was changed just before.
    private mutating func invalidateContext() -> [String] {
        if descriptor == nil { descriptor = (hasChild || numbers.chance(20) ? 1 : 0, numbers.pick(pages)) }
        let type = numbers.pick(weighted: [(5, 0), (4, 1), (2, 2), (3, 3)])
        let place = numbers.pick(["(%r14)", "16(%r14)"])
        let store = numbers.chance(35) ? ["movq $\(numbers.below(hasChild ? 2 : 1)),\(place)"] : []
        return store + ["movl $\(type),%ebp", "invpcid \(place),%rbp"]
    }

    /// CR4.PGE changes, which drops everything; or CR4 is written as it is.
    private mutating func toggleGlobalPages() -> [String] {
        let change = numbers.chance(85) ? ["xorq $128,%rbp"] : []
        let back = numbers.chance(25) ? ["xorq $128,%rbp", "movq %rbp,%cr4"] : []
        return ["movq %cr4,%rbp"] + change + ["movq %rbp,%cr4"] + back
    }

    /// `invlpgb` with operands of all kinds, mostly with `tlbsync` after it.
    mutating func broadcast() -> [String] {
        let hasAddress = numbers.chance(75)
        var flags = hasAddress ? 1 : 0
        for (bit, percent) in [(2, 35), (4, 10), (8, 40), (16, 15), (32, 5)] where numbers.chance(percent) {
            flags |= bit
        }
        var code = numbers.chance(30) ? ["mfence"] : []
        code += hasAddress ? ["leaq (\(numbers.pick(pages))),%rax", "orq $\(flags),%rax"] : ["movl $\(flags),%eax"]
        // One page and PCID 0 mostly; sometimes what the registers happen to hold.
        if numbers.chance(80) {
            code.append("movl $\(numbers.pick(weighted: [(6, "0"), (3, "1"), (1, "0x80000001")])),%ecx")
        }
        if numbers.chance(80) {
            code.append("movl $\(numbers.pick(weighted: [(6, 0), (hasChild ? 5 : 1, 0x1_0000), (1, 5)])),%edx")
        }
        code.append("invlpgb")
        if numbers.chance(70) { code.append("tlbsync") }
        return code
    }
}
