import Diagnostics

extension Program {
    /// Replaces symbols by addresses and labels by instruction indices.
    ///
    /// A label used as an address (`$label`, `label(%rip)`) is `codeBase` plus its index. For `%gs:x` the closure is asked
    /// for `%gs:x` first (the running CPU's instance) and then for `x`. Without a symbol it is asked for `%gs`, where the data of
    /// `%gs:40` lie, and for `%gs:` where a register holds the address of a variable, as in `%gs:8(%rdx)`: how far the running
    /// CPU's instance is from it. `call name` where `name` is not a label calls a kernel service.
    /// Throws at the place of a symbol that the closure does not know, or of a label that does not exist.
    public func linked(symbols: (String) -> UInt64?) throws(Diagnostic) -> Program {
        var linked = self
        for index in instructions.indices {
            linked.instructions[index].programEnd = instructions.count
            let instruction = instructions[index]
            if let source = instruction.source, source.isToBeLinked {
                linked.instructions[index].source = try link(source, in: instruction, symbols)
            }
            if let destination = instruction.destination, destination.isToBeLinked {
                linked.instructions[index].destination = try link(destination, in: instruction, symbols)
            }
            if let third = instruction.third, third.isToBeLinked {
                linked.instructions[index].third = try link(third, in: instruction, symbols)
            }
        }
        return linked
    }

    /// The variables that operands name, without addend, in order of appearance; labels and services are left out.
    public var symbolReferences: [(symbol: String, place: SourcePlace)] {
        var references: [(symbol: String, place: SourcePlace)] = []
        func note(_ operand: Operand?) {
            guard let symbol = operand?.symbol, labels[symbol.name] == nil else { return }
            references.append((symbol.name, symbol.place))
        }
        for index in instructions.indices {
            // The third operand comes first in the text of the only instruction that has a symbolic one.
            note(instructions[index].third)
            note(instructions[index].source)
            note(instructions[index].destination)
        }
        return references
    }

    private func link(
        _ operand: Operand, in instruction: Instruction, _ symbols: (String) -> UInt64?
    ) throws(Diagnostic) -> Operand {
        switch operand {
        case .immediate(var immediate):
            guard let symbol = immediate.symbol else { return operand }
            immediate.value &+= try address(of: symbol, symbols)
            immediate.symbol = nil
            guard instruction.width.holds(immediate.value) else {
                throw Diagnostic(
                    "the address of \(symbol.name) does not fit \(instruction.width.bits) bits", at: symbol.place,
                    length: symbol.name.count, remedy: "use a 64-bit instruction: movq $\(symbol.name),%rax")
            }
            return .immediate(immediate)
        case .memory(var memory):
            memory.displacement &+= try base(of: memory, in: instruction, symbols)
            memory.symbol = nil
            memory.segment = nil
            return .memory(memory)
        case .target(var target):
            guard let index = labels[target.label.name] else {
                throw Diagnostic(
                    "no label \(target.spelling) in this program", at: target.label.place,
                    length: target.spelling.count,
                    remedy:
                        "define it with \"\(target.spelling):\" in front of an instruction; a kernel service is called with call"
                )
            }
            target.index = index
            return .target(target)
        case .callee(let callee):
            if let index = labels[callee.name] {
                let label = SymbolReference(name: callee.name, place: callee.place)
                return .target(BranchTarget(label: label, spelling: callee.name, index: index))
            }
            guard let service = callee.service else { throw callee.unknown(among: Array(labels.keys)) }
            return .service(ServiceCall(service: service, arguments: []))
        default: return operand
        }
    }

    /// What a memory operand's symbol and segment add to its displacement.
    private func base(
        of memory: MemoryOperand, in instruction: Instruction, _ symbols: (String) -> UInt64?
    ) throws(Diagnostic) -> UInt64 {
        guard let segment = memory.segment else {
            return try memory.symbol.map { symbol throws(Diagnostic) in try address(of: symbol, symbols) } ?? 0
        }
        if let symbol = memory.symbol {
            if let own = symbols("%\(segment.rawValue):\(symbol.name)") { return own }
            return try address(of: symbol, symbols)
        }
        let isRelative = memory.base != nil || memory.index != nil
        if let own = symbols("%\(segment.rawValue)" + (isRelative ? ":" : "")) { return own }
        throw Diagnostic(
            "the base of segment %\(segment.rawValue) is not known", at: instruction.place,
            length: instruction.text.count,
            remedy: "name a per-CPU variable, as in %\(segment.rawValue):counter(%rip)")
    }

    private func address(of symbol: SymbolReference, _ symbols: (String) -> UInt64?) throws(Diagnostic) -> UInt64 {
        if let index = labels[symbol.name] { return Program.codeBase &+ UInt64(truncatingIfNeeded: index) }
        if let address = symbols(symbol.name) { return address }
        throw Diagnostic(
            "unknown symbol \(symbol.name)", at: symbol.place, length: symbol.name.count,
            remedy: "declare the variable in the initial state, or correct the name")
    }
}

extension Operand {
    /// Whether linking changes the operand: it has a symbol, a segment, or a label.
    fileprivate var isToBeLinked: Bool {
        switch self {
        case .immediate(let immediate): immediate.symbol != nil
        case .memory(let memory): memory.symbol != nil || memory.segment != nil
        case .target, .callee: true
        case .register, .controlRegister, .service, .unknownTarget: false
        }
    }

    /// The variable (or label) that the operand names.
    fileprivate var symbol: SymbolReference? {
        switch self {
        case .immediate(let immediate): immediate.symbol
        case .memory(let memory): memory.symbol
        default: nil
        }
    }
}

extension Callee {
    /// Neither a label nor a service: what was meant is near one of them.
    func unknown(among labels: [String] = []) -> Diagnostic {
        Diagnostic(
            "there is no kernel service \(name)", at: place, length: name.count,
            remedy: NearName.of(name, among: KernelService.names + labels.sorted()).map { "did you mean `\($0)`?" }
                ?? "services: " + KernelService.names.joined(separator: ", "))
    }
}

extension Width {
    /// Whether a number, unsigned or signed, fits.
    func holds(_ value: UInt64) -> Bool { value <= mask || signExtended(value) == value }
}
