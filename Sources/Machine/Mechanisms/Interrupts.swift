import X86

/// Interrupts from other CPUs that run code: `send_ipi(P1)` and the column `P1.I` (levels.md (e)).
///
/// The sender waits, as `smp_call_function_many(..., wait)` does, until the handler's `iretq`. The target takes the interrupt
/// at an instruction boundary with interrupts enabled, while it waits itself, and after its thread has ended; never inside the
/// handler of another. Taking it is one step: the store buffer is drained and walks under way end, as for a flush. The entry code
/// saves the thread's registers; the handler begins with the CPU's registers of the start, at privilege level 0 with interrupts
/// off. `iretq` brings the thread's back, and with them the place, RFLAGS and the privilege level; what the handler did to memory
/// and to the address space stays.
///
/// A CPU that waits for others goes on waiting after the handler, and passes what has been answered meanwhile. One that waited
/// for the page-table lock (`retry`) tries its instruction again.
extension Machine {
    /// `send_ipi`.
    func sendInterrupt(_ state: UnsafePointer<UInt64>, _ cpu: Int, _ record: Record, _ thread: Int) {
        guard isDrained(state, cpu) else { return }
        emit(.flush, state, cpu) { next in waitFor(next, cpu, 1 << Int(record.pointee.operand), thread) }
    }

    /// The target takes the interrupt, where it can.
    func takeInterrupt(_ state: UnsafePointer<UInt64>, _ cpu: Int, _ record: Record, from sender: Int) {
        guard record.pointee.isInterruptible, !record.pointee.isInInterrupt else { return }
        let isWaiting = cpus[cpu].phase.read(state) == Phase.flushing.rawValue
        emit(.interrupt, state, cpu, operand: sender) { next in
            drainAll(next, cpu)
            endWalks(next, cpu)
            leavePhase(next, cpu)
            enter(.interrupt(sender: UInt8(sender), isWaiting: isWaiting), next, cpu)
        }
    }

    /// `iretq` at the end of a handler.
    func returnFromInterrupt(_ state: UnsafePointer<UInt64>, _ cpu: Int, _ record: Record, _ thread: Int) {
        guard isDrained(state, cpu) else { return }
        emit(.instruction, state, cpu) { next in
            endWalks(next, cpu)
            advance(next, cpu, thread)
            if record.pointee.suspended >= 0 {
                if cpus[cpu].waitingFor.read(next) != 0 {
                    cpus[cpu].phase.write(Phase.flushing.rawValue, next)
                } else {
                    advance(next, cpu, cpus[cpu].thread.read(next))
                }
            }
            answer(next, cpu, Int(record.pointee.operand))
        }
    }

    /// What a CPU has asked others for, also while it serves an interrupt.
    @inline(__always)
    func request(of initiator: Int, in state: UnsafePointer<UInt64>) -> Record {
        let record = record(state, initiator)
        let suspended = record.pointee.suspended
        return suspended < 0 ? record : Record(records[initiator] + Int(suspended))
    }

    /// All have answered: the CPU goes on, after an interrupt that it serves.
    @inline(__always)
    func goOn(_ next: UnsafeMutablePointer<UInt64>, _ cpu: Int) {
        if record(UnsafePointer(next), cpu).pointee.suspended >= 0 { return }
        cpus[cpu].phase.write(Phase.run.rawValue, next)
        advance(next, cpu, cpus[cpu].thread.read(next))
    }

    /// The thread is taken elsewhere by what another CPU has asked for.
    func enter(_ entry: InterruptEntry, _ next: UnsafeMutablePointer<UInt64>, _ cpu: Int) {
        changes.noteMove(cpu)
        let thread = cpus[cpu].thread.read(next)
        if let known = answers[cpu].find(thread, entry.code) {
            cpus[cpu].thread.write(Int(known.next), next)
        } else if !isLost() {
            let entered = tables.threads[cpu].computeEntry(entry, thread, self)
            answers[cpu].add(thread, entry.code, Answer(next: Int32(entered), value: -1))
            cpus[cpu].thread.write(entered, next)
        }
    }
}

/// How an interrupt takes a thread elsewhere.
enum InterruptEntry {
    /// A lazy CPU loads the kernel's own address space.
    case kernelSpace
    /// The handler of an interrupt from a CPU is entered.
    case interrupt(sender: UInt8, isWaiting: Bool)

    /// A number that is no value's, of which there are fewer.
    var code: Int {
        switch self {
        case .kernelSpace: 1 << 30
        case .interrupt(let sender, let isWaiting): 1 << 30 | 1 << 29 | Int(sender) << 1 | (isWaiting ? 1 : 0)
        }
    }
}

extension ThreadTable {
    /// The thread state after an interrupt's entry.
    func computeEntry(_ entry: InterruptEntry, _ number: Int, _ machine: Machine) -> Int {
        var state = states[number]
        switch entry {
        case .kernelSpace:
            state.isLazy = false
            state.space = UInt8(kernelSpace ?? Int(state.space))
        case .interrupt(let sender, let isWaiting):
            state.interruption = ThreadState.Interruption(state: Int32(number), sender: sender, isWaiting: isWaiting)
            let stack = stackInUse(by: state)
            state.registers = processor.registers
            // Compiled code goes on below the thread's own stack, as in the kernel.
            if processor.isCompiled { state.registers[.rsp] = stack & ~15 }
            state.registers.flags.remove(.interrupt)
            state.privilege = 0
            state.progress = .running
        }
        return self.number(of: state, machine, from: number)
    }

    /// Where the stack of a thread ends that is in use.
    func stackInUse(by state: ThreadState) -> UInt64 {
        state.progress == .ended ? processor.stackTop : state.registers[.rsp]
    }

    /// Whether an instruction that no other CPU can notice is a step all the same, because an interrupt before it can change what
    /// it finds: the CPU's own data, which a handler may have, or the address space that is loaded.
    func canBeInterrupted(before request: Request, _ state: ThreadState) -> Bool {
        guard state.interruption == nil, state.stage == 0, state.registers.flags.contains(.interrupt) else {
            return false
        }
        let hasHandler = processor.interruptHandler != nil
        func isKept(_ place: MemoryAccess) -> Bool {
            hasHandler && place.address >= processor.stackTop && state.memory.contains(place)
        }
        return switch request {
        case .readCR3: hasHandler || state.isLazy
        case .readCR4: hasHandler
        case .load(let place), .store(let place), .update(let place, locked: false): isKept(place)
        case .copy(let from, let to): isKept(from) || isKept(to)
        default: false
        }
    }

    /// Whether private memory has an access; a handler has no business on the stack of the thread that it interrupted.
    func ownsPrivately(_ place: MemoryAccess, _ state: ThreadState) -> Bool {
        guard state.memory.contains(place) else { return false }
        guard let interruption = state.interruption, place.address < processor.stackTop else { return true }
        return place.address < stackInUse(by: states[Int(interruption.state)])
    }

    /// What `iretq` brings back: all that the entry code saved.
    func leaveInterrupt(_ state: inout ThreadState) {
        guard let interruption = state.interruption else { return }
        var resumed = states[Int(interruption.state)]
        resumed.space = state.space
        resumed.isLazy = state.isLazy
        resumed.hasGlobalPages = state.hasGlobalPages
        if processor.isCompiled {
            resumed.memory = state.memory
            resumed.memory.forget(below: stackInUse(by: resumed), from: processor.stackBase)
        }
        state = resumed
    }

    /// What being in an interrupt's handler means for a record.
    func describe(_ interruption: ThreadState.Interruption?, _ record: inout ThreadRecord) {
        record.needsNoTranslations = record.isEnded && processor.interruptHandler == nil
        guard let interruption else { return }
        record.isInInterrupt = true
        record.operand = UInt64(interruption.sender)
        if interruption.isWaiting { record.suspended = interruption.state }
    }
}
