import Diagnostics
import Litmus
import Testing
import X86

/// Program columns.
@Suite struct ProgramTests {
    private func program(_ text: String) throws -> LitmusTest { try parsed(Sample.test(program: text)) }

    @Test func columnsAreSortedByNumber() throws {
        let test = try program(" P1 | P0 | P1.F ;\n movl $1,(x) | nop | hlt ;\n")
        #expect(test.threads.map(\.processor) == [0, 1])
        #expect(test.threads.map { $0.program.instructions.map(\.text) } == [["nop"], ["movl $1,(x)"]])
        #expect(test.handlers.keys.sorted() == [1])
        #expect(test.threads[1].place == SourcePlace(line: 4, column: 2))
    }

    @Test func placesAreThoseOfTheText() throws {
        let test = try parsed(Sample.fork)
        #expect(test.threads[0].program.instructions.map(\.place.line) == [11, 12])
        #expect(test.threads[1].program.instructions.map(\.place) == [SourcePlace(line: 11, column: 27)])
    }

    @Test func columnsMayDifferInLength() throws {
        let test = try program(" P0 | P1 ;\n nop | ;\n nop | nop ;\n ;\n | nop ;\n")
        #expect(test.threads.map(\.program.instructions.count) == [2, 2])
    }

    @Test func labels() throws {
        let test = try program(" P0 ;\n A: B: nop ;\n C: ;\n nop ;\n D: ;\n")
        #expect(test.threads[0].program.labels == ["A": 0, "B": 0, "C": 1, "D": 2])
    }

    @Test func lockMayHaveItsOwnSemicolon() throws {
        let test = try program(" P0 | P1 ;\n nop | lock ; incl (x) ;\n L: lock; incl (x) | nop ;\n")
        #expect(test.threads[0].program.instructions.map(\.isLocked) == [false, true])
        #expect(test.threads[1].program.instructions.map(\.isLocked) == [true, false])
    }

    @Test func aCellMayGoOverLines() throws {
        let test = try program(" P0 |\n P1 ;\n movl\n $1,(x) |\n nop ;\n")
        #expect(test.threads[0].program.instructions.map(\.text) == ["movl $1,(x)"])
        #expect(test.threads[1].program.instructions.map(\.text) == ["nop"])
    }

    @Test func aTestMayHaveNoInstructions() throws {
        #expect(try program(" P0 ;\n").threads[0].program.instructions.isEmpty)
        #expect(try program("; P0 ;\n").threads.count == 1)
    }

    @Test func cellsHaveALimit() {
        let cell = String(repeating: "a", count: 5000)
        #expect(fault(in: Sample.test(program: " P0 ;\n \(cell) ;\n"))?.message == "a cell has at most 4096 bytes")
    }

    @Test func assemblyErrorsBecomeDiagnostics() throws {
        let source = Sample.test(program: " P0 | P1 ;\n nop | movl @,(x) ;\n")
        let diagnostic = try #require(fault(in: source))
        #expect(diagnostic.file == "t.litmus")
        #expect(diagnostic.place?.line == 5)
        #expect((8...19).contains(diagnostic.place?.column ?? 0))
    }

    @Test(arguments: [
        FaultCase("X86_64 t\n{}\n", "no program", at: "}", remedy: "P0 | P1"),
        FaultCase("X86_64 t\n{}\nexists (true)", "no program", at: "}"),
        FaultCase(Sample.test(program: " P0 | P0 ;\n"), "two columns P0", at: "P0"),
        FaultCase(Sample.test(program: " P0 | P2 ;\n"), "no column P1", at: "P2", remedy: "without gaps"),
        FaultCase(Sample.test(program: " P1 ;\n"), "no column P0", at: "P1"),
        FaultCase(Sample.test(program: " P0 | P1.F ;\n"), "handler P1.F belongs to no column", at: "P1.F"),
        FaultCase(Sample.test(program: " P0.F ;\n"), "belongs to no column", at: "P0.F"),
        FaultCase(Sample.test(program: " P0 | Q1 ;\n"), "`Q1` is not the head of a column", at: "Q1"),
        FaultCase(Sample.test(program: " P0 | ;\n"), "a column has no head", at: ";"),
        FaultCase(
            Sample.test(program: " P0 | P99999999999999999999 ;\n"), "not the head of a column",
            at: "P99999999999999999999"),
        FaultCase(Sample.test(program: " P0 | P1 ;\n nop ;\n"), "1 cell, the test 2 columns", at: " ", remedy: "|"),
        FaultCase(Sample.test(program: " P0 ;\n nop | nop ;\n"), "2 cells, the test 1 column", at: "nop"),
        FaultCase(Sample.test(program: " P0 ;\n nop\n"), "row does not end", at: "p", remedy: ";"),
        FaultCase("X86_64 t\n{}\n P0 ;\n nop ", "row does not end", at: "p"),
        FaultCase(Sample.test(program: " P0 ;\n A: 1: nop ;\n"), "label `1` is a number", at: "1", remedy: "`L1`"),
        FaultCase(Sample.test(program: " P0 ;\n ?? {rdi} ;\n"), "this hole has no name", at: "??", remedy: "??NAME"),
        FaultCase(Sample.test(program: " P0 ;\n movq (P4D(x)),%rax ;\n"), "five page-table levels", at: "P4D"),
        FaultCase(Sample.test(program: " P0 ;\n movq $PT(x),%rax ;\n"), "is a table", at: "PT", remedy: "`PTE(x)`"),
        FaultCase(Sample.test(program: " P0 ;\n call free_table(PML4(x)) ;\n"), "five page-table levels", at: "PML4"),
    ])
    func faults(_ fault: FaultCase) { fault.check() }
}
