import Checker
import Diagnostics
import Litmus
import Machine
import Testing
import X86

/// Names in conditions.
@Suite struct AskedNameTests {
    /// A test with the condition on line 7.
    private static func text(_ condition: String, state: String = "x = 0; y = 0;", head: String = "") -> String {
        """
        X86_64 T
        \(head)
        { \(state) }
         P0            | P1            ;
         movl $1,(x)   | movl $1,(y)   ;
         movl (y),%eax | movl (x),%eax ;
        \(condition)
        """
    }

    @Test(arguments: [
        ("exists (z=0)", 9, "nothing declares or uses `z`"),
        ("exists (x=1 /\\ z=0)", 16, "nothing declares or uses `z`"),
        ("locations [x; z;] exists (x=1)", 15, "nothing declares or uses `z`"),
        ("filter (z=1) exists (x=1)", 9, "nothing declares or uses `z`"),
        ("exists (0:rax=z)", 15, "nothing declares or uses `z`"),
        ("exists ([PTE(z)].d=1)", 10, "nothing declares or uses `z`"),
        ("exists (lost_dirty(x))", 20, "`lost_dirty` is about pages, and `x` is not one"),
        ("exists (written(y))", 17, "`written` is about pages, and `y` is not one"),
        ("exists (kernel_shadow_stack(x))", 29, "`kernel_shadow_stack` is about pages"),
        ("exists (fault(P0,x))", 18, "`fault` is about pages"),
    ])
    func refuses(condition: String, column: Int, message: String) throws {
        let test = try LitmusParser.parse(Self.text(condition), file: "t.litmus")
        let error = try #require(throws: Diagnostic.self) { try TestChecker(test, file: "t.litmus") }
        #expect(error.place == SourcePlace(line: 7, column: column))
        #expect(error.message.contains(message), "\(error.message)")
        #expect(error.remedy != nil)
    }

    @Test(arguments: [
        ("exists (x=0)", "x = 0;"), ("exists (x=0 /\\ y=1)", ""), ("exists (z=0)", "z = 0;"),
        ("exists (z=0)", "int z;"),
        ("exists (0:rax=z)", "1:rbx = z;"), ("exists (stale_frame(x))", "x = 0;"),
        ("exists (written(z))", "[PTE(x)] = (oa:PA(z));"), ("exists (lost_dirty(z))", "[PTE(z)] = (d:0);"),
        ("exists ([PTE(x)].oa=PA(z))", "[PTE(x)] = (oa:PA(x)); 0:rbx = PA(z);"),
        ("exists (1:rax=child)", "[PTE(child:x)] = (oa:PA(x));"),
    ])
    func takes(condition: String, state: String) throws {
        _ = try TestChecker(try LitmusParser.parse(Self.text(condition, state: state)))
    }

    /// What a slip may have meant.
    @Test func proposesTheNearestVariable() throws {
        let text = Self.text("exists (counte=1)", state: "counter = 0;")
        let error = try #require(throws: Diagnostic.self) { try TestChecker(try LitmusParser.parse(text)) }
        #expect(error.remedy == "did you mean `counter`?")
    }

    @Test(arguments: [
        ("CPU=cet lat", 9, "lat"), ("CPU=P0:cet P1:lat", 15, "lat"),
        ("(* Result: cet=Sometimes lat=Never *)", 26, "lat"),
        ("(* Result: lat=Never, Always *)", 12, "lat"), ("CPU=PU", 5, "PU"),
    ])
    func refusesUnknownProfiles(head: String, column: Int, name: String) throws {
        let checker = try TestChecker(try LitmusParser.parse(Self.text("exists (x=1)", head: head)))
        let error = try #require(throws: Diagnostic.self) {
            try checker.assignments(among: CPUProfile.builtIn, known: CPUProfile.builtIn)
        }
        #expect(error.place == SourcePlace(line: 2, column: column))
        #expect(error.length == name.count)
        #expect(error.message == "there is no profile `\(name)`")
        let remedy = try #require(error.remedy)
        #expect(remedy.contains("did you mean `late`?") == (name == "lat"))
        #expect(remedy.contains("profiles: cet, "))
    }

    @Test func takesProfilesThatAreKnownAndNotSelected() throws {
        let text = Self.text("exists (x=1)", head: "(* Result: late=Sometimes *)")
        let checker = try TestChecker(try LitmusParser.parse(text))
        let strict = CPUProfile.builtIn.filter { $0.name == "strict" }
        #expect(try checker.assignments(among: strict, known: CPUProfile.builtIn).map(\.label) == ["strict"])
    }

    /// Several slips are told at once.
    @Test func tellsAllUnknownNames() throws {
        let text = Self.text("exists (z=0 /\\ w=1)", head: "(* Result: lat=Sometimes strickt=Never *)")
        let test = try LitmusParser.parse(text)
        let error = try #require(throws: Diagnostic.self) { try TestChecker(test) }
        #expect(error.all.compactMap { $0.place?.column }.sorted() == [9, 16])
        let checker = try TestChecker(try LitmusParser.parse(text.replacing("z=0 /\\ w=1", with: "x=0")))
        let profiles = try #require(throws: Diagnostic.self) {
            try checker.assignments(among: CPUProfile.builtIn, known: CPUProfile.builtIn)
        }
        #expect(profiles.all.compactMap { $0.place?.column }.sorted() == [12, 26])
    }
}
