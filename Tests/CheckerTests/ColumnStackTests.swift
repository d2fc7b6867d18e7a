import Checker
import Diagnostics
import Litmus
import Machine
import Oracle
import Testing

/// The private stack that a column has when it uses one.
@Suite struct ColumnStackTests {
    /// The final states of a column on one profile, by both searches.
    private func finals(_ code: String, state: String = "", shows condition: String = "forall (true)") throws
        -> [String]
    {
        let rows = code.split(separator: "\n").map { " \($0) ;\n" }.joined()
        let text = "X86_64 t\n{ \(state) }\n P0 ;\n\(rows)\(condition)\n"
        let prepared = try Prepared(text: text, on: "strict")
        let fast = try prepared.verdicts().flatMap { $0.states.map { $0.text } }
        let reference = try prepared.verdicts { $0.usesReference = true }.flatMap { $0.states.map { $0.text } }
        #expect(fast == reference)
        return fast
    }

    @Test func pushesPopsCallsAndFramesWork() throws {
        let shows = "locations [0:rax; 0:rcx;] forall (true)"
        #expect(
            try finals("movl $3,%eax\npushq %rax\npushq $4\npopq %rax\npopq %rcx", shows: shows)
                == ["0:rax=4; 0:rcx=3;"])
        #expect(
            try finals(
                "call F\ncall F\njmp E\nF: pushq %rbp\nmovq %rsp,%rbp\naddl $2,%eax\nleave\nret\nE:", shows: shows)
                == ["0:rax=4; 0:rcx=0;"])
        #expect(
            try finals("stc\npushfq\nclc\npopfq\nsetb %al\nmovl $9,-64(%rsp)\nmovl -64(%rsp),%ecx", shows: shows)
                == ["0:rax=1; 0:rcx=9;"])
    }

    @Test func retAtTheEndAndBeforeItEndsTheThread() throws {
        #expect(try finals("movl $1,%eax\nret", shows: "locations [0:rax;] forall (true)") == ["0:rax=1;"])
        #expect(
            try finals("movl $1,%eax\nret\nmovl $2,%eax", shows: "locations [0:rax;] forall (true)") == ["0:rax=1;"])
    }

    @Test func aColumnThatSetsRspKeepsWhatItSetAndOneThatUsesNoStackHasNone() throws {
        #expect(
            try finals("popq %rax", state: "uint64_t x = 7; 0:rsp = x;", shows: "locations [0:rax;] forall (true)")
                == ["0:rax=7;"])
        #expect(try finals("movl $1,%eax", shows: "locations [0:rsp;] forall (true)") == ["0:rsp=0;"])
    }

    @Test(arguments: [
        ("L: pushq %rax\n jmp L", 4, "used up"), ("popq %rax\npopq %rax\npopq %rax", 5, "nothing"),
        ("movq $5,(%rsp)\nret", 5, "that is not code"),
    ])
    func whatAStackCannotDoIsToldAtItsPlace(code: String, line: Int, words: String) throws {
        #expect {
            _ = try finals(code)
        } throws: { error in
            let fault = error as? Diagnostic
            return fault?.message.contains(words) == true && fault?.place?.line == line
        }
    }

    @Test func retDoesNotEndAFaultHandler() throws {
        let text = "X86_64 t\n{ [PTE(x)]=(p:0); }\n P0 | P0.F ;\n movl (x),%eax | nop ;\n | ret ;\nexists (true)\n"
        #expect {
            _ = try Prepared(text: text, on: "strict")
        } throws: { error in
            let fault = error as? Diagnostic
            return fault?.message.contains("fault handler") == true && fault?.place?.line == 5
        }
    }

    @Test func theOracleWhichHasNoStacksSaysSo() throws {
        let test = try LitmusParser.parse("X86_64 t\n{ }\n P0 ;\n ret ;\nexists (true)\n")
        #expect(throws: OracleError.self) {
            _ = try Oracle.explore(test, profiles: [], maxStates: 10)
        }
    }
}
