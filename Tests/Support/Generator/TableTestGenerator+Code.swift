/// What happens in tests with entries above the leaf.
extension TableTestGenerator {
    /// What a test of two CPUs is about.
    enum Plot: CaseIterable {
        /// A table is unlinked, with some flush or none, and freed, while another CPU walks.
        case freedTable
        /// The same against a walker in software.
        case lockless
        /// A table moves from one address to another.
        case movedTable
        /// An entry above the leaf, or the leaf, is write-protected while another CPU writes.
        case writeProtected
        /// A of an entry above the leaf is cleared.
        case agedTable
        /// A page is unmapped while its table changes hands.
        case unmappedPage
        /// Two address spaces have a table in common.
        case sharedTable
    }

    mutating func add(_ plot: Plot) {
        switch plot {
        case .freedTable: freeTable(against: someAccess())
        case .lockless: freeTable(against: softwareWalk())
        case .movedTable: moveTable()
        case .writeProtected: writeProtect()
        case .agedTable: ageTable()
        case .unmappedPage: unmapPage()
        case .sharedTable: freeTable(against: load(root: numbers.pick(["%r12", "%r13"])) + [access()])
        }
    }

    /// Random fragments.
    mutating func addCode(_ size: TestGenerator.Size) {
        let count = test.columns.count
        let total = max(count, 2 + numbers.below(max(1, min(size.fragments, 5) - 1)))
        for number in 0..<total {
            let cpu = number < count ? number : numbers.below(count)
            test.columns[cpu] += fragment()
        }
    }

    private mutating func fragment() -> [String] {
        switch numbers.pick(weighted: [
            (16, 0), (12, 1), (24, 2), (14, 3), (8, 4), (8, 5), (6, 6), (hasChild ? 10 : 0, 7), (4, 8), (4, 9),
        ]) {
        case 0: return upperChange()
        case 1: return leafChange()
        case 2: return [access()]
        case 3: return invalidation()
        case 4: return ["call free_table(\(numbers.pick(tables)))"]
        case 5: return softwareWalk()
        case 6: return [waitForReaders()]
        case 7: return load(root: numbers.pick(["%r12", "%r13"]))
        case 8: return ["call free_frame(\(numbers.pick(pages)))"]
        default:
            return [
                numbers.pick(["mfence", "movq (%rsi),%rbx", "movq (%rdi),%rbx", "sti", "cpuid", "movl (%r10),%edx"])
            ]
        }
    }

    // MARK: Plots

    private mutating func freeTable(against other: [String]) {
        var code: [String] = []
        if numbers.chance(25) { code.append("movq $0,(%rsi)") }
        if numbers.chance(20) { code += invalidation() }
        code += unlinking()
        if numbers.chance(10) { code.append("mfence") }
        if numbers.chance(65) { code += invalidation() }
        if numbers.chance(25) { code.append(waitForReaders()) }
        code.append("call free_table(\(numbers.chance(85) ? tables[0] : numbers.pick(tables)))")
        // The table is mapped again, or another one in its place.
        if numbers.chance(15) { code += ["movq %r9,(%rdi)"] }
        test.columns[0] = code
        test.columns[1] = other + (numbers.chance(30) ? [access()] : [])
        if numbers.chance(20) { addHandshake() }
    }

    private mutating func moveTable() {
        let target = isMovable ? "(%r11)" : "(%rdi)"
        var code = ["xorl %eax,%eax", "xchgq %rax,(%rdi)"]
        if numbers.chance(50) { code += invalidation() }
        // What `invalidation` may need is not %rax here.
        code.append("movq %rax,\(target)")
        if numbers.chance(40) { code += invalidation() }
        if numbers.chance(15) { code.append("call free_table(\(numbers.pick(tables)))") }
        test.columns[0] = code
        test.columns[1] = numbers.chance(40) ? leafChange() : [access()]
        if numbers.chance(50) { test.columns[1].append(access()) }
        if numbers.chance(30) { test.columns[1] += invalidation() + ["call free_frame(x)"] }
        if numbers.chance(25) { addLocks() }
    }

    mutating func writeProtect() {
        let place = numbers.pick(["(%rdi)", "(%rdi)", "(%rsi)"])
        var code = ["\(place == "(%rsi)" ? lock() : "lock ")andb $-3,\(place)"]
        if numbers.chance(50) { code.append("movq (%rsi),%rax") }
        code += numbers.chance(75) ? invalidation() : []
        if numbers.chance(60) { code.append("movq (%rsi),%rbx") }
        if numbers.chance(30) { code.append("lock orb $2,\(place)") }
        test.columns[0] = code
        test.columns[1] = [numbers.pick(["movl $1,(x)", "lock addl $1,(x)", "xchgl %ecx,(x)", "wrssq %rax,(x)"])]
        if numbers.chance(30) { test.columns[1].insert(access(), at: 0) }
    }

    mutating func ageTable() {
        let place = numbers.pick(["(%rdi)", "(%rdi)", upper.count > 1 ? "(%r11)" : "(%rdi)", "(%rsi)"])
        var code = ["lock andb $-33,\(place)"]
        if numbers.chance(45) { code += invalidation() }
        if numbers.chance(30) { code.append(numbers.pick(["movq $0,\(place)", "lock andb $-2,\(place)"])) }
        if numbers.chance(30) { code.append("movq \(place),%rbx") }
        test.columns[0] = code
        test.columns[1] = [access()]
        if numbers.chance(50) { addHandshake() }
    }

    private mutating func unmapPage() {
        var code = numbers.chance(50) ? ["xorl %eax,%eax", "xchgq %rax,(%rsi)"] : unlinking()
        code += numbers.chance(80) ? invalidation() : []
        code.append(numbers.pick(["call free_frame(x)", "call reclaim(x)", "movq %r8,(%rsi)", "movl (%r10),%ebx"]))
        test.columns[0] = code
        test.columns[1] = someAccess()
        if numbers.chance(30) { test.columns[1] += upperChange() }
    }

    mutating func addHandshake() {
        flags.insert("done")
        let setter = numbers.chance(75) ? 0 : 1
        let other = 1 - setter
        let end = test.columns[setter].count
        test.columns[setter].insert("movl $1,(done)", at: numbers.chance(60) ? end : min(1, end))
        test.columns[other].insert("call wait_for(done,1)", at: 0)
    }

    mutating func addLocks() {
        flags.insert("l")
        for cpu in test.columns.indices {
            test.columns[cpu].insert("call spin_lock(l)", at: 0)
            test.columns[cpu].append("call spin_unlock(l)")
        }
    }

    // MARK: Fragments

    private mutating func lock() -> String { numbers.chance(80) ? "lock " : "" }

    /// The entry of a table is cleared.
    mutating func unlinking() -> [String] {
        numbers.pick([
            ["movq $0,(%rdi)"], ["movq $0,(%rdi)"], ["xorl %ebp,%ebp", "xchgq %rbp,(%rdi)"], ["lock andb $-2,(%rdi)"],
        ])
    }

    /// A change of an entry above the leaf; never one after which P may be 1 where there is no table, which is refused.
    private mutating func upperChange() -> [String] {
        let place = upper.count > 1 && !isMovable && numbers.chance(30) ? "(%r11)" : "(%rdi)"
        switch numbers.below(7) {
        case 0, 1: return unlinking()
        case 2: return ["lock andb $-3,\(place)"]
        case 3: return ["lock andb $-33,\(place)"]
        case 4: return ["movq %r9,(%rdi)"]
        case 5: return numbers.chance(50) ? ["lock orb $2,\(place)"] : ["lock andb $-5,\(place)"]
        default:
            guard isMovable else { return ["xchgq %r9,(%rdi)"] }
            return ["xorl %eax,%eax", "xchgq %rax,(%rdi)"] + (numbers.chance(40) ? invalidation() : []) + [
                "movq %rax,(%r11)"
            ]
        }
    }

    mutating func leafChange() -> [String] {
        switch numbers.below(8) {
        case 0: return ["movq $0,(%rsi)"]
        case 1, 2: return ["movq %r8,(%rsi)"]
        case 3: return ["\(lock())andb $\(numbers.pick([-3, -67, -2, -33, -65])),(%rsi)"]
        case 4: return ["lock orb $\(numbers.pick([1, 2, 64, 32])),(%rsi)"]
        case 5: return ["xorl %edx,%edx", "xchgq %rdx,(%rsi)"]
        case 6: return ["movq (%rsi),%rdx", "andq $-3,%rdx", "movq %rdx,(%rsi)"]
        default: return ["xchgq %r8,(%rsi)"]
        }
    }

    /// An access by address, or one through the direct map.
    mutating func access() -> String {
        let page = numbers.pick(pages)
        return numbers.pick(weighted: [
            (20, "movl $1,(\(page))"), (20, "movl (\(page)),%ebx"), (4, "lock addl $1,(\(page))"),
            (2, "xchgl %ecx,(\(page))"), (5, "wrssq %rax,(\(page))"), (2, "movl (%r10),%edx"), (2, "movl $5,(%r10)"),
        ])
    }

    /// One access, two, or none.
    mutating func someAccess() -> [String] {
        switch numbers.below(10) {
        case 0: return ["mfence"]
        case 1, 2: return [access(), access()]
        default: return [access()]
        }
    }

    /// GUP in small: a walk in software with interrupts off, or in an RCU section, or without any.
    private mutating func softwareWalk() -> [String] {
        let isThree = upper[0].hasPrefix("PUD")
        // Of an entry of the fourth level the slot is not computed here.
        if upper[0].hasPrefix("PGD") { return ["movq (%rdi),%rax", access()] }
        let label = nextLabel()
        let (open, close) = numbers.pick(weighted: [
            (6, ("cli", "sti")), (3, ("call rcu_read_lock()", "call rcu_read_unlock()")), (1, ("nop", "nop")),
        ])
        var code = [open, "movq (%rdi),%rax", "movq %rax,%rdx", "testb $1,%al", "je \(label)"]
        code.append(isThree ? "call pmd_offset(x)" : "call pte_offset(x)")
        code.append("movq (%rax),%rcx")
        if isThree, numbers.chance(60) {
            code += ["movq %rcx,%rax", "testb $1,%al", "je \(label)", "call pte_offset(x)", "movq (%rax),%rcx"]
        } else if !isThree, numbers.chance(20) {
            code.append(numbers.pick(["movq %r8,(%rax)", "lock andb $-2,(%rax)", "lock andb $-65,(%rax)"]))
        }
        if numbers.chance(25) { code += ["cmpq (%rdi),%rdx", "je \(label)", "movl $7,%ebx"] }
        return code + ["\(label): \(close)"]
    }

    private mutating func waitForReaders() -> String {
        numbers.pick(["call tlb_remove_table_sync_one()", "call synchronize_rcu()"])
    }

    mutating func load(root: String) -> [String] {
        guard hasChild else { return ["movq %cr3,%rbp", "movq %rbp,%cr3"] }
        if numbers.chance(45) { return ["movq \(root),%rbp", "orq %r15,%rbp", "movq %rbp,%cr3"] }
        return ["movq \(root),%cr3"]
    }

    /// What drops translations or walks; %rax is left alone.
    mutating func invalidation() -> [String] {
        let page = numbers.chance(70) ? "x" : numbers.pick(pages)
        switch numbers.pick(weighted: [
            (16, 0), (8, 1), (16, 2), (10, 3), (5, 4), (5, 5), (6, 6), (2, 7), (hasChild ? 8 : 0, 8), (5, 9),
        ]) {
        case 0: return ["call flush_tlb_page(\(page))"]
        case 1: return ["call flush_tlb_mm()"]
        case 2:
            let range = numbers.pick([
                "2M,4K,1", "2M,4K,1", "4K,4K,0", "4K,4K,1", "2M,2M,1", "1G,2M,0", "1G,4K,1", "4K,2M,0",
            ])
            return ["call flush_tlb_range(\(page),\(range))"]
        case 3: return ["invlpg (\(page))"]
        case 4: return ["call flush_tlb_local(\(page))"]
        case 5: return ["movq %cr3,%rbp", "movq %rbp,%cr3"]
        case 6:
            usesDescriptor = true
            return ["movl $\(numbers.below(4)),%ebp", "invpcid \(numbers.pick(["(%r14)", "16(%r14)"])),%rbp"]
        case 7: return ["movq %cr4,%rbp", "xorq $128,%rbp", "movq %rbp,%cr4"]
        case 8:
            return [
                "call \(numbers.pick(["flush_tlb_mm(child)", "flush_tlb_page(child:x)", "flush_tlb_range(child:x,2M,4K,1)"]))"
            ]
        default: return [waitForReaders()]
        }
    }
}
