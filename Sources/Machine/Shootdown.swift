/// TLB shootdown: a flush invalidates locally, interrupts the CPUs that run the address space, and waits.
///
/// The local invalidation and the requests are one step, the last acknowledgement completes the flush. A CPU takes a
/// request at an instruction boundary with interrupts enabled, while it waits, and after its thread has ended; it
/// drains its store buffer, invalidates and acknowledges in one step (machine.md, section 5; SDM 3A 4.10.5).
extension Machine {
    /// `flush_tlb_*`.
    func flush(_ state: UnsafePointer<UInt64>, _ cpu: Int, _ record: Record, _ thread: Int) {
        guard isDrained(state, cpu) else { return }
        let next = step(state, cpu, .flush, operand: 0)
        threadSteps += 1
        invalidate(next, cpu, leaves: record.pointee.leaves)
        var targets = 0
        for other in 0..<cpuCount where other != cpu {
            if self.record(state, other).pointee.space == record.pointee.flushedSpace { targets |= 1 << other }
        }
        if targets == 0 {
            complete(next, cpu, record, thread)
        } else {
            cpus[cpu].waitingFor.write(targets, next)
            cpus[cpu].phase.write(Phase.flushing.rawValue, next)
        }
        settle(next)
    }

    /// Requests of other CPUs that this CPU can take now.
    func acknowledge(_ state: UnsafePointer<UInt64>, _ cpu: Int, _ record: Record) {
        var rest = flushers
        while rest != 0 {
            let initiator = rest.trailingZeroBitCount
            rest &= rest - 1
            guard cpus[initiator].phase.read(state) == Phase.flushing.rawValue,
                cpus[initiator].waitingFor.read(state) & (1 << cpu) != 0,
                record.pointee.isInterruptible || (traits[initiator].broadcasts && record.pointee.isBetweenInstructions)
            else { continue }
            let request = self.record(state, initiator)
            let next = step(state, cpu, .acknowledge, operand: initiator)
            threadSteps += 1
            drainAll(next, cpu)
            invalidate(next, cpu, leaves: request.pointee.leaves)
            cpus[initiator].waitingFor.remove(1 << UInt64(cpu), next)
            if cpus[initiator].waitingFor.read(next) == 0 {
                cpus[initiator].phase.write(Phase.run.rawValue, next)
                complete(next, initiator, request, cpus[initiator].thread.read(next))
            }
            settle(next)
        }
    }

    private func complete(_ next: UnsafeMutablePointer<UInt64>, _ cpu: Int, _ record: Record, _ thread: Int) {
        noteFlushed(next, leaves: record.pointee.leaves)
        advance(next, cpu, thread)
    }

    // MARK: Broadcast

    /// `invlpgb`: every CPU shall drop the page; nobody is interrupted, and nothing is waited for yet (APM 3).
    func broadcast(_ state: UnsafePointer<UInt64>, _ cpu: Int, _ record: Record, _ thread: Int) {
        guard isDrained(state, cpu) else { return }
        let next = step(state, cpu, .broadcast, operand: 0)
        threadSteps += 1
        invalidate(next, cpu, leaves: record.pointee.leaves)
        let others = ((1 << cpuCount) - 1) & ~(1 << cpu)
        var rest = record.pointee.leaves
        while rest != 0 {
            cpus[cpu].broadcasts[rest.trailingZeroBitCount].insert(UInt64(others), next)
            rest &= rest - 1
        }
        advance(next, cpu, thread)
        settle(next)
    }

    /// A CPU takes a broadcast invalidation, with interrupts enabled or not, between two instructions.
    func takeBroadcasts(_ state: UnsafePointer<UInt64>, _ cpu: Int, _ record: Record) {
        guard record.pointee.isBetweenInstructions else { return }
        var rest = broadcasters
        while rest != 0 {
            let initiator = rest.trailingZeroBitCount
            rest &= rest - 1
            for leaf in 0..<leafCount {
                guard cpus[initiator].broadcasts[leaf].read(state) & (1 << cpu) != 0 else { continue }
                let next = step(state, cpu, .takeBroadcast, operand: initiator)
                threadSteps += 1
                drainAll(next, cpu)
                invalidate(next, cpu, leaf: leaf)
                cpus[initiator].broadcasts[leaf].remove(1 << UInt64(cpu), next)
                settle(next)
            }
        }
    }

    /// `tlbsync`: waits until the own broadcasts were taken everywhere.
    func synchronize(_ state: UnsafePointer<UInt64>, _ cpu: Int, _ thread: Int) {
        guard isDrained(state, cpu) else { return }
        for leaf in 0..<leafCount where cpus[cpu].broadcasts[leaf].read(state) != 0 { return }
        let next = step(state, cpu, .instruction, operand: 0)
        threadSteps += 1
        advance(next, cpu, thread)
        settle(next)
    }
}
