import Checker
import Litmus
import Machine
import Testing

/// Empty questions.
@Suite struct EmptyNoteTests {
    /// A question, and what is said of it on `cet`.
    struct Asked: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var head = ""
        var state = ""
        var code: String
        var condition: String
        var notes: [EmptyNote] = []

        var text: String { "X86_64 T\n\(head)\n{ \(state) }\n\(code)\n\(condition)\n" }
    }

    private static let page = "[PTE(x)] = (oa:PA(x), rw:1, d:0); 0:rdi = PTE(x);"
    private static let protect = " P0 | P1 ;\n lock andb $-3,(%rdi) | movl $1,(x) ;\n call flush_tlb_page(x) | ;"
    private static let protectWithoutFlush = " P0 | P1 ;\n lock andb $-3,(%rdi) | movl $1,(x) ;"
    private static let write = " P0 | P1 ;\n nop | movl $1,(x) ;"
    private static let load = " P0 | P1 ;\n movl $2,(x) | movl (x),%eax ;"

    static let asked: [Asked] = [
        Asked(
            testDescription: "an entry that nobody writes", state: page, code: write,
            condition: "exists (lost_dirty(x))",
            notes: [.entryNotWritten(property: .lostDirty, page: "x")]),
        Asked(
            testDescription: "a page is written in place of its entry",
            state: "[PTE(x)] = (oa:PA(x), rw:1, d:0); 0:rdi = x;", code: protect,
            condition: "exists (lost_dirty(x) \\/ kernel_shadow_stack(x))",
            notes: [
                .entryNotWritten(property: .lostDirty, page: "x"),
                .entryNotWritten(property: .kernelShadowStack, page: "x"),
            ]),
        Asked(
            testDescription: "an entry that is written by a locked operation", state: page, code: protect,
            condition: "exists (lost_dirty(x) \\/ kernel_shadow_stack(x) \\/ stale_write(x))"),
        Asked(
            testDescription: "an entry that is written by a plain store", state: page,
            code: " P0 | P1 ;\n movq $0,(%rdi) | movl $1,(x) ;\n call flush_tlb_page(x) | ;",
            condition: "exists (stale_write(x))"),
        Asked(
            testDescription: "an entry that is written on a way that no run takes", state: page,
            code: " P0 | P1 ;\n jmp L0 | movl $1,(x) ;\n movq $0,(%rdi) | ;\n L0: | ;",
            condition: "exists (lost_dirty(x))", notes: [.entryNotWritten(property: .lostDirty, page: "x")]),
        Asked(
            testDescription: "the entry of another page",
            state: "[PTE(x)] = (oa:PA(x), d:0); [PTE(y)] = (oa:PA(y), d:0); 0:rdi = PTE(y);",
            code: " P0 | P1 ;\n movq $0,(%rdi) | movl $1,(x) ;", condition: "exists (lost_dirty(x))",
            notes: [.entryNotWritten(property: .lostDirty, page: "x")]),
        Asked(
            testDescription: "the entry that maps a large page", state: "[PMD(x)] = (ps:1, d:0); 0:rdi = PMD(x);",
            code: " P0 | P1 ;\n lock andb $-3,(%rdi) | movl $1,(x) ;",
            condition: "exists (lost_dirty(x) \\/ kernel_shadow_stack(x))"),
        Asked(
            testDescription: "another entry than the one that maps a large page",
            state: "[PMD(x)] = (ps:1, d:0); 0:rdi = PMD(z); [PMD(z)] = (ps:1);",
            code: " P0 | P1 ;\n lock andb $-3,(%rdi) | movl $1,(x) ;", condition: "exists (lost_dirty(x))",
            notes: [.entryNotWritten(property: .lostDirty, page: "x")]),
        Asked(
            testDescription: "that nothing goes wild is an answer",
            state: "[PMD(x)] = (table:PT(x)); 0:rdi = PMD(x);", code: " P0 ;\n movl (x),%eax ;",
            condition: "exists (wild(P0))"),
        Asked(
            testDescription: "what reclaim loses needs no write of an entry", state: page,
            code: " P0 | P1 ;\n call reclaim(x) | ;", condition: "exists (lost_dirty(x))"),
        Asked(
            testDescription: "an entry that hardware alone makes a shadow stack", head: "ShadowStack=x", state: page,
            code: protect, condition: "exists (shadow_stack_exposed(x))",
            notes: [.shadowStackPage(property: .shadowStackExposed, page: "x")]),
        Asked(
            testDescription: "no flush", state: page, code: protectWithoutFlush, condition: "exists (stale_write(x))",
            notes: [.notFlushed(property: .staleWrite, page: "x")]),
        Asked(
            testDescription: "a flush of another page", state: page + "[PTE(y)] = (oa:PA(y));",
            code: " P0 | P1 ;\n lock andb $-3,(%rdi) | movl $1,(x) ;\n call flush_tlb_page(y) | ;",
            condition: "exists (stale_write(x))", notes: [.notFlushed(property: .staleWrite, page: "x")]),
        Asked(
            testDescription: "a frame that nobody frees", state: page, code: protect,
            condition: "exists (stale_frame(x))",
            notes: [.notFreed(property: .staleFrame, variable: "x")]),
        Asked(
            testDescription: "a frame that is freed after its last use", state: "[PTE(x)] = (oa:PA(x));",
            code: " P0 ;\n movl (x),%eax ;\n call free_frame(x) ;", condition: "exists (stale_frame(x))"),
        Asked(
            testDescription: "plain memory that is freed", state: "x = 0;",
            code: " P0 ;\n movl (x),%eax ;\n call free_frame(x) ;", condition: "exists (stale_frame(x))"),
        Asked(
            testDescription: "an entry that nobody reads", state: page,
            code: " P0 | P1 ;\n movq $0,(%rdi) | movl $1,(x) ;", condition: "exists (stray_present(x))",
            notes: [.entryNotRead(property: .strayPresent, page: "x")]),
        Asked(
            testDescription: "an entry that is cleared and read", state: page,
            code: " P0 | P1 ;\n movq $0,(%rdi) | movl $1,(x) ;\n movq (%rdi),%rax | ;",
            condition: "exists (stray_present(x))"),
        Asked(
            testDescription: "a page that nobody writes", state: page, code: " P0 ;\n movl (x),%eax ;",
            condition: "exists (written(x))", notes: [.pageNotWritten(property: .written, page: "x")]),
        Asked(
            testDescription: "a write that the entry never lets through",
            state: "[PTE(x)] = (oa:PA(x), rw:0);", code: " P0 ;\n movl $1,(x) ;", condition: "exists (written(x))"),
        Asked(
            testDescription: "a content that the entry lets nobody write",
            state: "[PTE(x)] = (oa:PA(x), rw:0);", code: " P0 ;\n movl $1,(x) ;", condition: "exists (x=1)"),
        Asked(
            testDescription: "a write through the page that maps the frame",
            state: "[PTE(x)] = (oa:PA(y), rw:0); y = 0;", code: " P0 ;\n movl $1,(x) ;",
            condition: "exists (written(y))"),
        Asked(
            testDescription: "a register that nobody writes", state: "x = 1;", code: load,
            condition: "exists (1:rbx=2)", notes: [.notWritten(name: "1:rbx", state: "1:rbx=0")]),
        Asked(
            testDescription: "a register that has a value from the start", state: "x = 1; 1:rbx = 7;", code: load,
            condition: "exists (1:rbx=2 /\\ 1:eax=2)", notes: [.notWritten(name: "1:rbx", state: "1:rbx=7")]),
        Asked(
            testDescription: "a register that is written", state: "x = 1;", code: load, condition: "exists (1:rax=3)"),
        Asked(
            testDescription: "a register that gets the value it has", state: "x = 0; 1:rbx = 7;",
            code: " P0 | P1 ;\n movl $2,(x) | movq $7,%rbx ;", condition: "exists (1:rbx=2)"),
        Asked(
            testDescription: "a register that an instruction writes that does not name it", state: "x = 0;",
            code: " P0 ;\n cpuid ;", condition: "exists (0:rdx=2)"),
        Asked(
            testDescription: "a register that is written on a way that no run takes", state: "x = 0;",
            code: " P0 ;\n jmp L0 ;\n movl $1,%ebx ;\n L0: ;\n movl $1,(x) ;", condition: "exists (0:rbx=1)",
            notes: [.notWritten(name: "0:rbx", state: "0:rbx=0")]),
        Asked(
            testDescription: "what a service returns", state: "[PTE(x)] = (oa:PA(x));",
            code: " P0 ;\n call page_dirty(x) ;", condition: "exists (0:rax=1)"),
        Asked(
            testDescription: "a register that the fault handler writes", state: "[PTE(x)] = (oa:PA(x), p:0);",
            code: " P0 | P0.F ;\n movl (x),%eax | movl $1,%ebx ;\n | hlt ;", condition: "exists (0:rbx=0)"),
        Asked(
            testDescription: "a variable that nobody writes", state: "x = 0; y = 5;", code: load,
            condition: "exists (1:rax=2 /\\ y=4)", notes: [.notWritten(name: "[y]", state: "[y]=5")]),
        Asked(
            testDescription: "a variable that the filter reads and nobody writes", state: "x = 0; y = 5;", code: load,
            condition: "filter (y=5)\nexists (1:rax=2)", notes: [.notWritten(name: "[y]", state: "[y]=5")]),
        Asked(
            testDescription: "a variable that locations show and nobody writes", state: "x = 0; y = 5;", code: load,
            condition: "locations [y;]\nexists (1:rax=2)"),
        Asked(
            testDescription: "a variable that is written through a register", state: "x = 0; 0:rdi = x;",
            code: " P0 | P1 ;\n movl $1,(%rdi) | movl (x),%eax ;", condition: "exists (x=2)"),
        Asked(
            testDescription: "a variable that is written through a page",
            state: "[PTE(x)] = (oa:PA(y)); y = 0;", code: " P0 ;\n movl $1,(x) ;", condition: "exists (y=2)"),
        Asked(
            testDescription: "a variable that a locked operation writes through a page",
            state: "[PTE(x)] = (oa:PA(y)); y = 0;", code: " P0 ;\n lock incl (x) ;", condition: "exists (y=2)"),
        Asked(
            testDescription: "a lock", state: "l = 0;", code: " P0 ;\n call spin_lock(l) ;", condition: "exists (l=0)"),
        Asked(
            testDescription: "a field that software alone can write", state: page, code: write,
            condition: "exists ([PTE(x)].rw=0)",
            notes: [.notWritten(name: "[PTE(x)].rw", state: "[PTE(x)].rw=1")]),
        Asked(
            testDescription: "a field that hardware can write", state: page, code: " P0 ;\n movl (x),%eax ;",
            condition: "exists ([PTE(x)].d=1)"),
        Asked(
            testDescription: "a fault of a CPU that never touches the page", state: page, code: protect,
            condition: "exists (fault(P0,x))", notes: [.noAccess(fault: "fault(P0,x)")]),
        Asked(
            testDescription: "a fault that does not happen", state: "[PTE(x)] = (oa:PA(x));", code: write,
            condition: "exists (fault(P1,x))"),
        Asked(
            testDescription: "a thread that cannot be stuck", state: "x = 0;", code: load,
            condition: "exists (stuck(P1))",
            notes: [.cannotBlock(cpu: 1)]),
        Asked(
            testDescription: "a thread that could be stuck", state: "l = 0;",
            code: " P0 ;\n call spin_lock(l) ;", condition: "exists (stuck(P0))"),
        Asked(
            testDescription: "a thread that waits for an answer to its flush", state: page, code: protect,
            condition: "exists (stuck(P0))"),
        Asked(
            testDescription: "a filter that nothing passes", state: "x = 0;", code: load,
            condition: "filter (1:rax=7)\nforall (1:rax=9)", notes: [.filteredAll]),
        Asked(
            testDescription: "a filter that something passes", state: "x = 0;", code: load,
            condition: "filter (1:rax=2)\nforall (1:rax=2)"),
        Asked(
            testDescription: "a condition that asks for nothing", state: "x = 0;", code: load,
            condition: "forall (true)"
        ),
        Asked(
            testDescription: "a thing that equals itself", state: "x = 0;", code: load,
            condition: "exists (1:rax = 1:rax)", notes: [.constant(true)]),
        Asked(
            testDescription: "a thing with two values", state: "x = 0;", code: load,
            condition: "exists (1:rax=1 /\\ 1:rax=2)", notes: [.constant(false)]),
        Asked(
            testDescription: "a thing with one of two values", state: "x = 0;", code: load,
            condition: "exists (1:rax=1 \\/ 1:rax=2)"),
        Asked(
            testDescription: "fields of one entry that agree", state: page, code: protect,
            condition: "exists ([PTE(x)]=(rw:0) /\\ [PTE(x)]=(d:0))"),
    ]

    @Test(arguments: asked)
    func tells(asked: Asked) throws {
        #expect(try Self.verdict(asked.text, profile: "cet").notes == asked.notes)
        // The literal machine has the same to say.
        #expect(try Self.verdict(asked.text, profile: "cet", isReference: true).notes == asked.notes)
    }

    /// What a thread waits for that finishes in no run.
    @Test(arguments: [
        ("call wait_for(x, 2)", "x = 0;", ThreadWait.value), ("call spin_lock(x)", "x = 1;", .lock),
        ("L0: movl (x),%eax ; jmp L0", "x = 0;", .loop), ("movl (x),%eax", "[PTE(x)] = (p:0);", .fault),
        ("L0: jmp L0", "x = 0;", .loop),
    ])
    func tellsOfThreadsThatNeverFinish(code: String, state: String, wait: ThreadWait) throws {
        let lines = code.split(separator: ";").map { $0.trimmingCharacters() }
        let head = "X86_64 T\nFault=P0:retry\n{ \(state) y = 0; }\n P0 | P1 ;\n"
        func text(_ condition: String) -> String {
            head + lines.map { " \($0) | movl $1,(y) ;\n" }.joined() + condition + "\n"
        }
        let verdict = try Self.verdict(text("exists (y=1)"), profile: "cet")
        guard case .blocked(cpu: 0, let found, _)? = verdict.notes.first, verdict.notes.count == 1 else {
            Issue.record("\(verdict.notes)")
            return
        }
        #expect(found == wait)
        #expect(try Self.verdict(text("exists (stuck(P0))"), profile: "cet").notes.isEmpty, "that is what is asked")
    }

    @Test func saysNothingOfThreadsThatFinishInSomeRun() throws {
        let text = """
            X86_64 T
            { x = 0; l = 0; }
             P0                | P1                | P2                ;
             call spin_lock(l) | call spin_lock(l) | call spin_lock(l) ;
             movl $1,(x)       | movl $1,(x)       | movl $1,(x)       ;
            exists (x=1)
            """
        for reductions in [Set(Reduction.allCases), []] {
            var options = CheckOptions()
            options.reductions = reductions
            #expect(try Self.verdict(text, profile: "cet", options: options).notes == [])
        }
    }

    @Test func tellsThatCPUsHaveNoShadowStacks() throws {
        let text = Asked(
            testDescription: "", state: Self.page, code: Self.protect, condition: "exists (shadow_stack_exposed(x))"
        ).text
        #expect(try Self.verdict(text, profile: "cet").notes == [])
        #expect(
            try Self.verdict(text, profile: "late").notes == [.noShadowStacks(property: .shadowStackExposed, page: "x")]
        )
    }

    @Test func saysNothingWhenTheSearchDidNotEnd() throws {
        var options = CheckOptions()
        options.limits.maxStates = 1
        #expect(try Self.verdict(Self.asked[0].text, profile: "cet", options: options).notes == [])
    }

    /// Whatever the reductions, what no run does is the same.
    @Test(arguments: Reduction.allCases)
    func doesNotDependOnReductions(left out: Reduction) throws {
        for asked in Self.asked {
            var options = CheckOptions()
            options.reductions.remove(out)
            #expect(try Self.verdict(asked.text, profile: "cet", options: options).notes == asked.notes, "\(asked)")
        }
    }

    private static func verdict(
        _ text: String, profile name: String, isReference: Bool = false, options: CheckOptions = CheckOptions()
    ) throws -> Verdict {
        var options = options
        if isReference { options.usesReference = true }
        let checker = try TestChecker(try LitmusParser.parse(text))
        let profile = try #require(CPUProfile.builtIn.first { $0.name == name })
        let profiles = [CPUProfile](repeating: profile, count: checker.test.threads.count)
        return try checker.check(label: name, profiles: profiles, options: options)
    }
}

extension Substring {
    fileprivate func trimmingCharacters() -> String {
        String(drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
    }
}
