import X86

/// Where a thread of compiled code was when it did something that the machine has no meaning for.
public struct FailurePoint: Hashable, Sendable {
    /// Its CPU.
    public var cpu: Int
    /// The instruction, by its position in the program.
    public var instruction: Int
    /// The calls that led there, by the positions of the call instructions, innermost first.
    public var calls: [Int]
    /// The address that it was about to access; nil where the instruction accesses nothing.
    public var address: UInt64?
    /// The number of the thread's state.
    var state: Int
}

/// Where a value came into a thread's registers from.
public enum ValueSource: Hashable, Sendable {
    /// A function that returns 0 in place of the real one: the position of its first instruction, and of the call.
    case stub(Int, call: Int?)
    /// Memory that all threads share: the symbol's name, the byte in it, what was read, and the position of the load.
    case memory(String, offset: Int, value: UInt64, load: Int)
    /// A 0 in memory that only the thread can reach, such as its stack: the position of the load.
    case own(load: Int)
}

extension Machine {
    /// Instructions of a CPU's program that some run comes to; empty unless a compiler made the program.
    public func reachedInstructions(_ cpu: Int) -> [Bool] {
        scenario.cpus[cpu].isCompiled ? Array(reached(ofCPU: cpu).dropLast()) : []
    }

    /// Remembers where the first failure happens.
    ///
    /// `number` is that of the state; -1 for one that was given none.
    func noteFailure(at state: ThreadState, _ cpu: Int, number: Int) {
        let table = tables.threads[cpu]
        guard !isFollower, failure == nil, table.processor.isCompiled, !state.isInHandler else { return }
        // A jump to nowhere has its own position there.
        let instruction = state.registers.rip < 0 ? -1 - state.registers.rip : state.registers.rip
        failurePoint = FailurePoint(
            cpu: cpu, instruction: instruction, calls: table.calls(in: state), address: table.accessedAddress(state),
            state: number)
    }
}

extension ThreadTable {
    /// The calls that are under way in a state, innermost first: return addresses on the stack, from its top.
    func calls(in state: ThreadState) -> [Int] {
        let count = UInt64(processor.program.instructions.count)
        var calls: [Int] = []
        var address = state.registers[.rsp] & ~7
        while address >= processor.stackBase, address < processor.stackTop {
            let word = state.memory.read(MemoryAccess(address: address, width: .quad))
            // What lies on the stack is dropped when it dies, so what looks like a return address is one.
            if word > Program.codeBase, word &- Program.codeBase < count {
                calls.append(Int(word &- Program.codeBase) - 1)
            }
            address += 8
        }
        return calls
    }

    /// The address that a state's instruction is about to access.
    func accessedAddress(_ state: ThreadState) -> UInt64? {
        let program = program(of: state)
        guard program.instructions.indices.contains(state.registers.rip) else { return nil }
        switch program.instructions[state.registers.rip].request(state.registers) {
        case .load(let place), .store(let place), .shadowStackStore(let place), .update(let place, _):
            return place.address
        case .copy(let from, let to): return state.stage == 0 ? from.address : to.address
        default: return nil
        }
    }
}
