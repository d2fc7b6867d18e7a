import Litmus
import Testing

@testable import CompiledTests

@Suite struct CodeStepTests {
    private static let text = """
        C protect
        "ptep_set_wrprotect, then the flush."
        Include=linux/pgtable-6.12.h
        (* Result: Never *)
        { [PTE(x)] = (oa:PA(x), rw:1, d:0); }
        P0(pte_t *pte_x, int *x, int *done)
        {
        	ptep_set_wrprotect(&init_mm, (unsigned long)x, pte_x);
        	flush_tlb_page(x);
        	smp_mb();
        	WRITE_ONCE(*done, 1);
        }
        P1(int *x) { WRITE_ONCE(*x, 1); }
        exists (lost_dirty(x))

        """

    @Test func stepsStandInTheLinesThatTheyComeFrom() async throws {
        let test = try await Sample.compile(Self.text).test
        let steps = CodeSteps.all(of: test)
        #expect(steps.filter { $0.line == 8 }.map(\.kind) == [.lock(isImplied: false)])
        #expect(steps.filter { $0.line == 9 }.map(\.text) == ["flush_tlb_page"])
        #expect(steps.filter { $0.line == 10 }.map(\.kind) == [.fence])
        #expect(steps.filter { $0.line == 11 }.map(\.kind) == [.store])
        #expect(steps.filter { $0.processor == 1 }.map(\.kind) == [.store])
    }

    @Test func aHeaderLineTakesAStepAway() async throws {
        let test = try await Sample.compile(Self.text).test
        let lock = try #require(CodeSteps.all(of: test).first { $0.way == .lock })
        let without = try #require(CodeSteps.without(lock, from: test))
        #expect(try Sample.verdicts(of: test).allSatisfy { $0.observation == .never })
        let verdicts = try Sample.verdicts(of: without)
        #expect(verdicts.allSatisfy { $0.observation == .sometimes })
        let written = try #require(
            SourceEdits.renamed(Array(Self.text.utf8), language: .c, name: "other", description: "no lock") { shift in
                ["Without=\(lock.header(shift: shift))"]
            })
        let again = try await Sample.compile(String(decoding: written, as: UTF8.self)).test
        #expect(again.name == "other" && again.description == "no lock")
        #expect(again.expectation == Expectation())
        #expect(try Sample.verdicts(of: again).map(\.replay) == verdicts.map(\.replay))
    }

    @Test func aHeaderThatFitsNothingIsAnError() async {
        for (value, words) in [
            ("P0:99:lock:lock cmpxchgq %rcx,(%rdi)", "has no such step"), ("P0", "takes a processor"),
            ("P0:9:half:flush_tlb_page", "takes a processor"),
        ] {
            let text = Self.text.replacing("Include=", with: "Without=\(value)\nInclude=")
            let diagnostic = await Sample.diagnostic(text)
            #expect(diagnostic?.message.contains(words) == true, "\(value): \(diagnostic?.message ?? "")")
            #expect(diagnostic?.place?.line == 3)
        }
    }

    @Test func neighbouringStatementsAreExchanged() throws {
        let text = """
            C t
            { }
            P0(int *x, int *y)
            {
            	int a = 1;
            	WRITE_ONCE(*x, a);

            	WRITE_ONCE(*y, 1);
            	if (a)
            		WRITE_ONCE(*x, 2);
            	a = READ_ONCE(*y);
            	WRITE_ONCE(*x, a);
            }
            exists (x=1)
            """
        let steps: [Int: Set<Int>] = [6: [0], 8: [0], 10: [0], 11: [0], 12: [0]]
        let found = SourceEdits.exchanges(in: Array(text.utf8), language: .c, steps: steps)
        #expect(found == [SourceEdits.Exchange(processor: 0, first: 6, second: 8)])
        let changed = String(decoding: SourceEdits.applying(found[0], to: Array(text.utf8)), as: UTF8.self)
        let lines = changed.split(separator: "\n", omittingEmptySubsequences: false)
        #expect(lines[5].contains("*y, 1") && lines[7].contains("*x, a"))
    }
}
