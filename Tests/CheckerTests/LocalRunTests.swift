import Checker
import Diagnostics
import Litmus
import Machine
import TestSupport
import Testing

/// What a thread does between two accesses to shared memory is one step of the machine, however long it takes; a loop
/// that never ends there must not make a verdict of what comes after it.
@Suite struct LocalRunTests {
    private func check(_ code: String, _ condition: String, reference: Bool = false) throws -> Verdict {
        let rows = code.split(separator: ";").map { " \($0) ;" }.joined(separator: "\n")
        let test = try LitmusParser.parse("X86_64 local\n{ x = 0; }\n P0 ;\n\(rows)\n\(condition)\n")
        var options = CheckOptions()
        options.usesReference = reference
        let profile = try #require(CPUProfile.builtIn.first)
        return try TestChecker(test).check(label: profile.name, profiles: [profile], options: options)
    }

    // A debug build runs some 300,000 instructions in a second; long loops run where everything does.
    @Test(arguments: Volume.isFull ? [1_000, 60_000, 200_000] : [1_000, 20_000], [false, true])
    func aLongLoopThatEndsIsRunToItsEnd(_ count: Int, _ reference: Bool) throws {
        let verdict = try check(
            "movl $\(count),%ecx; L: decl %ecx; jne L; movl $1,(x)", "exists (x=1)", reference: reference)
        #expect(verdict.observation == .always)
    }

    @Test(arguments: Volume.isFull ? [false, true] : [false])
    func aLoopThatCountsForEverIsInconclusiveAndTheBoundIsTold(_ reference: Bool) throws {
        let verdict = try check("L: incq %rcx; jmp L; movl $1,(x)", "exists (x=1)", reference: reference)
        #expect(verdict.observation == .inconclusive)
        #expect(verdict.reason == .outgrown(.localRun))
    }

    @Test(arguments: ["L: jmp L", "L: incb %cl; jmp L"] + (Volume.isFull ? ["L: incw %cx; jmp L"] : []))
    func aLoopThatComesBackToTheSameStateNeverEndsAndThatIsKnown(_ loop: String) throws {
        let code = loop + "; movl $1,(x)"
        #expect(try check(code, "exists (x=1)").observation == .never)
        #expect(try check(code, "exists (stuck(P0))").observation == .always)
    }

    @Test(arguments: ["jmp *%rax", "call *%rax", "jmp *(x)"])
    func aComputedJumpToWhatIsNoCodeIsAnErrorWithItsPlace(_ code: String) throws {
        do throws(Diagnostic) {
            let rows = " addq $16,%rsp ;\n \(code) ;"
            let test = try LitmusParser.parse(
                "X86_64 lost\n{ uint64_t x = 77; uint64_t s[4]; 0:rax = 77; 0:rsp = s; }\n P0 ;\n\(rows)\nexists (x=1)\n"
            )
            let profile = CPUProfile.builtIn[0]
            _ = try TestChecker(test).check(label: "p", profiles: [profile], options: CheckOptions())
            Issue.record("\(code) was accepted")
        } catch {
            #expect(error.message == "P0 jumps to an address that is not code")
            #expect(error.place?.line == 5)
        }
    }
}
