import Diagnostics
import Litmus
import Testing
import X86

/// Instructions in place of holes.
@Suite struct FillingTests {
    private static let rows = """
         P0 | P1 ;
         movl $1,(x) | L: ??wp {scratch rax; out al} ;
         A: ??wp | M: nop ;
         B: ??late {} | jmp L ;
         C: jmp A | ;
         ??wp | ;
         D: | ;
        """

    private func source(_ rows: String = rows) -> String {
        Sample.test(
            state: "[PTE(x)] = (rw:1);", program: rows, "starts (d:*) ensures ([PTE(x)] = old)\n~exists (lost_dirty(x))"
        )
    }

    private func texts(_ test: LitmusTest, _ column: Int) -> [String] {
        test.threads[column].program.instructions.map(\.text)
    }

    @Test func allHolesOfANameAreFilled() throws {
        let test = try parsed(source()).filled("wp", with: ["lock andb $-3,(x)", "nop"])
        #expect(texts(test, 0) == ["movl $1,(x)", "lock andb $-3,(x)", "nop", "jmp A", "lock andb $-3,(x)", "nop"])
        #expect(texts(test, 1) == ["lock andb $-3,(x)", "nop", "nop", "jmp L"])
        #expect(test.threads[0].program.labels == ["A": 1, "B": 3, "C": 3, "D": 6])
        #expect(test.threads[1].program.labels == ["L": 0, "M": 2])
        #expect(test.holes.map(\.name) == ["late"] && test.holes[0].position == 3 && test.holes[0].labels == ["B"])
        #expect(test.starts != nil && test.ensures.count == 1)
        #expect(test.threads[0].program.instructions[1].place == SourcePlace(line: 6, column: 5))
    }

    @Test func theLastHoleTakesItsClausesWithIt() throws {
        let test = try parsed(source()).filled("wp", with: []).filled("late", with: ["nop"])
        #expect(test.holes.isEmpty && test.starts == nil && test.ensures.isEmpty)
        #expect(texts(test, 0) == ["movl $1,(x)", "nop", "jmp A"])
        #expect(test.threads[0].program.labels == ["A": 1, "B": 1, "C": 2, "D": 3])
        #expect(try parsed(LitmusWriter.text(of: test)).isSame(as: test))
    }

    @Test func whatIsFilledIsTheTestThatOneWouldHaveWritten() throws {
        let filled = try parsed(source()).filled("late", with: ["E: nop", "jne E", "F:"])
            .filled("wp", with: ["retry:", "lock xaddb %al,(x)", "jne retry", "jmp done", "done:"])
        let written = try parsed(
            Sample.test(
                state: "[PTE(x)] = (rw:1);",
                program: """
                     P0 | P1 ;
                     movl $1,(x) | L: retry: lock xaddb %al,(x) ;
                     A: retry: lock xaddb %al,(x) | jne retry ;
                     jne retry | jmp done ;
                     jmp done | done: M: nop ;
                     done: B: E: nop | jmp L ;
                     jne E | ;
                     F: C: jmp A | ;
                     retry_2: lock xaddb %al,(x) | ;
                     jne retry_2 | ;
                     jmp done_2 | ;
                     done_2: D: | ;
                    """, "~exists (lost_dirty(x))"))
        #expect(filled.isSame(as: written), "\(LitmusWriter.text(of: filled))")
    }

    @Test func neighboursKeepTheirOrder() throws {
        let rows = " P0 ;\n ??a {} ;\n B: ??b {} ;\n C: ??a ;\n D: ;\n"
        for order in [["a", "b"], ["b", "a"]] {
            var test = try parsed(source(rows))
            for name in order { test = try test.filled(name, with: ["\(name):", "movl $1,(\(name))", "end_\(name):"]) }
            #expect(
                texts(test, 0)
                    == ["movl $1,(a)", "movl $1,(b)", "movl $1,(a)"])
            #expect(
                test.threads[0].program.labels == [
                    "a": 0, "end_a": 1, "B": 1, "b": 1, "end_b": 2, "C": 2, "a_2": 2, "end_a_2": 3, "D": 3,
                ])
        }
    }

    @Test func anInstructionInTheHoleJumpsOverItsEnd() throws {
        // The number of instructions that a thread ends at is that of the filled column.
        let test = try parsed(source(" P0 ;\n ??wp {} ;\n nop ;\n")).filled("wp", with: ["jmp L", "nop", "L:"])
        let program = try test.threads[0].program.linked(symbols: { _ in nil })
        #expect(program.instructions.count == 3 && program.labels["L"] == 2)
        let whole = try parsed(source(" P0 ;\n jmp L ;\n nop ;\n L: nop ;\n ??z {} ;\n")).threads[0].program
        #expect(try whole.linked(symbols: { _ in nil }).instructions.map(\.text) == program.instructions.map(\.text))
    }

    @Test func whatIsWrongIsToldAtTheHole() throws {
        let test = try parsed(source())
        func said(_ name: String, _ lines: [String]) -> Diagnostic? {
            do throws(Diagnostic) { _ = try test.filled(name, with: lines) } catch { return error }
            return nil
        }
        #expect(said("wpp", [])?.message == "the test t has no hole `wpp`")
        #expect(said("wpp", [])?.remedy == "did you mean `wp`?")
        #expect(said("late", ["A: nop"])?.message == "the label `A` in the hole `late` is also a label of P0")
        #expect(said("late", ["A: nop"])?.place == SourcePlace(line: 7, column: 5))
        #expect(said("late", ["1: jmp 1b"])?.message == "the label `1` in the hole `late` is a number")
        #expect(said("late", ["bogus"])?.place?.line == 7)
        #expect(said("late", ["lock"])?.message.contains("no instruction after it") == true)
        #expect(said("late", ["nop", "jmp 1f"]) != nil)
        #expect(said("late", ["nop"]) == nil)
    }
}
