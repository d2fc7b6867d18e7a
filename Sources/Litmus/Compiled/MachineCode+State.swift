import Diagnostics
import X86

// The parts of an initial state that compilers add: parameters, and data of the code.

extension Initialization: ByteCoded {
    package static var blank: Initialization { Initialization(location: .blank, values: [], place: .blank) }

    /// Writes or reads an assignment of integers and addresses.
    package mutating func code(_ coder: inout ByteCoder) throws(ByteCoder.Damage) {
        try location.code(&coder)
        try coder.code(&values)
        try coder.code(&type)
        try place.code(&coder)
    }
}

extension Value: ByteCoded {
    package static var blank: Value { .integer(0) }
    package mutating func code(_ coder: inout ByteCoder) throws(ByteCoder.Damage) {
        var number: UInt64?
        var name: MemoryName?
        switch kind {
        case .integer(let integer): number = integer
        case .address(let address): name = address
        case .entry: throw ByteCoder.Damage()
        }
        try coder.code(&number)
        if let number {
            kind = .integer(number)
            return
        }
        var address = name ?? .variable("")
        try address.code(&coder)
        kind = .address(address)
    }
}

extension Location: ByteCoded {
    package static var blank: Location { .memory(.variable(""), index: 0) }

    /// Writes or reads the name of a register or of memory.
    package mutating func code(_ coder: inout ByteCoder) throws(ByteCoder.Damage) {
        var processor: Int?
        var register = RegisterOperand(.rax)
        var (name, index) = (MemoryName.variable(""), 0)
        switch kind {
        case .register(let number, let named): (processor, register) = (number, named)
        case .memory(let named, let number): (name, index) = (named, number)
        case .setting, .field: throw ByteCoder.Damage()
        }
        try coder.code(&processor)
        if let processor {
            try register.code(&coder)
            kind = .register(processor: processor, register)
            return
        }
        try name.code(&coder)
        try coder.code(&index)
        kind = .memory(name, index: index)
    }
}

extension MemoryName {
    fileprivate mutating func code(_ coder: inout ByteCoder) throws(ByteCoder.Damage) {
        var (kind, name) = (0, "")
        var space: String?
        var level = EntryLevel.pte
        switch self {
        case .variable(let variable): (kind, name) = (0, variable)
        case .leaf(let page, let owner): (kind, name, space) = (1, page, owner)
        case .upperEntry(let above, let page, let owner): (kind, name, space, level) = (2, page, owner, above)
        case .frame(let page): (kind, name) = (3, page)
        }
        try coder.code(&kind, below: 4)
        try coder.code(&name)
        if kind == 1 || kind == 2 { try coder.code(&space) }
        if kind == 2 {
            let levels: [EntryLevel] = [.pte, .pmd, .pud, .pgd, .p4d, .fifth]
            var number = levels.firstIndex(of: level) ?? levels.count
            try coder.code(&number, below: levels.count)
            level = levels[number]
        }
        self =
            switch kind {
            case 0: .variable(name)
            case 1: .leaf(page: name, space: space)
            case 2: .upperEntry(level, page: name, space: space)
            default: .frame(name)
            }
    }
}
