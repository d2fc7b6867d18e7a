/// What an instruction does besides computing: which registers and flags it reads and writes, and how it meets memory.
///
/// Whoever moves or leaves out instructions asks this. Registers and flags are supersets.
package struct InstructionEffects: Sendable, Hashable {
    /// How an instruction meets memory.
    package enum Memory: Sendable, Hashable {
        case none, load, store
        /// Reads a place and writes it.
        case update
        /// Reads one place and writes another, or pushes and pops: nothing that can be taken apart.
        case other
    }

    /// What becomes of the order of instructions after it.
    package enum Flow: Sendable, Hashable {
        /// The next one follows.
        case next
        /// The next one follows, or the one at this label.
        case branch(label: String)
        /// The one at this label follows.
        case jump(label: String)
        /// A function of the program is called.
        case call(label: String)
        /// The thread ends, returns, or goes nobody knows where.
        case leave
    }

    /// Registers that it reads.
    package internal(set) var reads: Set<Register> = []
    /// Registers that it writes.
    package internal(set) var writes: Set<Register> = []
    /// Whether flags play a part in what it does, or stay as they are in some case.
    package internal(set) var readsFlags = false
    /// Whether it changes flags.
    package internal(set) var writesFlags = false
    /// How it meets memory.
    package internal(set) var memory = Memory.none
    /// The base register of its memory operand.
    package internal(set) var base: Register?
    /// Whether its memory operand has a segment, so that it lies in what every CPU has for itself.
    package internal(set) var hasSegment = false
    /// The symbol in its memory operand.
    package internal(set) var symbol: String?
    /// What follows it.
    package internal(set) var flow = Flow.next
}

extension Instruction {
    /// What the instruction does besides computing.
    package var effects: InstructionEffects {
        var effects = InstructionEffects()
        for case .memory(let memory)? in [source, destination, third] {
            effects.reads.formUnion([memory.base, memory.index].compactMap { $0 })
            effects.base = memory.base
            effects.hasSegment = memory.segment != nil
            effects.symbol = memory.symbol?.name
        }
        for case .register(let operand)? in [source, third] { effects.reads.insert(operand.register) }
        noteDestination(&effects)
        noteImplicit(&effects)
        noteFlags(&effects)
        effects.memory = memoryUse
        effects.flow = flow
        return effects
    }

    private func noteDestination(_ effects: inout InstructionEffects) {
        if case .exchange = operation, case .register(let operand)? = source { effects.writes.insert(operand.register) }
        if case .exchangeAdd = operation, case .register(let operand)? = source {
            effects.writes.insert(operand.register)
        }
        guard case .register(let operand)? = destination else { return }
        switch operation {
        case .compare, .test, .bitTest(.keep), .invalidateContext, .push, .jumpIndirect, .callIndirect, .writeControl:
            effects.reads.insert(operand.register)
            return
        case .move, .zeroExtend, .signExtend, .loadAddress, .pop, .readControl:
            // A part of a register keeps the rest.
            if operand.width == .byte || operand.width == .word { effects.reads.insert(operand.register) }
        // `xorl %eax,%eax` reads nothing that matters.
        case .binary(.xor), .binary(.subtract):
            if source != destination { effects.reads.insert(operand.register) }
        default: effects.reads.insert(operand.register)
        }
        if case .binary(let binary) = operation, binary == .xor || binary == .subtract, source == destination {
            effects.reads.remove(operand.register)
        }
        effects.writes.insert(operand.register)
    }

    private func noteImplicit(_ effects: inout InstructionEffects) {
        func note(reads: [Register] = [], writes: [Register] = []) {
            effects.reads.formUnion(reads)
            effects.writes.formUnion(writes)
        }
        switch operation {
        case .compareExchange: note(reads: [.rax], writes: [.rax])
        case .compareExchangePair: note(reads: [.rax, .rbx, .rcx, .rdx], writes: [.rax, .rdx])
        case .extendAccumulator: note(reads: [.rax], writes: [.rax])
        case .extendIntoData: note(reads: [.rax, .rdx], writes: [.rdx])
        case .multiply, .divide: note(reads: [.rax, .rdx], writes: [.rax, .rdx])
        case .push, .pushFlags, .pop, .popFlags, .ret, .callIndirect: note(reads: [.rsp], writes: [.rsp])
        case .leave: note(reads: [.rsp, .rbp], writes: [.rsp, .rbp])
        case .call:
            switch source {
            case .service(let call): if call.service.answers { note(writes: [.rax]) }
            case .callee(let callee): if callee.service?.answers ?? false { note(writes: [.rax]) }
            case .unknownTarget: break
            default: note(reads: [.rsp], writes: [.rsp])
            }
        case .jumpIfCountZero: note(reads: [.rcx])
        case .moveString, .storeString, .loadString:
            note(reads: [.rax, .rcx, .rsi, .rdi], writes: [.rax, .rcx, .rsi, .rdi])
        case .identify: note(reads: [.rax, .rcx], writes: [.rax, .rbx, .rcx, .rdx])
        case .readProtectionKeys: note(reads: [.rcx], writes: [.rax, .rdx])
        case .broadcastInvalidate: note(reads: [.rax, .rcx, .rdx])
        case .loadFlags, .storeFlags: note(reads: [.rax], writes: [.rax])
        default: break
        }
    }

    private func noteFlags(_ effects: inout InstructionEffects) {
        switch operation {
        case .moveIf, .set, .jumpIf, .loadFlags, .pushFlags: effects.readsFlags = true
        case .binary(.addCarry), .binary(.subtractBorrow), .unary(.increment), .unary(.decrement), .shift, .doubleShift,
            .bitTest, .scan, .changeFlag, .storeFlags, .compareExchangePair, .setInterruptFlag:
            (effects.readsFlags, effects.writesFlags) = (true, true)
        case .unary(.not): break
        case .binary, .unary, .compare, .test, .multiply, .multiplyTruncating, .divide, .exchangeAdd, .compareExchange,
            .popFlags:
            effects.writesFlags = true
        default: break
        }
    }

    private var memoryUse: InstructionEffects.Memory {
        switch request(RegisterFile()) {
        case .load: .load
        case .store, .shadowStackStore: .store
        case .update: .update
        case .copy: .other
        default: .none
        }
    }

    private var flow: InstructionEffects.Flow {
        switch operation {
        case .jumpIf, .jumpIfCountZero:
            if case .target(let target)? = source ?? destination { return .branch(label: target.label.name) }
            return .leave
        case .jump:
            if case .target(let target)? = source ?? destination { return .jump(label: target.label.name) }
            return .leave
        case .call:
            switch source ?? destination {
            case .target(let target)?: return .call(label: target.label.name)
            case .callee(let callee)?: return .call(label: callee.name)
            default: return .next
            }
        case .ret, .jumpIndirect, .callIndirect, .interruptReturn, .halt, .undefined: return .leave
        default: return .next
        }
    }
}

extension Program {
    /// Whether a register's value, or that of the flags (nil), may matter after an instruction has run.
    ///
    /// `atEnd` says whether it is asked for when the thread has ended, `beyond` whether where the text does not say what
    /// follows: after a return, or in a function that is called.
    package func isLive(_ register: Register?, after index: Int, atEnd: Bool, beyond: Bool = true) -> Bool {
        guard var pending = successors(of: index) else { return beyond }
        var seen: Set<Int> = []
        while let next = pending.popLast() {
            guard seen.insert(next).inserted else { continue }
            guard instructions.indices.contains(next) else {
                if atEnd { return true }
                continue
            }
            let effects = instructions[next].effects
            if let register {
                if effects.reads.contains(register) { return true }
                if effects.writes.contains(register) { continue }
            } else {
                if effects.readsFlags { return true }
                if effects.writesFlags { continue }
            }
            if let further = successors(of: next) {
                pending += further
            } else if beyond {
                return true
            }
        }
        return false
    }

    /// The instructions that can follow one; nil when that is not in the text.
    private func successors(of index: Int) -> [Int]? {
        switch instructions[index].effects.flow {
        case .next: return [index + 1]
        case .branch(let label): return labels[label].map { [index + 1, $0] }
        case .jump(let label): return labels[label].map { [$0] }
        case .call(let label): return labels[label] == nil ? [index + 1] : nil
        case .leave: return nil
        }
    }
}

extension Instruction {
    /// The width of the operation.
    package var operandWidth: Width { width }
}
