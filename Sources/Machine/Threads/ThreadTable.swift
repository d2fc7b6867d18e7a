import Diagnostics
import Litmus
import X86

/// The numbered thread states of one CPU, and what each does for what it is given.
///
/// A step never interprets an instruction twice for the same thread state and value: the first time the
/// ``X86/Instruction`` is executed, after that the answer is looked up.
final class ThreadTable {
    /// One record per thread state, in flat storage that steps read directly.
    private(set) var records: UnsafeMutablePointer<ThreadRecord>
    private(set) var states: [ThreadState] = []
    private var capacity = 16
    /// Where the records were before they moved: a step under way may still hold a pointer there.
    private var formerRecords: [UnsafeMutablePointer<ThreadRecord>] = []
    private var numbers: [ThreadState: Int] = [:]
    /// For code from a compiler: how the thread first came to each state.
    private(set) var arrivals: [Arrival] = []

    /// How a thread came to a state: from which one, and what it had loaded on the way.
    struct Arrival {
        var from: Int32
        var loaded: UInt64?
    }

    /// Where the thread came in some run.
    private(set) var trace: CodeTrace

    let cpu: Int
    let processor: Processor
    let map: AddressMap
    let faults: [Watches.Fault]
    /// The number of the kernel's own address space, where some code can lead to it.
    let kernelSpace: Int?
    private let shownRegisters: Set<Register>
    /// Told of each instruction that runs together with a step, with the states before and after it; for those who tell
    /// a run.
    var listener: ((_ instruction: Instruction, _ before: ThreadState, _ after: ThreadState) -> Void)?

    init(cpu: Int, processor: Processor, map: AddressMap, watches: Watches) {
        trace = CodeTrace(processor)
        self.cpu = cpu
        self.processor = processor
        self.map = map
        faults = watches.faults
        kernelSpace = map.spaces.firstIndex(of: AddressMap.kernelSpace)
        shownRegisters = watches.registers[cpu] ?? []
        records = .allocate(capacity: capacity)
    }

    deinit {
        for number in states.indices { records[number].drops?.deallocate() }
        records.deallocate()
        for former in formerRecords { former.deallocate() }
    }

    /// Bytes held, as far as they grow with the number of states.
    var bytes: Int {
        // Records that moved are kept, which is as much again; each state is in a list and in a dictionary.
        2 * capacity * MemoryLayout<ThreadRecord>.stride + 4 * states.count * MemoryLayout<ThreadState>.stride
    }

    /// The code that a thread state is in.
    func program(of state: ThreadState) -> Program {
        if state.interruption != nil { return processor.interruptHandler ?? Program() }
        return state.interrupted == nil ? processor.program : (processor.handler ?? Program())
    }

    /// The number of the thread's first state.
    func start(_ machine: Machine) -> Int {
        number(
            of: ThreadState(
                registers: processor.registers, memory: processor.privateMemory,
                privilege: UInt8(processor.privilege), space: UInt8(processor.space), home: UInt8(processor.space)),
            machine)
    }

    // MARK: Numbers

    /// Runs register-only instructions, then gives the state its number.
    func number(
        of state: ThreadState, _ machine: Machine, from origin: Int = -1, loaded: UInt64? = nil
    ) -> Int {
        var state = state
        let isSpinning = !advance(&state, machine)
        if state.progress == .ended && machine.plan.scenario.reductions.contains(.endedThreads) { forgetUnseen(&state) }
        if let known = numbers[state] { return known }
        if states.count == capacity {
            let larger = UnsafeMutablePointer<ThreadRecord>.allocate(capacity: capacity * 2)
            larger.initialize(from: records, count: capacity)
            formerRecords.append(records)
            records = larger
            capacity *= 2
            machine.tables.refreshRecords(of: self)
        }
        let number = states.count
        if number > Int(machine.cpus[cpu].thread.mask) { machine.fail(.outgrown(.threads)) }
        numbers[state] = number
        states.append(state)
        if processor.isCompiled { arrivals.append(Arrival(from: Int32(origin), loaded: loaded)) }
        var record = describe(state, machine)
        if isSpinning { record.kind = .spinning }
        record.retriesFault = processor.onFault == .retry && !state.isInHandler
        (records + number).initialize(to: record)
        return number
    }

    /// Forgets what nobody will ask of an ended thread.
    ///
    /// It runs no further, so only the registers that the question shows, and the address space for flushes, can still
    /// make a difference. Where the run ended, by which fault, is in the ghost state as far as the question asks.
    private func forgetUnseen(_ state: inout ThreadState) {
        let shown = shownRegisters
        for register in Register.allCases where !shown.contains(register) { state.registers[register] = 0 }
        state.registers.flags = []
        state.registers.rip = 0
        state.privilege = 0
        state.home = state.space
        state.stage = 0
        state.loaded = 0
        state.hasGlobalPages = true
        state.readLocks = 0
        state.interrupted = nil
        if processor.isCompiled { state.memory.forget(below: processor.stackTop, from: processor.stackBase) }
    }

    /// Runs instructions that need nothing until one does; false when that never happens.
    ///
    /// That it never happens is known when a state comes again (Brent's way of finding a cycle: the state kept for
    /// comparison moves up at powers of two). A loop that counts does not repeat a state; if it is longer than
    /// ``Scenario/longestLocalRun`` nothing is known of what comes after it, and the search ends inconclusive.
    private func advance(_ state: inout ThreadState, _ machine: Machine) -> Bool {
        guard state.progress == .running else { return true }
        let program = program(of: state)
        var steps = 0
        var kept: ThreadState?
        /// Whether the thread goes round in circles, or for too long.
        func isEndless() -> Bool {
            steps += 1
            guard steps >= 1024 else { return false }
            if let kept, kept.registers.rip == state.registers.rip, kept == state { return true }
            if steps & (steps - 1) == 0 { kept = state }
            guard steps >= machine.plan.scenario.longestLocalRun else { return false }
            machine.fail(.outgrown(.localRun))
            return true
        }
        while true {
            trace.note(state)
            if state.registers.rip < 0 {
                failLost(&state, machine)
                return true
            }
            guard state.registers.rip >= 0, state.registers.rip < program.instructions.count else {
                state.progress = .ended
                return true
            }
            let instruction = program.instructions[state.registers.rip]
            let request = instruction.request(state.registers)
            let before = listener == nil ? nil : state
            if canBeInterrupted(before: request, state) { return true }
            if serve(request, of: instruction, &state) {
                if let before { listener?(instruction, before, state) }
                if isEndless() { return false }
                continue
            }
            guard state.stage == 0 else { return true }
            switch request {
            case .service(let service, let arguments) where service.subject == .entry && !processor.isCompiled:
                guard let page = arguments.first.flatMap(map.page(named:)) else { return true }
                let level = service == .pteOffset ? 1 : service == .pmdOffset ? 2 : 3
                state.registers[.rax] = map.slotAddress(ofPage: page, level: level, in: state.registers[.rax])
                state.registers.rip += 1
            case .service(let service, _) where passesSection(service, &state, machine): state.registers.rip += 1
            case .none: _ = instruction.execute(on: &state.registers, loaded: 0)
            case .readCR3, .readCR4: passUnnoticed(request, of: instruction, &state)
            case .readCR2:
                let address = state.interruption == nil ? state.interrupted?.faultAddress : nil
                _ = instruction.execute(on: &state.registers, loaded: address ?? 0)
            case _ where endsThread(request):
                state.progress = .ended
                if let before { listener?(instruction, before, state) }
                return true
            case .halt, .undefined, .load, .store, .update, .copy, .shadowStackStore, .fence, .serialize,
                .invalidatePage, .invalidateContext, .broadcastInvalidate, .broadcastSynchronize, .writeCR3,
                .writeCR4, .setInterruptFlag, .interruptReturn, .service, .unknownTarget:
                return true
            }
            if let before { listener?(instruction, before, state) }
            if isEndless() { return false }
        }
    }

    /// Whether an instruction ends the thread: it says so, or is an invalid opcode on this CPU, which records no page fault.
    private func endsThread(_ request: Request) -> Bool {
        switch request {
        case .halt, .undefined: true
        case .shadowStackStore: !processor.hasShadowStacks
        case .broadcastInvalidate, .broadcastSynchronize, .service(.broadcastInvalidate, _):
            !processor.profile.broadcastInvalidate
        case .invalidateContext, .service(.invalidateOne, _), .service(.invalidateContext, _),
            .service(.invalidateAll, _), .service(.invalidateNonglobal, _):
            !processor.profile.invpcid
        default: false
        }
    }

    /// Enters or leaves a section of RCU where compiled code does and no CPU waits for readers: then it is not a step.
    private func passesSection(_ service: KernelService, _ state: inout ThreadState, _ machine: Machine) -> Bool {
        guard processor.isCompiled, machine.plan.gracePeriods == 0 else { return false }
        switch service {
        case .lockRCU where state.readLocks < .max: state.readLocks += 1
        case .unlockRCU where state.readLocks > 0: state.readLocks -= 1
        default: return false
        }
        return true
    }

    /// A computed jump has led to an address that is not code.
    private func failLost(_ state: inout ThreadState, _ machine: Machine) {
        let program = program(of: state)
        let index = -1 - state.registers.rip
        let place = program.instructions.indices.contains(index) ? program.instructions[index].place : nil
        machine.noteFailure(at: state, cpu, number: -1)
        machine.fail(
            .invalid(
                place: place, message: "P\(cpu) jumps to an address that is not code",
                remedy: "a computed target must be a label, or a function of the test; give the register one"))
        state.registers.rip = program.instructions.count
        state.progress = .ended
    }

    /// What a request reads of entries that never change; nil where it reads something else, and in columns.
    func fixedContent(_ request: Request, _ state: ThreadState) -> UInt64? {
        guard processor.isCompiled else { return nil }
        switch request {
        case .load(let place): return map.fixedContent(place, space: processor.space)
        case .copy(let from, _) where state.stage == 0: return map.fixedContent(from, space: processor.space)
        default: return nil
        }
    }

    /// Completes a request that private memory, or an entry that never changes, can serve; false when it goes to shared memory.
    private func serve(_ request: Request, of instruction: Instruction, _ state: inout ThreadState) -> Bool {
        guard !state.memory.range.isEmpty else { return false }
        if let content = fixedContent(request, state) {
            if case .copy = request {
                state.loaded = content
                state.stage = 1
            } else {
                _ = instruction.execute(on: &state.registers, loaded: content)
            }
            return true
        }
        switch request {
        case .load(let place) where ownsPrivately(place, state):
            _ = instruction.execute(on: &state.registers, loaded: state.memory.read(place))
        case .store(let place) where ownsPrivately(place, state):
            if let value = instruction.execute(on: &state.registers, loaded: 0) { trace.store(value, place, &state) }
        case .store(let place) where processor.isCompiled && map.isVacant(place):
            // Clearing a table stores 0 where it was 0 and stays 0. Anything else is refused when it is a step.
            var registers = state.registers
            guard instruction.execute(on: &registers, loaded: 0) == 0 else { return false }
            state.registers = registers
        // A locked one waits for an empty store buffer like any other: `lock addl $0,-4(%rsp)` is the kernel's smp_mb().
        case .update(let place, locked: false) where ownsPrivately(place, state):
            if let value = instruction.execute(on: &state.registers, loaded: state.memory.read(place)) {
                trace.store(value, place, &state)
            }
        case .copy(let from, _) where state.stage == 0 && ownsPrivately(from, state):
            state.loaded = state.memory.read(from)
            state.stage = 1
            return true
        case .copy(_, let to) where state.stage == 1 && ownsPrivately(to, state):
            if let value = instruction.execute(on: &state.registers, loaded: state.loaded) {
                trace.store(value, to, &state)
            }
            state.stage = 0
            state.loaded = 0
        default: return false
        }
        let redZone: UInt64 = processor.isCompiled ? 0 : 128
        if state.registers[.rsp] >= redZone {
            state.memory.forget(below: state.registers[.rsp] - redZone, from: processor.stackBase)
        }
        return true
    }

    // MARK: Going on

    /// The thread state after a request that reads nothing.
    func computeNext(_ number: Int, _ machine: Machine) -> Int {
        var state = states[number]
        let next: Int
        switch finish(&state, machine) {
        case .some: next = self.number(of: state, machine, from: number)
        case nil: next = number
        }
        records[number].next = Int32(next)
        return next
    }

    /// Completes a read of CR3 or CR4, or an access to private memory: no other CPU can notice it.
    private func passUnnoticed(_ request: Request, of instruction: Instruction, _ state: inout ThreadState) {
        switch request {
        case .readCR3: _ = instruction.execute(on: &state.registers, loaded: root(ofSpace: Int(state.space)))
        case .readCR4:
            let value = processor.controlRegister4(hasGlobalPages: state.hasGlobalPages)
            _ = instruction.execute(on: &state.registers, loaded: value)
        default: _ = serve(request, of: instruction, &state)
        }
    }

    /// Completes the instruction of a request that reads nothing; nil when the machine has failed.
    private func finish(_ state: inout ThreadState, _ machine: Machine) -> Void? {
        let instruction = program(of: state).instructions[state.registers.rip]
        let request = instruction.request(state.registers)
        if canBeInterrupted(before: request, state) { return passUnnoticed(request, of: instruction, &state) }
        switch request {
        case .interruptReturn where state.interruption != nil: return leaveInterrupt(&state)
        case .interruptReturn:
            guard let interrupted = state.interrupted else { return nil }
            state.registers.rip = interrupted.rip
            state.registers.flags = interrupted.flags
            state.privilege = interrupted.privilege
            state.interrupted = nil
        case .writeCR3(let value):
            _ = instruction.execute(on: &state.registers, loaded: 0)
            if let space = space(ofRoot: value) { load(space, &state) }
        case .writeCR4(let value):
            _ = instruction.execute(on: &state.registers, loaded: 0)
            state.hasGlobalPages = value & Processor.globalPagesEnabled != 0
        case .service(let service, let arguments):
            changeMode(service, arguments, &state)
            // What would not fit was refused when the call was described.
            if service == .lockRCU { state.readLocks &+= 1 }
            if service == .unlockRCU { state.readLocks &-= 1 }
            state.registers.rip += 1
        case .update(let place, locked: true) where state.memory.contains(place):
            if let value = instruction.execute(on: &state.registers, loaded: state.memory.read(place)) {
                trace.store(value, place, &state)
            }
        default:
            _ = instruction.execute(on: &state.registers, loaded: state.loaded)
        }
        state.stage = 0
        state.loaded = 0
        return ()
    }

    /// What the request comes to when the word it reads has a value.
    func computeAnswer(_ number: Int, toWord value: Int, _ machine: Machine) -> Answer {
        var state = states[number]
        let record = records[number]
        let word = machine.value(value)
        let loaded = (word >> UInt64(record.shift)) & (Width(rawValue: record.width)?.mask ?? .max)
        let instruction = program(of: state).instructions[state.registers.rip]
        var written: Int32 = -1
        switch instruction.request(state.registers) {
        case .update(_, locked: false):
            // Ask on a copy whether anything will be stored. herd7's failing cmpxchg stores nothing and is over.
            let isOver =
                !processor.profile.failedCompareStores && instruction.failsComparison(state.registers, loaded: loaded)
            var copy = state
            if instruction.execute(on: &copy.registers, loaded: loaded) == nil || isOver {
                state = copy
            } else {
                state.stage = 1
                state.loaded = loaded
            }
        case .copy:
            state.stage = 1
            state.loaded = loaded
        case .update(_, locked: true):
            if let stored = instruction.execute(on: &state.registers, loaded: loaded) {
                let mask = machine.byteMask(record.mask)
                let content = (word & ~mask) | ((stored << UInt64(record.shift)) & mask)
                written = Int32(machine.number(ofValue: content))
            }
        case .service:
            // page_dirty(x): the flag, in %rax as a function would return it.
            state.registers[.rax] = word
            state.registers.rip += 1
        default:
            _ = instruction.execute(on: &state.registers, loaded: loaded)
        }
        let next = self.number(of: state, machine, from: number, loaded: loaded)
        return Answer(next: Int32(next), value: written)
    }

    /// The thread state after a page fault at this request.
    func computeAfterFault(_ number: Int, _ machine: Machine) -> Int {
        var state = states[number]
        state.stage = 0
        state.loaded = 0
        switch processor.onFault {
        case .retry where !state.isInHandler: break
        case .handler where !state.isInHandler && processor.handler != nil:
            state.interrupted = ThreadState.Interrupted(
                rip: state.registers.rip, flags: state.registers.flags, privilege: state.privilege,
                faultAddress: faultAddress(number))
            state.registers.rip = 0
            state.privilege = 0
            if !processor.keepsInterruptsInHandler { state.registers.flags.remove(.interrupt) }
        default: state.progress = .ended
        }
        let after = self.number(of: state, machine, from: number)
        records[number].afterFault = Int32(after)
        return after
    }

    private func faultAddress(_ number: Int) -> UInt64 {
        let record = records[number]
        guard record.page >= 0 else { return 0 }
        return map.address(ofVariable: map.pages[Int(record.page)]) + UInt64(record.offset) * 8
            + UInt64(record.shift) / 8
    }
}
