import CompiledTests
import Diagnostics
import Foundation
import Litmus
import Testing

@Suite struct CTestErrorTests {
    private func test(_ body: String, condition: String = "exists (true)", head: String = "", state: String = "")
        -> String
    {
        "C bad\n\(head){ \(state) }\n\(body)\n\(condition)\n"
    }

    @Test func compilerErrorsHaveTheTestsPlace() async {
        let fault = await Sample.diagnostic(test("P0(int *x) {\n  *x = ;\n}"))
        #expect(fault?.message == "clang: expected expression")
        #expect(fault?.file == "sample.litmus")
        #expect(fault?.place?.line == 4)
        #expect(fault?.place?.column == 8)
    }

    /// Whatever lies below the stack pointer is dead to the machine: a handler of an interrupt would write over it.
    @Test func redZonesAreRefused() async throws {
        let body = """
            P0(int *x)
            {
                volatile long kept[2];
                kept[0] = READ_ONCE(*x);
                WRITE_ONCE(*x, kept[0] + 1);
            }
            """
        let text = test(body, condition: "forall (x=6)", state: "int x = 5;")
        #expect(try await Sample.verdict(text).observation == .always)
        let fault = await Sample.diagnostic(text, flags: ["-mred-zone"])
        #expect(fault?.message.contains("keeps data below the stack pointer") == true, "\(fault?.message ?? "none")")
        #expect(fault?.place?.line == 6)
        #expect(fault?.remedy?.contains("-mred-zone (--cflags)") == true)
    }

    @Test(arguments: [
        ("P0(int *x) { foo(x); } void foo(int *);", "clang: call to undeclared function"),
        ("void foo(int *); P0(int *x) { foo(x); }", "P0 calls foo, which is not defined"),
        ("P0(int x) { }", "is not a pointer"),
        ("P0(int *) { }", "has no name"),
        ("P1(int *x) { }", "there is a P1 and no P0"),
        ("P0(int *x) { } P0(int *x) { }", "P0 is defined twice"),
        ("P0(int *x) { if (1) { }", "not closed"),
        ("P0(int *x) { /* }", "comment does not end"),
        ("P0(int *x) { char *s = \"a; }", "literal does not end"),
        ("int f(void) { return 1; }", "no function P0"),
        ("P0(int *x) { double d = *x; *x = d / 3; }", "uses floating point"),
        ("P0(int *x) { ((void (*)(void))(unsigned long)*x)(); }", "a call through a pointer has no known target"),
        ("P0(int *x) { asm volatile(\"vzeroupper\"); }", "in P0: unknown instruction"),
        (
            "long f(long n) { return n ? 1 + f(n + 1) * n : 0; } P0(int *x) { int r = f(READ_ONCE(*x) + 1); *x = r; }",
            "stack of P0 is used up"
        ),
        ("P0(int *x) { float f = *x; *x = f * 2.5f; }", "P0 uses floating point"),
        (
            "void g(void) { } P0(int *x) { void (*f)(void) = READ_ONCE(*x) ? g : (void (*)(void))8ul; f(); }",
            "P0 jumps to an address that is not code"
        ),
        ("int x; P0(int *x) { WRITE_ONCE(*x, 1); extern int x_; }", ""),
    ]) func faultsAreExplained(_ body: String, _ message: String) async {
        let fault = await Sample.diagnostic(test(body))
        if message.isEmpty {
            #expect(fault == nil)
        } else {
            #expect(fault?.message.contains(message) == true, "\(String(describing: fault))")
        }
    }

    @Test(arguments: [
        ("P0(int *x) { WRITE_ONCE(*y, 1); }", 3, 26),
        ("P0(int *x) {\n\tint r = 1; WRITE_ONCE(*x, y);\n}", 4, 28),
        ("P0(int *x) { /* \u{e4}\u{1f600} */ WRITE_ONCE(*x, y); }", 3, 38),
        ("static int a; void P0(int *x) { (void)0; y(); }", 3, 42),
        ("P0(int *x) { asm volatile(\"vzeroupper\"); }", 3, 14),
        ("static inline void f(void) {\n  asm volatile(\"vzeroupper\"); }\nP0(int *x) { f(); }", 4, 3),
    ]) func columnsAreThoseOfTheFile(_ body: String, _ line: Int, _ column: Int) async {
        let fault = await Sample.diagnostic(test(body))
        #expect(fault?.place?.line == line, "\(String(describing: fault))")
        #expect(fault?.place?.column == column, "\(String(describing: fault))")
    }

    @Test func columnsBehindTheInitialStateAreThoseOfTheFile() async {
        let fault = await Sample.diagnostic("C a\n{ } P0(int *x) { WRITE_ONCE(*y, 1); }\nexists (true)\n")
        #expect(fault?.place?.line == 2)
        #expect(fault?.place?.column == 30)
    }

    @Test func conditionsNameExistingLocals() async {
        let fault = await Sample.diagnostic(test("P0(int *x) { int r1 = *x; }", condition: "exists (0:r2=1)"))
        #expect(fault?.message == "P0 has no local variable `r2` in its outermost block")
        let other = await Sample.diagnostic(test("P0(int *x) { }", condition: "exists (1:r2=1)"))
        #expect(other?.message.contains("P1") == true)
    }

    @Test func registersCannotBeSet() async {
        let fault = await Sample.diagnostic(test("P0(int *x) { }", state: "0:rdi = x;"))
        #expect(fault?.message.contains("0:rdi") == true)
    }

    @Test(arguments: ["-fplugin=a.so", "-o", "-I/etc", "-include", "-Wl,x", "-Wp,-MD"])
    func dangerousFlagsAreRefused(_ flag: String) async {
        let fault = await Sample.diagnostic(test("P0(int *x) { }", head: "CFlags=\(flag)\n"))
        #expect(fault?.message.contains("CFlags") == true)
        #expect(fault?.place?.line == 2)
    }

    @Test func flagsOfTheTestAreUsed() async throws {
        let text = test(
            "P0(int *x) { int r = VALUE; }", condition: "forall (0:r=7)", head: "CFlags=-DVALUE=7 -O1\n")
        #expect(try await Sample.verdict(text).observation == .always)
    }

    @Test func unknownFeaturesAreNamed() async {
        let fault = await Sample.diagnostic(
            test(
                "P0(pte_t *pte_x) { int r = pte_write(ptep_get(pte_x)); }", condition: "exists (0:r=1)",
                head: "Include=linux/pgtable-6.12.h\nFeature=sse9\n"))
        #expect(fault?.message.hasPrefix("there is no feature `sse9` in ptero.h") == true)
        #expect(fault?.place == SourcePlace(line: 3, column: 9))
        let near = await Sample.diagnostic(test("P0(int *x) { *x = 1; }", head: "Feature=-shtsk\n"))
        #expect(near?.remedy == "did you mean `shstk`?")
    }

    @Test func missingIncludesAndCompilersAreErrors() async {
        let fault = await Sample.diagnostic(test("P0(int *x) { }", head: "Include=no/such.h\n"))
        #expect(fault?.message.contains("no/such.h") == true)
        #expect(throws: Diagnostic.self) { try Clang("/nonexistent/clang") }
    }

    @Test func columnTestsAreNoCTests() throws {
        #expect(!CTest.isCTest(Array("X86_64 a\n{ }\n P0 ;\n nop ;\nexists (true)\n".utf8)))
        #expect(CTest.isCTest(Array("\u{feff}C a".utf8)))
        #expect(throws: Diagnostic.self) { try LitmusParser.parse("C a\n{ }\nP0(int *x) { }\nexists (true)\n") }
        #expect(throws: Diagnostic.self) { try CTest.parse(bytes: Array("C a\n".utf8)) }
        #expect(throws: Diagnostic.self) { try CTest.parse(bytes: Array("C a\n{ }\nP0(int *x) { }\n".utf8)) }
        #expect(throws: Diagnostic.self) { try CTest.parse(bytes: []) }
    }

    @Test func commentsAndStringsDoNotConfuseTheReader() throws {
        let text = """
            C tricky
            { x = 1; (* a { comment *) }
            #define OPEN {
            // exists (P9 { 
            /* P7(int *x) { } exists */
            static const char *s = "exists } {"; static char c = '{';
            P0(int *x) { (*x)++; if ((*x) == 1) { } /* } */ }
            (* Result: Never *)
            ~exists (x=5)
            """
        let test = try CTest.parse(bytes: Array(text.utf8))
        #expect(test.functions.count == 1)
        #expect(test.test.expectation.all == .never)
        #expect(test.test.condition.quantifier == .notExists)
        #expect(test.functions[0].parameters.map(\.spelling) == ["x"])
    }

    @Test func randomCutsNeverTrap() throws {
        let text = Array(
            """
            C cut
            CPU=cet
            { [PTE(x)] = (oa:PA(x), rw:1); [PTE(child:x)] = (p:0); }
            static int a[] = { 1, 2 }; /* c */
            P0(pte_t *pte_x, pte_t *child_pte_x, const int *restrict x) { int r = a[0]; "s"; }
            locations [0:r;] exists (0:r=1 /\\ lost_dirty(x))
            """.utf8)
        for length in 0..<text.count {
            _ = try? CTest.parse(bytes: Array(text[..<length]))
            _ = try? CTest.parse(bytes: Array(text[length...]))
        }
    }

    @Test func filesOfAllKindsAreLoaded() async throws {
        let (c, swiftc) = (CTestCompiler(clang: try Clang()), try SwiftSample.compiler(library: nil))
        let compilers = TestCompilers {
            c
        } swift: {
            swiftc
        }
        // A thread of its own, since those of asynchronous code must not wait.
        func load(_ text: String) async throws -> (test: LitmusTest, compiled: CompiledTest?) {
            try await withCheckedThrowingContinuation { continuation in
                DispatchQueue.global().async {
                    continuation.resume(
                        with: Result {
                            try TestFile.loadAndWait(
                                bytes: Array(text.utf8), file: "f", directory: nil, compilers: compilers)
                        })
                }
            }
        }
        let columns = try await load("X86_64 a\n{ }\n P0 ;\n nop ;\nexists (true)\n")
        #expect(columns.compiled == nil && columns.test.threads.count == 1)
        let compiled = try await load(test("P0(int *x) { *x = 1; }"))
        #expect(compiled.test.threads.first?.program.instructions.map(\.text) == ["movl $1,(%rdi)", "ret"])
        await #expect(throws: Diagnostic.self) { try await load(test("P0(int *x) { nonsense; }")) }
        let swift = try await load(SwiftSample.body("x.pointee = 1"))
        #expect(swift.test.threads.first?.program.instructions.map(\.text) == ["movl $1,(%rdi)", "ret"])
        await #expect(throws: Diagnostic.self) { try await load(SwiftSample.body("nonsense")) }
    }
}
