import Checker
import Foundation
import Litmus
import Machine
import TestSupport
import Testing

/// What the conditions of one test share, and what they do not.
@Suite struct SeveralConditionsTests {
    private func verdicts(_ text: String, on name: String = "late") throws -> [Verdict] {
        let profile = try #require(CPUProfile.builtIn.first { $0.name == name })
        return try LitmusParser.parse(text).questions.map { question in
            try TestChecker(question).check(
                label: name, profiles: [CPUProfile](repeating: profile, count: question.threads.count))
        }
    }

    /// An entry that any condition names makes its page a translated one, for all of them.
    @Test func whatOneConditionNamesIsThereForAll() throws {
        let text = """
            X86_64 t
            { }
             P0          ;
             movl $1,(x) ;
            exists a: (x=1)
            exists b: ([PTE(x)].d=1 /\\ x=1)
            """
        let both = try verdicts(text)
        #expect(both.map(\.test) == ["t:a", "t:b"])
        #expect(both.map(\.conditionName) == ["a", "b"])
        #expect(both.map(\.observation) == [.always, .always])
        // The store is translated: a walk comes before it.
        #expect(both[0].statistics.states == both[1].statistics.states)
        let alone = try verdicts(text.replacing("exists b", with: "(* exists b").appending(" *)"))
        #expect(alone[0].statistics.states < both[0].statistics.states)
        // The question as a test of its own is the same.
        let question = try LitmusParser.parse(text).questions[0].withOthers
        #expect(try verdicts(LitmusWriter.text(of: question))[0].statistics.states == both[0].statistics.states)
    }

    @Test(.enabled(if: Installed.program("differential") != nil, "differential is not built beside the tests"))
    func theProgramThatComparesTheSearchesAsksEachCondition() throws {
        let text = """
            X86_64 t
            { [PTE(x)] = (oa:PA(x), rw:1, d:0); 0:rdi = PTE(x); }
             P0                   | P1          ;
             lock andb $-3,(%rdi) | movl $1,(x) ;
            exists (x=1)
            ~exists lost: (lost_dirty(x))
            exists rule: (kernel_shadow_stack(x))
            """
        let folder = try TemporaryFolder(["t.litmus": text])
        func output(_ file: String) throws -> String {
            let (process, pipe) = (Process(), Pipe())
            process.executableURL = Installed.program("differential")
            process.arguments = ["--oracle", "--profile", "late", folder.file(file).path]
            process.standardOutput = pipe
            try process.run()
            let output = try pipe.fileHandleForReading.readToEnd() ?? Data()
            process.waitUntilExit()
            return String(decoding: output, as: UTF8.self)
        }
        let compared = try output("t.litmus")
        #expect(compared.hasPrefix("1 tests, 3 verdicts, 0 differences, 0 skipped, oracle agrees 3\n"), "\(compared)")
        // What is wrong with a later condition is told.
        try folder.write("bad.litmus", text.replacing("kernel_shadow_stack(x)", with: "[PTE(q)].d=1"))
        let refused = try output("bad.litmus")
        #expect(refused.contains("it is refused") && refused.contains("q"), "\(refused)")
    }

    @Test func aConditionAsksForItsOwnOnly() throws {
        let both = try verdicts(
            """
            X86_64 t
            { [PTE(x)] = (oa:PA(x), rw:1, d:0); 0:rdi = PTE(x); }
             P0                   | P1          ;
             lock andb $-3,(%rdi) | movl $1,(x) ;
            locations [x;]
            exists (kernel_shadow_stack(x))
            ~exists lost: (lost_dirty(x))
            """)
        #expect(both[0].states.allSatisfy { !$0.text.contains("lost_dirty") })
        #expect(both[1].states.allSatisfy { !$0.text.contains("kernel_shadow_stack") })
        #expect(both.map(\.quantifier) == [.exists, .notExists])
        #expect(both.map(\.conditionName) == [nil, "lost"])
        #expect(both[0].witness != nil && both[1].witness == nil)
    }
}
