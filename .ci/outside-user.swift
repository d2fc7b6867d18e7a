// What other people's packages may want of the libraries besides the landing page's example: compiled and run by
// `.ci/outside`, where only what is public can be used.
import Ptero
import X86

/// A counter that two steps can move: something of one's own to explore.
final class Counter: TransitionSystem {
    private let states = UnsafeMutablePointer<UInt64>.allocate(capacity: 2)
    private let labels = UnsafeMutablePointer<UInt32>.allocate(capacity: 2)

    var stateWords: Int { 1 }
    var hasFailed: Bool { false }

    func writeInitialState(to state: UnsafeMutablePointer<UInt64>) { state.pointee = 0 }

    func successors(of state: UnsafePointer<UInt64>) -> Successors {
        let count = state.pointee < 10 ? 2 : 0
        for step in 0..<count {
            states[step] = state.pointee + UInt64(step + 1)
            labels[step] = UInt32(step)
        }
        return Successors(states: states, labels: labels, count: count, isFinal: count == 0)
    }

    func isGoal(_ state: UnsafePointer<UInt64>) -> Bool { state.pointee == 11 }
}

let limits = SearchLimits(maxStates: 1000)
for found in [
    ReferenceSearch().explore(Counter(), limits: limits, findLivelocks: true) { _ in },
    FastSearch().explore(Counter(), limits: limits, findLivelocks: true) { _ in },
] {
    print("explored", found.end == .complete, found.statistics.states, found.finals.count, found.goalRun ?? [])
}

// Instructions on a memory of one's own.
var assembly = AssemblyParser()
try assembly.parse(line: "lock addq $5,(x)", at: SourcePlace(line: 1, column: 1))
let program = try assembly.finish().linked { $0 == "x" ? 0x1000 : nil }
var registers = RegisterFile()
var memory: UInt64 = 37
for instruction in program.instructions {
    if case .update(let access, locked: true) = instruction.request(registers), access.width == .quad {
        memory = instruction.execute(on: &registers, loaded: memory) ?? memory
    }
}
print("executed", memory, registers.rip)

// A CPU and a test of one's own.
guard var profile = CPUProfile.builtIn.first(where: { $0.name == "cet" }),
    ProfileField.spuriousFaults.set(.flag(false), in: &profile)
else { throw Diagnostic(withoutPlace: "no profile cet") }
profile.name = "mine"
var test = try LitmusTest(
    text: """
        X86_64 own
        Fault=P1:retry
        { [PTE(x)] = (oa:PA(x), rw:1, d:0); 0:rdi = PTE(x); }
         P0                     | P1          ;
         lock andb $-3,(%rdi)   | movl $1,(x) ;
         call flush_tlb_page(x) |             ;
        exists (x = 1)

        """)
test.condition = Condition(.exists, .property(.shadowStackExposed, page: "x"))
print(LitmusWriter.text(of: try LitmusTest(text: LitmusWriter.text(of: test)).condition))
var options = CheckOptions()
options.limits.maxStates = 1_000_000
for verdict in try test.check(on: [profile], options: options) {
    print(verdict.profile, verdict.observation, verdict.states.count, verdict.isAsExpected)
    guard let run = verdict.witness else { continue }

    // A run in words of one's own.
    for (number, step) in run.steps.enumerated() {
        let entries = zip(run.leaves, step.after.entries).map { leaf, entry in
            "\(run.map.name(ofPage: leaf.page))=\(run.map.text(ofEntry: entry))"
        }
        let code = step.report.instruction?.text ?? ""
        let buffered = step.after.cpus[step.cpu].stores.map { $0.store.value }
        print(number, step.cpu, step.report.kind, step.cause, step.because, code, entries, buffered)
    }
    print(run.stepsThatMatter.count <= run.steps.count, run.sentences.conclusion)
}
