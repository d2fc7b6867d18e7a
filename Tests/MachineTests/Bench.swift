import Litmus
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
    /// By page, entries that differ from the usual one; those of other address spaces are named as in `child:x`.
    var entries: [String: UInt64] = [:]
    var handlers: [Int: String] = [:]
    /// The code of interrupts from other CPUs.
    var interruptHandlers: [Int: String] = [:]
    var onFault = FaultPolicy.stop
    var watches = Watches()
    /// Pages of shadow-stack mappings.
    var shadowStackPages: Set<Int> = []
    /// None, because most tests read registers and words that no question asks for.
    var reductions: Set<Reduction> = []
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
            for (space, prefix) in map.spaces.enumerated() {
                let name = map.name(ofPage: page)
                let entry = space == 0 ? entries[name] ?? Self.entry(name) : entries[prefix + ":" + name] ?? 0
                if entry != 0 { contents[map.leafWord(page: page, space: space)] = entry }
            }
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
            cpu.interruptHandler = try interruptHandlers[number].map(program)
            adjust(number, &cpu)
            cpus.append(cpu)
        }
        return Scenario(
            cpus: cpus, map: map, contents: contents, shadowStackPages: shadowStackPages, watches: watches,
            isEager: isEager, reductions: reductions)
    }

    /// A step that some run takes.
    struct Step {
        var report: StepReport
        /// How many steps there are to choose from.
        var choices: Int
        /// The states before and after it.
        var before: UnsafePointer<UInt64>
        var after: UnsafePointer<UInt64>
    }

    /// What a search by hand finds: the number of states, and what `read` makes of each final one.
    ///
    /// `visit` is told every step of every state that is reached.
    func explore<Reading: Hashable>(
        isEager: Bool = false, visit: (Machine, Step) -> Void = { _, _ in },
        _ read: (Machine, UnsafePointer<UInt64>) -> Reading
    ) throws -> (states: Int, finals: Set<Reading>) {
        let scenario = try scenario(isEager: isEager)
        var widths = FieldWidths()
        while true {
            let machine = try Machine(scenario, widths: widths)
            let found = Self.explore(machine, visit, read)
            if machine.outgrown.isEmpty {
                if let failure = machine.failure { throw failure }
                return found
            }
            let canGrow = widths.grow(machine.outgrown)
            try #require(canGrow)
        }
    }

    private static func explore<Reading: Hashable>(
        _ machine: Machine, _ visit: (Machine, Step) -> Void, _ read: (Machine, UnsafePointer<UInt64>) -> Reading
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
                    visit(
                        machine,
                        Step(
                            report: machine.report(label: machine.successorLabels[number], from: base),
                            choices: machine.successorCount, before: base, after: start))
                    let next = Array(UnsafeBufferPointer(start: start, count: machine.stateWords))
                    if known.insert(next).inserted { queue.append(next) }
                }
            }
            if machine.failure != nil || !machine.outgrown.isEmpty { break }
        }
        return (known.count, finals)
    }

    /// Whether a property of a page or variable can hold at the end, and can fail to.
    func ends(_ property: Property, of name: String, isEager: Bool = false) throws -> Set<Bool> {
        let subject = try #require(property.isAboutFrame ? map.variable(named: name) : map.page(named: name))
        return try explore(isEager: isEager) { $0.holds(property, of: subject, in: $1) }.finals
    }

    /// The values that a word of a variable can end with.
    func ends(_ variable: String) throws -> Set<UInt64> {
        let word = map.dataWord(ofVariable: try #require(map.variable(named: variable)))
        return try explore { $0.content(ofWord: word, in: $1) }.finals
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
