import Explorer
import Litmus
import Machine
import X86

/// The final states of an exploration as the question sees them, and the run that answers it.
struct Answers {
    /// Distinct final states in order.
    let states: FinalStates
    /// A shortest run to what the condition asks about, as successor numbers; nil when there is none.
    let witness: [Int]?

    init(_ exploration: Exploration, _ machine: Machine, _ question: Question) {
        let reader = QuestionReader(question, machine)
        let width = question.shownCount
        let distinct = RowSet(width: width)
        var flags: [Bool] = []
        let wanted = question.quantifier != .forall
        var nearest: Int?
        exploration.finals.forEach { number, state in
            let values = reader.read(state)
            if let filter = question.filter, !question.isTrue(filter, values) { return }
            let (row, isNew) = distinct.insert(values)
            if isNew { flags.append(question.isTrue(question.condition, values)) }
            if flags[row] == wanted,
                nearest.map({ exploration.finalDepths[number] < exploration.finalDepths[$0] }) ?? true
            {
                nearest = number
            }
        }
        let sorted = RowOrder(distinct, columns: question.displayOrder).sorted()
        var rows: [UInt64] = []
        rows.reserveCapacity(sorted.count * width)
        for row in sorted { rows.append(contentsOf: UnsafeBufferPointer(start: distinct[row], count: width)) }
        states = FinalStates(
            rows: rows, width: width, flags: sorted.map { flags[$0] }, printer: StatePrinter(question, machine.map))
        let full = nearest.map { exploration.run(toFinal: $0) }
        if let goal = exploration.goalRun, goal.count <= full?.count ?? .max { witness = goal } else { witness = full }
    }
}

/// Reads the question's items off many states of one finished exploration.
final class QuestionReader {
    private let question: Question
    private let machine: Machine
    private let values: UnsafeMutablePointer<UInt64>
    /// By item, a register's value by the number of its CPU's thread state; empty for other items.
    private let registers: [[UInt64]]

    init(_ question: Question, _ machine: Machine) {
        self.question = question
        self.machine = machine
        values = .allocate(capacity: max(1, question.items.count))
        values.initialize(repeating: 0, count: max(1, question.items.count))
        registers = question.items.map { item, _ in
            if case .register(let cpu, let operand, _, _) = item { machine.values(of: operand, onCPU: cpu) } else { [] }
        }
    }

    deinit { values.deallocate() }

    /// The items' values in a state, good until the next call.
    func read(_ state: UnsafePointer<UInt64>) -> UnsafePointer<UInt64> {
        for position in question.items.indices {
            if case .register(let cpu, _, _, _) = question.items[position].item {
                values[position] = registers[position][machine.threadNumber(ofCPU: cpu, in: state)]
            } else {
                values[position] = question.read(question.items[position].item, state, of: machine)
            }
        }
        return UnsafePointer(values)
    }
}

/// Prints items' values in the field's notation.
struct StatePrinter: Sendable {
    private let question: Question
    private let map: AddressMap
    private let order: [Int]
    private let symbols: [UInt64: String]

    init(_ question: Question, _ map: AddressMap) {
        self.question = question
        self.map = map
        order = question.displayOrder
        var symbols: [UInt64: String] = [:]
        for (number, variable) in map.variables.enumerated() {
            symbols[map.address(ofVariable: number)] = variable.name
            symbols[map.directAddress(ofVariable: number)] = "PA(\(variable.name))"
        }
        for page in map.pages.indices {
            for (space, name) in map.spaces.enumerated() {
                let prefix = space == 0 ? "" : "\(name):"
                for level in Litmus.EntryLevel.all(of: map.levels) {
                    guard let word = map.entryWord(page: page, level: level.rawValue, space: space) else { continue }
                    // Of an entry that several pages share the first one's name is the name.
                    let name = "\(level.entrySpelling)(\(prefix)\(map.name(ofPage: page)))"
                    let address = map.address(ofEntryWord: word)
                    if symbols[address] == nil { symbols[address] = name }
                }
            }
        }
        self.symbols = symbols
    }

    func parts(_ values: [UInt64]) -> [String] { order.map { text($0, values[$0]) } }

    /// An item and its value, as in `[x]=1`.
    func text(_ position: Int, _ value: UInt64) -> String {
        let (item, name) = question.items[position]
        switch item {
        case .register(_, let register, let bytes, let isSigned):
            let size = min(bytes ?? 8, Int(register.width.rawValue))
            let cut = size == 8 ? value : value & ((1 << UInt64(size * 8)) - 1)
            return "\(name)=\(number(cut, bytes: size, isSigned: isSigned))"
        case .memory(let word, _, let bytes, let isSigned, let leafPage):
            if leafPage != nil { return "\(name)=\(map.text(ofEntry: value, level: map.level(ofEntryWord: word)))" }
            return "\(name)=\(number(value, bytes: bytes, isSigned: isSigned))"
        case .frame:
            let frame = map.variable(ofFrame: value >> 12).map { "PA(\(map.variables[$0].name))" }
            return "\(name)=\(frame ?? "0x" + String(value, radix: 16))"
        case .field: return "\(name)=\(value)"
        case .local(let local): return "\(name)=\(number(value, bytes: local.bytes, isSigned: local.isSigned))"
        case .property, .stuck, .wild, .fault: return "\(name)=\(value != 0)"
        }
    }

    private func number(_ value: UInt64, bytes: Int, isSigned: Bool) -> String {
        if bytes == 8 {
            if let symbol = symbols[value] { return symbol }
            return isSigned ? String(Int64(bitPattern: value)) : String(value)
        }
        let shift = UInt64(64 - bytes * 8)
        return isSigned ? String(Int64(bitPattern: value << shift) >> Int64(shift)) : String(value)
    }
}
