import X86

extension Machine {
    /// Where the address came from that a failed access was about; `stubs` are the first instructions of functions that
    /// return 0 in place of the real ones.
    ///
    /// The thread's way to the failure is gone through again beside a copy of itself that differs in one value: what a stub
    /// returned, or what was loaded. Where that makes a difference to the address, the value is where it came from. The last
    /// one counts; nil where none is found.
    public func source(ofAddressAt point: FailurePoint, stubs: Set<Int>) -> ValueSource? {
        guard point.address != nil, point.state >= 0 else { return nil }
        let trail = Trail(tables.threads[point.cpu], to: point.state, stubs: stubs, map: map)
        let (candidates, _) = trail.walk(changing: nil)
        func isOwn(_ number: Int) -> Bool { if case .own = candidates[number] { true } else { false } }
        // What was kept on the stack on the way came from somewhere else; only a 0 that did not is the thread's own.
        for number in candidates.indices.filter({ !isOwn($0) }).suffix(512).reversed()
            + candidates.indices.filter(isOwn).suffix(512).reversed()
        {
            let (_, addresses) = trail.walk(changing: number)
            if let (real, changed) = addresses, real != changed { return candidates[number] }
        }
        return nil
    }
}

/// A thread's way from its start to one of its states, to be gone again.
private struct Trail {
    private let table: ThreadTable
    private let stubs: Set<Int>
    private let map: AddressMap
    /// What was loaded at each state that asked for something, from the first one on.
    private let loads: [UInt64?]

    /// What the copy sees in place of the value in question; no address of a test.
    private static let other: UInt64 = 0x5a5a_0000_0000

    init(_ table: ThreadTable, to state: Int, stubs: Set<Int>, map: AddressMap) {
        self.table = table
        self.stubs = stubs
        self.map = map
        var loads: [UInt64?] = []
        var number = state
        while table.arrivals.indices.contains(number), table.arrivals[number].from >= 0, loads.count < 100_000 {
            loads.append(table.arrivals[number].loaded)
            number = Int(table.arrivals[number].from)
        }
        self.loads = loads.reversed()
    }

    /// Goes the way; returns the values that could be changed, and the addresses at its end with and without the change.
    func walk(changing chosen: Int?) -> (candidates: [ValueSource], addresses: (UInt64, UInt64)?) {
        let processor = table.processor
        var pair = Pair(
            ThreadState(
                registers: processor.registers, memory: processor.privateMemory,
                privilege: UInt8(processor.privilege), space: UInt8(processor.space), home: UInt8(processor.space)))
        var candidates: [ValueSource] = []
        var next = 0
        /// The call that the function at hand was reached by.
        var call: Int?
        for _ in 0..<Machine.longestLocalRun {
            let rip = pair.real.registers.rip
            guard processor.program.instructions.indices.contains(rip) else { return (candidates, nil) }
            let instruction = processor.program.instructions[rip]
            let request = instruction.request(pair.real.registers)
            if let content = table.fixedContent(request, pair.real) {
                pair.goOn(instruction, request, content, content)
                continue
            }
            if pair.serves(request) || Self.isLocal(request) {
                var change: UInt64?
                if case .load(let place) = request, place.width == .quad, pair.real.memory.read(place) == 0 {
                    if candidates.count == chosen { change = Self.other }
                    candidates.append(.own(load: rip))
                }
                pair.execute(instruction, request, change)
                if stubs.contains(rip) {
                    if candidates.count == chosen { pair.copy.registers[.rax] = Self.other }
                    candidates.append(.stub(rip, call: call))
                }
                if pair.real.registers.rip != rip + 1, !stubs.contains(rip) { call = rip }
                continue
            }
            guard next < loads.count else {
                let real = table.accessedAddress(pair.real)
                let copy = table.accessedAddress(pair.copy)
                return (candidates, real.flatMap { real in copy.map { (real, $0) } })
            }
            let loaded = loads[next]
            next += 1
            var changed = loaded
            if let loaded, let source = source(of: request, loaded, at: rip) {
                if candidates.count == chosen { changed = Self.other }
                candidates.append(source)
            }
            pair.goOn(instruction, request, loaded, changed)
        }
        return (candidates, nil)
    }

    private static func isLocal(_ request: Request) -> Bool {
        if case .none = request { return true }
        return false
    }

    /// The memory of the test that a request reads.
    private func source(of request: Request, _ value: UInt64, at load: Int) -> ValueSource? {
        let address: UInt64
        switch request {
        case .load(let place), .update(let place, _), .copy(let place, _): address = place.address
        default: return nil
        }
        switch map.place(at: address) {
        case .physical(let word, let byte)?:
            guard let variable = map.variable(ofWord: word) else { return nil }
            let offset = (word - map.dataWord(ofVariable: variable)) * 8 + byte
            return .memory(map.variables[variable].name, offset: offset, value: value, load: load)
        case .page(let page, let byte)?:
            return .memory(map.name(ofPage: page), offset: byte, value: value, load: load)
        case nil: return nil
        }
    }
}

/// A thread and its copy, which runs the same instructions with other values.
private struct Pair {
    var real: ThreadState
    var copy: ThreadState

    init(_ state: ThreadState) {
        real = state
        copy = state
    }

    /// Whether the thread's own memory serves a request.
    func serves(_ request: Request) -> Bool {
        switch request {
        case .load(let place), .store(let place), .update(let place, locked: false): real.memory.contains(place)
        case .copy(let from, _) where real.stage == 0: real.memory.contains(from)
        case .copy(_, let to): real.memory.contains(to)
        default: false
        }
    }

    /// Completes an instruction that needs no other CPU; `change` is what the copy loads instead.
    mutating func execute(_ instruction: Instruction, _ request: Request, _ change: UInt64?) {
        switch request {
        case .load(let place): run(instruction, real.memory.read(place), change ?? copy.memory.read(place), to: nil)
        case .store(let place): run(instruction, 0, 0, to: place)
        case .update(let place, _): run(instruction, real.memory.read(place), copy.memory.read(place), to: place)
        case .copy(let from, _) where real.stage == 0:
            (real.stage, copy.stage) = (1, 1)
            (real.loaded, copy.loaded) = (real.memory.read(from), copy.memory.read(from))
        case .copy(_, let to):
            run(instruction, real.loaded, copy.loaded, to: to)
            (real.stage, copy.stage) = (0, 0)
        default: run(instruction, 0, 0, to: nil)
        }
    }

    /// Completes a step that others can see; `loaded` is nil for one that reads nothing.
    mutating func goOn(_ instruction: Instruction, _ request: Request, _ loaded: UInt64?, _ changed: UInt64?) {
        switch request {
        case .service:
            if let loaded, let changed { (real.registers[.rax], copy.registers[.rax]) = (loaded, changed) }
            real.registers.rip += 1
            copy.registers.rip += 1
        case .copy where real.stage == 0:
            (real.stage, copy.stage) = (1, 1)
            (real.loaded, copy.loaded) = (loaded ?? 0, changed ?? 0)
        case .update(_, locked: false) where real.stage == 0:
            var ahead = real
            if instruction.execute(on: &ahead.registers, loaded: loaded ?? 0) == nil {
                run(instruction, loaded ?? 0, changed ?? 0, to: nil)
            } else {
                (real.stage, copy.stage) = (1, 1)
                (real.loaded, copy.loaded) = (loaded ?? 0, changed ?? 0)
            }
        case .update(let place, locked: true) where real.memory.contains(place):
            run(instruction, real.memory.read(place), copy.memory.read(place), to: place)
        default:
            run(instruction, loaded ?? real.loaded, changed ?? copy.loaded, to: nil)
            (real.stage, copy.stage) = (0, 0)
            (real.loaded, copy.loaded) = (0, 0)
        }
    }

    /// Runs an instruction on both; the copy goes where the thread goes.
    private mutating func run(_ instruction: Instruction, _ loaded: UInt64, _ changed: UInt64, to place: MemoryAccess?)
    {
        let stored = instruction.execute(on: &real.registers, loaded: loaded)
        let other = instruction.execute(on: &copy.registers, loaded: changed)
        copy.registers.rip = real.registers.rip
        guard let place, let stored else { return }
        real.memory.write(stored, place)
        copy.memory.write(other ?? stored, place)
    }
}
