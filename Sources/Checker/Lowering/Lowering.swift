import Diagnostics
import Litmus
import Machine
import PageTable
import X86

/// A test with everything resolved against memory: addresses, entries, programs, and what its condition reads.
///
/// This is the one place where names become numbers; what depends on a profile is added by ``scenario(on:isEager:reductions:)``.
struct LoweredTest {
    let test: LitmusTest
    let map: AddressMap
    let contents: [Int: UInt64]
    let question: Question
    /// The CPUs, profile left to ``scenario(on:isEager:reductions:)``.
    private let processors: [LoweredProcessor]
    private let shadowStackPages: Set<Int>
    /// Whether the test says anything of entries above the leaf that can matter.
    let hasUpperLevels: Bool

    private struct LoweredProcessor {
        var program: Program
        var handler: Program?
        var interruptHandler: Program?
        var onFault: FaultPolicy
        var registers = RegisterFile()
        var space = 0
        var privilege = 0
        var writeProtect = true
        var returnAddress: UInt64 = 0
        /// The column has a private stack.
        var hasStack = false

        /// Stack and per-CPU data on a CPU of a profile.
        func privateMemory(_ compiled: CompiledCode, _ profile: CPUProfile) -> PrivateMemory {
            var memory = PrivateMemory(compiled.privateRange)
            for (address, word) in compiled.contents {
                memory.write(word, MemoryAccess(address: address, width: .quad))
            }
            for feature in compiled.features {
                let place = MemoryAccess(address: feature.address, width: .quad)
                let others = memory.read(place) & ~feature.mask
                let isSet =
                    switch feature.setting {
                    case .on: true
                    case .off: false
                    case .shadowStack: profile.shadowStack
                    case .broadcastInvalidate: profile.broadcastInvalidate
                    }
                memory.write(isSet ? others | feature.mask : others, place)
            }
            memory.write(returnAddress, MemoryAccess(address: registers[.rsp], width: .quad))
            return memory
        }
    }

    /// Lowers a test.
    ///
    /// - Throws: `Diagnostic` for what the parser could not know to be wrong: unknown symbols, variables that
    ///   are not pages, entries without a frame; and for holes that are not filled.
    init(_ test: LitmusTest, file: String?) throws(Diagnostic) {
        try test.checkFilled(file: file)
        let resolver = try Resolver(test, file: file)
        self.test = test
        map = resolver.map
        hasUpperLevels = resolver.hasUpperLevels
        contents = try resolver.contents()
        var processors: [LoweredProcessor] = []
        let policies = test.faultPolicies
        for column in test.threads {
            processors.append(
                LoweredProcessor(
                    program: try resolver.link(column),
                    handler: try test.handlers[column.processor].map { column throws(Diagnostic) in
                        try resolver.link(column)
                    },
                    interruptHandler: try test.interrupts[column.processor].map { column throws(Diagnostic) in
                        let program = try resolver.link(column)
                        if test.compiled == nil { try ColumnStack.check(interrupt: program, file: file) }
                        return program
                    },
                    onFault: policies[column.processor] ?? .stop))
        }
        if let compiled = test.compiled {
            for index in processors.indices {
                // A return from the outermost function ends the thread.
                processors[index].registers[.rsp] = compiled.stackTop &- 8
                processors[index].returnAddress =
                    Program.codeBase &+ UInt64(processors[index].program.instructions.count)
            }
        }
        for index in processors.indices {
            let (program, handler) = (processors[index].program, processors[index].handler)
            if let handler { try ColumnStack.check(handler, file: file) }
            processors[index].hasStack = ColumnStack.isWanted(by: index, program, handler, test)
            if processors[index].hasStack { processors[index].registers[.rsp] = ColumnStack.pointer }
        }
        for initialization in test.initializations {
            guard let value = initialization.values.first else { continue }
            let span = value.span ?? SourceSpan(initialization.place)
            switch initialization.location.kind {
            case .register(let number, let register) where processors.indices.contains(number):
                processors[number].registers[register] = try resolver.number(value, in: nil, at: span)
            case .setting(let number, let name) where processors.indices.contains(number):
                try Self.set(name, value, &processors[number], resolver, span)
            default: break
            }
        }
        self.processors = processors
        var shadowStackPages: Set<Int> = []
        for name in test.shadowStackPages { shadowStackPages.insert(try resolver.shadowStackPage(name)) }
        self.shadowStackPages = shadowStackPages
        question = try Question(test, resolver)
    }

    private static func set(
        _ name: String, _ value: Value, _ processor: inout LoweredProcessor, _ resolver: Resolver, _ span: SourceSpan
    ) throws(Diagnostic) {
        switch (ProcessorSetting(rawValue: name), value.kind) {
        case (.addressSpace, .address(.variable(let space))):
            processor.space = resolver.map.spaces.firstIndex(of: space) ?? 0
        case (.privilege, .integer(let level)): processor.privilege = level == 0 ? 0 : 3
        case (.interrupts, .integer(let flag)):
            if flag == 0 { processor.registers.flags.remove(.interrupt) }
        case (.writeProtect, .integer(let flag)): processor.writeProtect = flag != 0
        default:
            throw resolver.diagnostic(
                "`\(name)` cannot be set to this", at: span,
                remedy: "settings: mm = an address space, cpl = 0 or 3, if = 0 or 1, cr0.wp = 0 or 1")
        }
    }

    /// The scenario on given CPUs, one profile for each in order.
    func scenario(
        on profiles: [CPUProfile], isEager: Bool, reductions: Set<Reduction> = []
    ) -> Scenario {
        let cpus = zip(processors, profiles).map { lowered, profile in
            var processor = Processor(
                profile: profile, program: lowered.program, handler: lowered.handler, onFault: lowered.onFault,
                registers: lowered.registers, space: lowered.space, privilege: lowered.privilege,
                writeProtect: lowered.writeProtect,
                privateMemory: test.compiled.map { lowered.privateMemory($0, profile) }
                    ?? (lowered.hasStack ? ColumnStack.memory(endOf: lowered.program) : PrivateMemory()),
                stackBase: test.compiled?.privateRange.lowerBound
                    ?? (lowered.hasStack ? ColumnStack.range.lowerBound : 0),
                stackTop: test.compiled?.stackTop ?? (lowered.hasStack ? ColumnStack.range.upperBound : 0),
                isCompiled: test.compiled != nil)
            processor.keepsInterruptsInHandler = test.faultGate == .trap
            processor.interruptHandler = lowered.interruptHandler
            return processor
        }
        return Scenario(
            cpus: cpus, map: map, contents: contents, shadowStackPages: shadowStackPages, watches: question.watches,
            isEager: isEager, reductions: reductions)
    }

    /// Whether all complete runs are equally long, so that any of them is a shortest: those of plain memory code are.
    var hasUniformRuns: Bool {
        map.pages.isEmpty
            && !processors.contains { processor in
                if processor.interruptHandler != nil { return true }
                return processor.program.instructions.contains { instruction in
                    // A thread that waits for ever makes the run shorter.
                    if case .service(let service, _) = instruction.request(RegisterFile()) { return service.waits }
                    return instruction.canChangeLength
                }
            }
    }

    /// The number of CPUs.
    var cpuCount: Int { processors.count }
}

/// Names to numbers.
struct Resolver {
    let test: LitmusTest
    let file: String?
    let names: TestNames
    let map: AddressMap
    /// Whether the test says anything of entries above the leaf that can matter.
    let hasUpperLevels: Bool
    /// Bytes of one element of a variable, by its type; 4 without one, as in herd7.
    let elementSizes: [String: Int]
    /// Types as written, for signedness.
    let types: [String: String]

    init(_ test: LitmusTest, file: String?) throws(Diagnostic) {
        self.test = test
        self.file = file
        names = TestNames(test)
        var elementSizes: [String: Int] = [:]
        var lengths: [String: Int] = [:]
        var types: [String: String] = [:]
        for initialization in test.initializations {
            guard case .memory(.variable(let name), let index) = initialization.location.kind else { continue }
            if let size = initialization.elementSize { elementSizes[name] = size }
            if let type = initialization.type { types[name] = type }
            lengths[name] = max(lengths[name] ?? 1, index + max(1, initialization.values.count))
        }
        self.elementSizes = elementSizes
        self.types = types
        let reserved = names.variables.intersection(names.spaces)
        if let name = reserved.min() {
            // The use that comes second contradicts the first.
            let uses = [names.variableSpans[name], names.spaceSpans[name]].compactMap { $0 }
            throw Diagnostic(
                file: file, span: uses.max { $0.place < $1.place },
                message: "`\(name)` is both a variable and an address space", remedy: "rename one of them")
        }
        let size = SizeCheck(test: test, file: file, names: names)
        try size.checkCounts()
        let translated = names.translated
        let variables = names.variables.map { [elementSizes, lengths] name in
            AddressMap.Variable(
                name: name, isTranslated: translated.contains(name),
                words: ((lengths[name] ?? 1) * (elementSizes[name] ?? 4) + 7) / 8,
                elementBytes: elementSizes[name] ?? 4)
        }
        try size.checkLengths(variables)
        // Others that `Region=` lists have a place in a block of frames, and so have those that large pages map.
        let others = Set(test.regions?.names ?? []).intersection(names.frames).union(names.blocks).subtracting(
            translated)
        let coordinates = Regions.coordinates(of: translated.sorted() + others.sorted(), in: test.regions)
        let rootLevel = RootLevel(of: test, names)
        hasUpperLevels = rootLevel.folded > 1
        let spaces = try AddressSpaces(test, names.spaces, file: file)
        map = AddressMap(
            variables: variables, spaces: spaces.names, tags: spaces.tags, levels: test.levels,
            rootLevel: rootLevel.used, coordinates: coordinates, hasLargePages: names.hasLargePages)
        try size.check(map, coordinates)
        try checkTables(rootLevel)
    }

    /// A diagnostic at a place of the test.
    func diagnostic(_ message: String, at span: SourceSpan?, remedy: String?) -> Diagnostic {
        Diagnostic(file: file, span: span, message: message, remedy: remedy)
    }

    /// The page number of a name in `ShadowStack=`.
    func shadowStackPage(_ name: String) throws(Diagnostic) -> Int {
        if let page = map.page(named: name) { return page }
        let header = test.headers.last { $0.key == "ShadowStack" }
        throw diagnostic(
            "`ShadowStack=` names `\(name)`, which is not a translated page",
            at: header?.span(of: name),
            remedy: "name its entry in the initial state: [PTE(\(name))] = (oa:PA(\(name)));")
    }

    /// The address of something in memory.
    func address(_ name: MemoryName) -> UInt64? {
        switch name {
        case .variable(let name):
            if let space = map.spaces.firstIndex(of: name) {
                // What code takes for mm->pgd is the address of a table, what CR3 holds is not.
                return test.compiled == nil ? map.rootAddress(ofSpace: space) : map.rootTableAddress(ofSpace: space)
            }
            if name == CompiledCode.loadedRoot { return map.loadedRootTableAddress }
            if name == CompiledCode.processRoot { return map.rootTableAddress(ofSpace: 0) }
            if name == CompiledCode.kernelRoot { return map.kernelRootTableAddress }
            return map.variable(named: name).map(map.address(ofVariable:))
        case .frame(let name): return map.variable(named: name).map(map.directAddress(ofVariable:))
        case .leaf, .upperEntry: return entryWord(name).map(map.address(ofEntryWord:))
        }
    }

    /// Replaces symbols by addresses, those of per-CPU data (`%gs:x`) by that of the CPU's own copy.
    func link(_ column: ThreadColumn) throws(Diagnostic) -> Program {
        func address(of symbol: String) -> UInt64? {
            test.compiled?.symbols[symbol] ?? self.address(MemoryName(symbol: symbol, levels: map.levels))
        }
        do throws(Diagnostic) {
            return try column.program.linked { symbol in
                guard let compiled = test.compiled, symbol.hasPrefix("%gs") else { return address(of: symbol) }
                let own = compiled.perCPUStride * UInt64(column.processor)
                return switch symbol {
                case "%gs": address(of: symbol).map { $0 &+ own }
                case "%gs:": own
                default: address(of: String(symbol.dropFirst("%gs:".count))).map { $0 &+ own }
                }
            }
        } catch {
            throw error.inFile(file)
        }
    }

    /// The 64-bit pattern of a value; `owner` is the entry that it goes to.
    func number(_ value: Value, in owner: MemoryName?, at span: SourceSpan?) throws(Diagnostic) -> UInt64 {
        switch value.kind {
        case .integer(let number): return number
        case .address(let name):
            if let address = address(name) { return address }
            throw diagnostic(
                "`\(LitmusWriter.text(of: name))` has no address", at: span,
                remedy: "an address is that of a variable (`x`), of a page's entry (`PTE(x)`) or of its frame (`PA(x)`)"
            )
        case .entry(let literal): return try entry(literal, in: owner, at: span)
        }
    }

    /// The 64-bit pattern of an entry, defaults filled in; `(p:0)` alone is the empty entry.
    func entry(_ literal: EntryLiteral, in owner: MemoryName?, at span: SourceSpan?) throws(Diagnostic) -> UInt64 {
        if literal.isEmptyEntry { return 0 }
        var entry = PageTableEntry.litmusDefault
        for field in literal.fields {
            if let name = EntryFieldName(spelling: field.name) { entry[name] = field.value }
        }
        entry.rawValue |= try frameNumber(literal, in: owner, at: span) << 12
        return entry.rawValue
    }

    /// The word of a memory location, and where the element lies in it.
    func word(_ name: MemoryName, index: Int) -> (word: Int, shift: Int, bytes: Int)? {
        switch name {
        case .leaf, .upperEntry: return entryWord(name).map { ($0, 0, 8) }
        case .variable(let name), .frame(let name):
            guard let variable = map.variable(named: name) else { return nil }
            let bytes = elementSizes[name] ?? 4
            let offset = index * bytes
            guard index >= 0, offset / 8 < map.variables[variable].words else { return nil }
            return (map.dataWord(ofVariable: variable) + offset / 8, offset % 8 * 8, bytes)
        }
    }

    /// The initial contents of all words that do not hold 0.
    func contents() throws(Diagnostic) -> [Int: UInt64] {
        var contents = try defaultEntries()
        for initialization in test.initializations {
            guard case .memory(let name, let index) = initialization.location.kind, !isFolded(name) else { continue }
            for (position, value) in initialization.values.enumerated() {
                guard let (word, shift, bytes) = word(name, index: index + position) else {
                    throw diagnostic(
                        "`\(LitmusWriter.text(of: initialization.location))` is not in memory",
                        at: initialization.location.span ?? SourceSpan(initialization.place),
                        remedy: "set a variable, or the entry of a page: [PTE(x)] = (oa:PA(x));")
                }
                let number = try number(value, in: name, at: value.span ?? SourceSpan(initialization.place))
                // Addresses and entries need the whole word, whatever the variable's type says.
                let isWide = bytes == 8 || !value.isInteger
                let mask: UInt64 = isWide ? ~0 : ((1 << UInt64(bytes * 8)) - 1) << UInt64(shift)
                contents[word] = ((contents[word] ?? 0) & ~mask) | ((number << UInt64(isWide ? 0 : shift)) & mask)
            }
        }
        for pointer in test.compiled?.pointers ?? [] {
            guard let variable = map.variable(named: pointer.variable), pointer.word < map.variables[variable].words,
                let target = test.compiled?.symbols[pointer.target]
                    ?? address(
                        MemoryName(symbol: pointer.target, levels: map.levels))
            else {
                throw diagnostic(
                    "`\(pointer.variable)` holds the address of `\(pointer.target)`, which is nowhere",
                    at: SourceSpan(pointer.place), remedy: "define it in the text of the code")
            }
            contents[map.dataWord(ofVariable: variable) + pointer.word] = target &+ pointer.addend
        }
        copyRoots(&contents)
        return contents.filter { $0.value != 0 }
    }
}

extension Value {
    var isInteger: Bool { if case .integer = kind { true } else { false } }
}
