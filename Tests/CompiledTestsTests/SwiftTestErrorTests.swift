import CompiledTests
import Diagnostics
import Foundation
import Litmus
import Testing

@Suite struct SwiftTestErrorTests {
    @Test func theCompilersErrorHasItsPlaceInTheTest() async throws {
        let fault = try #require(await SwiftSample.diagnostic(SwiftSample.body("let y: Int = x.pointee")))
        #expect(fault.file == "sample.swift")
        #expect(fault.place?.line == 6)
        #expect(fault.place?.column == 20)
        #expect(fault.message.hasPrefix("swiftc: cannot convert value of type 'Int32'"))
        #expect(fault.remedy != nil)
    }

    private static let runtimeCalls: [(body: String, before: String, name: String, remedy: String)] = [
        (
            "c.value += 1", "final class C { var value: Int32 = 0 }\nnonisolated(unsafe) var c = C()", "swift_once",
            "constant"
        ),
        ("var l = [1, 2]; l.append(Int(x.pointee)); x.pointee = Int32(l.count)", "", "swift_", "structures, pointers"),
        (
            "let c = make(x.pointee); flush_tlb_mm(); x.pointee = c.value",
            "final class C { var value: Int32; init(_ v: Int32) { value = v } }\n@inline(never) func make(_ v: Int32) -> C { C(v) }",
            "swift_", "structures, pointers"
        ),
        (
            "work { flush_tlb_mm() }",
            "nonisolated(unsafe) var g: Int32 = 0\n@inline(never) func work(_ f: () -> Void) { access(&g, f) }\n@inline(never) func access(_ v: inout Int32, _ f: () -> Void) { f(); v += 1 }",
            "swift_beginAccess", "-enforce-exclusivity=unchecked"
        ),
    ]

    @Test(arguments: runtimeCalls)
    func callsOfTheRuntimeAreNamed(_ body: String, _ before: String, _ name: String, _ remedy: String) async throws {
        let fault = try #require(await SwiftSample.diagnostic(SwiftSample.body(body, before: before)))
        #expect(fault.message.contains("calls the Swift runtime (\(name)"), "\(fault.message)")
        #expect(fault.remedy?.contains(remedy) == true, "\(fault.remedy ?? "")")
        #expect(fault.file == "sample.swift")
    }

    @Test func exclusivityChecksCanBeLeftOut() async throws {
        let before = """
            nonisolated(unsafe) var g: Int32 = 0
            @inline(never) func work(_ f: () -> Void) { access(&g, f) }
            @inline(never) func access(_ v: inout Int32, _ f: () -> Void) { f(); v += 1 }
            """
        let compiler = try SwiftSample.compiler(flags: ["-enforce-exclusivity=unchecked"])
        let text = SwiftSample.body("work { flush_tlb_mm() }", condition: "forall (x=5)", before: before)
        #expect(try await SwiftSample.verdict(text, with: compiler).observation == .always)
    }

    /// The optimiser makes a table of a `switch`, whose name begins like a local label and holds Swift's own.
    @Test(arguments: [(0, 256), (1, 512), (2, 1000), (3, 17), (4, 0)])
    func lookupTablesAreRead(_ case: Int, _ value: Int) async throws {
        let text = """
            /* Swift lookup
            { int x = \(`case`); int y = 5; }
            forall (y=\(value)) */
            @_cdecl("P0") func look(x: UnsafeMutablePointer<Int32>, y: UnsafeMutablePointer<Int32>) {
                let found: Int32
                switch READ_ONCE(x) {
                case 0: found = 256
                case 1: found = 512
                case 2: found = 1000
                case 3: found = 17
                default: found = 0
                }
                WRITE_ONCE(y, found)
            }
            """
        #expect(try await SwiftSample.verdict(text).observation == .always)
    }

    @Test func namesInMessagesAreThoseOfTheSource() async throws {
        let before = "@inline(never) func outer(_ v: Int32) { print(v) }"
        let fault = try #require(await SwiftSample.diagnostic(SwiftSample.body("outer(x.pointee)", before: before)))
        #expect(fault.message.contains("outer(Int32)"), "\(fault.message)")
        #expect(!fault.message.contains("$s"), "\(fault.message)")
        #expect(fault.place?.line == 4)
    }

    @Test func vectorRegistersAreNoPartOfTheMachine() async throws {
        let zeroing = """
            /* Swift zeroing
            { uint64_t x[4] = {1, 2, 3, 4}; }
            forall (x[3]=0) */
            @_cdecl("P0") func body(x: UnsafeMutablePointer<UInt64>) { for i in 0..<4 { x[i] = 0 } }
            """
        #expect(try await SwiftSample.verdict(zeroing).observation == .always)
        let compiler = try SwiftSample.compiler(flags: ["-Xcc", "-msse2"])
        let fault = try #require(await SwiftSample.diagnostic(zeroing, with: compiler))
        #expect(fault.message.contains("vector and floating-point registers"), "\(fault.message)")
        #expect(fault.remedy?.contains("--swiftflags") == true)
    }

    @Test func whatIsNotObservedCannotBeAskedFor() async throws {
        let fault = try #require(await SwiftSample.diagnostic(SwiftSample.body("", condition: "exists (0:r1=0)")))
        #expect(fault.message == "0:r1 is never observed in P0")
        #expect(fault.remedy?.contains("observe(r1: value)") == true)
    }

    @Test func aVariableOfTheTestAndOfTheCodeIsOneTooMany() async throws {
        let text = """
            /* Swift twice
            { }
            exists (x=1) */
            @_cdecl("P0") func body(x: UnsafeMutablePointer<Int32>) { WRITE_ONCE(x, 1); twice(x) }
            """
        let fault = try #require(await SwiftSample.diagnostic(text))
        #expect(fault.message.contains("cannot find 'twice' in scope"), "\(fault.message)")
    }

    @Test func aMissingCompilerIsAnErrorWithARemedy() {
        #expect(throws: Diagnostic.self) { try SwiftCompiler("/no/such/swiftc") }
        do throws(Diagnostic) {
            _ = try SwiftCompiler(searchPath: "/no/such/folder")
            Issue.record("there is no swiftc")
        } catch {
            #expect(error.message.contains("Swift tests need swiftc"))
            #expect(error.remedy?.contains("--swiftc") == true)
        }
    }

    @Test(arguments: [nil, "/no/such/folder"])
    func missingLibrariesAreAnErrorOnlyForThoseWhoImportThem(_ library: String?) async throws {
        let compiler = try SwiftSample.compiler(library: library)
        #expect(try await SwiftSample.verdict(SwiftSample.body("x.pointee = 1"), with: compiler).observation == .always)
        let text = SwiftSample.body("x.pointee = 1", before: "import PageTable")
        let fault = try #require(await SwiftSample.diagnostic(text, with: compiler))
        #expect(fault.message.contains("PageTable"))
        #expect(fault.remedy?.contains("PTERO_SOURCES") == true)
    }

    @Test func badFlagsAreTold() async throws {
        let compiler = try SwiftSample.compiler(flags: ["-no-such-flag"])
        let fault = try #require(await SwiftSample.diagnostic(SwiftSample.body("x.pointee = 1"), with: compiler))
        #expect(fault.message.contains("-no-such-flag"), "\(fault.message)")
        // A flag that keeps the compiler from writing assembly.
        let silent = try SwiftSample.compiler(flags: ["-typecheck"])
        let other = try #require(await SwiftSample.diagnostic(SwiftSample.body("x.pointee = 1"), with: silent))
        #expect(other.remedy?.contains("--swiftflags") == true, "\(other.message)")
    }
}
