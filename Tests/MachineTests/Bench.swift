import Testing
import X86

@testable import Machine

/// A scenario written as assembly, and all that can come of it.
struct Bench {
    /// `x` and `y` are pages, `a` and `b` plain variables of one word each.
    static let map = AddressMap(
        variables: [
            AddressMap.Variable(name: "x", isTranslated: true), AddressMap.Variable(name: "y", isTranslated: true),
            AddressMap.Variable(name: "a", isTranslated: false), AddressMap.Variable(name: "b", isTranslated: false),
        ], spaces: ["mm"])

    var map = Bench.map
    var code: [String]
    var profile: CPUProfile
    var entries: [String: UInt64] = [:]
    var handlers: [Int: String] = [:]
    var onFault = FaultResponse.stop
    var watches = Watches()
    /// Changes to a CPU before the run, by number.
    var adjust: (Int, inout Processor) -> Void = { _, _ in }

    init(_ code: String..., on profile: String = "strict") throws {
        self.code = code
        self.profile = try #require(CPUProfile.builtIn.first { $0.name == profile })
    }

    /// P, W, U, A of a page's own frame, and more bits.
    static func entry(_ page: String, _ bits: UInt64 = 0x27) -> UInt64 {
        guard let variable = map.variable(named: page) else { return 0 }
        return map.frameNumber(ofVariable: variable) << 12 | bits
    }

    private func program(_ text: String) throws -> Program {
        var parser = AssemblyParser()
        try parser.parse(text: text)
        return try parser.finish().linked { symbol in
            map.variable(named: symbol).map(map.address(ofVariable:))
        }
    }

    /// The scenario; `%rdi` and `%rsi` hold the addresses of the entries of x and y.
    func scenario(isEager: Bool) throws -> Scenario {
        var contents: [Int: UInt64] = [:]
        for page in map.pages.indices {
            let name = map.name(ofPage: page)
            let entry = entries[name] ?? Self.entry(name)
            if entry != 0 { contents[map.leafWord(page: page, space: 0)] = entry }
        }
        var cpus: [Processor] = []
        for (number, text) in code.enumerated() {
            var registers = RegisterFile()
            if map.pages.count > 1 {
                registers[.rdi] = map.leafAddress(page: 0, space: 0)
                registers[.rsi] = map.leafAddress(page: 1, space: 0)
            }
            var cpu = Processor(
                profile: profile, program: try program(text), handler: try handlers[number].map(program),
                onFault: handlers[number] == nil ? onFault : .handler, registers: registers)
            adjust(number, &cpu)
            cpus.append(cpu)
        }
        // Without reductions, because these tests read registers and words that no question asks for.
        return Scenario(
            cpus: cpus, map: map, contents: contents, watches: watches, isEager: isEager, reductions: [])
    }

    /// What a search by hand finds: the number of states, and what `read` makes of each final one.
    func explore<Reading: Hashable>(
        isEager: Bool = false, _ read: (Machine, UnsafePointer<UInt64>) -> Reading
    ) throws -> (states: Int, finals: Set<Reading>) {
        let scenario = try scenario(isEager: isEager)
        var widths = FieldWidths()
        while true {
            let machine = try Machine(scenario, widths: widths)
            let found = Self.explore(machine, read)
            if machine.outgrown.isEmpty {
                if let failure = machine.failure { throw failure }
                return found
            }
            let canGrow = widths.grow(machine.outgrown)
            try #require(canGrow)
        }
    }

    private static func explore<Reading: Hashable>(
        _ machine: Machine, _ read: (Machine, UnsafePointer<UInt64>) -> Reading
    ) -> (states: Int, finals: Set<Reading>) {
        var first = [UInt64](repeating: 0, count: machine.stateWords)
        first.withUnsafeMutableBufferPointer { buffer in buffer.baseAddress.map(machine.writeInitialState) }
        var known: Set<[UInt64]> = [first]
        var queue = [first]
        var finals: Set<Reading> = []
        while let state = queue.popLast() {
            state.withUnsafeBufferPointer { buffer in
                guard let base = buffer.baseAddress else { return }
                if machine.computeSteps(of: base) { finals.insert(read(machine, base)) }
                for number in 0..<machine.successorCount {
                    let start = machine.successorStates + number * machine.stateWords
                    let next = Array(UnsafeBufferPointer(start: start, count: machine.stateWords))
                    if known.insert(next).inserted { queue.append(next) }
                }
            }
            if machine.failure != nil || !machine.outgrown.isEmpty { break }
        }
        return (known.count, finals)
    }

    /// The values that a register of a CPU can end with.
    func ends(_ register: Register, ofCPU cpu: Int, isEager: Bool = false) throws -> Set<UInt64> {
        try explore(isEager: isEager) { $0.register(RegisterOperand(register), ofCPU: cpu, in: $1) }.finals
    }

    /// The values that x's entry can end with, without its frame.
    func entryEnds(isEager: Bool = false) throws -> Set<UInt64> {
        let word = map.leafWord(page: 0, space: 0)
        return try explore(isEager: isEager) { $0.content(ofWord: word, in: $1) & 0xfff }.finals
    }
}
