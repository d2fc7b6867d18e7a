/// What kind of step it is; its label names the CPU and an operand as well (`StepLabel`).
public enum StepKind: UInt8, Sendable, CaseIterable {
    /// An instruction or service without translation.
    case instruction
    /// An access through a translation (operand: its number).
    case access
    /// The oldest buffered store reaches memory.
    case drain
    /// A walk fills the TLB.
    case walk
    /// A walk finds A=0 and is about to set it.
    case beginAccessed
    /// The walker sets A.
    case setAccessed
    /// The walker decides to set D.
    case beginDirty
    /// The walker sets D, and the access goes on.
    case setDirty
    /// The walker sets D, and the thread faults all the same.
    case setDirtyAndFault
    /// The Dirty update found the entry changed.
    case walkAgain
    /// A speculative walk fills the TLB.
    case speculate
    /// A translation vanishes from the TLB.
    case evict
    /// A page fault (operand: the translation it is based on).
    case fault
    /// The thread tries the faulting instruction again.
    case retry
    /// A flush begins.
    case flush
    /// A flush request is taken and acknowledged (operand: who asked).
    case acknowledge
    /// `invlpgb`.
    case broadcast
    /// A broadcast invalidation is taken.
    case takeBroadcast
    /// A walk that nothing asked for comes to nothing.
    case abandonWalk
    /// A walker reads a table that was freed (operand: the table), for the first time.
    case readTable
    /// A walker comes to a frame that is not a table (operand: the entry): what it reads there is not known, and the run ends.
    case goWild
    /// An interrupt from another CPU is taken (operand: who sent it), and its handler begins.
    case interrupt
}

extension Machine {
    /// Adds a step out of a state: `change` makes its successor out of a copy of the state.
    ///
    /// Every step is made here, so that none is forgotten in telling ends of runs, and each successor is in its canonical
    /// form (``settle(_:)``).
    /// - Parameters:
    ///   - operand: what the label says besides CPU and kind.
    ///   - isAsked: false for a walk that no instruction asked for; its steps keep no run from being over.
    @inline(__always)
    func emit(
        _ kind: StepKind, _ state: UnsafePointer<UInt64>, _ cpu: Int, operand: Int = 0, isAsked: Bool = true,
        _ change: (_ next: UnsafeMutablePointer<UInt64>) -> Void
    ) {
        if isAsked && kind.isOfThread { threadSteps &+= 1 }
        changes.noteMove(cpu)
        let next = steps.append(state, label: StepLabel(cpu: cpu, kind: kind, operand: operand).rawValue)
        change(next)
        settle(next)
    }

    /// Computes all steps out of a state into ``successorStates`` and ``successorLabels``.
    ///
    /// - Returns: whether the state is final: no thread can ever step again.
    public func computeSteps(of state: UnsafePointer<UInt64>) -> Bool {
        if usesPartialOrder { return computeReducedSteps(of: state) }
        steps.removeAll()
        threadSteps = 0
        if isWild(in: state) { return true }
        for cpu in 0..<cpuCount {
            // What a CPU's twin does in the same situation comes to the same.
            if hasSymmetry && symmetry.isLikeTwin(cpu, state) { continue }
            if localSteps.isUsed { appendSteps(of: state, cpu) } else { computeSteps(of: state, cpu) }
        }
        walkAfterEnd(state)
        if hasSymmetry && !keepsOrigins {
            for number in 0..<steps.count { symmetry.sort(steps.states + number * steps.stride, after: state) }
        }
        return threadSteps == 0
    }

    /// The successors that ``computeSteps(of:)`` found, ``stateWords`` words each.
    public var successorStates: UnsafePointer<UInt64> { UnsafePointer(steps.states) }

    /// Their labels; see ``StepLabel``.
    public var successorLabels: UnsafePointer<UInt32> { UnsafePointer(steps.labels) }

    /// How many there are.
    public var successorCount: Int { steps.count }

    /// Sorts a successor of a state that was left as it was made (``keepsOrigins``).
    ///
    /// - Returns: by CPU, the CPU that its content comes from (in the order of numbers).
    public func sort(_ state: UnsafeMutablePointer<UInt64>, after before: UnsafePointer<UInt64>) -> [Int] {
        symmetry.sortTracing(state, after: before, cpus: cpuCount)
    }

    /// Computes the steps of one CPU.
    func computeSteps(of state: UnsafePointer<UInt64>, _ cpu: Int) {
        let thread = cpus[cpu].thread.read(state)
        let record = Record(records[cpu] + thread)
        if !isDrained(state, cpu) { emit(.drain, state, cpu) { next in drain(next, cpu) } }
        switch Phase(rawValue: cpus[cpu].phase.read(state)) ?? .run {
        case .run:
            acknowledge(state, cpu, record)
            takeBroadcasts(state, cpu, record)
            computeRequest(state, cpu, record, thread)
        case .faulted:
            acknowledge(state, cpu, record)
            takeBroadcasts(state, cpu, record)
            retry(state, cpu, record)
        case .flushing:
            acknowledge(state, cpu, record)
            takeBroadcasts(state, cpu, record)
        case .settingAccessed: finishAccessed(state, cpu, record)
        case .settingDirty:
            let leaf = leafNumber(page: Int(record.pointee.page), space: Int(record.pointee.space))
            let decided = cpus[cpu].phaseOperand.read(state)
            finishDirty(state, cpu, record, thread, leaf: leaf, decided: decided, isFused: false)
        case .walkingAgain: walkAgain(state, cpu, record, thread)
        }
        if !record.pointee.isEnded { speculate(state, cpu, record) }
        if isEager || !traits[cpu].speculates { evict(state, cpu) }
    }

    func computeRequest(_ state: UnsafePointer<UInt64>, _ cpu: Int, _ record: Record, _ thread: Int) {
        switch record.pointee.kind {
        case .ended, .spinning: break
        case .load, .store, .update:
            if record.pointee.page >= 0 && record.pointee.word < 0 {
                translate(state, cpu, record, thread)
            } else if record.pointee.word >= 0 {
                accessDirectly(state, cpu, record, thread)
            }
        case .setInterrupts: emit(.instruction, state, cpu) { next in advance(next, cpu, thread) }
        case .flush: flush(state, cpu, record, thread)
        case .broadcast: broadcast(state, cpu, record, thread)
        case .broadcastSync: synchronize(state, cpu, thread)
        case .invalidateContext: invalidateContext(state, cpu, record, thread)
        case .syncTables: interruptAll(state, cpu, thread)
        case .synchronizeRCU: synchronizeRCU(state, cpu, thread)
        case .sendInterrupt: sendInterrupt(state, cpu, record, thread)
        case .interruptReturn: returnFromInterrupt(state, cpu, record, thread)
        default: serve(state, cpu, record, thread)
        }
    }
}
