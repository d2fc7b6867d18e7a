import Diagnostics

extension Program {
    /// Whether an instruction uses the stack: by name (`%rsp`), or because it pushes, pops, calls a label or returns.
    ///
    /// Calls of services do not: they have no instructions of their own. Ask a linked program, which knows its labels.
    package var usesStack: Bool { instructions.contains { $0.usesStack } }

    /// The first instruction that uses it; nil if none does.
    package var firstStackUse: SourcePlace? { instructions.first { $0.usesStack }?.place }

    /// The first `ret` of a program that calls nothing, so that nothing of its own is on the stack; nil if there is none.
    package var returnWithoutCall: SourcePlace? {
        let calls = instructions.contains { $0.callsCode }
        return calls ? nil : instructions.first { $0.operation == .ret }?.place
    }
}

extension Instruction {
    /// Whether it pushes a return address.
    fileprivate var callsCode: Bool {
        if operation == .callIndirect { return true }
        guard operation == .call, case .target = source else { return false }
        return true
    }

    fileprivate var usesStack: Bool {
        switch operation {
        case .push, .pop, .pushFlags, .popFlags, .leave, .ret: true
        default: callsCode || [source, destination, third].contains { $0?.names(.rsp) ?? false }
        }
    }
}

extension Operand {
    /// Whether the operand is the register, or an address that is computed with it.
    fileprivate func names(_ register: Register) -> Bool {
        switch self {
        case .register(let operand): operand.register == register
        case .memory(let memory): memory.base == register || memory.index == register
        case .immediate, .controlRegister, .target, .service, .callee, .unknownTarget: false
        }
    }
}
