import Diagnostics
import Litmus
import Testing

@testable import Synthesis

/// What makes a problem, and what is wrong with files that are none.
@Suite struct ProblemTests {
    private func fault(_ texts: [String]) throws -> String {
        let tests = try texts.map { try Sample.test($0) }
        do throws(Diagnostic) {
            _ = try SynthesisProblem(tests)
            return "no error"
        } catch {
            #expect(error.remedy != nil)
            return error.message
        }
    }

    @Test func startsAreAllCombinationsWithEveryOtherBitBothWays() throws {
        let problem = try Sample.problem()
        #expect(problem.starts.count == 8)
        for start in problem.starts {
            #expect(start.entry & 3 == 3 && start.entry & 1 << 58 == 0)
            let isDirty = start.entry & 64 != 0
            #expect(start.expected == start.entry & ~66 | (isDirty ? 1 << 58 : 0))
        }
        let others = ~(UInt64(1) << 58 | 99)
        let all = problem.starts.map { $0.entry & others }
        #expect(all.reduce(0, |) == others && all.reduce(~0, &) & others == 0)
        #expect(problem.kinds == [.clean, .cleanAndOld, .dirty, .dirtyAndOld])
    }

    @Test func outputsAreBitsInPlace() throws {
        let problem = try Sample.problem(
            Sample.text(
                contract: "in rdi; scratch rax; out al&64",
                ensures: "ensures ([PTE(x)] = old with (d:0) /\\ al&64 = old.d)"))
        for start in problem.starts {
            #expect(start.outputs == [Start.Output(register: 0, mask: 64, value: start.entry & 64)])
        }
    }

    @Test func filesThatAreNoProblemAreErrors() throws {
        #expect(try fault([]) == "no file of a problem is named")
        let plain = "X86_64 plain\n{ }\n P0 ;\n nop ;\n~exists (0:rax=1)"
        #expect(try fault([plain]).contains("has no hole"))
        #expect(try fault([Sample.text(), plain]).contains("has no hole `wp`"))
        let other = Sample.text(contract: "in rdi; scratch rax rcx")
        #expect(try fault([Sample.text(), other]).contains("another contract"))
        #expect(try fault([Sample.text(starts: "")]).contains("which entries"))
        #expect(try fault([Sample.text(ensures: "")]).contains("what the sequence is to do"))
        let contradicting = Sample.text(starts: "starts (rw:1, d:0)")
        #expect(try fault([Sample.text(), contradicting]).contains("`starts` says something else"))
        #expect(try fault([Sample.text(condition: "exists (lost_dirty(x))")]).contains("what may not happen"))
        #expect(try fault([Sample.text(contract: "in rsi; scratch rax")]).contains("holds the address"))
        #expect(try fault([Sample.text(contract: "in rdi")]).contains("0 scratch registers"))
    }

    @Test func theHashIsOfWhatMatters() throws {
        let hash = try Sample.problem().hash
        #expect(try Sample.problem(Sample.text(name: "other")).hash == hash)
        #expect(try Sample.problem(Sample.text(entry: "rw:1, d:1")).hash != hash)
        #expect(hash.count == 32)
    }
}
