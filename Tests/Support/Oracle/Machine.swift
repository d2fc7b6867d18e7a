import Litmus
import X86

/// A test, resolved: what does not change while it runs.
struct TestMachine {
    let test: LitmusTest
    let layout: Layout
    let profiles: [OracleProfile]
    let programs: [Program]
    let handlers: [Int: Program]
    let interruptHandlers: [Int: Program]
    /// Whether the test calls what makes a difference between processors that have missed a flush and others.
    let tracksMissedFlushes: Bool
    let policies: [FaultPolicy]
    /// `Gate=trap`: a fault handler starts with interrupts as they were.
    let hasTrapGate: Bool
    /// CR0.WP by processor.
    let writeProtect: [Bool]
    /// Variables (bits) that are ordinary pages: not in `ShadowStack=`.
    let ordinary: UInt64
    /// The type a declaration gave each variable.
    let types: [String: ScalarType]
    /// Which properties the condition or filter asks for: ghost state no CPU reads is not kept.
    let observed: Set<Property>
    let observesFaults: Bool
    let observesWild: Bool
    let initial: State

    init(_ test: LitmusTest, profiles: [OracleProfile]) throws {
        guard profiles.count == test.threads.count else {
            throw OracleError.unsupported("\(profiles.count) profiles for \(test.threads.count) processors")
        }
        let names = try Names(test)
        let layout = try Layout(names)
        self.test = test
        self.layout = layout
        self.profiles = profiles
        func link(_ column: ThreadColumn) throws -> Program {
            try column.program.linked { try? layout.address(memoryName(ofSymbol: $0, levels: test.levels)) }
        }
        programs = try test.threads.map(link)
        handlers = try test.handlers.mapValues(link)
        interruptHandlers = try test.interrupts.mapValues(link)
        tracksMissedFlushes = test.columns.contains { column in
            column.program.requests.contains { request in
                if case .service(let service, _) = request { service.changesMode } else { false }
            }
        }
        hasTrapGate = test.header("Gate") == "trap"
        policies = test.threads.map { test.faultPolicies[$0.processor] ?? .stop }
        var ordinary: UInt64 = (1 << UInt64(layout.variables.count)) - 1
        for name in test.shadowStackPages { ordinary &= ~(1 << UInt64(try layout.variable(name))) }
        self.ordinary = ordinary

        var observed: Set<Property> = []
        var observesFaults = false
        var observesWild = false
        for proposition in [test.filter, test.condition.proposition].compactMap({ $0 }) {
            proposition.forEachAtom { atom in
                switch atom.kind {
                case .property(let property, _), .tableProperty(let property, _): observed.insert(property)
                case .fault: observesFaults = true
                case .wild: observesWild = true
                default: break
                }
            }
        }
        self.observed = observed
        self.observesFaults = observesFaults
        self.observesWild = observesWild

        var types: [String: ScalarType] = [:]
        for initialization in test.initializations {
            guard let type = initialization.type else { continue }
            if case .memory(.variable(let name), _) = initialization.location.kind { types[name] = ScalarType(type) }
        }
        self.types = types

        var writeProtect = test.threads.map { _ in true }
        initial = try TestMachine.initialState(test, names, layout, types, &writeProtect)
        self.writeProtect = writeProtect
    }

    /// CR4.CET is 1, which needs CR0.WP=1 (SDM 2.5).
    func hasShadowStack(_ cpu: Int) -> Bool { profiles[cpu].shadowStack && writeProtect[cpu] }

    /// The code that a processor is in.
    func code(_ processor: Processor, _ cpu: Int) -> Program {
        guard let frame = processor.frames.last else { return programs[cpu] }
        return (frame.sender == nil ? handlers[cpu] : interruptHandlers[cpu]) ?? Program()
    }

    func type(of name: MemoryName) -> ScalarType {
        switch name {
        case .variable(let name), .frame(let name): types[name] ?? .int
        case .leaf, .upperEntry: .entry
        }
    }

    private static func initialState(
        _ test: LitmusTest, _ names: Names, _ layout: Layout, _ types: [String: ScalarType],
        _ writeProtect: inout [Bool]
    ) throws -> State {
        var ghosts = Ghosts()
        ghosts.barred = [UInt64](repeating: 0, count: layout.spaces.count * layout.variables.count)
        var state = State(memory: [], processors: test.threads.map { _ in Processor() }, ghosts: ghosts)

        for (word, frame) in try layout.defaults(names) {
            state.setWord(word, Entry.defaultBits | frame << 12)
        }
        let twins = test.initializations.filter { layout.isTwin($0.location) }
        for initialization in test.initializations.filter({ !layout.isTwin($0.location) }) + twins {
            if initialization == twins.first { try layout.copyRoots(&state) }
            switch initialization.location.kind {
            case .register(let cpu, let register):
                let value = try layout.value(initialization.values.first ?? .integer(0))
                guard cpu < state.processors.count else { throw OracleError.unsupported("register of P\(cpu)") }
                state.processors[cpu].registers[register] = value
            case .setting(let cpu, let name):
                guard cpu < state.processors.count else { throw OracleError.unsupported("setting of P\(cpu)") }
                let value = initialization.values.first ?? .integer(0)
                switch (name, value.kind) {
                case ("mm", .address(.variable(let space))):
                    state.processors[cpu].space = try layout.space(space)
                    state.processors[cpu].wanted = state.processors[cpu].space
                case ("cpl", .integer(let level)): state.processors[cpu].privilege = level == 3 ? 3 : 0
                case ("if", .integer(0)): state.processors[cpu].registers.flags.remove(.interrupt)
                case ("if", .integer): break
                case ("cr0.wp", .integer(let bit)): writeProtect[cpu] = bit != 0
                default: throw OracleError.unsupported("setting \(cpu):\(name)")
                }
            case .memory(let name, let index):
                let type: ScalarType =
                    switch name {
                    case .variable(let name), .frame(let name): types[name] ?? .int
                    case .leaf, .upperEntry: .entry
                    }
                let key = try layout.content(name)
                for (offset, value) in initialization.values.enumerated() {
                    let bits = try layout.value(value, in: name)
                    // An address needs the whole word, whatever the type says.
                    var width = type.size
                    if case .integer = value.kind {} else { width = 8 }
                    let byte = try layout.byteOffset(index: index, plus: offset, of: type)
                    let mask = byteMask(offset: byte & 7, width: width)
                    let word = key + (byte & ~7)
                    state.setWord(word, (state.word(word) & ~mask) | ((bits << ((byte & 7) * 8)) & mask))
                }
            case .field(let name, let field):
                let (shift, bits) = try Entry.place(ofField: field)
                let mask: UInt64 = ((1 << bits) - 1) << shift
                let value = try layout.value(initialization.values.first ?? .integer(0))
                let key = try layout.content(name)
                state.setWord(key, (state.word(key) & ~mask) | ((value << shift) & mask))
            }
        }
        if twins.isEmpty { try layout.copyRoots(&state) }
        return state
    }
}

/// The bits of a word that an access of `width` bytes at `offset` touches.
func byteMask(offset: UInt64, width: Int) -> UInt64 {
    let low: UInt64 = width >= 8 ? ~0 : (1 << UInt64(width * 8)) - 1
    return low << (offset * 8)
}

extension Layout {
    /// Whether a location is an entry of a second root.
    func isTwin(_ location: Location) -> Bool {
        switch location.kind {
        case .memory(let name, _), .field(let name, _): name.entry?.space.flatMap { SpaceName.owner(ofUser: $0) } != nil
        case .register, .setting: false
        }
    }

    /// A second root that is a table of its own holds what the first one does.
    func copyRoots(_ state: inout State) throws {
        for space in spaces.indices where families[space] != space {
            for page in pages {
                let word = try entry(space: space, page: page, level: tables.rootLevel)
                state.setWord(word, state.word(try entry(space: families[space], page: page, level: tables.rootLevel)))
            }
        }
    }

    func frameNumber(_ name: String) throws -> UInt64 { frame(try variable(name)) }

    /// Where an array's element lies in its page.
    func byteOffset(index: Int, plus offset: Int = 0, of type: ScalarType) throws -> UInt64 {
        guard (0..<4096).contains(index), (index + offset + 1) * type.size <= 4096 else {
            throw OracleError.unsupported("an array larger than a page")
        }
        return UInt64((index + offset) * type.size)
    }

    /// The number of the frame that a literal names: for a large leaf that of the variable's block.
    ///
    /// - Parameter name: the entry that the literal is for; where there is none a block is one of 2M.
    func frame(of literal: EntryLiteral, in name: MemoryName?) throws -> UInt64? {
        if let table = literal.table ?? literal.frameOfTable { return try tableFrame(table) }
        guard let variable = literal.frame else { return nil }
        let frame = try frameNumber(variable)
        guard literal.isLarge else { return frame }
        var size = 2
        if case .upperEntry(.pud, _, _) = name { size = 3 }
        return frame & ~(Entry.frames(ofSize: size) - 1)
    }

    /// The bits a value means.
    ///
    /// - Parameter name: the word that it is for: an entry points somewhere even if the value does not say where.
    func value(_ value: Value, in name: MemoryName? = nil) throws -> UInt64 {
        switch value.kind {
        case .integer(let bits): return bits
        case .address(let name): return try address(name)
        case .entry(var literal):
            if literal.isLarge, literal.frame == nil, case .upperEntry(_, let page, _) = name { literal.frame = page }
            let ownFrame = try name.flatMap { try defaultFrame($0) }
            return try Entry.value(of: literal, defaultFrame: ownFrame) { try frame(of: $0, in: name) }
        }
    }

    /// The words that point somewhere although nothing initialises them, and the frames that they point to.
    func defaults(_ names: Names) throws -> [(word: UInt64, frame: UInt64)] {
        var result: [(UInt64, UInt64)] = []
        for space in spaces.indices
        where families[space] == space && tables.table(space: space, page: pages.first ?? 0, level: 1) != nil {
            for page in pages {
                // A page is mapped in `mm`, as in herd7, but where the test names its leaf in other address spaces alone
                // (litmus.md: a leaf that is not named in an address space is empty).
                let owners = names.entries.filter { $0.level == 1 && $0.page == variables[page] }.map { $0.space }
                if space == 0, owners.isEmpty || owners.contains(spaces[0]) {
                    result.append((try entry(space: 0, page: page, level: 1), frame(page)))
                }
                for level in 1..<tables.rootLevel {
                    guard try space == 0 || exists(space, page, above: level, names) else { continue }
                    let below = tables.table(space: space, page: page, level: level) ?? 0
                    let word = try entry(space: space, page: page, level: level + 1)
                    result.append((word, PageTables.frameBase + UInt64(below)))
                }
            }
        }
        return result
    }

    /// Whether the test names an entry of a page below an upper entry, other than that one.
    private func exists(_ space: Int, _ page: Int, above level: Int, _ names: Names) throws -> Bool {
        let word = try entry(space: space, page: page, level: level + 1)
        let named = try names.entries.filter { $0.space == spaces[space] }.map { name in
            try entry(space: space, page: try variable(name.page), level: name.level)
        }
        for other in pages where try entry(space: space, page: other, level: level + 1) == word {
            for level in 1...tables.rootLevel {
                let onPath = try entry(space: space, page: other, level: level)
                if onPath != word, named.contains(onPath) { return true }
            }
        }
        return false
    }
}

/// How a variable's content is read and printed.
struct ScalarType: Hashable {
    /// Bytes.
    var size: Int
    var signed: Bool

    static let int = ScalarType(size: 4, signed: true)
    static let entry = ScalarType(size: 8, signed: false)

    init(size: Int, signed: Bool) {
        self.size = size
        self.signed = signed
    }

    /// A C type by its name.
    init(_ name: String) {
        let words = name.split(separator: " ").map { String($0) }
        func has(_ part: String) -> Bool { words.contains { $0.hasPrefix(part) } }
        signed = !(has("u") || has("pte") || has("pmd") || has("size_t") || name.contains("*"))
        if name.contains("*") || name.contains("64") || has("long") || has("pte") || has("pmd") || has("ulong")
            || has("u64") || has("size_t") || has("intptr") || has("uintptr")
        {
            size = 8
        } else if name.contains("16") || has("short") {
            size = 2
        } else if has("char") || has("int8") || has("uint8") || has("u8") || has("s8") || has("bool") {
            size = 1
        } else {
            size = 4
        }
    }

    func text(_ bits: UInt64) -> String {
        let masked = bits & byteMask(offset: 0, width: size)
        guard signed, size <= 8 else { return String(masked) }
        let unused = UInt64(64 - size * 8)
        return String(Int64(bitPattern: masked << unused) >> Int64(unused))
    }
}
