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
        record.instruction = Int32(state.registers.rip)
        if !machine.forecasts.isEmpty {
            record.laterReads = machine.forecasts[cpu].reads[state.registers.rip]
            record.laterWrites = machine.forecasts[cpu].writes[state.registers.rip]
        }
        let program = program(of: state)
        guard state.registers.rip < program.instructions.count else { return record }
        let instruction = program.instructions[state.registers.rip]

        func fail(_ message: String, _ remedy: String?) {
            machine.fail(.invalid(cpu: cpu, place: instruction.place, message: message, remedy: remedy))
        }
        func access(_ access: MemoryAccess, _ kind: ThreadRecord.Access) {
            record.access = kind
            resolve(access, into: &record, machine, fail)
        }
        func storedValue() {
            var copy = state.registers
            let stored = instruction.execute(on: &copy, loaded: state.loaded) ?? 0
            let shifted = (stored << UInt64(record.shift)) & machine.byteMask(record.mask)
            record.value = Int32(machine.number(ofValue: shifted))
            if record.word >= 0 {
                let word = Int(record.word)
                record.storeNumber = Int32(
                    machine.storeNumber(word: word, mask: record.mask, value: Int(record.value), leaf: -1))
            }
        }

        switch instruction.request(state.registers) {
        case .load(let place):
            record.kind = .load
            access(place, .read)
        case .store(let place):
            record.kind = .store
            access(place, .write)
            storedValue()
        case .shadowStackStore(let place):
            record.kind = .store
            access(place, .shadowStackWrite)
            storedValue()
        case .update(let place, locked: true) where state.memory.contains(place): record.kind = .fence
        case .update(let place, locked: true):
            record.kind = .update
            access(place, .write)
        case .update(let place, locked: false):
            record.kind = state.stage == 0 ? .load : .store
            access(place, state.stage == 0 ? .read : .write)
            if state.stage == 1 { storedValue() }
        case .copy(let from, let to):
            record.kind = state.stage == 0 ? .load : .store
            access(state.stage == 0 ? from : to, state.stage == 0 ? .read : .write)
            if state.stage == 1 { storedValue() }
        case .fence, .serialize: record.kind = .fence
        case .setInterruptFlag: record.kind = .setInterrupts
        case .invalidatePage(let address):
            record.kind = .invalidatePage
            if case .page(let page, _) = map.place(at: address) {
                record.page = Int32(page)
                record.leaves = 1 << UInt64(machine.leafNumber(page: page, space: Int(state.space)))
            }
        case .invalidateContext(let type, _):
            record.kind = .invalidateAll
            record.operand = type
            if type < 2 { fail("invpcid of type \(type) is not modelled", "use invlpg, or type 2 or 3") }
        case .broadcastInvalidatePage(let address):
            record.kind = .broadcast
            if case .page(let page, _) = map.place(at: address) {
                record.leaves = 1 << UInt64(machine.leafNumber(page: page, space: Int(state.space)))
            }
        case .broadcastSynchronize: record.kind = .broadcastSync
        case .writeCR3(let value):
            record.kind = .loadSpace
            record.operand = value >> 63
            if map.space(ofRoot: value) == nil {
                fail(
                    "CR3 is loaded with a value that is no address space",
                    "set the register to an address space's name, as in 1:rax = child")
            }
        case .interruptReturn:
            record.kind = .fence
            if state.interrupted == nil {
                fail("iretq outside a fault handler", "a thread ends at the end of its column")
            }
        case .service(let name, let arguments): service(name, arguments, state, &record, machine, fail)
        case .none, .readCR2, .readCR3, .halt, .undefined: record.kind = .spinning
        }
        for (bit, fault) in faults.enumerated() where fault.cpu == cpu && record.page >= 0 && state.interrupted == nil {
            if fault.page.map({ $0 == Int(record.page) }) ?? true,
                fault.instruction.map({ $0 == state.registers.rip }) ?? true
            {
                record.faultBits |= 1 << UInt64(bit)
            }
        }
        return record
    }

    private func resolve(
        _ access: MemoryAccess, into record: inout ThreadRecord, _ machine: Machine, _ fail: (String, String?) -> Void
    ) {
        guard let place = map.place(at: access.address) else {
            let address = "0x" + String(access.address, radix: 16)
            if access.address < processor.stackBase, access.address &+ 0x10000 >= processor.stackBase {
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
        record.width = access.width.rawValue
        record.shift = UInt8(byte * 8)
        record.mask = UInt8(truncatingIfNeeded: ((1 << width) - 1) << byte)
    }

    private func service(
        _ name: String, _ written: [String], _ state: ThreadState, _ record: inout ThreadRecord, _ machine: Machine,
        _ fail: (String, String?) -> Void
    ) {
        let arguments = processor.isCompiled ? registerArguments(name, state.registers) : written
        func page(_ argument: String) -> Int? {
            guard let page = map.page(named: argument) ?? self.page(at: argument) else {
                let isName = KernelService.isName(argument)
                fail(
                    "\(argument) is no translated page",
                    isName
                        ? "name its entry in the initial state, as in [PTE(\(argument))] = (oa:PA(\(argument)))"
                        : "write \(name)(x) for the page of x")
                return nil
            }
            record.page = Int32(page)
            return page
        }
        func variable(_ argument: String) -> Int? {
            let known = map.variable(named: argument) ?? self.variable(at: argument)
            if known == nil {
                let isNew = KernelService.isName(argument) && !argument.hasPrefix("pte_")
                fail(
                    "\(argument) is no variable",
                    isNew
                        ? "name it in the initial state, as in { \(argument) = 0; }"
                        : "\(name) takes the name of a variable, nothing around it")
            }
            return known
        }
        /// What waits or is stored: `bytes` of a word from the first one on that the argument names.
        func word(_ argument: String, bytes: Int) {
            var byte = 0
            if processor.isCompiled, let place = Self.integer(argument).flatMap(map.place(at:)) {
                switch place {
                case .physical(let word, let offset): (record.word, byte) = (Int32(word), offset)
                case .page(let page, let offset):
                    let variable = map.pages[page]
                    guard offset / 8 < map.variables[variable].words else {
                        fail("\(name) is given byte \(offset) of \(map.name(ofPage: page)), which is shorter", nil)
                        return
                    }
                    (record.word, byte) = (Int32(map.dataWord(ofVariable: variable) + offset / 8), offset % 8)
                }
            } else if let variable = variable(argument) {
                record.word = Int32(map.dataWord(ofVariable: variable))
            }
            guard byte % bytes == 0 else {
                fail(
                    "\(name) is given \(bytes) bytes at byte \(byte) of a word", "align them to a multiple of \(bytes)")
                return
            }
            record.width = UInt8(bytes)
            record.shift = UInt8(byte * 8)
            record.mask = UInt8(truncatingIfNeeded: ((1 << bytes) - 1) << byte)
        }
        /// A lock is what the kernel's is: 32 bits, 0 when it is free.
        func lock(_ argument: String) {
            if !processor.isCompiled, let known = map.variable(named: argument), map.variables[known].elementBytes < 4 {
                fail(
                    "a lock has 4 bytes, not the \(map.variables[known].elementBytes) of \(argument)",
                    "declare it as int \(argument)")
            }
            word(argument, bytes: 4)
        }
        /// As many bytes of the variable as its type has; a C or Swift compiler tells how many.
        func awaited() {
            var bytes = map.variable(named: arguments[0]).map { map.variables[$0].elementBytes } ?? 4
            if processor.isCompiled { bytes = Int(Self.integer(arguments[2]) ?? 0) }
            guard [1, 2, 4, 8].contains(bytes) else {
                fail("wait_for waits for 1, 2, 4 or 8 bytes, not \(bytes)", "give it a pointer to an integer")
                return
            }
            word(arguments[0], bytes: bytes)
            guard let value = Self.integer(arguments[1]) else {
                fail("\(arguments[1]) is no integer", "write wait_for(variable, value)")
                return
            }
            // Negative numbers come with all upper bits set.
            guard
                bytes == 8 || value >> UInt64(8 * bytes) == 0 || Int64(bitPattern: value) >> Int64(8 * bytes - 1) == -1
            else {
                fail(
                    "\(arguments[1]) does not fit into \(bytes) byte\(bytes == 1 ? "" : "s")",
                    "the variable never has that value")
                return
            }
            record.operand = (value << UInt64(record.shift)) & machine.byteMask(record.mask)
        }
        func frame(_ argument: String) {
            if let variable = variable(argument) { record.frame = Int32(variable) } else { record.kind = .fence }
        }
        func space(_ argument: String) -> Int? {
            guard let space = map.spaces.firstIndex(of: argument) else {
                fail(
                    "there is no address space \(argument)", "address spaces are named by entries, as in [PTE(child:x)]"
                )
                return nil
            }
            return space
        }
        func cover(_ space: Int, _ pages: Range<Int>) {
            record.flushedSpace = UInt8(space)
            for page in pages { record.leaves |= 1 << UInt64(machine.leafNumber(page: page, space: space)) }
        }
        func expect(_ count: ClosedRange<Int>) -> Bool {
            if count.contains(arguments.count) { return true }
            fail(
                "\(name) takes \(count.lowerBound) argument\(count.lowerBound == 1 ? "" : "s"), not \(arguments.count)",
                "see `ptero isa`")
            return false
        }
        let current = Int(state.space)
        switch name {
        case "flush_tlb_page" where expect(1...1):
            record.kind = .flush
            let parts = arguments[0].split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false).map(
                String.init)
            let target = parts.count == 2 ? space(parts[0]) : current
            if let target, let page = page(parts[parts.count - 1]) { cover(target, page..<page + 1) }
        case "flush_tlb_mm" where expect(0...1):
            record.kind = .flush
            if let target = arguments.first.map(space) ?? current { cover(target, 0..<map.pages.count) }
        case "flush_tlb_range" where expect(4...4):
            record.kind = .flush
            cover(current, 0..<0)
            let numbers = arguments.compactMap(Self.integer)
            guard numbers.count == 4 else {
                fail(
                    "flush_tlb_range takes two addresses, a shift and a root",
                    "it is a service of compiled code; columns use flush_tlb_page")
                return
            }
            guard let target = numbers[3] == 0 ? current : map.space(ofRoot: numbers[3]) else {
                fail(
                    "0x\(String(numbers[3], radix: 16)) is the root of no address space",
                    "set mm->pgd to a parameter that is named like the address space, or leave it 0")
                return
            }
            let range = FlushedRange(start: numbers[0], end: numbers[1], strideShift: numbers[2])
            cover(target, 0..<0)
            for page in map.pages.indices where range.covers(pageAt: map.address(ofVariable: map.pages[page])) {
                cover(target, page..<page + 1)
            }
        case "flush_tlb_local" where expect(1...1):
            record.kind = .invalidatePage
            if arguments[0].contains(":") {
                fail(
                    "flush_tlb_local is about the address space that is loaded",
                    "write flush_tlb_local(x), or flush_tlb_page(\(arguments[0]))")
            } else if let page = page(arguments[0]) {
                cover(current, page..<page + 1)
            }
        case "spin_lock" where expect(1...1):
            lock(arguments[0])
            record.kind = record.word < 0 ? .fence : .lock
        case "spin_unlock" where expect(1...1):
            lock(arguments[0])
            record.kind = record.word < 0 ? .fence : .store
            record.access = .write
            record.value = Int32(machine.number(ofValue: 0))
            if record.word >= 0 {
                record.storeNumber = Int32(
                    machine.storeNumber(word: Int(record.word), mask: record.mask, value: Int(record.value), leaf: -1))
            }
        case "wait_for" where expect(processor.isCompiled ? 3...3 : 2...2):
            awaited()
            record.kind = record.word < 0 ? .fence : .waitFor
        case "set_page_dirty" where expect(1...1):
            record.kind = .setPageDirty
            frame(arguments[0])
        case "clear_page_dirty" where expect(1...1):
            record.kind = .clearPageDirty
            frame(arguments[0])
        case "page_dirty" where expect(1...1):
            record.kind = .readPageDirty
            (record.width, record.mask) = (8, 0xff)
            frame(arguments[0])
        case "writeback" where expect(1...1):
            record.kind = .writeback
            frame(arguments[0])
        case "reclaim" where expect(1...1):
            record.kind = .reclaim
            frame(arguments[0])
        case "free_frame" where expect(1...1):
            record.kind = .freeFrame
            frame(arguments[0])
        case "unknown_target":
            record.kind = .fence
            fail(
                "a call through a pointer has no known target",
                "name the calling function in Stub=, or call the target directly")
        default:
            record.kind = .fence
            if !KernelService.names.contains(name) {
                fail("there is no kernel service \(name)", "services: " + KernelService.names.joined(separator: ", "))
            }
        }
    }

    /// The arguments of a service as the calling convention passes them: numbers in hexadecimal.
    private func registerArguments(_ name: String, _ registers: RegisterFile) -> [String] {
        let order: [Register] = [.rdi, .rsi, .rdx, .rcx]
        return order.prefix(KernelService.argumentCount(name)).map { "0x" + String(registers[$0], radix: 16) }
    }

    /// The page that an address, in hexadecimal, lies in.
    private func page(at argument: String) -> Int? {
        guard processor.isCompiled, let address = Self.integer(argument),
            case .page(let page, _)? = map.place(at: address)
        else { return nil }
        return page
    }

    /// The variable that an address, in hexadecimal, lies in: by its page, or through the direct map.
    private func variable(at argument: String) -> Int? {
        if let page = page(at: argument) { return map.pages[page] }
        guard processor.isCompiled, let address = Self.integer(argument),
            case .physical(let word, _)? = map.place(at: address)
        else { return nil }
        return map.variable(ofWord: word)
    }

    private static func integer(_ text: String) -> UInt64? {
        if text.hasPrefix("0x") { return UInt64(text.dropFirst(2), radix: 16) }
        if let signed = Int64(text) { return UInt64(bitPattern: signed) }
        return UInt64(text)
    }
}

/// The kernel services that a column can call (litmus.md, "Kernel services").
public enum KernelService {
    /// Their names.
    public static let names = [
        "flush_tlb_page", "flush_tlb_mm", "flush_tlb_local", "spin_lock", "spin_unlock", "wait_for", "set_page_dirty",
        "clear_page_dirty", "page_dirty", "writeback", "reclaim", "free_frame", "flush_tlb_range",
    ]

    /// Whether an argument is written like the name of a variable.
    public static func isName(_ argument: String) -> Bool {
        argument.utf8.first.map { !(UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) } ?? false
            && argument.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"):
                    true
                default: false
                }
            }
    }

    /// Whether a service's first argument may be a variable that the test names nowhere else: a lock, or what is waited for.
    public static func introducesVariables(_ name: String) -> Bool {
        waiting.contains(name) || name == "spin_unlock"
    }

    /// How many arguments a C function of this name passes: those of a column, and to `wait_for` the bytes of the variable.
    public static func argumentCount(_ name: String) -> Int {
        switch name {
        case "flush_tlb_mm": 0
        case "wait_for": 3
        case "flush_tlb_range": 4
        default: 1
        }
    }

    /// Those that can wait for another CPU's store.
    public static let waiting: Set<String> = ["spin_lock", "wait_for"]
}
