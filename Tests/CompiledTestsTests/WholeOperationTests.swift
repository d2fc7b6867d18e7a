import Checker
import CompiledTests
import Foundation
import Litmus
import Machine
import TestSupport
import Testing

/// Operations of `AddressSpace` as a whole, over the tables of a test (`Corpus/swift/tables`).
@Suite struct WholeOperationTests {
    private static let folder = Checkout.file("Corpus/swift/tables").path

    private static func text(_ state: String, _ condition: String, _ body: String, parameters: String = "") -> String {
        """
        /* Swift whole
        Include=Tables.swift
        { \(state) }
        \(condition) */
        import AddressSpace
        @_cdecl("P0") func work(mm: UnsafeMutablePointer<UInt64>, x: UnsafeMutablePointer<Int32>\(parameters)) {
            withTables(of: mm, flushes: Interrupts(), lock: NoLock()) { space throws(AddressSpaceError) in
                \(body)
            }
        }
        """
    }

    private static func verdict(_ text: String) async throws -> Verdict {
        try Sample.verdict(of: try await SwiftSample.compile(text, directory: folder).test)
    }

    @Test func anOperationChangesTheEntryThatItsWalkLeadsTo() async throws {
        let state = "[PMD(x)] = (table:PT(z)); [PTE(x)] = (oa:PA(x)); [PTE(z)] = (oa:PA(z));"
        // The walk from the root finds the table of z in the slot of x.
        let text = Self.text(
            state, "forall ([PTE(x)]=(p:1) /\\ [PTE(z)]==(p:0))", "try space.unmap(at: address(x))")
        #expect(try await Self.verdict(text).observation == .always)
    }

    @Test func whatIsThrownArrives() async throws {
        let state = "[PMD(x)] = (table:PT(x)); [PTE(x)] = (p:0);"
        let caught = """
            do throws(AddressSpaceError) { try space.makeWritable(at: address(x)) } catch {
                if case .notMapped(let place) = error, place == address(x) { WRITE_ONCE(seen, 1) }
            }
            """
        let text = Self.text(state, "forall (seen=1)", caught, parameters: ", seen: UnsafeMutablePointer<Int32>")
        #expect(try await Self.verdict(text).observation == .always)
    }

    /// The harness makes a trap of an operation that is refused, so that no test passes by doing nothing.
    @Test func anOperationThatIsRefusedFailsTheTest() async throws {
        let state = "[PMD(x)] = (p:0); [PTE(x)] = (oa:PA(x));"
        let verdict = try await Self.verdict(Self.text(state, "exists (x=7)", "try space.makeWritable(at: address(x))"))
        #expect(verdict.observation == .always)
        #expect(verdict.states.allSatisfy { $0.text.contains("0:bug=1") })
    }

    @Test func theWholeOperationIsPartOfTheTestsCode() async throws {
        let state = "[PMD(x)] = (table:PT(x)); [PTE(x)] = (oa:PA(x));"
        let compiled = try await SwiftSample.compile(
            Self.text(state, "exists (x=1)", "try space.unmap(at: address(x))"), directory: Self.folder)
        let code = try #require(compiled.test.threads.first?.program.instructions.map(\.text))
        #expect(code.contains { $0.hasPrefix("lock andq") || $0.hasPrefix("lock btr") }, "\(code)")
        #expect(code.contains { $0.hasPrefix("xchgq") })
    }

    /// Each condition of a sample on each profile; `.ci/run swift` asks all of them, optimised.
    @Test(.enabled(if: Volume.isFull, "compiles tests of Corpus/swift/tables; PTERO_ALL_TESTS=1 runs it"))
    func everyVerdictIsTheOneInTheFile() async throws {
        let names = try FileManager.default.contentsOfDirectory(atPath: Self.folder).sorted()
            .filter { $0.hasSuffix(".swift") && $0 != "Tables.swift" }
        #expect(names.count > 100)
        for index in stride(from: 0, to: names.count, by: 10) {
            let name = names[index]
            let bytes = Array(try #require(FileManager.default.contents(atPath: Self.folder + "/" + name)))
            let source = try SwiftTest.parse(bytes: bytes, file: name)
            let compiled = try await SwiftSample.shared.get().compile(source, file: name, directory: Self.folder)
            for question in compiled.test.questions {
                let checker = try TestChecker(question, file: name)
                for (label, cpus) in try checker.assignments(among: CPUProfile.builtIn, known: CPUProfile.shipped) {
                    let expectation = question.expectation
                    let expected = try #require(expectation.byProfile[label] ?? expectation.all, "\(question.title)")
                    let verdict = try checker.check(label: label, profiles: cpus)
                    #expect(verdict.observation == expected, "\(question.title) on \(label)")
                }
            }
        }
    }
}
