extension Instruction {
    /// What the instruction needs before it can finish.
    ///
    /// It depends on the registers only and changes nothing. Division by a register is judged here:
    /// ``Request/undefined`` for #DE.
    public func request(_ registers: RegisterFile) -> Request {
        switch operation {
        case .nothing, .readProtectionKeys, .loadAddress, .byteSwap, .extendAccumulator, .extendIntoData, .jump,
            .jumpIf, .jumpIfCountZero,
            .changeFlag, .loadFlags, .storeFlags:
            return .none
        case .move: return moveRequest(registers)
        case .touch: return destination?.memory.map { .load(access($0, .byte, registers)) } ?? .none
        case .zeroExtend, .signExtend, .moveIf, .scan, .multiply, .multiplyTruncating:
            return source?.memory.map { .load(access($0, sourceWidth, registers)) } ?? .none
        case .divide: return divideRequest(registers)
        case .set: return destination?.memory.map { .store(access($0, .byte, registers)) } ?? .none
        case .compare, .test:
            guard let memory = destination?.memory ?? source?.memory else { return .none }
            return .load(access(memory, width, registers))
        case .binary, .unary, .shift, .doubleShift, .exchange, .exchangeAdd, .compareExchange, .compareExchangePair:
            if let memory = destination?.memory { return .update(access(memory, width, registers), locked: isLocked) }
            return source?.memory.map { .load(access($0, width, registers)) } ?? .none
        case .bitTest(let action):
            guard var memory = destination?.memory else { return .none }
            if case .register(let offset) = source {
                // A register offset reaches beyond the operand; an immediate one is taken modulo the width.
                memory.displacement &+= Bits.displacement(bit: registers[offset], width)
            }
            let reached = access(memory, width, registers)
            return action == .keep ? .load(reached) : .update(reached, locked: isLocked)
        case .push, .pop, .pushFlags, .popFlags, .leave, .call, .callIndirect, .ret, .jumpIndirect:
            return controlRequest(registers)
        case .moveString, .storeString, .loadString: return stringRequest(registers)
        case .fence: return .fence
        case .identify, .serialize: return .serialize
        case .invalidatePage: return .invalidatePage(destination?.memory?.address(registers) ?? 0)
        case .invalidateContext:
            return .invalidateContext(
                type: value(of: destination, .quad, registers, 0), descriptor: source?.memory?.address(registers) ?? 0)
        case .broadcastInvalidate:
            return .broadcastInvalidate(
                BroadcastInvalidation(rax: registers[.rax], ecx: registers[.rcx], edx: registers[.rdx]))
        case .broadcastSynchronize: return .broadcastSynchronize
        case .readControl:
            switch source {
            case .controlRegister(2): return .readCR2
            case .controlRegister(4): return .readCR4
            default: return .readCR3
            }
        case .writeControl:
            let value = value(of: source, .quad, registers, 0)
            if case .controlRegister(4) = destination { return .writeCR4(value) }
            return .writeCR3(value)
        case .setInterruptFlag(let enabled): return .setInterruptFlag(enabled)
        case .interruptReturn: return .interruptReturn
        case .halt: return .halt
        case .undefined: return .undefined
        case .shadowStackStore:
            return destination?.memory.map { .shadowStackStore(access($0, width, registers)) } ?? .none
        }
    }

    private func access(_ memory: MemoryOperand, _ width: Width, _ registers: RegisterFile) -> MemoryAccess {
        MemoryAccess(address: memory.address(registers), width: width)
    }

    private func moveRequest(_ registers: RegisterFile) -> Request {
        if let memory = source?.memory { return .load(access(memory, width, registers)) }
        return destination?.memory.map { .store(access($0, width, registers)) } ?? .none
    }

    /// Division by a register is judged here; by memory only when the divisor has been read.
    private func divideRequest(_ registers: RegisterFile) -> Request {
        if let memory = source?.memory { return .load(access(memory, width, registers)) }
        return quotient(registers, loaded: 0) == nil ? .undefined : .none
    }

    private func controlRequest(_ registers: RegisterFile) -> Request {
        let top = registers[.rsp]
        let pushed = MemoryAccess(address: top &- UInt64(width.rawValue), width: width)
        switch operation {
        case .push:
            guard let memory = source?.memory else { return .store(pushed) }
            return .copy(from: access(memory, width, registers), to: pushed)
        case .pop:
            let popped = MemoryAccess(address: top, width: width)
            guard let memory = destination?.memory else { return .load(popped) }
            // The address is computed after RSP was raised (SDM 2B, "POP").
            var raised = registers
            raised[.rsp] = top &+ UInt64(width.rawValue)
            return .copy(from: popped, to: access(memory, width, raised))
        case .pushFlags: return .store(pushed)
        case .popFlags, .ret: return .load(MemoryAccess(address: top, width: width))
        case .leave: return .load(MemoryAccess(address: registers[.rbp], width: width))
        case .call:
            switch source {
            case .service(let call): return .service(call.service, arguments: call.arguments)
            case .callee(let name): return name.service.map { .service($0, arguments: []) } ?? .none
            case .unknownTarget: return .unknownTarget
            default: return .store(pushed)
            }
        case .callIndirect, .jumpIndirect:
            let isCall = operation == .callIndirect
            if let memory = source?.memory {
                let target = access(memory, .quad, registers)
                return isCall ? .copy(from: target, to: pushed) : .load(target)
            }
            return isCall ? .store(pushed) : .none
        default: return .none
        }
    }

    private func stringRequest(_ registers: RegisterFile) -> Request {
        let from = MemoryAccess(address: registers[.rsi], width: width)
        let to = MemoryAccess(address: registers[.rdi], width: width)
        switch operation {
        case .moveString(let isRepeated):
            return isRepeated && registers[.rcx] == 0 ? .none : .copy(from: from, to: to)
        case .storeString(let isRepeated):
            return isRepeated && registers[.rcx] == 0 ? .none : .store(to)
        case .loadString(let isRepeated):
            return isRepeated && registers[.rcx] == 0 ? .none : .load(from)
        default: return .none
        }
    }
}
