import Diagnostics
import Litmus
import PageTable
import TestSupport
import Testing
import X86

/// Holes in columns, and what `starts` and `ensures` say about them.
@Suite struct HoleTests {
    /// A test whose first column has one hole.
    static func test(
        _ hole: String = "??wp {in rdi; scratch rax; out al&64}", _ clauses: String = "", rest: String = ""
    ) -> String {
        Sample.test(
            state: "[PTE(x)] = (rw:1); 0:rdi = PTE(x);",
            program: " P0 | P1 ;\n \(hole) | movl $1,(x) ;\n\(rest)", "\(clauses)\n~exists (lost_dirty(x))")
    }

    private func hole(_ text: String) throws -> Hole { try #require(try parsed(Self.test(text)).holes.first) }
    private func ensured(_ clause: String) throws -> [Ensured] {
        try parsed(Self.test("??wp {scratch rax rcx; out rax rcx}", "ensures (\(clause))")).ensures
    }

    // MARK: The hole

    @Test func theExampleOfTheDescription() throws {
        let test = try parsed(
            Self.test(
                "??wp {in rdi; scratch rax rcx rdx; out al&64; flush no; loop yes}",
                "starts (rw:1, d:*, a:*, sd:0)\n"
                    + "ensures ([PTE(x)] = old with (rw:0, d:0, sd: old.sd \\/ old.d) /\\ al&64 = old.d)"))
        let hole = try #require(test.holes.first)
        #expect(hole.name == "wp" && hole.processor == 0 && hole.position == 0 && hole.labels.isEmpty)
        #expect(hole.span == SourceSpan(SourcePlace(line: 5, column: 2), length: 4))
        #expect(
            hole.contract
                == HoleContract(
                    inputs: [.rdi], scratch: [.rax, .rcx, .rdx], outputs: [HoleOutput(register: .rax, mask: 64)]))
        #expect(
            test.starts?.fields == [
                .init(name: .writable, value: 1), .init(name: .dirty, value: nil), .init(name: .accessed, value: nil),
                .init(name: .savedDirty, value: 0),
            ])
        let leaf = MemoryName.leaf(page: "x", space: nil)
        #expect(
            test.ensures == [
                Ensured(
                    .entry(
                        leaf,
                        [
                            .init(field: .writable, value: .constant(0)), .init(field: .dirty, value: .constant(0)),
                            .init(field: .savedDirty, value: .or(.old(.savedDirty), .old(.dirty))),
                        ])),
                Ensured(.output(.rax, mask: 64, .old(.dirty))),
            ])
        #expect(test.ensures.map { $0.span?.place.line } == [8, 8])
    }

    @Test func clausesThatAreLeftOut() throws {
        let contract = try hole("??wp {}").contract
        #expect(contract == HoleContract())
        #expect(!contract.mayFlush && contract.mayLoop && contract.mayLock && contract.mayFault)
        #expect(contract.length == nil && contract.only.isEmpty && contract.without.isEmpty)
    }

    @Test func allClausesInAnyOrder() throws {
        let contract = try hole(
            "??wp {without cmpxchg xchg; only andb XORB; length 16; fault no; lock no; loop no; flush yes; out ah; ;"
                + "scratch %rax, %rcx; in rdi,rsi;}"
        ).contract
        var expected = HoleContract(
            inputs: [.rdi, .rsi], scratch: [.rax, .rcx], outputs: [HoleOutput(register: .rax, mask: 0xff00)])
        (expected.mayFlush, expected.mayLoop, expected.mayLock, expected.mayFault) = (true, false, false, false)
        expected.length = 16
        expected.only = ["andb", "xorb"]
        expected.without = ["cmpxchg", "xchg"]
        #expect(contract == expected)
    }

    @Test(arguments: [
        ("al", 0xff), ("ah", 0xff00), ("ah&1", 0x100), ("eax", 0xffff_ffff), ("rax", UInt64.max),
        ("ax & 0x8000", 0x8000),
    ])
    func bitsThatAreReadBehindTheHole(text: String, mask: UInt64) throws {
        #expect(
            try hole("??wp {scratch rax; out \(text)}").contract.outputs == [HoleOutput(register: .rax, mask: mask)])
    }

    @Test func signsInBracesEndNeitherCellNorRow() throws {
        let test = try parsed(Self.test("??wp\n {in rdi;\n scratch rax; (* a | b *)\n\n loop no}", rest: " nop | ;\n"))
        #expect(test.holes.map { $0.contract.scratch } == [[.rax]])
        #expect(test.threads.map { $0.program.instructions.count } == [1, 1])
    }

    @Test func positionsAndLabels() throws {
        let test = try parsed(
            Sample.test(
                program: """
                     P1 | P0 ;
                     nop | A: ??a {} ;
                     B: ??b {} | ??b ;
                     C: nop | C: ;
                     ??a | D: nop ;
                     E: | ??c {} ;
                    """))
        #expect(test.holes.map(\.name) == ["a", "b", "c", "b", "a"])
        #expect(test.holes.map(\.processor) == [0, 0, 0, 1, 1])
        #expect(test.holes.map(\.position) == [0, 0, 1, 1, 2])
        #expect(test.holes.map(\.labels) == [["A"], ["A"], [], ["B"], []])
        #expect(test.threads[0].program.labels == ["A": 0, "C": 0, "D": 0])
        #expect(test.threads[1].program.labels == ["B": 1, "C": 1, "E": 2])
    }

    @Test func oneNameHasOneContract() throws {
        let row = { (first: String, second: String) in
            Sample.test(program: " P0 | P1 ;\n \(first) | \(second) ;\n")
        }
        let braces = "??wp {scratch rax; loop no}"
        for source in [row("??wp", braces), row(braces, "??wp"), row(braces, "??wp {loop no;\n scratch rax}")] {
            let holes = try parsed(source).holes
            #expect(holes.count == 2 && Set(holes.map(\.contract)).count == 1 && holes[0].contract.scratch == [.rax])
        }
    }

    @Test func holesAreTheSameWhereverTheyAreWritten() throws {
        let one = try parsed(Self.test())
        let other = try parsed(Self.test("\n ??wp{out al&64;scratch rax;in rdi}"))
        #expect(one.holes == other.holes && one.holes[0].span != other.holes[0].span)
        #expect(Set([one.holes[0], other.holes[0]]).count == 1)
        #expect(one.isSame(as: other) && one.testHash == other.testHash)
        let third = try parsed(Self.test("??wp {in rdi; scratch rax; out al&64; loop no}"))
        #expect(!one.isSame(as: third) && one.testHash != third.testHash)
    }

    // MARK: starts and ensures

    @Test func clausesStandAnywhereBeforeTheCondition() throws {
        let (starts, first, second) = ("starts (d:*)", "ensures ([PTE(x)]=old)", "ensures (al&64 == 0)")
        for clauses in [
            "\(starts) \(first) \(second) locations [x;] filter (true)",
            "locations [x;] \(first)\nfilter (true) \(starts) \(second)",
            "\(first) locations [x;] \(second) filter (true)\n\(starts)",
        ] {
            let test = try parsed(Self.test(clauses.isEmpty ? "" : "??wp {scratch rax; out al&64}", clauses))
            #expect(test.starts?.fields.count == 1 && test.ensures.count == 2)
            #expect(test.locations.count == 1 && test.filter != nil)
        }
    }

    @Test func entriesAfterwards() throws {
        let leaf = MemoryName.leaf(page: "x", space: nil)
        let empty = EntryLiteral(fields: [EntryField(name: "p", value: 0)])
        for text in ["[PTE(x)] = (p:0)", "PTE(x) = (p:0)", "pte_x=(p:0)"] {
            #expect(try ensured(text) == [Ensured(.constantEntry(leaf, empty))])
        }
        #expect(try ensured("[PTE(x)] = old") == [Ensured(.entry(leaf, []))])
        #expect(
            try ensured("[PTE(mm:x)] = old with (pkey: 15)") == [
                Ensured(
                    .entry(.leaf(page: "x", space: "mm"), [.init(field: .protectionKey, value: .constant(15))]))
            ])
    }

    @Test(arguments: [
        ("old.d", "old.d"), ("1", "1"), ("~old.d", "~old.d"), ("not ~0x1", "~~1"),
        ("old.d /\\ old.a /\\ 1", "old.d /\\ old.a /\\ 1"),
        ("old.d /\\ (old.a /\\ 1)", "old.d /\\ (old.a /\\ 1)"),
        ("old.d \\/ old.a /\\ old.sd", "old.d \\/ old.a /\\ old.sd"),
        ("(old.d \\/ old.a) /\\ old.sd", "(old.d \\/ old.a) /\\ old.sd"), ("~(old.d \\/ old.a)", "~(old.d \\/ old.a)"),
        ("old.d \\/ (old.a \\/ 1)", "old.d \\/ (old.a \\/ 1)"), ("((old.nx))", "old.nx"),
    ])
    func values(text: String, written: String) throws {
        let clause = try #require(try ensured("rax = \(text) /\\ rcx = 0").first)
        #expect(LitmusWriter.text(of: clause) == "rax = \(written)")
        #expect(try ensured(LitmusWriter.text(of: clause)) == [clause])
    }

    @Test func valuesAreNumbersBitByBit() throws {
        var entry = PageTableEntry(rawValue: 0)
        entry[.dirty] = 1
        entry[.protectionKey] = 0b1010
        func value(_ text: String) throws -> UInt64? {
            guard case .output(_, _, let value)? = try ensured("rax = \(text)").first?.subject else { return nil }
            return value.value(before: entry)
        }
        #expect(try value("old.d \\/ old.a") == 1)
        #expect(try value("old.d /\\ old.a") == 0)
        #expect(try value("~old.pkey /\\ 15") == 0b0101)
        #expect(try value("old.pkey \\/ 4") == 0b1110)
        #expect(try value("~old.d") == ~1)
    }

    @Test func theLanguagePageShowsATestThatIsOne() throws {
        let page = try Checkout.text("Documentation/litmus.md")
        let section = try #require(page.split(separator: "\n## ").first { $0.hasPrefix("Holes\n") })
        let example = try #require(section.split(separator: "```\n").dropFirst().first)
        let test = try parsed(String(example))
        #expect(test.holes.count == 1 && test.starts != nil && test.ensures.count == 2)
        for clause in ["in", "scratch", "out", "flush", "loop", "lock", "fault", "length", "only", "without"] {
            #expect(section.contains("| `\(clause) "), "\(clause)")
        }
    }

    // MARK: Writing

    @Test func whatTheWriterMakesOfAHole() throws {
        let text = LitmusWriter.text(of: try parsed(Sample.hole))
        let lines = text.split(separator: "\n").map { line in
            String(line).split(separator: " ", omittingEmptySubsequences: true).joined(separator: " ")
        }
        for line in [
            "L: ??wp {in rdi; scratch rax rcx rdx; out al&64 ah rcx; length 6; only andb; without xchg cmpxchgq}",
            "N: ??late {}",
        ] {
            #expect(lines.contains { $0.hasPrefix(line + " |") }, "\(text)")
        }
        for line in [
            "starts (rw:1, d:*, a:*, sd:0, pkey:3)",
            "ensures ([PTE(x)] = old with (rw: 0, d: 0, sd: old.sd \\/ old.d) /\\ al&64 = old.d"
                + " /\\ ah = ~(old.a /\\ 1) \\/ old.d /\\ old.pkey /\\ rcx = 0)",
        ] {
            #expect(lines.contains(line), "\(text)")
        }
    }

    @Test(arguments: ["flush yes", "loop no", "lock no", "fault no", "length 1", "only xchgb", "without andb orb", ""])
    func clausesSurvive(_ clause: String) throws {
        #expect(LitmusWriter.text(of: try hole("??wp {\(clause)}")) == "??wp {\(clause)}")
    }
}
