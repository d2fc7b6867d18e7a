import Litmus
import Testing

@Suite struct HeadTests {
    @Test func nameDescriptionAndHeadersAreRead() throws {
        let test = try parsed(Sample.fork)
        #expect(test.name == "wrprotect-lock-and+write")
        #expect(test.description?.hasPrefix("fork() write-protects") == true)
        #expect(test.headers.map(\.key) == ["CPU", "Fault"])
        #expect(test.headers.first?.place == .init(line: 3, column: 1))
        #expect(test.expectation.byProfile == ["cet": .sometimes, "late": .never, "strict": .never, "knl": .never])
        #expect(test.expectation["book"] == nil)
    }

    @Test func unknownKeysAreKept() throws {
        let test = try parsed(Sample.diy)
        #expect(test.headers.map(\.key) == ["Generator", "Prefetch", "Com", "Orig", "Relax"])
        #expect(test.header("Generator") == "diy7 (version 7.58+1)")
        #expect(test.header("Relax")?.isEmpty == true)
    }

    @Test func descriptionMayFollowTheHeadersOrTheName() throws {
        #expect(try parsed(Sample.test(head: "A=b\n\"later\"")).description == "later")
        #expect(try parsed("X86_64 t \"at once\"\n{}\n P0 ;\n nop ;\nexists (true)").description == "at once")
        #expect(try parsed(Sample.test(head: "\"two\nlines { (* \"")).description == "two\nlines { (* ")
    }

    @Test func commentsNestAndStandAnywhere() throws {
        let source =
            "(* a *) X86_64 t (* (* b *) *)\n{ (* } *) x=1; }\n P0 (* | P1 *) ;\n nop (* ; *) ;\nexists (* x *) (x=1) (* end"
        #expect(fault(in: source)?.message == "this comment does not end")
        let test = try parsed(source + " *)")
        #expect(test.initializations.count == 1)
        #expect(test.threads.count == 1)
    }

    @Test func headerValuesHoldNoComments() throws {
        let test = try parsed(Sample.test(head: "Orig=[a] (* {\nB=\"x"))
        #expect(test.header("Orig") == "[a] (* {")
        #expect(test.header("B") == "\"x")
    }

    @Test func namesMayHoldAnySigns() throws {
        for name in ["a\"b(c", "x+y[w]-z.2/3", "ä~", "\"q\""] {
            let test = try parsed("X86_64 \(name) \"d\"\n{}\n P0 ;\nexists (true)")
            #expect(test.name == name)
            #expect(test.description == "d")
            #expect(try parsed(LitmusWriter.text(of: test)).isSame(as: test))
        }
    }

    @Test func windowsLineEndsAndByteOrderMarkDoNotMatter() throws {
        let plain = try parsed(Sample.fork)
        let windows = try parsed("\u{feff}" + Sample.fork.replacing("\n", with: "\r\n"))
        #expect(windows.isSame(as: plain))
        #expect(windows.description == plain.description)
    }

    @Test func theNameMayBeTheFiles() throws {
        let source = Sample.test().replacing("X86_64 t", with: "X86_64 --")
        #expect(try LitmusParser.parse(source, file: "dir/a.b.litmus").name == "a.b")
        #expect(try LitmusParser.parse(source).name == "--")
    }

    @Test func expectationsMixAllAndProfiles() throws {
        let test = try parsed(Sample.test(head: "(*\n * Result: Never, cet=Always.\n *)"))
        #expect(test.expectation["cet"] == .always)
        #expect(test.expectation["late"] == .never)
        let split = try parsed(Sample.test(head: "(* Result: Never *) (* Result: cet=Inconclusive *)"))
        #expect(split.expectation.all == .never)
        #expect(split.expectation["cet"] == .inconclusive)
        #expect(try parsed(Sample.test()).expectation == Expectation())
    }

    @Test(arguments: [
        FaultCase("AArch64 t\n{}\n P0 ;\n", "architecture `AArch64` is not supported", at: "AArch64", remedy: "X86_64"),
        FaultCase("X86 t\n{}", "`X86` is herd7's 32-bit architecture", at: "X86", remedy: "X86_64"),
        FaultCase("x86_64 t\n{}", "spelled `X86_64`", at: "x86_64", remedy: "X86_64"),
        FaultCase("\n  C t\n{}", "this is a C test", at: "C", remedy: "compiles C tests"),
        FaultCase("hello\n", "`hello` is not one", at: "hello", remedy: "X86_64 NAME"),
        FaultCase("X86_64\n{}", "no name", at: ""),
        FaultCase("X86_64 t\nCPU=cet\n", "no initial state", at: "t", remedy: "{ }"),
        FaultCase("X86_64 t\n\"abc\n{}", "description does not end", at: "\""),
        FaultCase(Sample.test(head: "Fault: P1:retry"), "`Fault` lacks its `=`", at: "Fault", remedy: "Fault=P1:retry"),
        FaultCase(Sample.test(head: "(* Result: Nver *)"), "`Nver` is not a verdict", at: "Nver", remedy: "`Never`"),
        FaultCase(
            Sample.test(head: "(* Result: cet=Yes *)"), "`Yes` is not a verdict", at: "Yes", remedy: "Sometimes"),
        FaultCase(Sample.test(head: "(* Result: *)"), "names no verdict", at: "Result: ", remedy: "Never"),
        FaultCase(Sample.test(head: "(* Result: Never Always *)"), "was Never before", at: "Always"),
        FaultCase(Sample.test(head: "(* Result: a=Never a=Always *)"), "for `a` was Never", at: "a=Always"),
    ])
    func faults(_ fault: FaultCase) { fault.check() }
}
