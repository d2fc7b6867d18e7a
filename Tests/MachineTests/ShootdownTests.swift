import Testing
import X86

@testable import Machine

/// Flushes: whom they ask, when the others answer, and what is dropped.
@Suite struct ShootdownTests {
    /// A request or an answer, by whom, and whether P0 waits after it.
    private struct Event: Hashable {
        var cpu: Int
        var kind: StepKind
        var isWaiting: Bool
    }

    /// The requests and answers of all runs.
    private func events(_ bench: Bench, isEager: Bool = false) throws -> (seen: Set<Event>, ends: Set<Bool>) {
        var seen: Set<Event> = []
        let found = try bench.explore(isEager: isEager) { machine, step in
            guard [.flush, .acknowledge, .broadcast, .takeBroadcast].contains(step.report.kind) else { return }
            if let initiator = step.report.initiator { #expect(initiator == 0) }
            seen.insert(
                Event(
                    cpu: step.report.cpu, kind: step.report.kind,
                    isWaiting: machine.isWaiting(cpu: 0, in: step.after)))
        } _: { machine, state in
            machine.isEnded(cpu: 0, in: state)
        }
        return (seen, found.finals)
    }

    // MARK: Whom it asks

    @Test(arguments: ["flush_tlb_page(x)", "flush_tlb_mm()"], [false, true])
    func aFlushWaitsForEveryOtherCPUOfTheAddressSpace(_ service: String, _ isEager: Bool) throws {
        let alone = try events(Bench("call \(service)"), isEager: isEager)
        #expect(alone.seen == [Event(cpu: 0, kind: .flush, isWaiting: false)])
        let three = try events(Bench("call \(service)", "nop", "nop"), isEager: isEager)
        #expect(
            three.seen == [
                Event(cpu: 0, kind: .flush, isWaiting: true), Event(cpu: 1, kind: .acknowledge, isWaiting: true),
                Event(cpu: 1, kind: .acknowledge, isWaiting: false),
                Event(cpu: 2, kind: .acknowledge, isWaiting: true), Event(cpu: 2, kind: .acknowledge, isWaiting: false),
            ])
        #expect(three.ends == [true])
    }

    @Test func aLocalFlushAsksNoOtherCPU() throws {
        #expect(try events(Bench("call flush_tlb_local(x)", "nop")).seen == [])
    }

    @Test func onlyCPUsThatRunTheFlushedAddressSpaceAreAsked() throws {
        func seen(_ service: String) throws -> Set<Event> {
            var bench = try Bench("call \(service)", "nop", "nop")
            bench.map = AddressMap(variables: Bench.map.variables, spaces: ["mm", "child"])
            bench.entries["child:x"] = Bench.entry("x")
            bench.adjust = { number, cpu in cpu.space = number == 2 ? 1 : 0 }
            return try events(bench).seen
        }
        for (service, asked) in [
            ("flush_tlb_page(x)", 1), ("flush_tlb_mm()", 1), ("flush_tlb_page(child:x)", 2), ("flush_tlb_mm(child)", 2),
        ] {
            #expect(
                try seen(service) == [
                    Event(cpu: 0, kind: .flush, isWaiting: true),
                    Event(cpu: asked, kind: .acknowledge, isWaiting: false),
                ], "\(service)")
        }
    }

    @Test func aBroadcastWaitsForNoCPUAndTlbsyncForAll() throws {
        var bench = try Bench("orq $1,%rax\n invlpgb\n tlbsync\n movl $1,(a)", "nop")
        bench.profile.broadcastInvalidate = true
        let map = bench.map
        let page = try #require(map.variable(named: "x"))
        bench.adjust = { $1.registers[.rax] = map.address(ofVariable: page) }
        #expect(
            try events(bench).seen == [
                Event(cpu: 0, kind: .broadcast, isWaiting: false),
                Event(cpu: 0, kind: .takeBroadcast, isWaiting: false),
                Event(cpu: 1, kind: .takeBroadcast, isWaiting: false),
            ])
        // Where flushes are broadcasts, they reach CPUs of other address spaces too.
        var flush = try Bench("call flush_tlb_page(x)", "nop")
        flush.profile.broadcastInvalidate = true
        flush.map = AddressMap(variables: Bench.map.variables, spaces: ["mm", "child"])
        flush.adjust = { number, cpu in cpu.space = number }
        #expect(
            try events(flush).seen == [
                Event(cpu: 0, kind: .flush, isWaiting: true), Event(cpu: 1, kind: .acknowledge, isWaiting: false),
            ])
    }

    // MARK: When the others answer

    /// The instructions of P1 at which it answers; -1 after its end.
    private func placesOfAnswers(_ code: String) throws -> Set<Int> {
        var places: Set<Int> = []
        let found = try Bench("call flush_tlb_page(x)", code).explore { _, step in
            if step.report.kind == .acknowledge { places.insert(step.report.index ?? -1) }
        } _: { machine, state in
            machine.isEnded(cpu: 0, in: state)
        }
        #expect(found.finals == [true])
        return places
    }

    @Test func aRequestIsTakenBetweenInstructionsWithInterruptsOn() throws {
        #expect(try placesOfAnswers("movl $1,(a)\n movl $2,(a)") == [0, 1, -1])
        #expect(
            try placesOfAnswers("movl $1,(a)\n cli\n movl $2,(a)\n movl $3,(a)\n sti\n movl $4,(a)")
                == [0, 1, 5, -1])
    }

    @Test func whoAnswersHasStoredEverythingOlder() throws {
        let bench = try Bench("call flush_tlb_page(x)", "movl $1,(a)\n movl $1,(b)")
        let words = try ["a", "b"].map { bench.map.dataWord(ofVariable: try #require(bench.map.variable(named: $0))) }
        var seen: Set<[UInt64]> = []
        _ = try bench.explore { machine, step in
            guard step.report.kind == .acknowledge else { return }
            let issued = step.report.index ?? 2
            let stored = words.map { machine.content(ofWord: $0, in: step.after) }
            #expect(stored == (0..<2).map { $0 < issued ? 1 : 0 })
            seen.insert(stored)
        } _: { _, _ in
            0
        }
        #expect(seen == [[0, 0], [1, 0], [1, 1]])
    }

    @Test func twoCPUsThatFlushEachOtherBothEnd() throws {
        let found = try Bench("call flush_tlb_page(x)", "call flush_tlb_mm()").explore { machine, state in
            [0, 1].map { machine.isEnded(cpu: $0, in: state) }
        }
        #expect(found.finals == [[true, true]])
    }

    // MARK: What is dropped

    /// How P0 flushes, and of which pages P1 cannot have a translation afterwards.
    private static let flushes: [(code: String, drops: Set<String>)] = [
        ("nop", []), ("call flush_tlb_local(x)", []), ("call flush_tlb_page(x)", ["x"]),
        ("call flush_tlb_page(y)", ["y"]), ("call flush_tlb_mm()", ["x", "y"]),
        ("invlpgb\n tlbsync", ["x"]),
    ]

    @Test(arguments: flushes.indices, ["x", "y"])
    func theTargetDropsWhatTheFlushCovers(_ number: Int, _ page: String) throws {
        let (code, drops) = Self.flushes[number]
        #expect(try laterWrites(page, after: code) == (drops.contains(page) ? [0] : [0, 1]), "\(code)")
    }

    /// `flush_tlb_range`, as compiled code calls it: start, end, shift, root, tables.
    @Test(arguments: [(0, 1, "x"), (1, 2, "y"), (0, 2, "xy"), (0, 0, ""), (2, 4, "")])
    func aRangeDropsThePagesInIt(_ first: Int, _ end: Int, _ drops: String) throws {
        for page in ["x", "y"] {
            let map = Bench.map
            let start = map.address(ofVariable: try #require(map.variable(named: "x")))
            let seen = try laterWrites(page, after: "call flush_tlb_range()") { cpu in
                cpu.isCompiled = true
                cpu.registers[.rdi] = start + UInt64(first) << 12
                cpu.registers[.rsi] = start + UInt64(end) << 12
                cpu.registers[.rdx] = 12
                cpu.registers[.rcx] = 0
            }
            #expect(seen == (drops.contains(page) ? [0] : [0, 1]), "\(page)")
        }
    }

    /// What P1 can have written to a page at the end: both pages are in its TLB, then P0 makes them read-only and flushes.
    private func laterWrites(
        _ page: String, after flush: String, _ change: @escaping (inout Processor) -> Void = { _ in }
    ) throws -> Set<UInt64> {
        var bench = try Bench(
            "lock andb $-67,(%r8)\n lock andb $-67,(%r9)\n \(flush)\n movl $1,(b)",
            "movl (x),%eax\n movl (y),%ecx\n movl $1,(a)\n call wait_for(b, 1)\n movl $1,(\(page))")
        bench.profile.broadcastInvalidate = flush.hasPrefix("invlpgb")
        for page in ["x", "y"] { bench.entries[page] = Bench.entry(page, 0x67) }
        let map = bench.map
        let x = map.address(ofVariable: try #require(map.variable(named: "x")))
        bench.adjust = { number, cpu in
            cpu.registers[.r8] = map.leafAddress(page: 0, space: 0)
            cpu.registers[.r9] = map.leafAddress(page: 1, space: 0)
            // `invlpgb` of one page.
            cpu.registers[.rax] = x | 1
            if number == 0 { change(&cpu) }
        }
        return try bench.ends(page)
    }
}
