import Diagnostics
import Litmus
import X86

/// From a thread state to its record: what the instruction asks of the machine, with addresses looked up.
extension ThreadTable {
    func describe(_ state: ThreadState, _ machine: Machine) -> ThreadRecord {
        var record = ThreadRecord()
        record.space = state.space
        record.isUser = state.privilege == 3
        record.isEnded = state.progress == .ended
        record.isLazy = state.isLazy
        describe(state.interruption, &record)
        record.isBetweenInstructions = state.stage == 0
        record.isInterruptible = record.isEnded || (state.stage == 0 && state.registers.flags.contains(.interrupt))
        guard !record.isEnded else { return record }
        record.isReader = state.readLocks > 0 || !state.registers.flags.contains(.interrupt)
        record.instruction = Int32(state.registers.rip)
        if machine.usesPartialOrder {
            record.laterReads = machine.plan.forecasts[cpu].reads[state.registers.rip]
            record.laterWrites = machine.plan.forecasts[cpu].writes[state.registers.rip]
        }
        let program = program(of: state)
        guard state.registers.rip < program.instructions.count else { return record }
        let instruction = program.instructions[state.registers.rip]
        do throws(RequestRefusal) { try ask(instruction, state, &record, machine) } catch {
            // What is refused asks for nothing; steps are computed until somebody looks for the failure.
            record.kind = .fence
            machine.noteFailure(at: state, cpu, number: states.count - 1)
            machine.fail(.invalid(place: instruction.place, message: error.message, remedy: error.remedy))
        }
        for (bit, fault) in faults.enumerated() where fault.cpu == cpu && record.page >= 0 {
            // A label is one of the column itself; its handler has faults, too, but no such place.
            if fault.page.map({ $0 == Int(record.page) }) ?? true,
                fault.instruction.map({ $0 == state.registers.rip && !state.isInHandler }) ?? true
            {
                record.faultBits |= 1 << UInt64(bit)
            }
        }
        return record
    }

    /// What an instruction asks of the machine.
    ///
    /// It throws what is refused: a closure that told it would hold a copy of the state, for each state.
    private func ask(
        _ instruction: Instruction, _ state: ThreadState, _ record: inout ThreadRecord, _ machine: Machine
    ) throws(RequestRefusal) {
        let request = instruction.request(state.registers)
        if canBeInterrupted(before: request, state) {
            record.kind = .setInterrupts
            return
        }
        switch request {
        case .load(let place):
            record.kind = .load
            try access(place, .read, &record, machine)
        case .store(let place):
            record.kind = .store
            try access(place, .write, &record, machine)
            try noteStored(by: instruction, state, &record, machine)
        case .shadowStackStore(let place):
            record.kind = .store
            try access(place, .shadowStackWrite, &record, machine)
            try noteStored(by: instruction, state, &record, machine)
        case .update(let place, locked: true) where state.memory.contains(place): record.kind = .fence
        case .update(let place, locked: true):
            record.kind = .update
            try access(place, .write, &record, machine)
        case .update(let place, locked: false):
            record.kind = state.stage == 0 ? .load : .store
            try access(place, state.stage == 0 ? .read : .write, &record, machine)
            if state.stage == 1 { try noteStored(by: instruction, state, &record, machine) }
        case .copy(let from, let to):
            record.kind = state.stage == 0 ? .load : .store
            try access(state.stage == 0 ? from : to, state.stage == 0 ? .read : .write, &record, machine)
            if state.stage == 1 { try noteStored(by: instruction, state, &record, machine) }
        case .fence: record.kind = .fence
        case .serialize:
            record.kind = .fence
            record.endsWalks = true
        case .setInterruptFlag: record.kind = .setInterrupts
        case .invalidatePage, .invalidateContext, .broadcastInvalidate, .broadcastSynchronize, .writeCR3, .writeCR4:
            try invalidation(instruction.request(state.registers), state, &record, machine)
        case .interruptReturn where state.interruption != nil: record.kind = .interruptReturn
        case .interruptReturn:
            record.kind = .fence
            record.endsWalks = true
            if state.interrupted == nil {
                throw RequestRefusal(
                    message: "iretq outside a fault handler",
                    remedy: "a thread ends at the end of its column")
            }
        case .service(let service, let arguments):
            try ServiceRequest(service, arguments, state, self, machine).describe(in: &record)
            if service == .unlockRCU, state.readLocks == 0 {
                throw RequestRefusal(
                    message: "\(service.name) without \(KernelService.lockRCU.name) before it",
                    remedy: processor.isCompiled
                        ? "call \(KernelService.lockRCU.name)() first, as the callers of this code do" : "remove it")
            }
            if service == .lockRCU, state.readLocks == .max {
                throw RequestRefusal(
                    message: "sections of RCU are nested more than 255 deep", remedy: "undo them in the loop")
            }
        case .unknownTarget:
            throw RequestRefusal(
                message: "a call through a pointer has no known target",
                remedy: "name the calling function in Stub=, or call the target directly")
        case .none, .readCR2, .readCR3, .readCR4, .halt, .undefined: record.kind = .spinning
        }
    }

    private func access(
        _ access: MemoryAccess, _ kind: ThreadRecord.Access, _ record: inout ThreadRecord, _ machine: Machine
    ) throws(RequestRefusal) {
        record.access = kind
        try resolve(access, into: &record, machine)
    }

    /// Notes what a store writes.
    private func noteStored(
        by instruction: Instruction, _ state: ThreadState, _ record: inout ThreadRecord, _ machine: Machine
    ) throws(RequestRefusal) {
        var registers = state.registers
        let value = instruction.execute(on: &registers, loaded: state.loaded) ?? 0
        record.store(value, machine)
        if processor.isCompiled, machine.scenario.hasInterruptHandlers,
            (processor.stackBase..<processor.stackTop).contains(value)
        {
            // Each CPU has its stack at the same address: another would read its own.
            throw RequestRefusal(
                message: "P\(cpu) stores the address of its own stack where other CPUs can read it",
                remedy: "make what is there a static variable of the test")
        }
    }

    /// How far below the stack an access is still taken for one of a stack that is too short, in bytes.
    private static let farthestOverflow: UInt64 = 0x1_0000

    /// A table has words for the addresses of the test's pages, and for levels that the test names.
    private func refuseWrite(of entry: AddressMap.FixedEntry) throws(RequestRefusal) {
        guard let level = EntryLevel(rawValue: entry.level, of: map.levels) else { return }
        let (name, page) = (level.entrySpelling, map.name(ofPage: 0))
        if entry.isVacant {
            throw RequestRefusal(
                message: "P\(cpu) writes a \(name) of an address where the test has no page",
                remedy: "give it one there with Region=")
        } else {
            throw RequestRefusal(
                message: "P\(cpu) writes a \(name), and the test says nothing of that level",
                remedy:
                    "name one in the initial state: [\(name)(\(page))] = (table:\(TableName(level.below ?? .pte, page: page).text));"
            )
        }
    }

    private func resolve(
        _ access: MemoryAccess, into record: inout ThreadRecord, _ machine: Machine
    ) throws(RequestRefusal) {
        guard let place = map.place(at: access.address) else {
            if let entry = processor.isCompiled ? map.fixedEntry(at: access.address, space: processor.space) : nil {
                return try refuseWrite(of: entry)
            }
            let address = "0x" + String(access.address, radix: 16)
            if access.address < processor.stackBase, access.address &+ Self.farthestOverflow >= processor.stackBase {
                throw RequestRefusal(
                    message: "the stack of P\(cpu) is used up",
                    remedy:
                        "recursion without end is not explored; the stack has \(processor.stackTop &- processor.stackBase) bytes"
                )
            }
            throw RequestRefusal(
                message: "P\(cpu) accesses \(address), where the test has nothing",
                remedy: "give the register the address of a variable in the initial state")
        }
        let byte: Int
        switch place {
        case .physical(let word, let offset):
            record.word = Int32(word)
            byte = offset
        case .page(let page, let offset):
            guard offset / 8 < map.variables[map.pages[page]].words else {
                throw RequestRefusal(
                    message: "P\(cpu) accesses byte \(offset) of \(map.name(ofPage: page)), which is shorter",
                    remedy: "declare it as an array, as in int \(map.name(ofPage: page))[4]")
            }
            record.page = Int32(page)
            machine.noteUse(ofPage: page, cpu)
            record.offset = Int32(offset / 8)
            byte = offset % 8
        }
        let width = Int(access.width.rawValue)
        guard byte + width <= 8 else {
            throw RequestRefusal(
                message: "the access crosses a 64-bit word (\(width) bytes at byte \(byte))",
                remedy: "align it: words of 8 bytes are the machine's unit")
        }
        record.reach(width, from: byte)
    }
}

extension ThreadRecord {
    /// The request is about so many bytes of a word from this one on.
    mutating func reach(_ bytes: Int, from byte: Int) {
        width = UInt8(bytes)
        shift = UInt8(byte * 8)
        mask = UInt8(truncatingIfNeeded: ((1 << bytes) - 1) << byte)
    }

    /// The request stores a value into the bytes that it is about.
    mutating func store(_ stored: UInt64, _ machine: Machine) {
        value = Int32(machine.number(ofValue: (stored << UInt64(shift)) & machine.byteMask(mask)))
        guard word >= 0 else { return }
        storeNumber = Int32(machine.storeNumber(word: Int(word), mask: mask, value: Int(value), origin: .direct))
    }
}
