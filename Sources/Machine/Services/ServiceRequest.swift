import Litmus
import X86

/// A call of a kernel service, and what it asks of the machine: whom its arguments name.
///
/// What names nothing of the test is refused: taken for something new, it would be something that no other CPU touches.
struct ServiceRequest {
    let service: KernelService
    let arguments: [ServiceArgument]
    /// The address space that the thread itself loaded last: what it flushes unless another is named.
    let space: Int
    /// The address space that is loaded.
    let loaded: Int
    /// The call is in the handler of an interrupt.
    private let isInInterrupt: Bool
    let table: ThreadTable
    let machine: Machine

    var map: AddressMap { table.map }
    private var isCompiled: Bool { table.processor.isCompiled }

    /// A call in a thread's state; compiled code passes its arguments in registers.
    init(_ service: KernelService, _ written: [String], _ state: ThreadState, _ table: ThreadTable, _ machine: Machine)
    {
        self.service = service
        space = Int(state.home)
        loaded = Int(state.space)
        isInInterrupt = state.interruption != nil
        self.table = table
        self.machine = machine
        if table.processor.isCompiled {
            let order: [Register] = [.rdi, .rsi, .rdx, .rcx, .r8]
            arguments = order.prefix(service.registerCount).map { .passed(state.registers[$0]) }
        } else {
            arguments = written.map { .written($0) }
        }
    }

    /// Adds to a record what the call asks for.
    func describe(in record: inout ThreadRecord) throws(RequestRefusal) {
        try checkCount()
        if isCompiled, isInInterrupt, let refusal = service.refusalInHandler {
            throw RequestRefusal(message: refusal.message, remedy: refusal.remedy)
        }
        switch service {
        case .flushPage: try flushPage(&record)
        case .flushSpace: try flushSpace(&record)
        case .flushRange: try flushRange(&record)
        case .flushLocal: try flushLocal(&record)
        case .lock:
            record.kind = .lock
            try takeLockWord(&record)
        case .unlock:
            record.kind = .store
            record.access = .write
            try takeLockWord(&record)
            record.store(0, machine)
        case .waitFor: try waitFor(&record)
        case .setPageDirty: try takeFrame(.setPageDirty, &record)
        case .clearPageDirty: try takeFrame(.clearPageDirty, &record)
        case .pageDirty:
            try takeFrame(.readPageDirty, &record)
            record.reach(8, from: 0)
        case .writeback: try takeFrame(.writeback, &record)
        case .reclaim: try takeFrame(.reclaim, &record)
        case .freeFrame: try takeFrame(.freeFrame, &record)
        case .freeTable:
            record.kind = .freeTable
            record.frame = Int32(try table(arguments[0]))
        case .syncTables: record.kind = .syncTables
        case .synchronizeRCU: record.kind = .synchronizeRCU
        case .lockRCU, .unlockRCU: record.kind = .setInterrupts
        case .enterLazy: record.kind = .enterLazy
        case .switchSpace: try switchSpace(&record)
        case .sendInterrupt: try sendInterrupt(&record)
        case .invalidateOne, .invalidateContext, .invalidateAll, .invalidateNonglobal, .broadcastInvalidate:
            try dropTag(&record)
        case .pteOffset, .pmdOffset, .pudOffset:
            _ = try takePage(arguments[0], &record)
            throw RequestRefusal(
                message: "\(service.name) is for columns", remedy: "in C the kernel's own functions compute addresses")
        }
    }

    private func checkCount() throws(RequestRefusal) {
        let counts = service.argumentCounts
        guard !isCompiled, !counts.contains(arguments.count) else { return }
        throw RequestRefusal(
            message: "\(service.name) takes \(counts.count > 1 ? "at most " : "")\(counts.upperBound) "
                + "argument\(counts.upperBound == 1 ? "" : "s"), not \(arguments.count)",
            remedy: "see `ptero isa`")
    }

    // MARK: Flushes

    private func flushPage(_ record: inout ThreadRecord) throws(RequestRefusal) {
        record.kind = .flush
        let (target, page) = try takePageOfSpace(arguments[0], &record, unnamed: space)
        cover(target, page..<page + 1, &record)
    }

    /// The page that an argument names, and its address space: `x`, `child:x`; `unnamed` is the one of `x`.
    func takePageOfSpace(
        _ argument: ServiceArgument, _ record: inout ThreadRecord, unnamed: Int
    ) throws(RequestRefusal) -> (space: Int, page: Int) {
        var (target, argument) = (unnamed, argument)
        if case .written(let text) = argument {
            let parts = text.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
            if parts.count > 1 { target = try space(named: parts.dropLast().joined(separator: ":")) }
            argument = .written(parts[parts.count - 1])
        }
        return (target, try takePage(argument, &record))
    }

    private func flushSpace(_ record: inout ThreadRecord) throws(RequestRefusal) {
        record.kind = .flush
        var target = space
        if let argument = arguments.first { target = try space(named: argument.text) }
        coverAll(of: target, &record)
        record.freesTables = true
    }

    /// In a column: as `flush_tlb_mm_range` from the start of a page's 4K, 2M or 1G on, an `invlpg` each 4K or 2M.
    private func flushNamedRange(_ record: inout ThreadRecord) throws(RequestRefusal) {
        let (target, page) = try takePageOfSpace(arguments[0], &record, unnamed: space)
        guard let size = MappedSize(rawValue: arguments[1].text), let stride = MappedSize(rawValue: arguments[2].text)
        else {
            throw RequestRefusal(
                message: "\(service.name) takes a size and a stride of 4K, 2M or 1G",
                remedy: "as in \(service.name)(x,2M,4K,1)")
        }
        guard let tables = arguments[3].number, tables <= 1 else {
            throw RequestRefusal(
                message: "\(arguments[3].text) does not say whether tables are freed", remedy: "write 0 or 1")
        }
        record.freesTables = tables == 1
        if size.bytes / stride.bytes > 33 { return coverAll(of: target, &record) }
        cover(target, 0..<0, &record)
        let place = map.coordinates[page]
        for other in map.pages.indices {
            let own = map.coordinates[other]
            guard own.isInRange(of: place, size) else { continue }
            // One address: that of the page, or of the first page of the region or of the range.
            if own.isFirst(of: size) { cover(target, other..<other + 1, &record) }
            // The caller takes all of the range for flushed.
            noteFlushed(other, target, &record)
        }
        for twin in map.tags.twins[target] { record.points |= machine.walks.pointsOfTags[twin] }
    }

    /// Of compiled code only: from one address to another, pages of 2^shift bytes, in the address space of a root; then 1 where
    /// tables are freed, 2 for the kernel's own addresses, else 0.
    private func flushRange(_ record: inout ThreadRecord) throws(RequestRefusal) {
        record.kind = .flush
        if !isCompiled { return try flushNamedRange(&record) }
        let numbers = arguments.compactMap { $0.number }
        guard numbers.count == service.registerCount else {
            throw RequestRefusal(
                message: "\(service.name) takes two addresses, a shift, a root and whether tables are freed",
                remedy: "columns write \(service.name)(x,2M,4K,1)")
        }
        let target = numbers[3] == 0 ? space : try space(ofRootTable: numbers[3])
        record.freesTables = numbers[4] == 1
        record.isOfKernel = numbers[4] == 2
        let range = FlushedRange(start: numbers[0], end: numbers[1], strideShift: numbers[2])
        if range.isLong { return coverAll(of: target, &record) }
        cover(target, 0..<0, &record)
        for page in map.pages.indices {
            let address = map.address(ofVariable: map.pages[page])
            if range.covers(pageAt: address) {
                cover(target, page..<page + 1, &record)
            } else if range.contains(pageAt: address) {
                // The caller takes all of the range for flushed.
                noteFlushed(page, target, &record)
            }
        }
    }

    private func flushLocal(_ record: inout ThreadRecord) throws(RequestRefusal) {
        record.kind = .invalidate
        record.endsWalks = true
        if case .written(let text) = arguments[0], text.contains(":") {
            throw RequestRefusal(
                message: "\(service.name) is about the address space that is loaded",
                remedy: "write \(service.name)(x), or \(KernelService.flushPage.name)(\(text))")
        }
        let page = try takePage(arguments[0], &record)
        cover(loaded, page..<page + 1, &record)
    }

    private func cover(_ space: Int, _ pages: Range<Int>, _ record: inout ThreadRecord) {
        record.flushedSpace = UInt8(space)
        for page in pages {
            for twin in map.tags.twins[space] { table.cover(page, twin, &record, machine) }
            noteFlushed(page, space, &record)
        }
    }

    private func coverAll(of space: Int, _ record: inout ThreadRecord) {
        record.flushedSpace = UInt8(space)
        for twin in map.tags.twins[space] {
            record.leaves |= machine.leafSet(ofTag: twin)
            record.flushedLeaves |= machine.leafSet(ofSpace: twin)
            record.dropsWalks(ofTag: twin, machine)
        }
    }

    /// A page counts as flushed, under every root of the address space.
    private func noteFlushed(_ page: Int, _ space: Int, _ record: inout ThreadRecord) {
        for twin in map.tags.twins[space] {
            record.flushedLeaves |= 1 << UInt64(machine.leafNumber(page: page, space: twin))
        }
    }

    // MARK: Other address spaces and CPUs

    /// Dropped where the CPU is behind: what a CR3 write with bit 63 clear drops.
    private func switchSpace(_ record: inout ThreadRecord) throws(RequestRefusal) {
        record.kind = .switchSpace
        let target: Int
        if isCompiled {
            target = try space(ofRootTable: arguments[0].number ?? 0)
        } else {
            target = try space(named: arguments[0].text)
        }
        record.flushedSpace = UInt8(target)
        if table.processor.profile.cr3FlushFilter { return }
        for twin in map.tags.twins[target] {
            record.leaves |= machine.leafSet(ofTag: twin)
            record.dropsWalks(ofTag: twin, machine)
        }
    }

    private func sendInterrupt(_ record: inout ThreadRecord) throws(RequestRefusal) {
        record.kind = .sendInterrupt
        let named =
            isCompiled
            ? arguments[0].number.flatMap { Int(exactly: $0) } : service.target(arguments.map { $0.text })
        guard let target = named,
            machine.scenario.cpus.indices.contains(target), target != table.cpu,
            machine.scenario.cpus[target].interruptHandler != nil
        else {
            throw RequestRefusal(
                message: "\(service.name) takes another CPU that handles interrupts",
                remedy: isCompiled
                    ? "as in \(service.name)(1), with a function P1_I" : "as in \(service.name)(P1), with a column P1.I"
            )
        }
        record.operand = UInt64(target)
    }

    // MARK: Locks and waits

    /// A lock is what the kernel's is: 32 bits, 0 when it is free.
    private func takeLockWord(_ record: inout ThreadRecord) throws(RequestRefusal) {
        if case .written(let name) = arguments[0], let known = map.variable(named: name),
            map.variables[known].elementBytes < 4
        {
            throw RequestRefusal(
                message: "a lock has 4 bytes, not the \(map.variables[known].elementBytes) of \(name)",
                remedy: "declare it as int \(name)")
        }
        try takeWord(arguments[0], bytes: 4, &record)
    }

    /// As many bytes of the variable as its type has; a C or Swift compiler tells how many.
    private func waitFor(_ record: inout ThreadRecord) throws(RequestRefusal) {
        record.kind = .waitFor
        let bytes: Int
        switch arguments[0] {
        case .passed: bytes = Int(truncatingIfNeeded: arguments[2].number ?? 0)
        case .written(let name): bytes = map.variable(named: name).map { map.variables[$0].elementBytes } ?? 4
        }
        guard [1, 2, 4, 8].contains(bytes) else {
            throw RequestRefusal(
                message: "\(service.name) waits for 1, 2, 4 or 8 bytes, not \(bytes)",
                remedy: "give it a pointer to an integer")
        }
        try takeWord(arguments[0], bytes: bytes, &record)
        guard let value = arguments[1].number else {
            throw RequestRefusal(
                message: "\(arguments[1].text) is not an integer", remedy: "write \(service.name)(variable, value)")
        }
        // Negative numbers come with all upper bits set.
        guard bytes == 8 || value >> UInt64(8 * bytes) == 0 || Int64(bitPattern: value) >> Int64(8 * bytes - 1) == -1
        else {
            throw RequestRefusal(
                message: "\(arguments[1].text) does not fit into \(bytes) byte\(bytes == 1 ? "" : "s")",
                remedy: "the variable never has that value")
        }
        record.operand = (value << UInt64(record.shift)) & machine.byteMask(record.mask)
    }

    // MARK: What arguments name

    private func takeFrame(_ kind: ThreadRecord.Kind, _ record: inout ThreadRecord) throws(RequestRefusal) {
        record.kind = kind
        record.frame = Int32(try variable(arguments[0]))
    }

    private func takePage(_ argument: ServiceArgument, _ record: inout ThreadRecord) throws(RequestRefusal) -> Int {
        let known: Int? =
            switch argument {
            case .written(let name): map.page(named: name)
            case .passed(let address): page(at: address)
            }
        guard let known else {
            throw RequestRefusal(
                message: "\(argument.text) is not a translated page",
                remedy:
                    "\(service.name) takes a name, nothing around it; its entry is named in the initial state, as in "
                    + "[PTE(x)] = (oa:PA(x))")
        }
        record.page = Int32(known)
        return known
    }

    /// What waits or is stored: `bytes` of a word from the first one on that the argument names.
    private func takeWord(
        _ argument: ServiceArgument, bytes: Int, _ record: inout ThreadRecord
    ) throws(RequestRefusal) {
        var byte = 0
        if case .passed(let address) = argument, let place = map.place(at: address) {
            switch place {
            case .physical(let word, let offset): (record.word, byte) = (Int32(word), offset)
            case .page(let page, let offset):
                let variable = map.pages[page]
                guard offset / 8 < map.variables[variable].words else {
                    throw RequestRefusal(
                        message:
                            "\(service.name) is given byte \(offset) of \(map.name(ofPage: page)), which is shorter")
                }
                (record.word, byte) = (Int32(map.dataWord(ofVariable: variable) + offset / 8), offset % 8)
            }
        } else {
            record.word = Int32(map.dataWord(ofVariable: try variable(argument)))
        }
        guard byte % bytes == 0 else {
            throw RequestRefusal(
                message: "\(service.name) is given \(bytes) bytes at byte \(byte) of a word",
                remedy: "align them to a multiple of \(bytes)")
        }
        record.reach(bytes, from: byte)
    }

    private func variable(_ argument: ServiceArgument) throws(RequestRefusal) -> Int {
        let known: Int? =
            switch argument {
            case .written(let name): map.variable(named: name)
            case .passed(let address): variable(at: address)
            }
        if let known { return known }
        throw RequestRefusal(
            message: "\(argument.text) is not a variable",
            remedy:
                "\(service.name) takes the name of one, nothing around it; the test has to name it elsewhere, as in "
                + "{ x = 0; }")
    }

    /// The table that an argument names: `PT(x)`, `PD(child:x)`; in compiled code the address of one of its entries.
    private func table(_ argument: ServiceArgument) throws(RequestRefusal) -> Int {
        if case .passed(let address) = argument, case .physical(let word, _)? = map.place(at: address),
            map.isEntry(word), map.tables != nil
        {
            return machine.walks.tablesOfEntries[word - map.firstLeaf]
        }
        guard let name = TableName(text: argument.text), let page = map.page(named: name.page),
            let space = map.spaces.firstIndex(of: name.space ?? "mm"), let tables = map.tables,
            name.level.rawValue < tables.rootLevel
        else {
            throw RequestRefusal(
                message: "\(argument.text) is not a table of the test",
                remedy: "\(service.name) takes PT(x), PD(x) or PDPT(x), x being a page")
        }
        return tables.table(ofPage: page, level: name.level.rawValue, space: space)
    }

    func space(named name: String) throws(RequestRefusal) -> Int {
        if let space = map.spaces.firstIndex(of: name) { return space }
        throw RequestRefusal(
            message: "there is no address space \(name)",
            remedy: "address spaces are named by entries, as in [PTE(child:x)]")
    }

    /// The address space of the root that compiled code passes.
    private func space(ofRootTable address: UInt64) throws(RequestRefusal) -> Int {
        if let space = table.space(ofRootTable: address) { return space }
        throw RequestRefusal(
            message: "0x\(String(address, radix: 16)) is not the root of an address space",
            remedy: "set mm->pgd to a parameter that is named like the address space, or leave it 0")
    }

    /// The page that an address lies in.
    private func page(at address: UInt64) -> Int? {
        if case .page(let page, _)? = map.place(at: address) { page } else { nil }
    }

    /// The variable that an address lies in: by its page, or through the direct map.
    private func variable(at address: UInt64) -> Int? {
        switch map.place(at: address) {
        case .page(let page, _)?: map.pages[page]
        case .physical(let word, _)?: map.variable(ofWord: word)
        case nil: nil
        }
    }
}

extension Regions.Coordinates {
    /// Whether two pages lie in one page of a size.
    fileprivate func isInRange(of other: Self, _ size: MappedSize) -> Bool {
        switch size {
        case .page: self == other
        case .region: pmd == other.pmd && pud == other.pud
        case .gigabyte: pud == other.pud
        }
    }

    /// Whether the page is the first of those that a page of a size covers.
    fileprivate func isFirst(of size: MappedSize) -> Bool {
        switch size {
        case .page: true
        case .region: pte == 0
        case .gigabyte: pte == 0 && pmd == 0
        }
    }
}

/// What an entry can map, as services name it.
enum MappedSize: String {
    case page = "4K"
    case region = "2M"
    case gigabyte = "1G"

    var bytes: UInt64 {
        switch self {
        case .page: 1 << 12
        case .region: 1 << 21
        case .gigabyte: 1 << 30
        }
    }
}
