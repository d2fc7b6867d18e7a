import Diagnostics
import Litmus
import Machine
import TestSupport
import Testing

@testable import Checker

/// Levels of the page table that cannot change cost nothing.
@Suite struct FoldedLevelTests {
    /// A test, lowered, with entries added to its initial state.
    private func lowered(_ test: LitmusTest, adding entries: [(MemoryName, EntryLiteral)]) throws -> LoweredTest {
        var changed = test
        for (name, literal) in entries {
            changed.initializations.append(
                Initialization(
                    location: .memory(name, index: 0), values: [.entry(literal)],
                    place: test.threads.first?.place ?? SourcePlace(line: 1, column: 1)))
        }
        return try LoweredTest(changed, file: nil)
    }

    /// What a search depends on but for the map's tables, which neither has.
    private func expectSame(_ one: LoweredTest, _ other: LoweredTest, _ name: String) {
        #expect(one.map.variables == other.map.variables && one.map.spaces == other.map.spaces, "\(name)")
        #expect(one.map.pages == other.map.pages && one.map.wordCount == other.map.wordCount, "\(name)")
        #expect(one.map.tables == nil && other.map.tables == nil, "\(name)")
        #expect(one.contents == other.contents, "\(name)")
        let profiles = [CPUProfile](repeating: CPUProfile.builtIn[0], count: one.cpuCount)
        let first = one.scenario(on: profiles, isEager: false)
        let second = other.scenario(on: profiles, isEager: false)
        #expect(first.watches == second.watches && first.shadowStackPages == second.shadowStackPages, "\(name)")
        #expect(SearchIdentity(first) == SearchIdentity(second), "\(name)")
        for (cpu, same) in zip(first.cpus, second.cpus) {
            #expect("\(cpu.program)" == "\(same.program)" && "\(cpu.registers)" == "\(same.registers)", "\(name)")
            #expect(cpu.space == same.space && cpu.onFault == same.onFault, "\(name)")
        }
    }

    @Test func constantEntriesChangeNoTestOfTheCorpus() throws {
        var pages = 0
        for path in Checkout.corpus {
            let test = try LitmusParser.parse(Checkout.text("Corpus/" + path))
            let names = TestNames(test)
            guard names.upperEntries.isEmpty, names.tables.isEmpty, !test.sharesTablesOrTags else { continue }
            let translated = names.translated.sorted()
            pages += translated.count
            let plain = try LoweredTest(test, file: nil)
            for levels in [[Litmus.EntryLevel.pmd], [.pmd, .pud, .pgd]] {
                let entries = translated.flatMap { page in
                    levels.map { level in
                        let below = TableName(level.below ?? .pte, page: page)
                        return (MemoryName.entry(level, page: page, space: nil), EntryLiteral(table: below))
                    }
                }
                expectSame(try lowered(test, adding: entries), plain, path)
            }
        }
        #expect(pages > 300)
    }

    @Test func aRegionChangesNoTestWithOneLevel() throws {
        for path in Checkout.corpus {
            var test = try LitmusParser.parse(Checkout.text("Corpus/" + path))
            let names = TestNames(test)
            guard names.upperEntries.isEmpty, names.tables.isEmpty, test.regions == nil, !test.sharesTablesOrTags
            else { continue }
            let plain = try LoweredTest(test, file: nil)
            let place = SourcePlace(line: 2, column: 1)
            test.headers.append(
                Header(key: "Region", value: names.variables.sorted().joined(separator: " "), place: place))
            expectSame(try LoweredTest(test, file: nil), plain, path)
        }
    }

    /// A test of one column, and the root level that remains of it.
    private func root(
        _ state: String, code: String = "movl (x),%eax", head: String = "", condition: String = "exists (0:rax=1)"
    ) throws -> Int {
        let text = "X86_64 levels\n\(head)\n{ \(state) }\n P0 ;\n \(code) ;\n\(condition)\n"
        let lowered = try LoweredTest(try LitmusParser.parse(text), file: nil)
        return lowered.map.tables?.rootLevel ?? 1
    }

    @Test(arguments: [
        "", "[PTE(x)] = (d:0);", "[PMD(x)] = (table:PT(x));", "[PMD(x)] = (rw:1);", "[PMD(mm:x)] = (table:PT(mm:x));",
        "[PMD(x)] = (table:PT(x), d:0, g:1, pcd:1, sw1:1);", "[PGD(x)] = (table:PDPT(x)); [PMD(x)] = (table:PT(x));",
        "[PMD(child:x)] = (table:PT(child:x)); [PTE(child:x)] = (d:0);",
    ])
    func whatOnlyPermitsEverythingIsFolded(_ state: String) throws { #expect(try root(state) == 1) }

    @Test(arguments: [
        ("[PMD(x)] = (p:0);", 2), ("[PMD(x)] = (rw:0);", 2), ("[PMD(x)] = (a:0);", 2), ("[PMD(x)] = (us:0);", 2),
        ("[PMD(x)] = (nx:1);", 2), ("[PMD(x)] = 0;", 2), ("[PMD(x)] = (table:PT(z)); [PTE(z)] = (d:0);", 2),
        ("0:rdi = PMD(x);", 2), ("[PUD(x)] = (p:0);", 3), ("[PGD(x)] = (p:0);", 4), ("0:rdi = PGD(x);", 4),
        ("[PGD(x)] = (table:PDPT(x)); [PMD(x)] = (p:0);", 2), ("[PTE(x)] = (d:0); 0:rdi = (table:PD(x));", 3),
        ("[PMD(child:x)] = (p:0); [PTE(child:x)] = (d:0);", 2),
    ])
    func whatCanBeSeenStays(_ state: String, _ level: Int) throws { #expect(try root(state) == level) }

    @Test func codeConditionsAndServicesNameLevels() throws {
        let state = "[PMD(x)] = (table:PT(x)); [PUD(x)] = (table:PD(x));"
        #expect(try root(state) == 1)
        #expect(try root(state, code: "movq $PMD(x),%rax") == 2)
        #expect(try root(state, code: "movq (PUD(x)),%rax") == 3)
        #expect(try root(state, condition: "exists ([PMD(x)].a=0)") == 2)
        #expect(try root(state, condition: "locations [[PUD(x)]]\nexists (true)") == 3)
        #expect(try root(state, condition: "filter [PUD(x)].a=1\nexists (true)") == 3)
        #expect(try root(state, condition: "exists (true) exists other: ([PMD(x)]=(p:1))") == 2)
        #expect(try root(state, condition: "exists (stale_table(PT(x)))") == 2)
        #expect(try root(state, condition: "exists (0:rax=(table:PDPT(x)))") == 4)
        #expect(try root(state, code: "call free_table(PD(x))") == 3)
        #expect(try root(state, code: "call pte_offset(x)") == 1)
        #expect(try root("[PTE(x)] = (d:0);", code: "call pud_offset(x)") == 1)
    }
}

extension LitmusTest {
    /// Whether several roots lead to its tables, or several address spaces have one tag: then the machine keeps PMDs, or all levels.
    fileprivate var sharesTablesOrTags: Bool { hasUserRoots || sharesContexts }
}
