import Diagnostics

extension Operand: ByteCoded {
    static var blank: Operand { .unknownTarget }

    /// Its kind by a number, then what is in it.
    mutating func code(_ coder: inout ByteCoder) throws(ByteCoder.Damage) {
        var kind = number
        try coder.code(&kind, below: 8)
        var read = coder.isReading ? Self.blank(kind) : self
        switch read {
        case .register(var register):
            try register.code(&coder)
            read = .register(register)
        case .immediate(var immediate):
            try coder.code(&immediate.value)
            try coder.code(&immediate.symbol)
            read = .immediate(immediate)
        case .memory(var memory):
            try memory.code(&coder)
            read = .memory(memory)
        case .target(var target):
            try target.code(&coder)
            read = .target(target)
        case .service(var call):
            try call.code(&coder)
            read = .service(call)
        case .callee(var callee):
            try coder.code(&callee.name)
            try callee.place.code(&coder)
            read = .callee(callee)
        case .unknownTarget: break
        case .controlRegister(var number):
            try coder.code(&number, below: 16)
            read = .controlRegister(number)
        }
        self = read
    }

    private var number: Int {
        switch self {
        case .register: 0
        case .immediate: 1
        case .memory: 2
        case .target: 3
        case .service: 4
        case .callee: 5
        case .unknownTarget: 6
        case .controlRegister: 7
        }
    }

    /// An operand of a kind, with nothing in it yet.
    private static func blank(_ kind: Int) -> Operand {
        switch kind {
        case 0: .register(RegisterOperand(.rax))
        case 1: .immediate(ImmediateOperand(value: 0, symbol: nil))
        case 2: .memory(MemoryOperand())
        case 3: .target(BranchTarget(label: .blank, spelling: "", index: nil))
        case 4: .service(ServiceCall(service: .flushPage, arguments: []))
        case 5: .callee(Callee(name: "", place: .blank))
        case 7: .controlRegister(0)
        default: .unknownTarget
        }
    }
}

extension RegisterOperand {
    /// Writes or reads a register, or the part of one.
    package mutating func code(_ coder: inout ByteCoder) throws(ByteCoder.Damage) {
        try register.code(&coder)
        try width.code(&coder)
        try coder.code(&isHighByte)
    }
}

extension Register: ByteCoded {
    package static var blank: Register { .rax }
    package mutating func code(_ coder: inout ByteCoder) throws(ByteCoder.Damage) {
        var number = Int(rawValue)
        try coder.code(&number, below: 16)
        guard let register = Register(rawValue: UInt8(number)) else { throw ByteCoder.Damage() }
        self = register
    }
}

extension Width {
    /// Writes or reads a width.
    mutating func code(_ coder: inout ByteCoder) throws(ByteCoder.Damage) {
        var bytes = Int(rawValue)
        try coder.code(&bytes, below: 9)
        guard let width = Width(rawValue: UInt8(bytes)) else { throw ByteCoder.Damage() }
        self = width
    }
}

extension SymbolReference: ByteCoded {
    static var blank: SymbolReference { SymbolReference(name: "", place: .blank) }
    mutating func code(_ coder: inout ByteCoder) throws(ByteCoder.Damage) {
        try coder.code(&name)
        try place.code(&coder)
    }
}

extension Segment: ByteCoded {
    static var blank: Segment { .gs }
    mutating func code(_ coder: inout ByteCoder) throws(ByteCoder.Damage) {
        var isGS = self == .gs
        try coder.code(&isGS)
        self = isGS ? .gs : .fs
    }
}

extension MemoryOperand {
    fileprivate mutating func code(_ coder: inout ByteCoder) throws(ByteCoder.Damage) {
        try coder.code(&segment)
        try coder.code(&displacement)
        try coder.code(&symbol)
        try coder.code(&base)
        try coder.code(&index)
        try coder.code(&scale)
        guard [1, 2, 4, 8].contains(scale) else { throw ByteCoder.Damage() }
        try coder.code(&isRIPRelative)
    }
}

extension BranchTarget {
    fileprivate mutating func code(_ coder: inout ByteCoder) throws(ByteCoder.Damage) {
        try label.code(&coder)
        try coder.code(&spelling)
        try coder.code(&index)
    }
}

extension ServiceCall {
    fileprivate mutating func code(_ coder: inout ByteCoder) throws(ByteCoder.Damage) {
        var name = service.name
        try coder.code(&name)
        guard let known = KernelService(rawValue: name) else { throw ByteCoder.Damage() }
        service = known
        try coder.code(&arguments)
    }
}
