import Litmus
import Testing
import X86

@testable import CompiledTests

/// Where machine code comes from: functions and lines, inlined ones included.
@Suite(.enabled(if: (try? Clang()) != nil, "no clang")) struct CodeOriginTests {
    private let text = """
        C origins
        Include=linux/pgtable-6.12.h
        Stub=lookup
        { [PTE(x)] = (oa:PA(x), rw:1, d:0); }
        void *lookup(int *x);
        static inline void protect(pte_t *p)
        {
            ptep_set_wrprotect(&init_mm, 0, p);
        }
        P0(pte_t *pte_x, int *x)
        {
            if (lookup(x))
                protect(pte_x);
            WARN_ON(1);
        }
        P1(int *x) { WRITE_ONCE(*x, 1); }
        exists (lost_dirty(x))
        """

    private func origins() async throws -> (CompiledCode.Origins, Program) {
        let test = try await Sample.compile(text)
        let code = try #require(test.test.compiled)
        #expect(code.origins.count == 2)
        return (code.origins[0], test.test.threads[0].program)
    }

    @Test func eachInstructionHasAPlace() async throws {
        let (origins, program) = try await origins()
        #expect(origins.chainNumbers.count == program.instructions.count)
        let exchange = try #require(program.instructions.firstIndex { $0.text.contains("cmpxchg") })
        let chain = origins.chain(exchange)
        // The innermost line stands in Ptero's own header, the outermost in the test.
        #expect(chain.first?.file == "ptero.h" || chain.first?.file == "linux/pgtable-6.12.h", "\(chain)")
        #expect(chain.contains { $0.function == "ptep_set_wrprotect" && $0.file == "linux/pgtable-6.12.h" }, "\(chain)")
        #expect(
            chain.contains {
                $0.function == "protect" && $0.file == "sample.litmus" && $0.line == 8
                    && $0.text == "ptep_set_wrprotect(&init_mm, 0, p);"
            }, "\(chain)")
        #expect(chain.last?.function == "P0")
        #expect(chain.last?.place == "sample.litmus:13")
        #expect(origins.chain(-1).isEmpty && origins.chain(1 << 20).isEmpty)
    }

    @Test func functionsLieOneAfterTheOther() async throws {
        let (origins, program) = try await origins()
        #expect(origins.functions.map(\.name) == ["P0", "lookup"])
        #expect(origins.functions.map(\.isStub) == [false, true])
        #expect(origins.functions[0].instructions.lowerBound == 0)
        #expect(origins.functions[0].instructions.upperBound == origins.functions[1].instructions.lowerBound)
        #expect(origins.functions[1].instructions.upperBound == program.instructions.count)
        #expect(origins.function(program.instructions.count - 1)?.name == "lookup")
    }

    @Test func warningsAreKnown() async throws {
        let (origins, program) = try await origins()
        #expect(origins.warnings.count == 1)
        #expect(origins.warnings.allSatisfy { program.instructions[$0].text.contains("__ptero_warned") })
        #expect(origins.bugs.isEmpty)
        #expect(origins.chain(origins.warnings[0]).last?.line == 14)
    }

    @Test func attributesAreNoFunctions() {
        let text = SourceTexts.Text(
            """
            __printf(1, 2) static int one(const char *s, ...)
            {
            }
            __attribute__((unused))
            static int two(void) __must_hold(x)
            {
                return 1;
            }
            int __three(void) { return 0; }
            """)
        #expect(text.function(at: 2) == "one")
        #expect(text.function(at: 7) == "two")
        #expect(text.function(at: 9) == "__three")
        #expect(text.function(at: 10) == nil)
        #expect(text.line(7) == "return 1;" && text.line(0) == "" && text.line(99) == "")
    }
}
