import Diagnostics
import Litmus
import Testing

@testable import Checker

/// What only the whole test shows to be wrong is told where it is written.
@Suite struct ErrorPlaceTests {
    /// A test that is wrong, and what is to be said about it.
    struct Bad: Sendable, CustomTestStringConvertible {
        var state = ""
        var code = " P0 ;\n nop ;"
        var condition = "exists (true)"
        /// A part of the message.
        var message: String
        /// The characters that the diagnostic points at.
        var at: String
        /// The line that they stand in.
        var line: Int

        var testDescription: String { message }
        var text: String { "X86_64 t\n{\n\(state)\n}\n\(code)\n\(condition)\n" }
    }

    private static func list(_ count: Int, _ part: (Int) -> String) -> String {
        (0..<count).map(part).joined(separator: " ")
    }

    static let refused = [
        Bad(
            state: "[PTE(child:x)] = (p:0); [PTE(child)] = (d:0);",
            message: "`child` is both a variable and an address",
            at: "PTE(child)", line: 3),
        Bad(
            state: list(16) { "[PTE(s\($0):x)] = (p:0);" }, message: "16 address spaces besides mm, more than 15",
            at: "PTE(s15:x)", line: 3),
        Bad(
            state: "int last;\n" + list(2000) { "v\($0);" }, message: "2001 variables, more than 2000", at: "v1999",
            line: 4),
        Bad(
            code: " " + (0..<33).map { "P\($0)" }.joined(separator: " | ") + " ;\n "
                + [String](repeating: "nop", count: 33).joined(separator: " | ") + " ;",
            message: "33 CPUs, more than 32", at: "P32", line: 5),
        Bad(
            state: list(64) { "[PTE(x\($0))] = (d:0);" }, message: "64 page-table entries, more than 63",
            at: "PTE(x63)", line: 3),
        Bad(
            state: "int small;\n  uint64_t big[513];", message: "`big` is longer than a page", at: "big[513]", line: 4),
        Bad(state: "0:rax = 1; 0:rbx = (d:1);", message: "maps no frame", at: "(d:1)", line: 3),
        Bad(state: "long x[2] = {1, (d:1)};", message: "maps no frame", at: "(d:1)", line: 3),
        Bad(
            state: "[PTE(child:x)] = (p:0); child = 1;", message: "`[child]` is not in memory", at: "child", line: 3),
        Bad(
            state: "int y[2];", condition: "exists (0:rax=1 /\\\n y[3]=1)", message: "`y` is not in memory", at: "y[3]",
            line: 8),
        Bad(
            state: "[PTE(x)] = (d:0);", condition: "exists (0:rax=1 /\\ ~size_conflict(x))", message: "size_conflict",
            at: "size_conflict(x)", line: 7),
        Bad(
            state: "x = 0; y = 0;", condition: "exists (x=0 /\\ lost_dirty(x))", message: "is about pages", at: "x",
            line: 7),
        Bad(
            code: " P0 ;\n" + (0..<65).map { " L\($0): nop ;" }.joined(separator: "\n"),
            condition: "exists (" + (0..<65).map { "fault(P0:L\($0))" }.joined(separator: " \\/ ") + ")",
            message: "more than 64 faults", at: "fault(P0:L64)", line: 71),
        Bad(
            state: "[PTE(x)] = (d:0); " + list(64) { "v\($0);" }, condition: "exists (true /\\ stale_write(x))",
            message: "more than 64 variables", at: "stale_write(x)", line: 7),
        Bad(
            condition: "locations [w;]\nexists (true)", message: "nothing declares or uses `w`", at: "w", line: 7),
        Bad(
            state: "x = 0;", condition: "exists (x=0 /\\ [PTE(child:z)]=(p:0))",
            message: "nothing declares or uses `z`",
            at: "PTE(child:z)", line: 7),
    ]

    @Test(arguments: refused)
    func errorsAreToldWhereTheyAre(_ example: Bad) throws {
        let test = try LitmusParser.parse(example.text, file: "t.litmus")
        let error = try #require(throws: Diagnostic.self) { try TestChecker(test, file: "t.litmus") }
        let text = error.rendered(source: example.text)
        #expect(error.message.contains(example.message), "\(text)")
        #expect(error.file == "t.litmus")
        let place = try #require(error.place, "\(text)")
        #expect(place.line == example.line, "\(text)")
        let lines = example.text.split(separator: "\n", omittingEmptySubsequences: false)
        let line = try #require(lines.indices.contains(place.line - 1) ? lines[place.line - 1] : nil)
        #expect(String(line.dropFirst(place.column - 1).prefix(error.length)) == example.at, "\(text)")
    }

    @Test func anAddressInDataThatLeadsNowhereIsToldWhereTheCodeUsesTheData() throws {
        var test = try LitmusParser.parse("X86_64 t\n{ uint64_t x; }\n P0 ;\n nop ;\nexists (true)\n")
        var compiled = CompiledCode(privateRange: 0..<8, stackTop: 8)
        let place = SourcePlace(line: 4, column: 2)
        compiled.pointers = [CompiledCode.Pointer(variable: "x", word: 9, target: "y", place: place)]
        test.compiled = compiled
        let error = #expect(throws: Diagnostic.self) { try TestChecker(test) }
        #expect(error?.message.contains("`x` holds the address of `y`") == true)
        #expect(error?.place == place)
    }

    @Test func aTestThatWasMadeByHandHasNoPlacesAndNoneIsMadeUp() throws {
        let condition = Condition(.exists, .property(.lostDirty, page: "x"))
        let test = LitmusTest(
            name: "t", threads: [ThreadColumn(processor: 0, program: .init(), place: SourcePlace(line: 1, column: 1))],
            condition: condition)
        let error = #expect(throws: Diagnostic.self) { try TestChecker(test, file: "made.litmus") }
        #expect(error?.place == nil)
        #expect(error?.rendered().hasPrefix("made.litmus: error: nothing declares or uses `x`") == true)
    }
}
