/// Translations that a CPU never uses are not kept.
///
/// What a TLB holds of a page decides only how the own accesses to that page go on: walks read memory, flushes drop
/// translations without looking at them, and what a question can ask of entries is read from memory. So the
/// translations of a page that a CPU's thread never accesses are no part of states. Its walker still sets Accessed,
/// because it may walk for any page (`Walker.swift`). Which pages a thread accesses is guessed from its code; the first
/// access to another one makes the machine be built again with its translations kept.
extension MachinePlan {
    /// By CPU, the pages whose translations are kept, a bit each.
    static func keptTranslations(
        _ scenario: Scenario, _ needs: [CPUNeeds], _ interchangeable: InterchangeableCPUs, _ widths: FieldWidths
    ) -> [UInt64] {
        guard scenario.reductions.contains(.unusedTranslations), !scenario.isEager else {
            return [UInt64](repeating: ~0, count: scenario.cpus.count)
        }
        return needs.indices.map { cpu in
            (widths.usedPages[interchangeable.first(for: cpu)] ?? 0) | needs[cpu].pages
        }
    }
}

extension Machine {
    /// A thread is about to access a page through its translation.
    func noteUse(ofPage page: Int, _ cpu: Int) {
        if plan.keptTranslations[cpu] & (1 << UInt64(page)) == 0 { fail(.outgrown(.page(cpu: cpu, page))) }
    }
}
