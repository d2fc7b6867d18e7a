import Diagnostics
import Litmus
import Machine
import PageTable
import Testing

@testable import Checker

/// What entries above the leaf become: words, values, and text again.
@Suite struct TableLoweringTests {
    private func lowered(
        _ state: String, head: String = "", code: String = "nop", condition: String = "exists (true)"
    ) throws -> LoweredTest {
        let text = "X86_64 levels\n\(head)\n{ \(state) }\n P0 ;\n \(code) ;\n\(condition)\n"
        return try LoweredTest(try LitmusParser.parse(text, file: "levels.litmus"), file: "levels.litmus")
    }

    /// What the word of an entry holds at the start, as text.
    private func entry(
        _ level: Int, _ page: String, _ space: String = "mm", of lowered: LoweredTest
    ) throws -> String {
        let map = lowered.map
        let page = try #require(map.page(named: page))
        let space = try #require(map.spaces.firstIndex(of: space))
        let word = try #require(map.entryWord(page: page, level: level, space: space))
        return map.text(ofEntry: lowered.contents[word] ?? 0, level: level)
    }

    private static let plain = "p:1, rw:1, us:1, a:1, d:1)"

    @Test func entriesThatAreNotSetPointToTheirOwnTables() throws {
        let test = try lowered("[PUD(x)] = (rw:0); [PTE(z)] = (d:0);")
        #expect(test.map.tables?.rootLevel == 3)
        #expect(try entry(3, "x", of: test) == "(table:PD(x), p:1, rw:0, us:1, a:1, d:1)")
        #expect(try entry(2, "x", of: test) == "(table:PT(x), " + Self.plain)
        #expect(try entry(1, "x", of: test) == "(oa:PA(x), " + Self.plain)
        // z lies in the same range: its walk begins with the same entry, and goes on in the next region.
        #expect(try entry(3, "z", of: test) == "(table:PD(x), p:1, rw:0, us:1, a:1, d:1)")
        #expect(try entry(2, "z", of: test) == "(table:PT(z), " + Self.plain)
        #expect(try entry(1, "z", of: test) == "(oa:PA(z), p:1, rw:1, us:1, a:1, d:0)")
    }

    @Test func anotherSpaceHasWhatIsNamedAndWhatLeadsThere() throws {
        let test = try lowered("[PMD(a:x)] = (a:0); [PTE(b:x)] = (d:0); [PTE(c:z)] = (d:0); [PTE(x)] = (rw:0);")
        #expect(try entry(2, "x", "a", of: test) == "(table:PT(a:x), p:1, rw:1, us:1, a:0, d:1)")
        #expect(try entry(1, "x", "a", of: test) == "(p:0)")
        #expect(try entry(2, "x", "b", of: test) == "(table:PT(b:x), " + Self.plain)
        #expect(try entry(1, "x", "b", of: test) == "(oa:PA(x), p:1, rw:1, us:1, a:1, d:0)")
        #expect(try entry(2, "x", "c", of: test) == "(p:0)")
        #expect(try entry(1, "x", "c", of: test) == "(p:0)")
        #expect(try entry(2, "x", of: test) == "(table:PT(x), " + Self.plain)
        #expect(try entry(1, "z", of: test) == "(p:0)")
    }

    @Test func pagesOfARegionShareTheEntryAbove() throws {
        let test = try lowered("[PMD(y)] = (a:0); [PTE(x)] = (d:0); [PTE(z)] = (d:0);", head: "Region=x y | z")
        let map = test.map
        let words = ["x", "y", "z"].map { name in
            map.page(named: name).flatMap { map.entryWord(page: $0, level: 2, space: 0) }
        }
        #expect(words[0] == words[1] && words[0] != words[2])
        #expect(try entry(2, "x", of: test) == "(table:PT(x), p:1, rw:1, us:1, a:0, d:1)")
        let leaves = try ["x", "y"].map { map.leafAddress(page: try #require(map.page(named: $0)), space: 0) }
        #expect(leaves[1] == leaves[0] + 8)
    }

    @Test func namesAreAddressesAndEntriesAreFrames() throws {
        let test = try lowered(
            "0:rdi = PMD(x); 0:rsi = (table:PT(x), rw:0); 0:rdx = PTE(x); 0:rcx = (p:0);",
            code: "movq $PMD(x),%r8")
        let map = test.map
        let profiles = [CPUProfile.builtIn[0]]
        let registers = test.scenario(on: profiles, isEager: false).cpus[0].registers
        let word = try #require(map.entryWord(page: 0, level: 2, space: 0))
        let table = try #require(map.tables).table(ofPage: 0, level: 1, space: 0)
        #expect(registers[.rdi] == map.address(ofEntryWord: word))
        #expect(registers[.rsi] == map.frameNumber(ofTable: table) << 12 | 0x65)
        #expect(registers[.rdx] == map.leafAddress(page: 0, space: 0))
        #expect(registers[.rcx] == 0)
        #expect(map.text(ofEntry: registers[.rsi], level: 2) == "(table:PT(x), p:1, rw:0, us:1, a:1, d:1)")
        #expect(map.name(ofTable: table) == "PT(x)")
    }

    @Test func wordsHaveNames() throws {
        let test = try lowered("[PUD(w)] = (p:0); [PMD(a:y)] = (p:0); [PTE(x)] = (d:0);", head: "Region=x y || w")
        let map = test.map
        let names = (0..<map.wordCount).filter(map.isEntry).map(map.name(ofEntryWord:))
        // Tables have a slot for every index that a page uses: the PT of w has one for y's.
        #expect(Set(names).count == names.count)
        #expect(Set(names).isSuperset(of: ["PTE(x)", "PTE(y)", "PTE(w)", "PMD(x)", "PUD(x)", "PUD(w)", "PT(w)[1]"]))
        #expect(names.contains("PMD(a:x)") && names.contains("PTE(a:y)") && !names.contains("PMD(y)"))
        let plain = try lowered("[PTE(x)] = (d:0); [PTE(a:x)] = (d:0);").map
        #expect((1..<3).map(plain.name(ofEntryWord:)) == ["PTE(x)", "PTE(a:x)"])
    }

    @Test func finalStatesShowEntriesAndTables() throws {
        let test = try lowered(
            "0:rdi = PMD(x); [PMD(child:x)] = (p:0);", code: "movq (%rdi),%rax",
            condition: "locations [0:rax; PMD(child:x);]\nexists ([PMD(x)].a=0 \\/ stale_table(PD(child:x)))")
        let map = test.map
        let printer = StatePrinter(test.question, map)
        let names = test.question.items.map(\.name)
        #expect(names == ["[PMD(x)].a", "stale_table(PD(child:x))", "0:rax", "[PMD(child:x)]"])
        let child = try #require(map.spaces.firstIndex(of: "child"))
        let table = try #require(map.tables).table(ofPage: 0, level: 2, space: child)
        #expect(test.question.watches.subjects[.staleTable] == [table])
        let word = try #require(map.entryWord(page: 0, level: 3, space: child))
        #expect(printer.text(1, 1) == "stale_table(PD(child:x))=true")
        #expect(printer.text(2, map.address(ofEntryWord: word)) == "0:rax=PUD(child:x)")
        let entry = map.frameNumber(ofTable: table) << 12 | 0x67
        #expect(printer.text(3, entry) == "[PMD(child:x)]=(table:PD(child:x), " + Self.plain)
    }

    @Test(arguments: [
        ("[PMD(x)]=(table:PT(x))", UInt64(0x000f_ffff_ffff_f000), true),
        ("[PMD(x)]=(table:PT(z), a:0)", 0xf_ffff_ffff_f020, true),
        ("[PMD(x)]=(p:0)", 1, false), ("[PMD(x)]==(p:0)", .max, false), ("[PMD(x)]==(table:PT(x))", .max, true),
        ("[PMD(x)]==(rw:1)", .max, true), ("0:rax=(table:PT(x))", 0x000f_ffff_ffff_f000, true),
    ])
    func conditionsCompareWhatTheyName(_ text: String, _ mask: UInt64, _ namesTable: Bool) throws {
        let test = try lowered("[PMD(x)] = (a:0); [PTE(z)] = (d:0);", condition: "exists (\(text))")
        guard case .equal(_, let asked, let value) = test.question.condition else {
            Issue.record("no comparison")
            return
        }
        #expect(asked == mask)
        #expect((value & PageTableEntry.frameMask != 0) == namesTable)
    }

    @Test func largePagesMapTheBlockOfARegion() throws {
        let test = try lowered(
            "[PMD(x)] = (oa:PA(y), ps:1); [PMD(z)] = (ps:1, d:0); [PUD(w)] = (oa:PA(w), ps:1); [PMD(u)] = (oa:PA(X), ps:1); "
                + "[PTE(y)] = (d:0); 0:rax = (oa:PA(Y), ps:1);", head: "Region=x y | z | u | X Y || w")
        #expect(try entry(2, "x", of: test) == "(oa:PA(x), p:1, rw:1, us:1, a:1, d:1, ps:1)")
        #expect(try entry(2, "z", of: test) == "(oa:PA(z), p:1, rw:1, us:1, a:1, d:0, ps:1)")
        #expect(try entry(3, "w", of: test) == "(oa:PA(w), p:1, rw:1, us:1, a:1, d:1, ps:1)")
        #expect(try entry(2, "u", of: test) == "(oa:PA(X), p:1, rw:1, us:1, a:1, d:1, ps:1)")
        #expect(test.map.page(named: "X") == nil && test.map.page(named: "Y") == nil)
    }

    @Test func aTablesFrameIsPrintedAsWhatItIsUsedFor() throws {
        let test = try lowered("[PUD(x)] = (table:PD(x)); [PTE(y)] = (oa:PT(x), d:0); [PTE(z)] = (oa:PD(x));")
        #expect(try entry(1, "y", of: test) == "(oa:PT(x), p:1, rw:1, us:1, a:1, d:0)")
        #expect(try entry(1, "z", of: test) == "(oa:PD(x), " + Self.plain)
        #expect(try entry(2, "x", of: test) == "(table:PT(x), " + Self.plain)
    }

    /// What is wrong with a test, and the text it points at.
    struct Bad: Sendable, CustomTestStringConvertible {
        var state: String
        var message: String
        var at: String
        var remedy: String
        var head = ""
        var code = "nop"
        var condition = "exists (true)"
        var testDescription: String { message }
    }

    @Test(arguments: [
        Bad(
            state: "[PMD(x)] = (table:PT(y)); y = 0;", message: "`PT(y)` is not a table of the test",
            at: "(table:PT(y))",
            remedy: "[PTE(y)] = (oa:PA(y));"),
        Bad(
            state: "[PMD(x)] = (table:PT(chidl:x)); [PTE(child:x)] = (d:0);",
            message: "there is no address space `chidl`", at: "(table:PT(chidl:x))", remedy: "did you mean `child`?"),
        Bad(
            state: "[PMD(x)] = (p:0);", message: "there is no address space `b`", at: "PT(b:x)",
            remedy: "named by entries", condition: "exists (stale_table(PT(b:x)))"),
        Bad(
            state: "[PMD(x)] = (p:0);", message: "there is no address space `child`", at: "PMD(child:x)",
            remedy: "named by entries", condition: "exists ([PMD(child:x)]=(p:0))"),
        Bad(
            state: "y = 0;", message: "`PT(y)` is not a table of the test", at: "PT(y)", remedy: "[PTE(y)]",
            condition: "exists (stale_table(PT(y)))"),
        Bad(
            state: "[PMD(x)] = (p:0);", message: "`PT(q)` is not a table of the test", at: "c",
            remedy: "[PTE(q)]", code: "call free_table(PT(q))"),
        Bad(
            state: "[PMD(x)] = (p:0); y = 0;", message: "`Region=` names `y`, which is not a translated page", at: "y",
            remedy: "[PTE(y)]", head: "Region=x y"),
        Bad(
            state: "[PMD(x)] = (p:0); 0:rax = (rw:0);", message: "this entry maps no frame", at: "(rw:0)",
            remedy: "(table:PT(x), ...)"),
        Bad(
            state: "[PMD(x)] = (p:0);", message: "nothing declares or uses `z` but the condition", at: "PMD(z)",
            remedy: "declare it", condition: "exists ([PMD(z)]=(p:0))"),
        Bad(
            state: "0:rax = (oa:PA(x), ps:1); [PTE(x)] = (d:0);", message: "the test has no entry that could",
            at: "(oa:PA(x), ps:1)", remedy: "[PMD(x)] = (oa:PA(x), ps:1);"),
        Bad(
            state: "[PMD(x)] = (p:0); 0:rax = (ps:1, rw:0);", message: "this entry maps no frame", at: "(ps:1, rw:0)",
            remedy: "(oa:PA(x), ps:1, ...)"),
        Bad(
            state: "[PTE(x)] = (d:0);", message: "size_conflict is about pages of two sizes", at: "size_conflict(x)",
            remedy: "[PMD(x)] = (oa:PA(x), ps:1);", condition: "exists (size_conflict(x))"),
        Bad(
            state: "[PMD(x)] = (p:0);", message: "there is no processor P1", at: "P1", remedy: "only P0",
            condition: "exists (wild(P1))"),
        Bad(
            state: "[PMD(x)] = (oa:PA(X), ps:1);", message: "`Region=` lists `X`, which is not a translated page",
            at: "X", remedy: "put `x` first", head: "Region=X x"),
        Bad(
            state: "[PMD(x)] = (oa:PA(X), ps:1);", message: "`Region=` lists `X`, which is not a translated page",
            at: "X", remedy: "put `x` first", head: "Region=X"),
        Bad(
            state: (0..<33).map { "[PMD(x\($0))] = (p:0);" }.joined(separator: " "),
            message: "page-table entries of all levels, more than 63", at: "PMD(x0)", remedy: "fewer"),
    ])
    func whatIsWrongIsSaidWithItsPlace(_ bad: Bad) {
        let text = "X86_64 levels\n\(bad.head)\n{ \(bad.state) }\n P0 ;\n \(bad.code) ;\n\(bad.condition)\n"
        let error = #expect(throws: Diagnostic.self) {
            _ = try LoweredTest(try LitmusParser.parse(text, file: "levels.litmus"), file: "levels.litmus")
        }
        guard let error else { return }
        let shown = error.rendered(source: text)
        #expect(error.message.contains(bad.message), "\(shown)")
        #expect(error.remedy?.contains(bad.remedy) == true, "\(shown)")
        #expect(error.file == "levels.litmus")
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        guard let place = error.place else { Issue.record("no place: \(shown)"); return }
        #expect(
            String(lines[place.line - 1].dropFirst(place.column - 1).prefix(error.length)) == bad.at, "\(shown)")
    }

    @Test func aStepThatIsTakenAwayLeavesTheEntryThatItNamed() throws {
        let text = """
            X86_64 levels
            { [PTE(x)] = (d:0); }
             P0 ;
             movq $0,(PMD(x)) ;
            exists (true)
            """
        let removals = ColumnRemovals.all(of: try LitmusParser.parse(text))
        #expect(removals.count == 1)
        let left = try #require(removals.first?.test.initializations.last)
        #expect(LitmusWriter.text(of: left.location) == "[PMD(x)]")
        #expect(left.values == [.entry(EntryLiteral(table: TableName(.pte, page: "x")))])
    }
}
