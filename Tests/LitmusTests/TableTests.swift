import Litmus
import Testing
import X86

/// Entries above the leaf, and the tables that they point to.
@Suite struct TableTests {
    private func value(_ text: String) throws -> Value.Kind? {
        try parsed(Sample.test(state: "0:rax = \(text);")).initializations.first?.values.first?.kind
    }

    @Test(arguments: [
        ("PMD(x)", MemoryName.upperEntry(.pmd, page: "x", space: nil)),
        ("PUD(child:x)", .upperEntry(.pud, page: "x", space: "child")),
        ("PGD(x)", .upperEntry(.pgd, page: "x", space: nil)), ("pmd_x", .upperEntry(.pmd, page: "x", space: nil)),
        ("pud_x1", .upperEntry(.pud, page: "x1", space: nil)), ("pgd_x", .upperEntry(.pgd, page: "x", space: nil)),
        ("pmd_1", .variable("pmd_1")), ("pmdx", .variable("pmdx")), ("p4d_x", .variable("p4d_x")),
    ])
    func namesOfEntries(_ text: String, _ name: MemoryName) throws {
        #expect(try value(text) == .address(name))
        #expect(try parsed(Sample.test(state: "[\(text)] = 0;")).initializations[0].location == .memory(name, index: 0))
    }

    @Test(arguments: [
        ("PT(x)", TableName(.pte, page: "x")), ("PD(child:x)", TableName(.pmd, page: "x", space: "child")),
        ("PDPT(mm:x)", TableName(.pud, page: "x", space: "mm")),
    ])
    func namesOfTables(_ text: String, _ name: TableName) throws {
        #expect(try value("(table:\(text), rw:0)") == .entry(.init(fields: [.init(name: "rw", value: 0)], table: name)))
        #expect(TableName(text: text) == name)
        #expect(name.text == text)
        let condition = try parsed(Sample.test(state: "x=0;", "exists (stale_table(\(text)))")).condition.proposition
        #expect(condition == .tableProperty(.staleTable, name))
        #expect(LitmusWriter.text(of: condition) == "stale_table(\(text))")
    }

    @Test(arguments: [
        "x", "PMD(x)", "PT(x", "PT()", "PT(:x)", "PT(a:b:x)", "PT(PT(x))", "PT(1x)", "(x)", "",
    ])
    func whatIsNoTable(_ text: String) { #expect(TableName(text: text) == nil) }

    @Test(arguments: [
        ("(oa:PA(x), ps:1)", EntryLiteral(frame: "x", fields: [.init(name: "ps", value: 1)])),
        ("(ps:1, p:0)", .init(fields: [.init(name: "ps", value: 1), .init(name: "p", value: 0)])),
        ("(oa:PT(x))", .init(frameOfTable: TableName(.pte, page: "x"))),
        (
            "(rw:0, oa:PD(child:x))",
            .init(fields: [.init(name: "rw", value: 0)], frameOfTable: TableName(.pmd, page: "x", space: "child"))
        ),
    ])
    func largePagesAndFramesOfTables(_ text: String, _ literal: EntryLiteral) throws {
        #expect(try value(text) == .entry(literal))
        let written = LitmusWriter.text(of: .entry(literal))
        #expect(try value(written) == .entry(literal))
        #expect(literal.isLarge == text.contains("ps:1"))
        #expect(literal.namesTarget == text.contains("oa:"))
        let condition = try parsed(Sample.test(state: "x=0;", "exists ([PMD(z)]=(oa:PA(x), ps:1, d:1))")).condition
            .proposition
        #expect(LitmusWriter.text(of: condition) == "[PMD(z)]=(oa:PA(x), ps:1, d:1)")
    }

    @Test func pagesOfARegionNameOneBlock() throws {
        let state = "[PMD(x)]=(oa:PA(x), ps:1); [PMD(y)]=(oa:PA(y), ps:1); [PMD(y)]=(ps:1); [PMD(x)]=(oa:PA(y), ps:1);"
        #expect(try parsed(Sample.test(head: "Region=x y", state: state)).initializations.count == 4)
    }

    @Test func propertiesOfSizesAndWildRuns() throws {
        let text = "exists (size_conflict(x) /\\ size_mismatch(x) /\\ ~wild(P0))"
        let condition = try parsed(Sample.test(state: "x=0;", text)).condition.proposition
        let parts = [
            Proposition.property(.sizeConflict, page: "x"), .property(.sizeMismatch, page: "x"),
            .not(.wild(processor: 0)),
        ]
        #expect(condition == .and(parts))
        #expect(LitmusWriter.text(of: condition) == "size_conflict(x) /\\ size_mismatch(x) /\\ ~(wild(P0))")
    }

    @Test func levelsAreInOrder() {
        #expect(EntryLevel.allCases.map(\.rawValue) == [1, 2, 3, 4])
        for level in EntryLevel.allCases {
            #expect(EntryLevel(entrySpelling: level.entrySpelling) == level)
            #expect(level.tableSpelling.map { EntryLevel(tableSpelling: $0) == level } ?? (level == .pgd))
            #expect(level.above?.below ?? level == level)
        }
        #expect(EntryLevel.all(of: 5).map(\.rawValue) == [1, 2, 3, 4, 5])
        for level in EntryLevel.all(of: 5) {
            #expect(EntryLevel(entrySpelling: level.entrySpelling, of: 5) == level)
            #expect(EntryLevel(rawValue: level.rawValue, of: 5) == level)
            #expect(level.above(of: 5)?.below ?? level == level)
            #expect(level.isOfRoot == (level.tableSpelling == nil))
        }
    }

    @Test func entriesHaveALevelAPageAndASpace() throws {
        #expect(MemoryName.entry(.pte, page: "x", space: nil) == .leaf(page: "x", space: nil))
        #expect(MemoryName.variable("x").entry == nil && MemoryName.frame("x").entry == nil)
        let entry = try #require(MemoryName.entry(.pud, page: "x", space: "mm").entry)
        #expect(entry == (.pud, "x", nil))
    }

    @Test func columnsNameEntriesAndTables() throws {
        let test = try parsed(Sample.tables)
        #expect(test.threads[1].program.symbolReferences.map(\.symbol) == ["PMD(x)", "PGD(x)", "y", "z"])
        let arguments = test.threads[0].program.instructions.compactMap { instruction in
            if case .service(_, let arguments) = instruction.request(RegisterFile()) { arguments } else { nil }
        }
        #expect(arguments == [[], ["x"], [], ["x", "2M", "4K", "1"], [], ["PT(child:x)"]])
    }

    @Test func whatIsSetTwiceAlikeIsSet() throws {
        let state = "[PMD(x)]=(table:PT(x)); [PMD(mm:y)]=(table:PT(y)); [PMD(x)]=(table:PT(y)); x; y;"
        let test = try parsed(Sample.test(head: "Region=x y", state: state))
        #expect(test.initializations.count == 5)
        #expect(throws: Never.self) {
            _ = try parsed(Sample.test(head: "Region=x | z", state: "[PMD(x)]=(p:0); [PMD(z)]=(rw:0);"))
            _ = try parsed(Sample.test(head: "Region=x || z", state: "[PUD(x)]=(p:0); [PUD(z)]=(rw:0);"))
            _ = try parsed(Sample.test(state: "[PMD(x)]=(p:0); [PMD(child:x)]=(rw:0);"))
        }
    }

    @Test(arguments: [
        FaultCase(
            Sample.test(state: "PMD(x)=(oa:PA(x));"), "maps a frame only as a large page", at: "(oa:PA(x))",
            remedy: "`(oa:PA(x), ps:1)`, or `(table:PT(x))`"),
        FaultCase(
            Sample.test(state: "PMD(x)=(oa:PT(y));"), "maps a frame only as a large page", at: "(oa:PT(y))",
            remedy: "`(oa:PA(x), ps:1)`"),
        FaultCase(
            Sample.test(state: "PGD(x)=(oa:PA(x));"), "maps a frame only as a large page", at: "(oa:PA(x))",
            remedy: "write `(table:PDPT(x))`"),
        FaultCase(
            Sample.test(state: "PGD(x)=(oa:PA(x), ps:1);"), "`ps` is reserved", at: "(oa:PA(x), ps:1)",
            remedy: "`PMD(x)` and `PUD(x)`"),
        FaultCase(
            Sample.test(state: "PMD(x)=(table:PT(x), ps:1);"), "points to no table", at: "ps",
            remedy: "`(table:PT(x))` without `ps`, or `(oa:PA(x), ps:1)`"),
        FaultCase(
            Sample.test(state: "0:rax=(oa:PT(x), ps:1);"), "not the base of a block", at: "ps",
            remedy: "write `(oa:PT(x))` into a PTE"),
        FaultCase(
            Sample.test(state: "0:rax=(oa:PA(x), ps:1, pat:1);"), "`ps` and `pat`, which are one bit", at: "ps",
            remedy: "`pat` in a leaf"),
        FaultCase(Sample.test(state: "0:rax=(oa:PA(x), oa:PT(x));"), "gives `oa` twice", at: "oa"),
        FaultCase(
            Sample.test(state: "0:rax=(oa:PT(x), table:PT(x));"), "both `table` and `oa`", at: ")", remedy: "`oa:PT(x)`"
        ),
        FaultCase(Sample.test(state: "0:rax=(oa:PT(1));"), "expected a variable", at: "1"),
        FaultCase(
            Sample.test(state: "[PTE(x)]=(oa:PA(x), ps:1);"), "`ps` belongs to entries above", at: "(oa:PA(x), ps:1)"),
        FaultCase(
            Sample.test(head: "Region=x y", state: "[PMD(x)]=(oa:PA(x), ps:1); [PMD(y)]=(ps:1, rw:0);"),
            "`[PMD(y)]` was set otherwise in line 3, as `[PMD(x)]`", at: "[PMD(y)]=(ps:1, rw:0)", remedy: "one word"),
        FaultCase(
            Sample.test(state: "PUD(x)=(table:PT(x));"), "which holds PTEs", at: "(table:PT(x))",
            remedy: "(table:PD(x))"),
        FaultCase(
            Sample.test(state: "PMD(x)=(table:PDPT(z));"), "which holds PUDs", at: "(table:PDPT(z))",
            remedy: "(table:PT(z))"),
        FaultCase(Sample.test(state: "PMD(x)=(table:PD(x));"), "a table of its own level", at: "(table:PD(x))"),
        FaultCase(Sample.test(state: "PMD(x)=(table:PT(x), oa:PA(x));"), "both `table` and `oa`", at: ")"),
        FaultCase(Sample.test(state: "0:rax=(table:x);"), "`x` is not a table", at: "x", remedy: "`PT(x)`"),
        FaultCase(Sample.test(state: "0:rax=(table:PMD(x));"), "is not a table", at: "PMD", remedy: "`PD(x)`"),
        FaultCase(Sample.test(state: "0:rax=(table:PGD(x));"), "is not a table", at: "PGD", remedy: "`PDPT(x)`"),
        FaultCase(Sample.test(state: "0:rax=(table:PML4(x));"), "five page-table levels", at: "PML4"),
        FaultCase(Sample.test(state: "0:rax=(table:PT(x), table:PT(y));"), "gives `table` twice", at: "table"),
        FaultCase(
            Sample.test(state: "0:rax=(oa:PA(x), ps:0);"), "`ps` belongs to entries above", at: "ps", remedy: "`pat`"),
        FaultCase(Sample.test(state: "PTE(x)=(ps:0);"), "`ps` belongs to entries above", at: "(ps:0)"),
        FaultCase(Sample.test(state: "PMD(x)=(pat:1);"), "has no field `pat`", at: "(pat:1)", remedy: "`ps`"),
        FaultCase(Sample.test(state: "0:rax=PT(x);"), "is a table, not a place", at: "PT", remedy: "`PTE(x)`"),
        FaultCase(Sample.test(state: "[PD(x)]=1;"), "is a table, not a place", at: "PD", remedy: "`PMD(x)`"),
        FaultCase(Sample.test(state: "[PMD(x)].a=1;"), "sets whole entries", at: "a"),
        FaultCase(
            Sample.test(head: "Region=x y", state: "[PMD(x)]=(p:0); [PMD(y)]=(table:PT(y));"),
            "`[PMD(y)]` was set otherwise in line 3, as `[PMD(x)]`", at: "[PMD(y)]=(table:PT(y))", remedy: "one word"),
        FaultCase(
            Sample.test(state: "[PUD(x)]=(p:0); [PUD(y)]=(rw:0);"), "`[PUD(y)]` was set otherwise",
            at: "[PUD(y)]=(rw:0)", remedy: "one word"),
        FaultCase(
            Sample.test(head: "Region=x | y", state: "[PMD(x)]=(table:PT(x)); [PMD(x)]=(table:PT(y));"),
            "`[PMD(x)]` was set otherwise", at: "[PMD(x)]=(table:PT(y))"),
        FaultCase(Sample.test(state: "x=0;", "exists (stale_table(x))"), "is about a table", at: "x", remedy: "PT(x)"),
        FaultCase(Sample.test(state: "x=0;", "exists (stale_table(PMD(x)))"), "is not a table", at: "PMD"),
        FaultCase(Sample.test(state: "x=0;", "exists (stale_table(PT(q)))"), "does not use `q`", at: "PT(q)"),
        FaultCase(Sample.test("exists (stale_table(1))"), "expected a table", at: "1", remedy: "PT(x)"),
        FaultCase(Sample.test(state: "x=0;", "exists (lost_dirty(PT(x)))"), "is about a page", at: "PT"),
        FaultCase(Sample.test("exists (PT(x)=1)"), "is a table", at: "PT"),
        FaultCase(
            Sample.test("exists ([PMD(x)].oa=PA(x))"), "not compared as a field", at: "oa",
            remedy: "`[PMD(x)]=(table:PT(x))` or `=(oa:PA(x), ps:1)`"),
        FaultCase(
            Sample.test("exists ([PUD(x)].table=PD(x))"), "not compared as a field", at: "table", remedy: "PD(x)"),
        FaultCase(Sample.test("exists ([PTE(x)].table=PT(x))"), "not compared as a field", at: "table", remedy: "oa"),
        FaultCase(Sample.test("exists ([PMD(x)].pat=0)"), "has no field `pat`", at: "pat"),
        FaultCase(Sample.test("exists ([PTE(x)].ps=0)"), "`ps` belongs to", at: "ps"),
        FaultCase(Sample.test("exists ([PMD(x)]=(table:PD(x)))"), "its own level", at: "(table:PD(x))"),
        FaultCase(Sample.test("exists ([PTE(x)]=(table:PT(x)))"), "does not point to a table", at: "(table:PT(x))"),
        FaultCase(Sample.test("exists ([PMD(x).x]=1)"), "expected `]`", at: "."),
    ])
    func faults(_ fault: FaultCase) { fault.check() }
}

/// `Region=`.
@Suite struct RegionTests {
    private func regions(_ value: String) throws -> [[[String]]]? {
        let state = "a; b; c; d; e;"
        return try parsed(Sample.test(head: "Region=\(value)", state: state)).regions?.ranges
    }

    @Test func regionsAndRanges() throws {
        #expect(try regions("a") == [[["a"]]])
        #expect(try regions("a b | c || d") == [[["a", "b"], ["c"]], [["d"]]])
        #expect(try regions("a,b|c||d\t|  e ") == [[["a", "b"], ["c"]], [["d"], ["e"]]])
        #expect(try parsed(Sample.test()).regions == nil)
    }

    @Test func placesOfPages() throws {
        let regions = Regions(ranges: [[["a", "b"], ["c"]], [["d"]]])
        let places = Regions.coordinates(of: ["a", "b", "c", "d", "e", "f"], in: regions)
        func place(_ name: String) -> [Int] {
            [places[name]?.pud ?? -1, places[name]?.pmd ?? -1, places[name]?.pte ?? -1]
        }
        #expect(["a", "b", "c", "d"].map(place) == [[0, 0, 0], [0, 0, 1], [0, 1, 0], [1, 0, 0]])
        #expect(["e", "f"].map(place) == [[0, 2, 0], [0, 3, 0]])
        #expect(regions.names == ["a", "b", "c", "d"])
    }

    @Test func aRegionCountsInTheDigest() throws {
        func digest(_ head: String) throws -> String { try parsed(Sample.test(head: head, state: "a; b;")).testHash }
        #expect(try digest("Region=a b") != digest("Region=a | b"))
        #expect(try digest("Region=a  b") == digest("Region=a b"))
    }

    @Test(arguments: [
        FaultCase(Sample.test(head: "Region=", state: "a;"), "names no variable", at: "Region="),
        FaultCase(
            Sample.test(head: "Region=a | | b", state: "a; b;"), "a region is empty", at: "|", remedy: "`||` ranges"),
        FaultCase(Sample.test(head: "Region=| a", state: "a;"), "a region is empty", at: "|"),
        FaultCase(Sample.test(head: "Region=a ||", state: "a;"), "a region is empty", at: "|"),
        FaultCase(Sample.test(head: "Region=a ||| b", state: "a; b;"), "`|||` separates nothing", at: "|||"),
        FaultCase(Sample.test(head: "Region=a PT(b)", state: "a; b;"), "`PT(b)` is not a variable", at: "PT(b)"),
        FaultCase(Sample.test(head: "Region=a;b", state: "a; b;"), "`a;b` is not a variable", at: "a;b"),
        FaultCase(Sample.test(head: "Region=b | b", state: "b;"), "`b` is named twice", at: "b", remedy: "keep one"),
        FaultCase(Sample.test(head: "Region=a|q", state: "a;"), "does not use `q`", at: "q"),
        FaultCase(Sample.test(head: "Region=a\nRegion=a", state: "a;"), "`Region=` is given twice", at: "Region=a"),
        FaultCase(
            Sample.test(head: "Region=" + (0...512).map { "v\($0)" }.joined(separator: " ")), "at most 512 pages",
            at: "v512"),
        FaultCase(
            Sample.test(head: "Region=" + (0...512).map { "v\($0)" }.joined(separator: "|")), "at most 512 regions",
            at: "|"),
        FaultCase(
            Sample.test(head: "Region=" + (0...512).map { "v\($0)" }.joined(separator: "||")), "at most 512 ranges",
            at: "||"),
    ])
    func faults(_ fault: FaultCase) { fault.check() }
}
