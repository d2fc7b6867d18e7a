import Machine

/// Which steps of a run of compiled code no other CPU can notice.
///
/// A step goes unnoticed when it reads or writes plain data that in this run only its CPU touches, or reads plain data
/// that in this run nobody writes. Plain data is what is not a page-table entry, no page (whoever reaches it, and by
/// whatever address), and nothing that the condition asks for. What a thread waits to do counts as touched, so a lock
/// that somebody waits for is noticed. In columns every step was written by the test's author, and is shown; where there is
/// one CPU alone, every step is what the test is about.
struct UnnoticedSteps {
    private let machine: Machine
    private let asked: Set<Int>
    /// By word, the CPUs that touch it, a bit each.
    private var touching: [Int: UInt64] = [:]
    private var written: Set<Int> = []

    init(_ machine: Machine, asked: Set<Int>) {
        self.machine = machine
        self.asked = asked
    }

    /// Notes what a step touches, and what all threads are about to do in the state that it leaves.
    mutating func note(_ report: StepReport, in state: UnsafePointer<UInt64>) {
        if let word = report.word {
            note(word, cpu: report.cpu, isWritten: report.written != nil || report.store != nil)
        }
        note(requestsIn: state)
    }

    /// Notes what all threads are about to do.
    mutating func note(requestsIn state: UnsafePointer<UInt64>) {
        for cpu in machine.scenario.cpus.indices {
            guard let request = machine.requestedWord(ofCPU: cpu, in: state) else { continue }
            note(request.word, cpu: cpu, isWritten: request.isWritten)
        }
    }

    private mutating func note(_ word: Int, cpu: Int, isWritten: Bool) {
        touching[word, default: 0] |= 1 << UInt64(cpu)
        if isWritten { written.insert(word) }
    }

    /// Why no other CPU can notice a step, once all of the run was noted; nil where somebody can.
    func reason(_ report: StepReport) -> Unnoticed? {
        guard machine.scenario.cpus.count > 1, machine.scenario.cpus[report.cpu].isCompiled, report.leaf == nil,
            let word = report.word, machine.map.isPlainData(word), !asked.contains(word)
        else { return nil }
        if touching[word] == 1 << UInt64(report.cpu) { return .ownMemory }
        return written.contains(word) ? nil : .unwritten
    }
}
