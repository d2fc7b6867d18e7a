/// TLB shootdown: a flush invalidates locally, interrupts the CPUs that run the address space, and waits.
///
/// A CPU that does not run the address space, the flushing one included, drops nothing and is not asked; one that has left
/// it when it takes the request drops nothing either. Where flushes are broadcasts they reach every CPU, and drop no global
/// translation (as INVLPGB with a PCID and without RAX[3]).
///
/// The local invalidation and the requests are one step, the last acknowledgement completes the flush. A CPU takes a
/// request at an instruction boundary with interrupts enabled, while it waits, and after its thread has ended; it
/// drains its store buffer, invalidates and acknowledges in one step (machine.md, section 5; SDM 3A 4.10.5).
extension Machine {
    /// `flush_tlb_*`.
    func flush(_ state: UnsafePointer<UInt64>, _ cpu: Int, _ record: Record, _ thread: Int) {
        guard isDrained(state, cpu) else { return }
        emit(.flush, state, cpu) { next in
            if isReached(record, by: cpu, record) { dropFlushed(next, cpu, by: cpu, record) }
            var targets = 0
            for other in 0..<cpuCount where other != cpu && isReached(self.record(state, other), by: cpu, record) {
                targets |= 1 << other
            }
            if targets == 0 {
                complete(next, cpu, record, thread)
            } else {
                cpus[cpu].waitingFor.write(targets, next)
                cpus[cpu].phase.write(Phase.flushing.rawValue, next)
            }
        }
    }

    /// Requests of other CPUs that this CPU can take now.
    func acknowledge(_ state: UnsafePointer<UInt64>, _ cpu: Int, _ record: Record) {
        var rest = plan.flushers
        while rest != 0 {
            let initiator = rest.trailingZeroBitCount
            rest &= rest - 1
            guard cpus[initiator].phase.read(state) == Phase.flushing.rawValue,
                cpus[initiator].waitingFor.read(state) & (1 << cpu) != 0
            else { continue }
            if takePart(state, cpu, record, in: initiator) { continue }
            guard
                record.pointee.isInterruptible || (traits[initiator].broadcasts && record.pointee.isBetweenInstructions)
            else { continue }
            let request = self.record(state, initiator)
            emit(.acknowledge, state, cpu, operand: initiator) { next in
                if !traits[initiator].broadcasts || traits[cpu].broadcastDrains { drainAll(next, cpu) }
                if isReached(record, by: initiator, request) {
                    dropFlushed(next, cpu, by: initiator, request)
                } else {
                    // A CPU that has left the address space meanwhile drops nothing (Linux, flush_tlb_func).
                    endWalks(next, cpu)
                }
                cpus[initiator].waitingFor.remove(1 << UInt64(cpu), next)
                if cpus[initiator].waitingFor.read(next) == 0 {
                    cpus[initiator].phase.write(Phase.run.rawValue, next)
                    complete(next, initiator, request, cpus[initiator].thread.read(next))
                }
            }
        }
    }

    /// Whether a flush reaches a CPU: it runs the address space, or the flush is a broadcast.
    @inline(__always)
    private func isReached(_ record: Record, by initiator: Int, _ request: Record) -> Bool {
        traits[initiator].broadcasts || record.pointee.space == request.pointee.flushedSpace
    }

    /// What a flush drops on a CPU that takes part.
    private func dropFlushed(_ next: UnsafeMutablePointer<UInt64>, _ cpu: Int, by initiator: Int, _ request: Record) {
        if traits[initiator].broadcasts {
            invalidate(
                next, cpu, leaves: request.pointee.leaves, globalLeaves: 0, points: points(of: request, by: initiator))
        } else {
            invalidate(next, cpu, request)
        }
    }

    private func complete(_ next: UnsafeMutablePointer<UInt64>, _ cpu: Int, _ record: Record, _ thread: Int) {
        noteFlushed(next, leaves: record.pointee.flushedLeaves)
        advance(next, cpu, thread)
    }

    // MARK: Broadcast

    /// `invlpgb`: every CPU shall drop translations; no CPU is interrupted, and nothing is waited for yet (APM 3).
    ///
    /// It is weakly ordered: older stores of its CPU may still be buffered (Linux, asm/tlb.h), and its own CPU, too,
    /// drops what it names only later.
    func broadcast(_ state: UnsafePointer<UInt64>, _ cpu: Int, _ record: Record, _ thread: Int) {
        if traits[cpu].ordersBroadcasts && !isDrained(state, cpu) { return }
        emit(.broadcast, state, cpu) { next in
            let everyCPU: UInt64 = (1 << UInt64(cpuCount)) - 1
            for (set, first) in [(record.pointee.leaves, 0), (record.pointee.globalLeaves, leafCount)] {
                var rest = set
                while rest != 0 {
                    cpus[cpu].broadcasts[first + rest.trailingZeroBitCount].insert(everyCPU, next)
                    rest &= rest - 1
                }
            }
            var points = points(of: record, by: cpu)
            while points != 0 {
                cpus[cpu].broadcasts[2 * leafCount + points.trailingZeroBitCount].insert(everyCPU, next)
                points &= points &- 1
            }
            advance(next, cpu, thread)
        }
    }

    /// A CPU takes a broadcast invalidation of a leaf, with interrupts enabled or not, between two instructions.
    func takeBroadcasts(_ state: UnsafePointer<UInt64>, _ cpu: Int, _ record: Record) {
        guard record.pointee.isBetweenInstructions else { return }
        var rest = plan.broadcasters
        while rest != 0 {
            let initiator = rest.trailingZeroBitCount
            rest &= rest - 1
            for leaf in 0..<leafCount {
                let (some, global) = (cpus[initiator].broadcasts[leaf], cpus[initiator].broadcasts[leafCount + leaf])
                let (takesSome, takesGlobal) = (
                    some.read(state) & (1 << cpu) != 0, global.read(state) & (1 << cpu) != 0
                )
                guard takesSome || takesGlobal else { continue }
                emit(.takeBroadcast, state, cpu, operand: initiator) { next in
                    if traits[cpu].broadcastDrains { drainAll(next, cpu) }
                    let bit: UInt64 = 1 << UInt64(leaf)
                    invalidate(
                        next, cpu, leaves: takesSome ? bit : 0, globalLeaves: takesGlobal ? bit : 0, points: 0)
                    some.remove(1 << UInt64(cpu), next)
                    global.remove(1 << UInt64(cpu), next)
                }
            }
            for point in 0..<walks.tableCount {
                let field = cpus[initiator].broadcasts[2 * leafCount + point]
                guard field.read(state) & (1 << cpu) != 0 else { continue }
                emit(.takeBroadcast, state, cpu, operand: initiator) { next in
                    if traits[cpu].broadcastDrains { drainAll(next, cpu) }
                    invalidate(next, cpu, leaves: 0, globalLeaves: 0, points: 1 << UInt64(point))
                    field.remove(1 << UInt64(cpu), next)
                }
            }
        }
    }

    /// `tlbsync`: waits until the own broadcasts were taken everywhere.
    func synchronize(_ state: UnsafePointer<UInt64>, _ cpu: Int, _ thread: Int) {
        guard isDrained(state, cpu) else { return }
        for place in 0..<2 * leafCount + walks.tableCount where cpus[cpu].broadcasts[place].read(state) != 0 { return }
        emit(.instruction, state, cpu) { next in
            endWalks(next, cpu)
            advance(next, cpu, thread)
        }
    }
}
