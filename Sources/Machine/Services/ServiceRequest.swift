import X86

/// What a call of a kernel service asks of the machine: whom its arguments name.
///
/// In a column arguments are names, in compiled code they are what registers hold by the calling convention. What names
/// nothing of the test is refused: taken for something new, it would be something that nobody else touches.
extension ThreadTable {
    func service(
        _ name: String, _ written: [String], _ state: ThreadState, _ record: inout ThreadRecord, _ machine: Machine,
        _ fail: (String, String?) -> Void
    ) {
        let arguments = processor.isCompiled ? registerArguments(name, state.registers) : written
        func page(_ argument: String) -> Int? {
            guard let page = map.page(named: argument) ?? self.page(at: argument) else {
                fail(
                    "\(argument) is not a translated page",
                    "\(name) takes a name, nothing around it; its entry is named in the initial state, as in "
                        + "[PTE(x)] = (oa:PA(x))")
                return nil
            }
            record.page = Int32(page)
            return page
        }
        func variable(_ argument: String) -> Int? {
            let known = map.variable(named: argument) ?? self.variable(at: argument)
            if known == nil {
                fail(
                    "\(argument) is not a variable",
                    "\(name) takes the name of one, nothing around it; the test has to name it elsewhere, as in { x = 0; }"
                )
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
            record.reach(bytes, from: byte)
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
                fail("\(arguments[1]) is not an integer", "write wait_for(variable, value)")
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
        func frame(_ kind: ThreadRecord.Kind) {
            record.kind = kind
            record.frame = Int32(variable(arguments[0]) ?? 0)
        }
        func space(_ argument: String) -> Int? {
            guard let space = map.spaces.firstIndex(of: argument) else {
                fail(
                    "there is not an address space \(argument)",
                    "address spaces are named by entries, as in [PTE(child:x)]"
                )
                return nil
            }
            return space
        }
        func cover(_ space: Int, _ pages: Range<Int>) {
            record.flushedSpace = UInt8(space)
            for page in pages { self.cover(page, space, &record, machine) }
        }
        func coverAll(of space: Int) {
            record.flushedSpace = UInt8(space)
            record.leaves = machine.leafSet(ofSpace: space)
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
            if let target = arguments.first.map(space) ?? current { coverAll(of: target) }
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
            if range.isLong {
                coverAll(of: target)
                return
            }
            for page in map.pages.indices where range.covers(pageAt: map.address(ofVariable: map.pages[page])) {
                cover(target, page..<page + 1)
            }
        case "flush_tlb_local" where expect(1...1):
            record.kind = .invalidate
            record.endsWalks = true
            if arguments[0].contains(":") {
                fail(
                    "flush_tlb_local is about the address space that is loaded",
                    "write flush_tlb_local(x), or flush_tlb_page(\(arguments[0]))")
            } else if let page = page(arguments[0]) {
                cover(current, page..<page + 1)
            }
        case "spin_lock" where expect(1...1):
            record.kind = .lock
            lock(arguments[0])
        case "spin_unlock" where expect(1...1):
            record.kind = .store
            record.access = .write
            lock(arguments[0])
            record.store(0, machine)
        case "wait_for" where expect(processor.isCompiled ? 3...3 : 2...2):
            record.kind = .waitFor
            awaited()
        case "set_page_dirty" where expect(1...1): frame(.setPageDirty)
        case "clear_page_dirty" where expect(1...1): frame(.clearPageDirty)
        case "page_dirty" where expect(1...1):
            frame(.readPageDirty)
            record.reach(8, from: 0)
        case "writeback" where expect(1...1): frame(.writeback)
        case "reclaim" where expect(1...1): frame(.reclaim)
        case "free_frame" where expect(1...1): frame(.freeFrame)
        case "unknown_target":
            fail(
                "a call through a pointer has no known target",
                "name the calling function in Stub=, or call the target directly")
        default:
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
