// What a page in a browser would call: checks one test and prints its verdicts and a failing run. `.ci/embedded` compiles
// it as Embedded Swift for WebAssembly and, where there is a C library for it, links it and runs it.
import Checker
import Diagnostics
import Litmus
import Machine
import Report

let text = """
    X86_64 lock-and
    CPU=cet late
    Fault=P1:retry
    {
      [PTE(x)] = (oa:PA(x), rw:1, d:0);
      0:rdi = PTE(x);
    }
     P0                     | P1          ;
     lock andb $-3,(%rdi)   | movl $1,(x) ;
     call flush_tlb_page(x) |             ;
    exists (shadow_stack_exposed(x))

    """

@main
enum Web {
    static func main() {
        do throws(Diagnostic) {
            let checker = try TestChecker(try LitmusParser.parse(text, file: "lock-and.litmus"), file: "lock-and.litmus")
            for (label, profiles) in try checker.assignments(among: CPUProfile.builtIn, known: CPUProfile.builtIn) {
                let verdict = try checker.check(label: label, profiles: profiles)
                print("\(label) \(verdict.observation.rawValue)")
                if let run = verdict.witness { print(run.text()) }
            }
        } catch {
            print(error.message)
        }
    }
}
