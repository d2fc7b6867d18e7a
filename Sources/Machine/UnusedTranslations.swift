import X86

/// Translations that a CPU never uses are not kept.
///
/// What a TLB holds of a page decides only how the own accesses to that page go on: walks read memory, flushes drop
/// translations without looking at them, and what a question can ask of entries is read from memory. So the
/// translations of a page that a CPU's thread never accesses are no part of states. Its walker still sets Accessed,
/// because it may walk for any page (`Walker.swift`). Which pages a thread accesses is guessed from its code; the first
/// access to another one makes the machine be built again with its translations kept.
extension Machine {
    /// By CPU, the pages whose translations are kept, a bit each.
    static func keptTranslations(_ scenario: Scenario, _ classes: [[Int]], _ widths: FieldWidths) -> [UInt64] {
        guard scenario.reductions.contains(.unusedTranslations), !scenario.isEager else {
            return [UInt64](repeating: ~0, count: scenario.cpus.count)
        }
        return scenario.cpus.enumerated().map { cpu, processor in
            // Interchangeable CPUs share what is known of their threads.
            let first = classes.first { $0.contains(cpu) }?.first ?? cpu
            return (widths.usedPages[first] ?? 0) | processor.likelyPages(scenario.map)
        }
    }

    /// A thread is about to access a page through its translation.
    func noteUse(ofPage page: Int, _ cpu: Int) {
        if keptTranslations[cpu] & (1 << UInt64(page)) == 0 { fail(.outgrown(.page(cpu: cpu, page))) }
    }
}

extension Processor {
    /// Pages that the code accesses if registers hold what they hold at the start; a guess.
    fileprivate func likelyPages(_ map: AddressMap) -> UInt64 {
        var pages: UInt64 = 0
        func note(_ access: MemoryAccess) {
            if case .page(let page, _)? = map.place(at: access.address) { pages |= 1 << UInt64(page) }
        }
        for instruction in program.instructions + (handler?.instructions ?? []) {
            switch instruction.request(registers) {
            case .load(let access), .store(let access), .shadowStackStore(let access), .update(let access, _):
                note(access)
            case .copy(let from, let to):
                note(from)
                note(to)
            default: break
            }
        }
        return pages
    }
}
