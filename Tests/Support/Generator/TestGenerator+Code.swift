/// Code at random: fragments that change entries, reach pages, invalidate, lock and call services.
extension TestGenerator {
    /// Fills the columns, fragment by fragment.
    mutating func addCode() {
        let cpus = test.columns.count
        let total = max(cpus, 2 + numbers.below(max(1, size.fragments - 1)))
        for number in 0..<total {
            // Every CPU gets one fragment, the rest go anywhere.
            let cpu = number < cpus ? number : numbers.below(cpus)
            // Mostly the first CPU changes entries and another one writes the page: that is where things go wrong.
            if number < 2 && numbers.chance(60) {
                test.columns[cpu] += number == 0 ? entryChange() : [write()]
            } else {
                test.columns[cpu] += fragment()
            }
        }
        if usesBroadcasts && !test.columns.joined().contains("invlpgb") {
            test.columns[numbers.below(cpus)] += broadcast()
        }
        if numbers.chance(18) { addHandshake() }
        // A thread that waits for ever: others end beside it.
        if numbers.chance(4) {
            flags.insert("done")
            test.columns[numbers.below(cpus)].append("call wait_for(done,9)")
        }
        if numbers.chance(10) { addCriticalSections() }
        if numbers.chance(6) { wrap("cli", "sti") }
    }

    /// Fills the handlers that have no code yet.
    mutating func addHandlers() {
        for cpu in test.handlers.keys.sorted() where test.handlers[cpu] == [] {
            var code = numbers.chance(75) ? entryChange() : []
            if numbers.chance(30) {
                let more = [
                    "movq %cr2,%rdx", "movl $1,%edx", "invlpg (x)", "cli", "sti", "call set_page_dirty(x)", "mfence",
                ]
                code.append(numbers.pick(more))
            }
            // A fault in the handler.
            if numbers.chance(25) { code.insert(access(), at: numbers.below(code.count + 1)) }
            code.append(numbers.chance(75) ? "iretq" : "hlt")
            test.handlers[cpu] = code
        }
    }

    /// One CPU sets a flag, another waits for it.
    private mutating func addHandshake() {
        guard test.columns.count > 1 else { return }
        flags.insert("done")
        let setter = numbers.below(test.columns.count)
        let waiter = (setter + 1) % test.columns.count
        test.columns[setter].append("movl $1,(done)")
        test.columns[waiter].insert("call wait_for(done,1)", at: numbers.chance(60) ? 0 : test.columns[waiter].count)
    }

    private mutating func addCriticalSections() {
        flags.insert("l")
        for cpu in test.columns.indices where numbers.chance(80) {
            wrap(cpu, "call spin_lock(l)", "call spin_unlock(l)")
        }
    }

    private mutating func wrap(_ before: String, _ after: String) {
        wrap(numbers.below(test.columns.count), before, after)
    }

    private mutating func wrap(_ cpu: Int, _ before: String, _ after: String) {
        // Not into the middle of a loop or a fragment that jumps: only around everything.
        test.columns[cpu].insert(before, at: 0)
        test.columns[cpu].append(after)
    }

    /// Some instructions that do one thing.
    private mutating func fragment() -> [String] {
        let kinds = [
            (36, 0), (34, 1), (hasChild ? 20 : 14, 2), (7, 3), (hasChild ? 20 : 2, 4), (4, 5),
            (2 + (hasChild ? 6 : 0) + (usesGlobals ? 6 : 0) + (usesBroadcasts ? 18 : 0), 6), (3, 7),
        ]
        return switch numbers.pick(weighted: kinds) {
        case 0: entryChange()
        case 1: numbers.chance(7) ? spin() : [access()]
        case 2: [invalidation()]
        case 3: [service()]
        case 4: hasChild ? addressSpace() : ["mfence"]
        case 6: widerInvalidation()
        case 7: plainLoadAfterStore()
        default: [numbers.pick(["mfence", "cli", "sti", "cpuid", "movq %cr3,%rbp", "hlt"])]
        }
    }

    // MARK: Entries

    /// The register that holds the address of an entry.
    private mutating func entryRegister() -> String {
        if hasChild && numbers.chance(30) { return "%r11" }
        return pages.count > 1 && numbers.chance(30) ? "%rsi" : "%rdi"
    }

    /// A change of an entry, or a look at it.
    mutating func entryChange() -> [String] {
        let place = "(\(entryRegister()))"
        let value = numbers.pick(["%r8", "%r9"])
        switch numbers.below(13) {
        case 0...2: return [maskedChange(place)]
        case 3:
            let bit = numbers.pick([0, 1, 2, 5, 6])
            return ["\(lock())\(numbers.pick(["btr", "bts", "btc"]))\(numbers.pick(["l", "q"])) $\(bit),\(place)"]
        case 4: return ["xorl %eax,%eax", "xchgq %rax,\(place)"]
        case 5:
            let change = numbers.pick([
                "andq $-3,%rax", "andq $-67,%rax", "orq $64,%rax", "orq $2,%rax", "andq $-2,%rax",
            ])
            let first = numbers.chance(60) ? ["xorl %eax,%eax", "xchgq %rax,\(place)"] : ["movq \(place),%rax"]
            let middle = numbers.chance(25) ? [invalidation()] : []
            return first + middle + [change, "movq %rax,\(place)"]
        case 6, 7: return compareExchange(place)
        case 8: return ["movq \(value),\(place)"]
        case 9: return ["xchgq \(value),\(place)"]
        case 10:
            let byte = numbers.pick(["0", "1", "33", "35", "37", "39", "101", "103", "71", "66", "98"])
            return [numbers.chance(70) ? "movb $\(byte),\(place)" : "movq $0,\(place)"]
        case 11:
            return [
                numbers.pick(["movq \(place),%rbx", "movb \(place),%bl", "movl \(place),%ebx", "movb 7\(place),%bl"])
            ]
        default:
            return [numbers.pick(["\(lock())orb $4,7\(place)", "\(lock())andb $-5,7\(place)", "movb $4,7\(place)"])]
        }
    }

    private mutating func lock() -> String { numbers.chance(65) ? "lock " : "" }

    /// A read-modify-write with a constant, byte, long or quad.
    private mutating func maskedChange(_ place: String) -> String {
        let width = numbers.pick(["b", "l", "q"])
        if width != "b" && numbers.chance(8) { return "\(lock())\(numbers.pick(["or", "xor"]))\(width) $256,\(place)" }
        if numbers.chance(55) {
            return "\(lock())and\(width) $\(numbers.pick([-2, -3, -3, -3, -5, -33, -65, -65, -67, -67, -99])),\(place)"
        }
        return "\(lock())or\(width) $\(numbers.pick([1, 2, 2, 3, 4, 32, 64, 66])),\(place)"
    }

    /// Load, compute, compare-and-exchange; with Linux's SavedDirty shift and a loop at times.
    private mutating func compareExchange(_ place: String) -> [String] {
        var code = ["movq \(place),%rax", "movq %rax,%rcx"]
        if numbers.chance(50) {
            code += ["andq $-3,%rcx", "movq %rcx,%rdx", "shrq $6,%rdx", "andl $1,%edx", "shlq $58,%rdx"]
            code += ["orq %rdx,%rcx", "andq $-65,%rcx"]
        } else {
            code.append(
                numbers.pick(["andq $-3,%rcx", "andq $-67,%rcx", "orq $66,%rcx", "andq $-34,%rcx", "orq $2,%rcx"]))
        }
        // At times the comparison is bound to fail.
        if numbers.chance(15) { code.append("movl $\(numbers.below(8)),%eax") }
        code.append("\(lock())cmpxchgq %rcx,\(place)")
        guard numbers.chance(35) else { return code }
        let label = "L\(labels)"
        labels += 1
        return ["\(label): \(code[0])"] + code.dropFirst() + ["jne \(label)"]
    }

    // MARK: Pages

    /// A translated access, or one through the direct map.
    mutating func access() -> String {
        let page = numbers.pick(pages)
        let number = 1 + numbers.below(3)
        let label = numbers.chance(12) ? "A\(nextLabel()): " : ""
        return label
            + numbers.pick(weighted: [
                (22, "movl $\(number),(\(page))"), (18, "movl (\(page)),%ebx"), (4, "movq (\(page)),%rdx"),
                (4, "movb $\(number),(\(page))"), (6, "lock addl $1,(\(page))"), (4, "addl $1,(\(page))"),
                (5, "xchgl %ebx,(\(page))"), (3, "lock cmpxchgl %ecx,(\(page))"), (3, "orb $\(number),(\(page))"),
                (3, "cmpxchgl %ecx,(\(page))"), (1, "cmpxchg8b (\(page))"), (1, "lock cmpxchg8b (\(page))"),
                (5, "movl (%r10),%edx"), (4, "movl $\(number + 4),(%r10)"), (10, "wrssq %rax,(\(page))"),
                (2, "wrssd %ecx,(\(page))"),
            ])
    }

    /// A loop that waits for a page to have, or not to have, a value.
    private mutating func spin() -> [String] {
        let label = "A\(nextLabel())"
        let page = numbers.pick(pages)
        return ["\(label): movl (\(page)),%eax", "testl %eax,%eax", "\(numbers.pick(["je", "jne"])) \(label)"]
    }

    mutating func write() -> String {
        let page = numbers.pick(pages)
        return numbers.pick([
            "movl $1,(\(page))", "movl $2,(\(page))", "lock addl $1,(\(page))", "xchgl %ebx,(\(page))",
        ])
    }

    private mutating func nextLabel() -> Int {
        labels += 1
        return labels
    }
}
