import Checker
import CompiledTests
import Foundation
import Litmus
import TestSupport
import Testing

@Suite struct SwiftTestCompilerTests {
    @Test func storeBufferingIsSeenAndFencesForbidIt() async throws {
        func test(_ fence: String) -> String {
            """
            /* Swift SB
            { }
            exists (0:r1=0 /\\ 1:r1=0) */
            @_cdecl("P0") func first(x: UnsafeMutablePointer<Int32>, y: UnsafeMutablePointer<Int32>) {
                WRITE_ONCE(x, 1); \(fence)
                observe(r1: READ_ONCE(y))
            }
            @_cdecl("P1") func second(x: UnsafeMutablePointer<Int32>, y: UnsafeMutablePointer<Int32>) {
                WRITE_ONCE(y, 1); \(fence)
                observe(r1: READ_ONCE(x))
            }
            """
        }
        #expect(try await SwiftSample.verdict(test("")).observation == .sometimes)
        #expect(try await SwiftSample.verdict(test("smp_mb()")).observation == .never)
    }

    @Test func observedValuesKeepTheirSignAndAllSizesAreThere() async throws {
        let verdict = try await SwiftSample.verdict(
            SwiftSample.body(
                """
                observe(a: Int8(-1)); observe(b: UInt8(200)); observe(c: UInt64(1) << 40); observe(d: x.pointee == 5)
                observe(e: more(x.pointee))
                """, condition: "forall (0:a=-1 /\\ 0:b=200 /\\ 0:c=0x10000000000 /\\ 0:d=1 /\\ 0:e=6)",
                before: "@inline(never) func more(_ v: Int32) -> Int32 { v + 1 }"))
        #expect(verdict.observation == .always)
    }

    @Test func aTrapIsABug() async throws {
        let text = SwiftSample.body("x.pointee += Int32.max", condition: "exists (x=7)")
        let verdict = try await SwiftSample.verdict(text)
        #expect(verdict.observation == .always)
        #expect(verdict.states.map(\.text) == ["0:bug=1; [x]=5;"])
    }

    @Test func globalsAreSharedAndConstantsAreConstant() async throws {
        let text = """
            /* Swift globals
            { }
            exists (0:seen=7 /\\ 1:digit=3) */
            nonisolated(unsafe) var flag: Int32 = 0
            @_cdecl("P0") func look(x: UnsafeMutablePointer<Int32>) { observe(seen: flag) }
            @_cdecl("P1") func raise(x: UnsafeMutablePointer<Int32>) {
                flag = 7
                observe(digit: READ_ONCE(x) == 0 ? 3 : 4)
            }
            """
        #expect(try await SwiftSample.verdict(text).observation == .sometimes)
    }

    @Test func servicesMeanWhatTheyMeanInColumns() async throws {
        let text = """
            /* Swift services
            { [PTE(x)] = (oa:PA(x), rw:1, d:1); }
            forall (0:was=0 /\\ 0:is=1 /\\ 0:cleared=0 /\\ ~lost_dirty(x)) */
            @_cdecl("P0") func dirty(x: UnsafeMutablePointer<Int32>, lock: UnsafeMutablePointer<Int32>) {
                spin_lock(lock)
                observe(was: page_dirty(x))
                set_page_dirty(x)
                observe(is: page_dirty(x))
                clear_page_dirty(x)
                observe(cleared: page_dirty(x))
                spin_unlock(lock)
                flush_tlb_page(x); flush_tlb_mm(); flush_tlb_local(x); flush_tlb_range(x, x + 1024)
                writeback(x); wait_for(lock, 0)
            }
            """
        #expect(try await SwiftSample.verdict(text).observation == .always)
    }

    @Test func codeBesideTheTestIsCompiledWithIt() async throws {
        let code = "Entries.swift"
        let folder = try TemporaryFolder([
            code: "func answer(_ x: UnsafeMutablePointer<Int32>) { x.pointee = 42 }\n"
        ])
        defer { folder.remove() }
        let text = SwiftSample.body("answer(x)", condition: "forall (x=42)")
        let compiler = try SwiftSample.compiler(sources: [folder.file(code).path])
        #expect(try await SwiftSample.verdict(text, with: compiler).observation == .always)
        let including = text.replacing("Swift sample\n", with: "Swift sample\nInclude=Entries.swift\n")
        let test = try await SwiftSample.compile(including, directory: folder.path).test
        #expect(try Sample.verdict(of: test).observation == .always)
        let fault = await SwiftSample.diagnostic(including, directory: folder.path + "/none")
        #expect(fault?.message == "there is no Swift file `Entries.swift`")
        #expect(fault?.place?.line == 2)
        // What is wrong in the other file is told with its name.
        try folder.write(code, "func answer(_ x: UnsafeMutablePointer<Int32>) { x.pointee = no }\n")
        let other = await SwiftSample.diagnostic(text, with: compiler)
        #expect(other?.file?.hasSuffix("Entries.swift") == true)
        #expect(other?.place?.line == 1)
    }

    @Test(.compilesMuch) func codeOfALibraryThatIsNotInlinedIsTakenFromIt() async throws {
        let text = """
            /* Swift outline
            { int x = 7; }
            forall (0:r=1) */
            import AddressSpace
            @_cdecl("P0") func body(x: UnsafeMutablePointer<Int32>) {
                var cache = TagCache()
                observe(r: cache.tag(for: UInt64(READ_ONCE(x)), at: 1).needsFlush)
            }
            """
        let compiled = try await SwiftSample.compile(text)
        #expect(compiled.reached.first?.contains { $0.contains("AddressSpace") && $0.contains("TagCache") } == true)
        #expect(try Sample.verdict(of: compiled.test).observation == .always)
    }

    @Test func theListingHasTheLinesOfTheTest() async throws {
        let text = """
            /* Swift listing
            { [PTE(x)] = (oa:PA(x), rw:1, d:0); }
            exists (lost_dirty(x)) */
            import PageTable
            @_cdecl("P0") func body(pte_x: UnsafeMutablePointer<UInt64>, x: UnsafeMutablePointer<Int32>) {
                AtomicPageTableEntry(pte_x).setWriteProtected()
                flush_tlb_page(x)
            }
            """
        let listing = try await SwiftSample.compile(text).listing(of: text)
        let lines = listing.split(separator: "\n").map { $0.trimmingCharacters(in: .whitespaces) }
        let line = try #require(lines.firstIndex { $0.contains("setWriteProtected()") })
        #expect(lines[line].hasPrefix("6 |"))
        #expect(lines[line + 1] == "movq (%rdi),%rax")
    }
}
