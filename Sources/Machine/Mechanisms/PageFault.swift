/// Page faults: what they drop, and what the thread does then (SDM 3A 4.7, 4.10.4.1; machine.md, section 5).
extension Machine {
    /// The current access faults because of `basis`, an entry cached or walked; `isCached` where no walk comes to it.
    func fault(
        _ state: UnsafePointer<UInt64>, _ cpu: Int, _ record: Record, _ thread: Int, leaf: Int, basis: Int,
        isCached: Bool = false
    ) {
        forEachFinding(state, cpu, leaf: leaf, using: isCached ? basis : nil) { finding in
            emit(.fault, state, cpu, operand: basis) { next in
                leavePhase(next, cpu)
                noteSizes(next, cpu, leaf: leaf, finding)
                raise(next, cpu, record, thread, leaf: leaf, basis: basis)
            }
        }
    }

    /// The fault itself: the page's translations are dropped, and the thread stops, waits or enters its handler.
    func raise(
        _ next: UnsafeMutablePointer<UInt64>, _ cpu: Int, _ record: Record, _ thread: Int, leaf: Int, basis: Int
    ) {
        ghost.faults.insert(record.pointee.faultBits, next)
        invalidate(next, cpu, leaf: leaf)
        cpus[cpu].thread.write(afterFault(cpu, thread), next)
        if record.pointee.retriesFault {
            cpus[cpu].phase.write(Phase.faulted.rawValue, next)
            cpus[cpu].phaseOperand.write(basis, next)
        }
    }

    /// `retry`: goes on as soon as memory's leaf, or the walk to it, differs in P, frame, W, U or D from what the fault was based on.
    func retry(_ state: UnsafePointer<UInt64>, _ cpu: Int, _ record: Record) {
        let leaf = leafNumber(page: Int(record.pointee.page), space: Int(record.pointee.space))
        guard outcomeInMemory(state, leaf: leaf) != cpus[cpu].phaseOperand.read(state) else { return }
        emit(.retry, state, cpu, operand: leaf) { next in leavePhase(next, cpu) }
    }
}
