/// `synchronize_rcu`, `rcu_read_lock` and what orders software walkers (levels.md (f)).
///
/// A CPU is inside a section from `rcu_read_lock` to the last `rcu_read_unlock`, and while its interrupts are off (RCU-sched;
/// Linux, mm/mmu_gather.c). `synchronize_rcu` waits until each CPU that was inside one at the call has left it once, and until
/// every other CPU has executed a barrier: what it had stored at the call, or in its section, is in memory by then
/// (Linux, Documentation/RCU/Design/Requirements).
///
/// `tlb_remove_table_sync_one` interrupts every other CPU and waits; it invalidates nothing.
extension Machine {
    /// The call: who is inside a section, and who has something buffered.
    func synchronizeRCU(_ state: UnsafePointer<UInt64>, _ cpu: Int, _ thread: Int) {
        guard isDrained(state, cpu) else { return }
        emit(.flush, state, cpu) { next in
            var (readers, awaited) = (0, 0)
            for other in 0..<cpuCount where other != cpu {
                if record(state, other).pointee.isReader { readers |= 1 << other }
                if !isDrained(state, other) { awaited |= 1 << other }
            }
            cpus[cpu].readers.write(readers, next)
            waitFor(next, cpu, readers | awaited, thread)
        }
    }

    /// `tlb_remove_table_sync_one`.
    func interruptAll(_ state: UnsafePointer<UInt64>, _ cpu: Int, _ thread: Int) {
        guard isDrained(state, cpu) else { return }
        emit(.flush, state, cpu) { next in
            waitFor(next, cpu, ((1 << cpuCount) - 1) & ~(1 << cpu), thread)
        }
    }

    func waitFor(_ next: UnsafeMutablePointer<UInt64>, _ cpu: Int, _ awaited: Int, _ thread: Int) {
        guard awaited != 0 else {
            advance(next, cpu, thread)
            return
        }
        cpus[cpu].waitingFor.write(awaited, next)
        cpus[cpu].phase.write(Phase.flushing.rawValue, next)
    }

    /// A CPU takes part in one of these, where it can now; false for a flush.
    func takePart(_ state: UnsafePointer<UInt64>, _ cpu: Int, _ record: Record, in initiator: Int) -> Bool {
        switch request(of: initiator, in: state).pointee.kind {
        case .synchronizeRCU:
            // It can execute a barrier anywhere, in another section too.
            if cpus[initiator].readers.read(state) & (1 << cpu) != 0 { return true }
            emit(.acknowledge, state, cpu, operand: initiator) { next in
                drainAll(next, cpu)
                answer(next, cpu, initiator)
            }
        case .syncTables:
            guard record.pointee.isInterruptible else { return true }
            emit(.acknowledge, state, cpu, operand: initiator) { next in
                drainAll(next, cpu)
                endWalks(next, cpu)
                answer(next, cpu, initiator)
            }
        case .sendInterrupt: takeInterrupt(state, cpu, record, from: initiator)
        default: return false
        }
        return true
    }

    /// A CPU has taken part in what another waits for; the last one lets it go on.
    func answer(_ next: UnsafeMutablePointer<UInt64>, _ cpu: Int, _ initiator: Int) {
        cpus[initiator].waitingFor.remove(1 << UInt64(cpu), next)
        guard cpus[initiator].waitingFor.read(next) == 0 else { return }
        goOn(next, initiator)
    }

    /// CPUs that are outside their sections in a new state have left those that somebody waits for.
    @inline(never)
    func leaveSections(_ next: UnsafeMutablePointer<UInt64>) {
        var rest = gracePeriods
        while rest != 0 {
            let initiator = rest.trailingZeroBitCount
            rest &= rest &- 1
            var readers = cpus[initiator].readers.readBits(next)
            while readers != 0 {
                let cpu = readers.trailingZeroBitCount
                readers &= readers &- 1
                if record(UnsafePointer(next), cpu).pointee.isReader { continue }
                cpus[initiator].readers.remove(1 << UInt64(cpu), next)
                if isDrained(UnsafePointer(next), cpu) { answer(next, cpu, initiator) }
            }
        }
    }
}
