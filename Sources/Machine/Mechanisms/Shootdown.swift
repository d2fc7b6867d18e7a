/// TLB shootdown: a flush invalidates locally, interrupts the CPUs that run the address space, and waits.
///
/// A CPU that does not run the address space, the flushing one included, drops nothing and is not asked; one that has left
/// it when it takes the request drops nothing either. What such CPUs miss, and what lazy ones do, is in `AddressSpaces.swift`.
/// Where flushes are broadcasts they reach every CPU, and drop no global translation (as INVLPGB with a PCID and without
/// RAX[3]).
///
/// The local invalidation and the requests are one step, the last acknowledgement completes the flush. A CPU takes a
/// request at an instruction boundary with interrupts enabled, while it waits, and after its thread has ended; it
/// drains its store buffer, invalidates and acknowledges in one step (machine.md, section 5; SDM 3A 4.10.5).
extension Machine {
    /// `flush_tlb_*`.
    func flush(_ state: UnsafePointer<UInt64>, _ cpu: Int, _ record: Record, _ thread: Int) {
        guard isDrained(state, cpu) else { return }
        emit(.flush, state, cpu) { next in
            if !traits[cpu].broadcasts && !record.pointee.isOfKernel {
                noteMissed(next, space: record.pointee.flushedSpace)
            }
            var targets = 0
            for other in 0..<cpuCount where other != cpu && isAsked(self.record(state, other), by: cpu, record) {
                targets |= 1 << other
            }
            if takesPart(state, cpu, record.pointee) { dropFlushed(next, cpu, record, by: cpu, record) }
            if targets == 0 {
                noteFlushed(next, leaves: record.pointee.flushedLeaves)
                advance(next, cpu, cpus[cpu].thread.read(next))
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
            guard cpus[initiator].waitingFor.read(state) & (1 << cpu) != 0 else { continue }
            if takePart(state, cpu, record, in: initiator) { continue }
            guard
                record.pointee.isInterruptible || (traits[initiator].broadcasts && record.pointee.isBetweenInstructions)
            else { continue }
            let request = self.request(of: initiator, in: state)
            emit(.acknowledge, state, cpu, operand: initiator) { next in
                if !traits[initiator].broadcasts || traits[cpu].broadcastDrains { drainAll(next, cpu) }
                if isReached(record, by: initiator, request) {
                    dropFlushed(next, cpu, record, by: initiator, request)
                } else {
                    // A CPU that has left the address space meanwhile drops nothing (Linux, flush_tlb_func).
                    endWalks(next, cpu)
                }
                cpus[initiator].waitingFor.remove(1 << UInt64(cpu), next)
                if cpus[initiator].waitingFor.read(next) == 0 {
                    noteFlushed(next, leaves: request.pointee.flushedLeaves)
                    goOn(next, initiator)
                }
            }
        }
    }

    /// Whether a flush reaches a CPU: it runs the address space, or the flush is a broadcast.
    @inline(__always)
    private func isReached(_ record: Record, by initiator: Int, _ request: Record) -> Bool {
        traits[initiator].broadcasts || isSame(space: record.pointee.space, as: request.pointee.flushedSpace)
    }

    /// Whether a CPU drops anything of what it flushes itself.
    ///
    /// Where another CPU runs the address space, too, a lazy one passes itself by as it does others
    /// (Linux, `on_each_cpu_cond_mask` with `tlb_is_not_lazy`); where it is alone it calls `flush_tlb_func`.
    func takesPart(_ state: UnsafePointer<UInt64>, _ cpu: Int, _ record: ThreadRecord) -> Bool {
        if traits[cpu].broadcasts { return true }
        guard isSame(space: record.space, as: record.flushedSpace) else { return false }
        if !record.isLazy || record.freesTables || record.isOfKernel { return true }
        return !(0..<cpuCount).contains {
            $0 != cpu && isSame(space: self.record(state, $0).pointee.space, as: record.flushedSpace)
        }
    }

    /// Whether a flush asks another CPU to take part: lazy ones only where tables are freed (Linux, `tlb_is_not_lazy`).
    @inline(__always)
    private func isAsked(_ record: Record, by initiator: Int, _ request: Record) -> Bool {
        guard isReached(record, by: initiator, request) else { return false }
        return !record.pointee.isLazy || request.pointee.freesTables || request.pointee.isOfKernel
            || traits[initiator].broadcasts
    }

    /// What a flush drops on a CPU that takes part.
    private func dropFlushed(
        _ next: UnsafeMutablePointer<UInt64>, _ cpu: Int, _ record: Record, by initiator: Int, _ request: Record
    ) {
        if traits[initiator].broadcasts {
            invalidate(
                next, cpu, leaves: request.pointee.leaves, globalLeaves: 0, points: points(of: request, by: initiator))
        } else if request.pointee.isOfKernel {
            invalidate(next, cpu, request)
        } else if record.pointee.isLazy {
            leaveLazily(next, cpu)
        } else if !catchUp(next, cpu, space: request.pointee.flushedSpace, by: initiator) {
            endWalks(next, cpu)
        } else {
            invalidate(next, cpu, request)
        }
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
            var points = points(of: record, by: cpu)
            let start = walks.hasUpperLevels && points == 0 ? finalBroadcasts : 0
            for (set, first) in [(record.pointee.leaves, start), (record.pointee.globalLeaves, start + leafCount)] {
                var rest = set
                while rest != 0 {
                    cpus[cpu].broadcasts[first + rest.trailingZeroBitCount].insert(everyCPU, next)
                    rest &= rest - 1
                }
            }
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
            if !takeWalks(state, cpu, of: initiator) { takeTranslations(state, cpu, of: initiator, from: 0) }
            if walks.hasUpperLevels { takeTranslations(state, cpu, of: initiator, from: finalBroadcasts) }
        }
    }

    /// Where the broadcasts that name no partial walks begin among those of a CPU.
    ///
    /// They are kept apart: with the rest they would wait for partial walks of a later broadcast, and what a walk that begins with
    /// these puts back in between would be dropped.
    @inline(__always)
    private var finalBroadcasts: Int { CPUFields.finalBroadcasts(leaves: leafCount, points: walks.pointCount) }

    /// Translations that broadcasts name go leaf by leaf; `first` is the place of those of the first.
    private func takeTranslations(_ state: UnsafePointer<UInt64>, _ cpu: Int, of initiator: Int, from first: Int) {
        for leaf in 0..<leafCount {
            let some = cpus[initiator].broadcasts[first + leaf]
            let global = cpus[initiator].broadcasts[first + leafCount + leaf]
            let (takesSome, takesGlobal) = (some.read(state) & (1 << cpu) != 0, global.read(state) & (1 << cpu) != 0)
            guard takesSome || takesGlobal else { continue }
            emit(.takeBroadcast, state, cpu, operand: initiator) { next in
                if traits[cpu].broadcastDrains { drainAll(next, cpu) }
                let bit: UInt64 = 1 << UInt64(leaf)
                invalidate(next, cpu, leaves: takesSome ? bit : 0, globalLeaves: takesGlobal ? bit : 0, points: 0)
                some.remove(1 << UInt64(cpu), next)
                global.remove(1 << UInt64(cpu), next)
            }
        }
    }

    /// The partial walks that a broadcast names go in one step, and before its translations: another order would let a walk that
    /// begins with what is still there put back what is gone, and one INVLPGB drops both.
    ///
    /// - Returns: whether there were any.
    private func takeWalks(_ state: UnsafePointer<UInt64>, _ cpu: Int, of initiator: Int) -> Bool {
        var named: UInt64 = 0
        for point in 0..<walks.pointCount
        where cpus[initiator].broadcasts[2 * leafCount + point].read(state) & (1 << cpu) != 0 {
            named |= 1 << UInt64(point)
        }
        if named == 0 { return false }
        emit(.takeBroadcast, state, cpu, operand: initiator) { next in
            if traits[cpu].broadcastDrains { drainAll(next, cpu) }
            invalidate(next, cpu, leaves: 0, globalLeaves: 0, points: named)
            var rest = named
            while rest != 0 {
                cpus[initiator].broadcasts[2 * leafCount + rest.trailingZeroBitCount].remove(1 << UInt64(cpu), next)
                rest &= rest &- 1
            }
        }
        return true
    }

    /// `tlbsync`: waits until the own broadcasts were taken everywhere.
    func synchronize(_ state: UnsafePointer<UInt64>, _ cpu: Int, _ thread: Int) {
        guard isDrained(state, cpu) else { return }
        let count = CPUFields.broadcastCount(leaves: leafCount, points: walks.pointCount)
        for place in 0..<count where cpus[cpu].broadcasts[place].read(state) != 0 { return }
        emit(.instruction, state, cpu) { next in
            endWalks(next, cpu)
            advance(next, cpu, thread)
        }
    }
}
