import Litmus
import Machine
import Report
import Testing

@testable import Checker
@testable import X86

/// An instruction form as a test of one thread on one array, and what X86 says that its accesses read and write.
///
/// The array lies where the machine puts the first variable, so that native code can run on the very same addresses.
struct FormBench {
    static let address: UInt64 = 0x1000_0000_1000
    static let words = 128
    /// Where `rbx` points.
    static let middle = address + UInt64(words * 4)

    /// What one step's access reads and writes, by the instruction's own definition.
    struct Event: Equatable {
        var read: UInt64?
        var written: UInt64?
    }

    let rows: [String]
    let program: Program
    let registers: RegisterFile
    let memory: [UInt64]
    /// What happens, in order, with the registers after the instruction that it belongs to.
    private(set) var events: [(event: Event, after: RegisterFile)] = []
    /// The last place that was written.
    private(set) var lastWritten: MemoryAccess?
    private(set) var memoryAfter: [UInt64]

    /// Nil where a division would fail.
    init?(_ text: String, seed: Int) throws {
        let isPrefixAlone = text.hasPrefix("lock\n")
        rows = (isPrefixAlone ? text.replacing("\n", with: " ") : text).split(separator: "\n")
            .map { $0.trimmingPrefix(" ") }.map(String.init)
        var parser = AssemblyParser()
        try parser.parse(text: text)
        program = try parser.finish().linked { $0 == "m" ? Self.address : nil }
        registers = Self.registers(program, seed)
        let accumulator = registers[.rax]
        memory = (0..<Self.words).map { word in
            seed == 0 ? 0x8182_8384_8586_8788 &+ UInt64(word) &* 0x0107_0305_0201_0903 : accumulator
        }
        memoryAfter = memory
        guard simulate() else { return nil }
    }

    private static func registers(_ program: Program, _ seed: Int) -> RegisterFile {
        var registers = RegisterFile()
        for register in Register.allCases {
            registers[register] = (UInt64(register.rawValue) &+ 3) &* 0x9e37_79b9_7f4a_7c15 >> UInt64(seed)
        }
        registers[.rbx] = middle
        registers[.rsp] = middle + 64
        registers[.rbp] = middle + 24
        registers[.rsi] = UInt64(bitPattern: seed == 0 ? 2 : -38)
        for instruction in program.instructions {
            switch instruction.operation {
            case .moveString, .storeString, .loadString:
                registers[.rsi] = middle + 16
                registers[.rdi] = middle - 64
            case .divide:
                registers[.rax] = 77
                registers[.rdx] = 0
            case .compareExchangePair: registers[.rdx] = registers[.rax] >> 32
            default: break
            }
        }
        return registers
    }

    private func read(_ access: MemoryAccess) -> UInt64 {
        let offset = access.address - Self.address
        return memoryAfter[Int(offset / 8)] >> (offset % 8 * 8) & access.width.mask
    }

    private mutating func write(_ value: UInt64, _ access: MemoryAccess) {
        let offset = access.address - Self.address
        let shift = offset % 8 * 8
        memoryAfter[Int(offset / 8)] &= ~(access.width.mask << shift)
        memoryAfter[Int(offset / 8)] |= (value & access.width.mask) << shift
        lastWritten = access
    }

    /// Runs the program by X86 alone; false where a division fails.
    private mutating func simulate() -> Bool {
        var registers = registers
        while program.instructions.indices.contains(registers.rip) {
            let instruction = program.instructions[registers.rip]
            let request = instruction.request(registers)
            var loaded: UInt64 = 0
            switch request {
            case .load(let from), .update(let from, _), .copy(let from, _): loaded = read(from)
            default: break
            }
            if case .divide = instruction.operation, instruction.quotient(registers, loaded: loaded) == nil {
                return false
            }
            let stored = instruction.execute(on: &registers, loaded: loaded)
            switch request {
            case .load: events.append((Event(read: loaded), registers))
            case .store(let to):
                events.append((Event(written: stored), registers))
                if let stored { write(stored, to) }
            case .update(let to, let isLocked):
                if isLocked {
                    events.append((Event(read: loaded, written: stored), registers))
                } else {
                    events.append((Event(read: loaded), registers))
                    if stored != nil { events.append((Event(written: stored), registers)) }
                }
                if let stored { write(stored, to) }
            case .copy(_, let to):
                events.append((Event(read: loaded), registers))
                events.append((Event(written: stored), registers))
                if let stored { write(stored, to) }
            default: break
            }
        }
        return true
    }

    /// The test: the form, then an instruction for every register that overwrites it.
    var litmus: String {
        let values = Register.allCases.map { "0:\(RegisterOperand($0).name)=\(registers[$0]);" }.joined(separator: " ")
        let clobbers = Register.allCases.map { "movq $-6148914,%\(RegisterOperand($0).name)" }
        return """
            X86_64 form
            { uint64_t m[\(Self.words)] = {\(memory.map(String.init).joined(separator: ","))};
              \(values) }
             P0 ;
            \((rows + clobbers).map { " \($0) ;" }.joined(separator: "\n"))
            exists (0:rax=0)
            """
    }

    /// What the steps of the only run show, and the registers that hold what was read, by name.
    func shown() throws -> (events: [(event: Event, register: String?)], locals: Int) {
        let prepared = try Prepared(text: litmus, on: "strict")
        let profiles = try #require(prepared.assignments.first?.profiles)
        let steps = try prepared.checker.firstRun(on: profiles)
        let scenario = prepared.checker.lowered.scenario(on: profiles, isEager: false)
        let witness = try #require(prepared.checker.run(steps, on: scenario))
        var events: [(event: Event, register: String?)] = []
        for step in witness.steps where !step.isHardware {
            guard let parts = witness.sentences.text(of: step).firstMatch(of: /\(([^()]*)\)$/),
                parts.1.contains("=") || parts.1.contains(" ")
            else { continue }
            var event = Event()
            var register: String?
            for part in parts.1.split(separator: ", ") {
                if let value = part.wholeMatch(of: /reads (\S+)/) {
                    event.read = Self.number(value.1)
                } else if let value = part.wholeMatch(of: /writes (\S+)/) {
                    event.written = Self.number(value.1)
                } else if let value = part.wholeMatch(of: /([a-z0-9]+)=(\S+)/) {
                    register = String(value.1)
                    event.read = Self.number(value.2)
                }
            }
            events.append((event, register))
        }
        let locals = ([witness.startLocals] + witness.steps.map(\.locals)).flatMap(\.lines)
        return (events, locals.filter { $0.local.instruction.text.contains("$-6148914") }.count)
    }

    private static func number(_ text: Substring) -> UInt64? {
        text.hasPrefix("0x") ? UInt64(text.dropFirst(2), radix: 16) : UInt64(text)
    }
}
