import X86

/// Interrupts that another processor sends by `send_ipi`, and the columns `Pn.I` that handle them.
///
/// Decisions where levels.md says less than an implementation needs (the first ones are those of the machine, as findings say them):
///
/// * An interrupt is taken between instructions, while the thread waits, and after its end, with interrupts enabled unless the
///   thread has ended; never inside a handler of interrupts. To take it is a step, which empties the store buffer and ends walks.
/// * The handler begins with the registers of the initial state, at privilege level 0, with interrupts off, and CR2 is 0. `iretq`
///   brings back the registers, the privilege level and the place, and ends the wait of the sender in the same step.
/// * In `retry` the instruction is executed again after `iretq`. A service that waits goes on waiting.
/// * A fault inside ends the thread, and the sender waits for ever.
/// * A processor whose thread has ended keeps its translations where interrupts can come.
extension TestMachine {
    /// `send_ipi`: from here on the sender waits.
    func sendInterrupt(_ state: State, _ cpu: Int, to target: Int) -> State {
        var next = state
        next.processors[cpu].waiting = .handler(of: target, isTaken: false)
        return next
    }

    /// Every way in which a processor can now begin to handle an interrupt.
    func interruptSteps(_ state: State, _ cpu: Int) -> [State] {
        let processor = state.processors[cpu]
        let hasEnded = processor.thread == .ended
        guard interruptHandlers[cpu] != nil, hasEnded || processor.atBoundary, !processor.isInInterrupt,
            hasEnded || processor.registers.flags.contains(.interrupt)
        else { return [] }
        return state.processors.indices.compactMap { sender in
            guard state.processors[sender].pending == .handler(of: cpu, isTaken: false) else { return nil }
            var next = state
            next.processors[sender].pending = .handler(of: cpu, isTaken: true)
            drainAll(&next, cpu)
            endWalks(&next, cpu)
            var frame = HandlerFrame(processor)
            frame.sender = sender
            if case .change = processor.waiting { frame.waiting = .nothing }
            next.processors[cpu].frames.append(frame)
            next.processors[cpu].registers = initial.processors[cpu].registers
            next.processors[cpu].registers.rip = 0
            next.processors[cpu].registers.flags.remove(.interrupt)
            next.processors[cpu].privilege = 0
            next.processors[cpu].faultAddress = 0
            next.processors[cpu].waiting = .nothing
            next.processors[cpu].thread = .running
            return next
        }
    }

    /// `iretq`.
    func returnFromHandler(_ state: State, _ cpu: Int) throws -> State {
        guard let frame = state.processors[cpu].frames.last else {
            throw OracleError.unsupported("iret outside a handler")
        }
        var next = state
        endWalks(&next, cpu)
        next.processors[cpu].frames.removeLast()
        next.processors[cpu].privilege = frame.privilege
        guard let sender = frame.sender else {
            next.processors[cpu].registers.rip = frame.registers.rip
            next.processors[cpu].registers.flags = frame.registers.flags
            return next
        }
        next.processors[cpu].registers = frame.registers
        next.processors[cpu].faultAddress = frame.faultAddress
        next.processors[cpu].waiting = frame.waiting
        next.processors[cpu].thread = frame.thread
        next.processors[cpu].wanted = frame.wanted
        if next.processors[sender].pending == .handler(of: cpu, isTaken: true) { next = waitIsOver(next, sender) }
        if next.processors[cpu].waiting == .over { next = waitIsOver(next, cpu) }
        return next
    }

    /// What a service has waited for has happened: it returns, at once or when the processor comes back from an interrupt.
    func waitIsOver(_ state: State, _ cpu: Int) -> State {
        var next = state
        if next.processors[cpu].isInInterrupt {
            next.processors[cpu].pending = .over
            return next
        }
        next.processors[cpu].waiting = .nothing
        let waiter = next.processors[cpu]
        return finish(next, cpu, code(waiter, cpu).instructions[waiter.registers.rip], loaded: 0)
    }
}

/// What a handler returns to.
struct HandlerFrame: Hashable {
    var registers: RegisterFile
    var privilege: UInt8
    /// Of an interrupt, who waits for it.
    var sender: Int?
    var faultAddress: UInt64
    var waiting: Waiting
    var thread: ThreadState
    /// The address space that a flush without a name is about, whatever the handler of an interrupt loads.
    var wanted: Int

    init(_ processor: Processor) {
        registers = processor.registers
        privilege = processor.privilege
        faultAddress = processor.faultAddress
        waiting = processor.waiting
        thread = processor.thread
        wanted = processor.wanted
    }

    /// The frame of a fault: all but the place, the flags and the privilege level stays as the handler leaves it.
    init(ofFault processor: Processor) {
        registers = RegisterFile()
        registers.rip = processor.registers.rip
        registers.flags = processor.registers.flags
        privilege = processor.privilege
        faultAddress = 0
        waiting = .nothing
        thread = .running
        wanted = processor.wanted
    }
}

extension Processor {
    /// Inside a handler of interrupts.
    var isInInterrupt: Bool { frames.last?.sender != nil }

    /// What the processor waits for, or its interrupted code does.
    var pending: Waiting {
        get { isInInterrupt ? frames[frames.count - 1].waiting : waiting }
        set {
            if isInInterrupt { frames[frames.count - 1].waiting = newValue } else { waiting = newValue }
        }
    }
}
