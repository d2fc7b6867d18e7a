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
        // Closures here capture its place alone: they would copy an instruction for each state.
        let instruction = program.instructions[state.registers.rip]
        let place = instruction.place

        /// What is refused asks for nothing; steps are computed until somebody looks for the failure.
        var isRefused = false
        func fail(_ message: String, _ remedy: String?) {
            isRefused = true
            machine.noteFailure(at: state, cpu, number: states.count - 1)
            machine.fail(.invalid(place: place, message: message, remedy: remedy))
        }
        ask(instruction, state, &record, machine, fail)
        if isRefused { record.kind = .fence }
        for (bit, fault) in faults.enumerated() where fault.cpu == cpu && record.page >= 0 {
            // A label is one of the column itself; its handler has faults, too, but no such place.
            if fault.page.map({ $0 == Int(record.page) }) ?? true,
                fault.instruction.map({ $0 == state.registers.rip && state.interrupted == nil }) ?? true
            {
                record.faultBits |= 1 << UInt64(bit)
            }
        }
        return record
    }

    /// What an instruction asks of the machine.
    private func ask(
        _ instruction: Instruction, _ state: ThreadState, _ record: inout ThreadRecord, _ machine: Machine,
        _ fail: (String, String?) -> Void
    ) {
        func access(_ access: MemoryAccess, _ kind: ThreadRecord.Access) {
            record.access = kind
            resolve(access, into: &record, machine, fail)
        }

        switch instruction.request(state.registers) {
        case .load(let place):
            record.kind = .load
            access(place, .read)
        case .store(let place):
            record.kind = .store
            access(place, .write)
            noteStored(by: instruction, state, &record, machine)
        case .shadowStackStore(let place):
            record.kind = .store
            access(place, .shadowStackWrite)
            noteStored(by: instruction, state, &record, machine)
        case .update(let place, locked: true) where state.memory.contains(place): record.kind = .fence
        case .update(let place, locked: true):
            record.kind = .update
            access(place, .write)
        case .update(let place, locked: false):
            record.kind = state.stage == 0 ? .load : .store
            access(place, state.stage == 0 ? .read : .write)
            if state.stage == 1 { noteStored(by: instruction, state, &record, machine) }
        case .copy(let from, let to):
            record.kind = state.stage == 0 ? .load : .store
            access(state.stage == 0 ? from : to, state.stage == 0 ? .read : .write)
            if state.stage == 1 { noteStored(by: instruction, state, &record, machine) }
        case .fence: record.kind = .fence
        case .serialize:
            record.kind = .fence
            record.endsWalks = true
        case .setInterruptFlag: record.kind = .setInterrupts
        case .invalidatePage, .invalidateContext, .broadcastInvalidate, .broadcastSynchronize, .writeCR3, .writeCR4:
            invalidation(instruction.request(state.registers), state, &record, machine, fail)
        case .interruptReturn:
            record.kind = .fence
            record.endsWalks = true
            if state.interrupted == nil {
                fail("iretq outside a fault handler", "a thread ends at the end of its column")
            }
        case .service(let service, let arguments):
            do throws(ServiceRefusal) {
                try ServiceRequest(service, arguments, state, self, machine).describe(in: &record)
                if service == .unlockRCU, state.readLocks == 0 {
                    fail(
                        "\(service.name) without \(KernelService.lockRCU.name) before it",
                        processor.isCompiled
                            ? "call \(KernelService.lockRCU.name)() first, as the callers of this code do" : "remove it"
                    )
                }
                if service == .lockRCU, state.readLocks == .max {
                    fail("sections of RCU are nested more than 255 deep", "undo them in the loop")
                }
            } catch { fail(error.message, error.remedy) }
        case .unknownTarget:
            fail(
                "a call through a pointer has no known target",
                "name the calling function in Stub=, or call the target directly")
        case .none, .readCR2, .readCR3, .readCR4, .halt, .undefined: record.kind = .spinning
        }
    }

    /// Notes what a store writes.
    private func noteStored(
        by instruction: Instruction, _ state: ThreadState, _ record: inout ThreadRecord, _ machine: Machine
    ) {
        var registers = state.registers
        record.store(instruction.execute(on: &registers, loaded: state.loaded) ?? 0, machine)
    }

    /// How far below the stack an access is still taken for one of a stack that is too short, in bytes.
    private static let farthestOverflow: UInt64 = 0x1_0000

    /// A table has words for the addresses of the test's pages, and for levels that the test names.
    private func refuseWrite(of entry: AddressMap.FixedEntry, _ fail: (String, String?) -> Void) {
        guard let level = EntryLevel(rawValue: entry.level) else { return }
        let (name, page) = (level.entrySpelling, map.name(ofPage: 0))
        if entry.isVacant {
            fail(
                "P\(cpu) writes a \(name) of an address where the test has no page",
                "give it one there with Region=")
        } else {
            fail(
                "P\(cpu) writes a \(name), and the test says nothing of that level",
                "name one in the initial state: [\(name)(\(page))] = (table:\(TableName(level.below ?? .pte, page: page).text));"
            )
        }
    }

    private func resolve(
        _ access: MemoryAccess, into record: inout ThreadRecord, _ machine: Machine, _ fail: (String, String?) -> Void
    ) {
        guard let place = map.place(at: access.address) else {
            if let entry = processor.isCompiled ? map.fixedEntry(at: access.address, space: processor.space) : nil {
                return refuseWrite(of: entry, fail)
            }
            let address = "0x" + String(access.address, radix: 16)
            if access.address < processor.stackBase, access.address &+ Self.farthestOverflow >= processor.stackBase {
                fail(
                    "the stack of P\(cpu) is used up",
                    "recursion without end is not explored; the stack has \(processor.stackTop &- processor.stackBase) bytes"
                )
                return
            }
            fail(
                "P\(cpu) accesses \(address), where the test has nothing",
                "give the register the address of a variable in the initial state")
            return
        }
        let byte: Int
        switch place {
        case .physical(let word, let offset):
            record.word = Int32(word)
            byte = offset
        case .page(let page, let offset):
            guard offset / 8 < map.variables[map.pages[page]].words else {
                fail(
                    "P\(cpu) accesses byte \(offset) of \(map.name(ofPage: page)), which is shorter",
                    "declare it as an array, as in int \(map.name(ofPage: page))[4]")
                return
            }
            record.page = Int32(page)
            machine.noteUse(ofPage: page, cpu)
            record.offset = Int32(offset / 8)
            byte = offset % 8
        }
        let width = Int(access.width.rawValue)
        guard byte + width <= 8 else {
            fail(
                "the access crosses a 64-bit word (\(width) bytes at byte \(byte))",
                "align it: words of 8 bytes are the machine's unit")
            return
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
