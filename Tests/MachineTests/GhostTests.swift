import Litmus
import Testing
import X86

@testable import Machine

/// What is recorded for conditions: when each bit is set, and that only what is asked for is recorded.
@Suite struct GhostTests {
    private static let x = 0

    /// A bench whose question is about `x`, as a page or as a variable.
    private func bench(
        _ code: String..., on profile: String = "strict", watching watched: Property
    ) throws -> Bench {
        var bench = try Bench(code[0], on: profile)
        bench.code = code
        let variable = try #require(bench.map.variable(named: "x"))
        bench.watches.subjects[watched] = [watched.isAboutFrame ? variable : Self.x]
        return bench
    }

    // MARK: What is recorded

    @Test func whatNobodyAsksForIsNotRecorded() throws {
        let code = "movl $1,(x)\n call reclaim(x)\n call free_frame(x)\n movl (x),%eax"
        let unasked = try Bench(code)
        let plain = try unasked.explore { machine, state in
            [Property.written, .lostDirty, .staleFrame].map { machine.holds($0, of: 2, in: state) }
                + [.kernelShadowStack, .shadowStackExposed, .staleWrite, .strayPresent].map {
                    (property: Property) in
                    machine.holds(property, of: Self.x, in: state)
                }
        }
        #expect(plain.finals == [[Bool](repeating: false, count: 7)])
        #expect(unasked.map.variable(named: "x") == 2)
        // The same runs, with what is asked told apart.
        #expect(try bench(code, watching: .written).ends(.written, of: "x") == [true])
        #expect(try bench(code, watching: .lostDirty).ends(.lostDirty, of: "x") == [true])
        #expect(try bench(code, watching: .staleFrame).ends(.staleFrame, of: "x") == [true])
        // What is asked of y is not recorded of x.
        var other = try Bench(code)
        other.watches.subjects[.written] = [try #require(other.map.variable(named: "y"))]
        #expect(try other.ends(.written, of: "x") == [false])
        #expect(try other.ends(.written, of: "y") == [false])
    }

    @Test func faultsHaveABitForEachThatIsAskedFor() throws {
        var bench = try Bench("movl (x),%eax\n movl $1,(x)")
        bench.entries["x"] = Bench.entry("x", 0x25)
        bench.watches.faults = [
            Watches.Fault(cpu: 0, instruction: 0, page: 0), Watches.Fault(cpu: 0, instruction: 1, page: 0),
            Watches.Fault(cpu: 0, instruction: nil, page: nil), Watches.Fault(cpu: 0, instruction: 1, page: 1),
        ]
        let found = try bench.explore { machine, state in (0..<4).map { machine.hasFaulted(bit: $0, in: state) } }
        #expect(found.finals == [[false, true, true, false]])
    }

    // MARK: Written, and lost

    @Test(arguments: [false, true])
    func aPageIsWrittenWhenTheStoreReachesMemory(_ isEager: Bool) throws {
        let bench = try bench("movl $1,(x)", watching: .written)
        let variable = try #require(bench.map.variable(named: "x"))
        var kinds: Set<StepKind> = []
        let found = try bench.explore(isEager: isEager) { machine, step in
            if machine.holds(.written, of: variable, in: step.after)
                && !machine.holds(.written, of: variable, in: step.before)
            {
                kinds.insert(step.report.kind)
            }
        } _: { machine, state in
            machine.holds(.written, of: variable, in: state)
        }
        #expect(found.finals == [true])
        #expect(kinds == [.drain])
    }

    @Test func theDirectMapWritesNoPageAndWritebackMakesItClean() throws {
        var direct = try bench("movl $1,(%rdi)", watching: .written)
        let address = direct.map.directAddress(ofVariable: try #require(direct.map.variable(named: "x")))
        direct.adjust = { $1.registers[.rdi] = address }
        #expect(try direct.ends("x") == [1])
        #expect(try direct.ends(.written, of: "x") == [false])
        #expect(try bench("movl $1,(x)\n call writeback(x)", watching: .written).ends(.written, of: "x") == [false])
        #expect(
            try bench("call writeback(x)\n movl $1,(x)", watching: .written).ends(.written, of: "x") == [true])
    }

    /// By code of one CPU that writes x, whether the dirt is lost.
    @Test(arguments: [
        ("movl $1,(x)", false), ("movl $1,(x)\n lock andb $-65,(%rdi)", true), ("lock andb $-65,(%rdi)", false),
        ("movl $1,(x)\n call set_page_dirty(x)\n lock andb $-65,(%rdi)", false),
        ("movl $1,(x)\n call set_page_dirty(x)\n lock andb $-65,(%rdi)\n call clear_page_dirty(x)", true),
        ("movl $1,(x)\n lock andb $-65,(%rdi)\n call writeback(x)", false),
        // SavedDirty, bit 58, keeps what D said.
        ("movl $1,(x)\n lock andb $-65,(%rdi)\n lock orb $4,7(%rdi)", false),
        ("movl $1,(x)\n call reclaim(x)", true), ("movl $1,(x)\n call writeback(x)\n call reclaim(x)", false),
        ("call reclaim(x)\n movl $1,(x)", true),
    ])
    func dirtIsLostWhereNothingKeepsIt(_ code: String, _ isLost: Bool) throws {
        let bench = try bench(code, watching: .lostDirty)
        #expect(try bench.ends(.lostDirty, of: "x") == [isLost])
        #expect(try bench.ends(.lostDirty, of: "x", isEager: true) == [isLost])
    }

    // MARK: Shadow stacks

    @Test func softwareMakesShadowStackEntriesAndHardwareIsNotBlamed() throws {
        var dirty = try bench("lock andb $-3,(%rdi)", watching: .kernelShadowStack)
        dirty.entries["x"] = Bench.entry("x", 0x67)
        #expect(try dirty.ends(.kernelShadowStack, of: "x") == [true])
        dirty.shadowStackPages = [Self.x]
        #expect(try dirty.ends(.kernelShadowStack, of: "x") == [false])
        // D is set in the end, but by hardware, after the entry was protected, where the profile lets it.
        let late = try bench("lock andb $-3,(%rdi)", "movl $1,(x)", on: "cet", watching: .kernelShadowStack)
        #expect(try late.entryEnds() == [0x25, 0x65])
        #expect(try late.ends(.kernelShadowStack, of: "x") == [false, true])
        let clean = try bench("lock andb $-67,(%rdi)", "movl $1,(x)", on: "late", watching: .kernelShadowStack)
        #expect(try clean.entryEnds() == [0x25, 0x65])
        #expect(try clean.ends(.kernelShadowStack, of: "x") == [false])
    }

    @Test func exposureCountsFromTheFirstStateOnWhereSomeCPUHasShadowStacks() throws {
        func ends(on profile: String, _ change: (inout Bench) -> Void = { _ in }) throws -> Set<Bool> {
            var bench = try bench("lock andb $-65,(%rdi)", on: profile, watching: .shadowStackExposed)
            bench.entries["x"] = Bench.entry("x", 0x65)
            change(&bench)
            return try bench.ends(.shadowStackExposed, of: "x")
        }
        #expect(try ends(on: "cet") == [true])
        #expect(try ends(on: "late") == [false])
        #expect(try ends(on: "cet") { $0.shadowStackPages = [Self.x] } == [false])
        #expect(try ends(on: "cet") { $0.entries["x"] = Bench.entry("x", 0x64) } == [false])
    }

    // MARK: Stale translations, frames and entries

    /// P1 keeps its translation in another address space while P0 forbids writing and flushes; back it may write.
    @Test func aStaleWriteNeedsAFlushThatWasOver() throws {
        func ends(flush: String, keepsTranslations: Bool) throws -> Set<Bool> {
            var bench = try bench(
                "lock andb $-67,(%rdi)\n \(flush)\n movl $1,(a)",
                """
                movl (x),%eax
                movq %r8,%cr3
                call wait_for(a, 1)
                movq %r9,%cr3
                movl $1,(x)
                """, watching: .staleWrite)
            bench.map = AddressMap(variables: Bench.map.variables, spaces: ["mm", "child"])
            bench.entries["x"] = Bench.entry("x", 0x67)
            let kept: UInt64 = keepsTranslations ? 1 << 63 : 0
            let roots = [0, 1].map { bench.map.rootAddress(ofSpace: $0) | kept }
            bench.adjust = { _, cpu in
                cpu.registers[.r8] = roots[1]
                cpu.registers[.r9] = roots[0]
            }
            return try bench.ends(.staleWrite, of: "x")
        }
        #expect(try ends(flush: "call flush_tlb_page(x)", keepsTranslations: true) == [false, true])
        #expect(try ends(flush: "call flush_tlb_page(x)", keepsTranslations: false) == [false])
        // Without a flush that was over, or with one of another page, nothing was promised.
        #expect(try ends(flush: "nop", keepsTranslations: true) == [false])
        #expect(try ends(flush: "call flush_tlb_page(y)", keepsTranslations: true) == [false])
    }

    @Test(arguments: ["movl (x),%eax", "movl $1,(x)"])
    func aFrameThatWasFreedMustNotBeAccessed(_ access: String) throws {
        let after = try bench("call free_frame(x)\n \(access)", watching: .staleFrame)
        #expect(try after.ends(.staleFrame, of: "x") == [true])
        let before = try bench("\(access)\n call free_frame(x)", watching: .staleFrame)
        #expect(try before.ends(.staleFrame, of: "x") == [false])
        let elsewhere = try bench("call free_frame(y)\n \(access)", watching: .staleFrame)
        #expect(try elsewhere.ends(.staleFrame, of: "x") == [false])
    }

    @Test(arguments: ["knl", "strict"])
    func aStrayBitCountsWhereSoftwareReadsIt(_ profile: String) throws {
        let clear = "xorl %eax,%eax\n xchgq %rax,(%rdi)"
        let read = try bench("\(clear)\n movq (%rdi),%rcx", "movl $1,(x)", on: profile, watching: .strayPresent)
        #expect(try read.ends(.strayPresent, of: "x") == (profile == "knl" ? [false, true] : [false]))
        let unread = try bench(clear, "movl $1,(x)", on: profile, watching: .strayPresent)
        #expect(try unread.ends(.strayPresent, of: "x") == [false])
    }
}
