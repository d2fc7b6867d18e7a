import Testing
import X86

@testable import Machine

/// Exact numbers of states of the literal machine: a rule that is lost or added by accident shows at once.
///
/// Only the eager form is pinned here, because nothing may ever change it but a change of the model; the counts of the
/// fast search are in the golden file of the Checker's tests.
@Suite struct StateCountTests {
    static let counts: [(profile: String, code: [String], bits: UInt64, states: Int)] = [
        ("strict", ["movl (x),%eax"], 0x27, 3), ("strict", ["movl (x),%eax"], 0x07, 7),
        ("strict", ["movl $1,(x)"], 0x67, 4),
        ("strict", ["movl $1,(x)"], 0x27, 6), ("strict", ["movl $1,(x)"], 0x07, 10),
        ("strict", ["movl $1,(x)"], 0x25, 3),
        ("strict", ["lock addl $1,(x)"], 0x27, 5), ("strict", ["addl $1,(x)"], 0x67, 6),
        ("strict", ["movl $1,(x)", "lock andb $-3,(%rdi)"], 0x27, 31),
        ("cet", ["movl $1,(x)", "lock andb $-3,(%rdi)"], 0x27, 31),
        ("late", ["movl $1,(x)", "lock andb $-3,(%rdi)"], 0x27, 29),
        ("knl", ["movl $1,(x)", "lock andb $-3,(%rdi)"], 0x27, 29),
        ("shadowed", ["movl $1,(x)", "lock andb $-3,(%rdi)"], 0x27, 28),
        ("book", ["movl $1,(x)", "lock andb $-3,(%rdi)"], 0x27, 29),
        ("strict", ["movl $1,(x)", "movq $0,(%rdi)"], 0x07, 45), ("knl", ["movl $1,(x)", "movq $0,(%rdi)"], 0x07, 182),
        ("strict", ["movl $1,(x)", "lock andb $-3,(%rdi)\n call flush_tlb_page(x)"], 0x27, 118),
        ("strict", ["movl $1,(a)\n movl (b),%eax", "movl $1,(b)\n movl (a),%eax"], 0, 34),
        ("strict", ["call spin_lock(a)\n call spin_unlock(a)", "call spin_lock(a)\n call spin_unlock(a)"], 0, 12),
    ]

    @Test(arguments: 0..<counts.count)
    func countsAreExact(_ number: Int) throws {
        let example = Self.counts[number]
        var bench = try Bench(on: example.profile)
        bench.code = example.code
        // Only x is a page, so that y's own TLB entries do not multiply the states.
        bench.map = AddressMap(
            variables: [
                AddressMap.Variable(name: "x", isTranslated: true), AddressMap.Variable(name: "a", isTranslated: false),
                AddressMap.Variable(name: "b", isTranslated: false),
            ], spaces: ["mm"])
        let map = bench.map
        bench.entries["x"] =
            example.bits == 0
            ? 0 : map.frameNumber(ofVariable: try #require(map.variable(named: "x"))) << 12 | example.bits
        bench.adjust = { _, cpu in cpu.registers[.rdi] = map.leafAddress(page: 0, space: 0) }
        let found = try bench.explore(isEager: true) { _, _ in 0 }
        #expect(found.states == example.states, "\(number)")
    }
}
