import Checker
import Diagnostics
import Litmus
import Machine
import TestSupport
import Testing

/// Pages of 2 MByte and 1 GByte, a table's frame as data, and runs that end where nothing is known; one rule at a time.
@Suite struct PageSizeTests {
    /// A test, and what it comes to on some CPUs.
    struct Case: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var head = ""
        var state: String
        /// Columns, instructions separated by `;`.
        var columns: [String]
        var condition: String
        var expected: [String: Observation] = [:]
        var all: Observation?

        var text: String {
            let cells = columns.map { $0.split(separator: ";").map { $0.trimmingCharacters(in: .whitespaces) } }
            let rows = (0..<(cells.map(\.count).max() ?? 0)).map { row in
                cells.map { row < $0.count ? $0[row] : "" }.joined(separator: " | ") + " ;"
            }
            let names = columns.indices.map { "P\($0)" }.joined(separator: " | ") + " ;"
            return "X86_64 case\n\(head)\n{ \(state) }\n\(names)\n\(rows.joined(separator: "\n"))\n\(condition)\n"
        }
    }

    private static let large = "[PMD(x)] = (oa:PA(x), ps:1); 0:rdi = PMD(x); 0:r8 = (table:PT(x));"
    private static let reused = "[PMD(x)] = (table:PT(x)); [PMD(y)] = (table:PT(y)); [PTE(x)] = (p:0);"

    static let cases: [Case] = [
        // The leaf decides: rights of all levels, A before the TLB is filled, P=0 whatever PS says.
        Case(
            testDescription: "a read-only PUD above a writable large PMD",
            state: "[PUD(x)] = (rw:0); [PMD(x)] = (ps:1);",
            columns: ["movl $1,(x)"], condition: "exists (fault(P0,x))", all: .always),
        Case(
            testDescription: "A of a large leaf is set before the access",
            state: "[PMD(x)] = (ps:1, a:0, d:0); 0:rdi = PMD(x);",
            columns: ["movl (x),%eax"], condition: "exists ([PMD(x)]=(ps:1, a:1, d:0))", all: .always),
        Case(
            testDescription: "D is set in the entry that maps the page",
            state: "[PUD(x)] = (ps:1, d:0); [PMD(x)] = (ps:1, d:0);", columns: ["movl $1,(x)"],
            condition: "exists ([PUD(x)].d=1 /\\ [PMD(x)].d=0)", all: .always),
        Case(
            testDescription: "P=0 with PS=1 is not present", state: "[PMD(x)] = (p:0, ps:1);",
            columns: ["movl (x),%eax"], condition: "exists (fault(P0,x))", all: .always),
        Case(
            testDescription: "a user reads a kernel's large page", state: "[PMD(x)] = (ps:1, us:0); 0:cpl = 3;",
            columns: ["movl (x),%eax"], condition: "exists (fault(P0,x))", all: .always),
        // Reserved bits.
        Case(
            testDescription: "PS of the root's level", state: "[PGD(x)] = (a:0); 0:rdi = PGD(x);",
            columns: ["movq (%rdi),%rax; orq $160,%rax; movq %rax,(%rdi); mfence; call flush_tlb_mm(); movl (x),%eax"],
            condition: "exists (fault(P0,x))", all: .always),
        Case(
            testDescription: "a misaligned block: A is not set, and the fault goes away with the bit",
            head: "Region=x z y",
            state: "[PMD(x)] = (table:PT(x)); [PTE(z)] = (d:0); [PTE(y)] = (d:0); 0:rdi = PMD(x); 0:rsi = PTE(y);",
            columns: [
                "movq (%rsi),%rax; orq $128,%rax; andq $-33,%rax; movq %rax,(%rdi); mfence; movq (%rdi),%rbx; andl $32,%ebx"
            ], condition: "exists (0:rbx=32)", all: .never),
        Case(
            testDescription: "a fault on a reserved bit is tried again when P is cleared",
            head: "Fault=P1:retry\nRegion=x z y",
            state:
                "[PMD(x)] = (p:0); [PTE(z)] = (d:0); [PTE(y)] = (d:0); 0:rdi = PMD(x); 0:rsi = PTE(y); 0:r8 = (table:PT(x));",
            columns: ["movq (%rsi),%rax; orq $128,%rax; movq %rax,(%rdi); movq %r8,(%rdi)", "movl (x),%eax"],
            condition: "exists (stuck(P1))", all: .never),
        // Invalidations by size.
        Case(
            testDescription: "INVLPG of one page drops the large translation of the other", head: "Region=x y",
            state: "[PMD(x)] = (ps:1); [PMD(y)] = (ps:1); 0:rdi = PMD(x); 1:mm = child;",
            columns: ["movl (y),%ecx; movq $0,(%rdi); mfence; invlpg (y); call free_frame(x); movl (x),%eax", "nop"],
            condition: "exists (stale_frame(x))", all: .never),
        Case(
            testDescription: "a range of 1 GByte with one stride drops what its first address covers",
            head: "Region=x | y",
            state: "[PUD(x)] = (ps:1); [PUD(y)] = (ps:1); [PMD(x)] = (p:0); 0:rdi = PUD(x);",
            columns: ["movq $0,(%rdi); call flush_tlb_range(y,1G,1G,0); call free_frame(y)", "movl (y),%eax"],
            condition: "exists (stale_frame(y))", all: .never),
        Case(
            testDescription: "the same of 2 MByte leaves drops those of the first region alone", head: "Region=x | y",
            state: "[PMD(x)] = (ps:1); [PMD(y)] = (ps:1); 0:rdi = PMD(y);",
            columns: ["movq $0,(%rdi); call flush_tlb_range(y,1G,1G,0); call free_frame(y)", "movl (y),%eax"],
            condition: "exists (stale_frame(y))", all: .sometimes),
        Case(
            testDescription: "a global large translation outlives a CR3 load", head: "Region=x y",
            state: "[PMD(x)] = (ps:1, g:1); [PMD(y)] = (ps:1, g:1); 0:rdi = PMD(x); 0:rcx = mm;",
            columns: ["movl (x),%eax; movq $0,(%rdi); movq %rcx,%cr3; call free_frame(y); movl (y),%eax"],
            condition: "exists (stale_frame(y))", all: .sometimes),
        Case(
            testDescription: "INVLPG drops it", head: "Region=x y",
            state: "[PMD(x)] = (ps:1, g:1); [PMD(y)] = (ps:1, g:1); 0:rdi = PMD(x);",
            columns: ["movl (x),%eax; movq $0,(%rdi); mfence; invlpg (x); call free_frame(y); movl (y),%eax"],
            condition: "exists (stale_frame(y))", expected: ["adl": .sometimes], all: .never),
        // Two sizes at once.
        Case(
            testDescription: "a size conflict needs an access", state: large + " [PTE(x)] = (oa:PA(x)); z = 0;",
            columns: ["movq %r8,(%rdi)", "movl (z),%eax"], condition: "exists (size_conflict(x))", all: .never),
        Case(
            testDescription: "two sizes that map different frames differ",
            state: large + " [PTE(x)] = (oa:PA(s)); s = 0;",
            columns: ["movq %r8,(%rdi)", "movl (x),%eax"], condition: "exists (size_mismatch(x))", all: .sometimes),
        Case(
            testDescription: "NX is a right, too", state: large + " [PTE(x)] = (oa:PA(x), nx:1);",
            columns: ["movq %r8,(%rdi)", "movl (x),%eax"], condition: "exists (size_mismatch(x))", all: .sometimes),
        Case(
            testDescription: "two sizes of one page, and which is used",
            state: large + " [PTE(x)] = (oa:PA(s)); s = 7;",
            columns: ["movq %r8,(%rdi)", "movl (x),%eax; movl (x),%ebx"], condition: "exists (1:rax=7 /\\ 1:rbx=0)",
            all: .sometimes),
        Case(
            testDescription: "after the flush only the small one is there",
            state: large + " [PTE(x)] = (oa:PA(s)); s = 7;",
            columns: ["movq %r8,(%rdi); call flush_tlb_page(x); movl (x),%eax"], condition: "forall (0:rax=7)",
            all: .always),
        // What is said of pages looks at the leaf that maps them.
        Case(
            testDescription: "a large leaf makes shadow stacks of all pages", head: "Region=x y",
            state: "[PMD(x)] = (ps:1, d:0, rw:0); [PMD(y)] = (ps:1, d:0, rw:0); 0:rdi = PMD(x);",
            columns: ["lock orb $64,(%rdi)"], condition: "exists (kernel_shadow_stack(x) /\\ kernel_shadow_stack(y))",
            all: .always),
        Case(
            testDescription: "a table pointer with W=0, D=1 is none", state: "[PMD(x)] = (d:0); 0:rdi = PMD(x);",
            columns: ["lock andb $-3,(%rdi); lock orb $64,(%rdi)"], condition: "exists (kernel_shadow_stack(x))",
            all: .never),
        Case(
            testDescription: "D of the block that is mapped counts, not that of a detached leaf",
            state: "[PMD(x)] = (ps:1, d:0); [PTE(x)] = (d:1); 0:rdi = PMD(x);",
            columns: ["movl $1,(x); mfence; lock andb $-65,(%rdi)"], condition: "exists (lost_dirty(x))", all: .always),
        Case(
            testDescription: "SavedDirty of a large leaf counts",
            state: "[PMD(x)] = (ps:1, d:1, sd:1); 0:rdi = PMD(x);",
            columns: ["movl $1,(x); mfence; lock andb $-65,(%rdi)"], condition: "exists (lost_dirty(x))", all: .never),
        // Tables as data.
        Case(
            testDescription: "a table's frame is read and written through a page", head: "Region=x | y",
            state: reused + " [PTE(y)] = (oa:PT(x)); 0:r9 = (oa:PA(s)); 0:rsi = PTE(x); s = 0;",
            columns: ["movq %r9,(y); mfence; movq (%rsi),%rax; movq (y),%rbx"],
            condition: "forall (0:rax=(oa:PA(s)) /\\ 0:rbx=(oa:PA(s)))", all: .always),
        Case(
            testDescription: "a user's store to its own page table maps what it likes", head: "Region=x | y",
            state: reused + " [PTE(y)] = (oa:PT(x)); 0:r9 = (oa:PA(s)); s = 7;",
            columns: ["movq %r9,(y); movl (x),%eax"], condition: "exists (0:rax=7)", all: .always),
        Case(
            testDescription: "that table's entry is changed by software, so a stale table is seen",
            head: "Region=x | y",
            state: reused + " [PTE(y)] = (oa:PT(x));",
            columns: ["call free_table(PT(x)); movq $0,(y)"], condition: "exists (stale_table(PT(x)))", all: .always),
        // Runs that end where nothing is known.
        Case(
            testDescription: "a leaf that maps nothing, and no access",
            state: "[PMD(x)] = (p:0); 0:r9 = 0x7fff000067; 0:rsi = PTE(x); 0:rdi = PMD(x); 0:r8 = (table:PT(x));",
            columns: ["movq %r9,(%rsi); movq %r8,(%rdi)", "nop"], condition: "exists (wild(P0) \\/ wild(P1))",
            all: .never),
        Case(
            testDescription: "a walker follows an entry to nothing, at any time",
            state: "[PMD(x)] = (table:PT(x)); 0:rdi = PMD(x); 0:r9 = 0x7fff000067;",
            columns: ["movq %r9,(%rdi); mfence; movq (%rdi),%rax", "nop"], condition: "exists (wild(P1))",
            all: .sometimes),
        Case(
            testDescription: "a table of another level is nothing, too",
            state: "[PUD(x)] = (table:PD(x)); 0:rdi = PUD(x); 0:r9 = (table:PT(x));",
            columns: ["movq %r9,(%rdi); call flush_tlb_mm(); movl (x),%eax"], condition: "exists (wild(P0))",
            all: .always),
        Case(
            testDescription: "a wild run is not stuck",
            state: "[PMD(x)] = (table:PT(x)); 0:rdi = PMD(x); 0:r9 = 0x7fff000067;",
            columns: ["movq %r9,(%rdi); call flush_tlb_mm(); movl (x),%eax; movl $1,%ebx"],
            condition: "exists (stuck(P0) \\/ ~wild(P0) /\\ 0:rbx=1)", all: .never),
        Case(
            testDescription: "a store that was still buffered when the run went wild",
            state: "[PMD(y)] = (table:PT(y)); [PTE(x)] = (oa:PA(x)); 0:rdi = PTE(y); 0:r9 = 0x7fff000067;",
            columns: ["movq %r9,(%rdi); mfence; movl $1,(x); movl $1,%ecx; movl (y),%eax", "nop"],
            condition: "exists (wild(P0) /\\ 0:rcx=1 /\\ ~written(x))", all: .sometimes),
        Case(
            testDescription: "a stale write into a table", head: "Region=x | w",
            state: "[PTE(x)] = (oa:PT(w), g:1); [PMD(w)] = (table:PT(w)); 0:rdi = PTE(x);",
            columns: ["lock andb $-3,(%rdi); call flush_tlb_page(x)", "movb $0x67,(x)"],
            condition: "exists (stale_write(x))", expected: ["amd-broadcast": .sometimes, "cet": .never]),
        Case(
            testDescription: "a block has nothing where no page of it is", head: "Region=x y | X",
            state: "[PMD(x)] = (oa:PA(X), ps:1); [PMD(y)] = (oa:PA(X), ps:1);",
            columns: ["movl (x),%eax; movl (y),%eax"],
            condition: "exists (wild(P0))", all: .always),
        Case(
            testDescription: "stale_table alone is enough where it is true in every wild run", head: "Region=x | y",
            state: reused + " [PTE(y)] = (oa:PT(x)); 0:r9 = 0x7fff000067;",
            columns: ["call free_table(PT(x)); movq %r9,(y); movl (x),%eax"], condition: "exists (stale_table(PT(x)))",
            all: .always),
    ]

    private static let unusual = TableWalkTests.unusual

    @Test(arguments: cases)
    func verdictsAndBothSearches(_ one: Case) throws {
        let checker = try TestChecker(LitmusParser.parse(one.text))
        for profile in CPUProfile.shipped + Self.unusual where profile.name != "herd7" {
            let cpus = [CPUProfile](repeating: profile, count: one.columns.count)
            var options = CheckOptions()
            options.limits.maxStates = 20_000
            let fast = try checker.check(label: profile.name, profiles: cpus, options: options)
            if let expected = one.expected[profile.name] ?? one.all, CPUProfile.shipped.contains(profile) {
                #expect(fast.observation == expected, "\(profile.name)\n\(one.text)")
            }
            options.usesReference = true
            let slow = try checker.check(label: profile.name, profiles: cpus, options: options)
            guard slow.end == .complete else { continue }
            #expect(Set(fast.states) == Set(slow.states), "\(profile.name)\n\(one.text)")
        }
    }

    /// What a test is refused with before it runs.
    @Test(arguments: [
        (
            Case(
                testDescription: "speculation would be a way out of the loop",
                state: "[PMD(x)] = (table:PT(x)); 0:rdi = PMD(x); 0:r9 = 0x7fff000067; f = 0;",
                columns: ["movq %r9,(%rdi); L: movl (f),%eax; testl %eax,%eax; je L"],
                condition: "exists (stuck(P0) /\\ ~wild(P0))"), "a loop or a fault handler", "wait_for"
        )
    ])
    func refusalsAtOnce(_ one: Case, _ message: String, _ remedy: String) throws {
        let error = #expect(throws: Diagnostic.self) {
            try TestChecker(LitmusParser.parse(one.text, file: "case.litmus"), file: "case.litmus")
        }
        #expect(error?.message.contains(message) == true, "\(error.map { "\($0)" } ?? "")")
        #expect(error?.remedy?.contains(remedy) == true, "\(error.map { "\($0)" } ?? "")")
        #expect((error?.place?.line ?? 0) > 1)
    }

    /// The same where the loop is in the handler of an interrupt.
    @Test
    func refusalOfALoopInAnInterruptsHandler() {
        let text = """
            X86_64 loop
            { [PMD(x)] = (table:PT(x)); f = 0; }
             P0                | P1            | P1.I             ;
             call send_ipi(P1) | movl (x),%eax | L: movl (f),%ecx ;
                               |               | cmpl $0,%ecx     ;
                               |               | jne L            ;
                               |               | iretq            ;
            exists (wild(P1))
            """
        let error = #expect(throws: Diagnostic.self) {
            try TestChecker(LitmusParser.parse(text, file: "case.litmus"), file: "case.litmus")
        }
        #expect(error?.message.contains("a loop or a fault handler") == true)
    }

    /// Of a thread whose runs all end wild it is not known whether it would have finished.
    @Test func aWildRunSaysNothingOfThreads() throws {
        let one = Case(
            testDescription: "", state: "[PMD(y)] = (table:PT(y)); 0:rdi = PTE(y); 0:r9 = 0x7fff000067;",
            columns: ["movq %r9,(%rdi); invlpg (y); movl (y),%eax"], condition: "exists (~wild(P0))")
        let checker = try TestChecker(LitmusParser.parse(one.text))
        let verdict = try checker.check(label: "cet", profiles: [CPUProfile.builtIn[0]])
        #expect(verdict.observation == .never)
        #expect(verdict.notes.isEmpty, "\(verdict.notes)")
    }

    /// What a test is refused with when it runs.
    @Test(arguments: [
        (
            Case(
                testDescription: "a wild walk that nobody asks about",
                state: "[PMD(x)] = (table:PT(x)); 0:rdi = PMD(x); 0:r9 = 0x7fff000067;",
                columns: ["movq %r9,(%rdi)", "movl $1,(z)"], condition: "exists (z=1)"),
            "whose frame is not a table of the level below", "wild(P"
        ),
        (
            Case(
                testDescription: "a wild access that nobody asks about",
                state: "[PMD(x)] = (a:0); [PTE(x)] = 0x7fff000067;",
                columns: ["movl (x),%eax"], condition: "exists (0:rax=1)"), "belongs to nothing in the test", "wild(P0)"
        ),
        (
            Case(
                testDescription: "no Never of a table in runs that ended before", head: "Region=x | y",
                state: "[PMD(x)] = (a:0); [PMD(y)] = (a:0); [PTE(y)] = 0x7fff000067;",
                columns: ["movl (y),%eax; call free_table(PT(x)); movl (x),%eax"],
                condition: "exists (stale_table(PT(x)))"), "how such a run goes on is not known", "wild(P0)"
        ),
        (
            Case(
                testDescription: "NX above leaves", state: large + " [PUD(x)] = (table:PD(x), nx:1); [PTE(x)] = (d:0);",
                columns: ["movq %r8,(%rdi); movl (x),%eax"], condition: "exists (size_mismatch(x))"),
            "has NX=1, and size_mismatch is asked", "set nx in leaves"
        ),
        (
            Case(
                testDescription: "an address inside a large page", state: "[PMD(x)] = (ps:1); 0:rdi = x;",
                columns: ["invlpg 8192(%rdi)"], condition: "exists (fault(P0,x))"),
            "at which the test has no page", "Region=x y"
        ),
        (
            Case(
                testDescription: "a slot of a table that no page has", head: "Region=x | y",
                state: reused + " [PTE(y)] = (oa:PT(x)); int y[4] = {0, 0, 0, 0}; 0:rsi = y;",
                columns: ["movq 8(%rsi),%rax"], condition: "exists (0:rax=1)"), "where no page has an entry", "Region="
        ),
    ])
    func refusals(_ one: Case, _ message: String, _ remedy: String) throws {
        let checker = try TestChecker(LitmusParser.parse(one.text, file: "case.litmus"), file: "case.litmus")
        let cpus = [CPUProfile](repeating: CPUProfile.builtIn[0], count: one.columns.count)
        for usesReference in [false, true] {
            var options = CheckOptions()
            options.usesReference = usesReference
            let error = #expect(throws: Diagnostic.self) {
                try checker.check(label: "cet", profiles: cpus, options: options)
            }
            #expect(error?.message.contains(message) == true, "\(error.map { "\($0)" } ?? "")")
            #expect(error?.remedy?.contains(remedy) == true, "\(error.map { "\($0)" } ?? "")")
        }
    }
}
