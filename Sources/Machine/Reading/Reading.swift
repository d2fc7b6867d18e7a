import Litmus
import X86

/// Reading packed states, outside the hot path.
extension Machine {
    /// The content of a word.
    public func content(ofWord word: Int, in state: UnsafePointer<UInt64>) -> UInt64 { value(inMemory(state, word)) }

    /// A register, or the part of it that an operand names.
    public func register(_ operand: RegisterOperand, ofCPU cpu: Int, in state: UnsafePointer<UInt64>) -> UInt64 {
        tables.threads[cpu].states[cpus[cpu].thread.read(state)].registers[operand]
    }

    /// The number of a CPU's local thread state.
    public func threadNumber(ofCPU cpu: Int, in state: UnsafePointer<UInt64>) -> Int { cpus[cpu].thread.read(state) }

    /// A register's value in every local thread state of a CPU that has been reached, by the state's number.
    public func values(of operand: RegisterOperand, onCPU cpu: Int) -> [UInt64] {
        tables.threads[cpu].states.map { $0.registers[operand] }
    }

    /// Bytes (1 to 8) of a CPU's private memory.
    public func privateValue(address: UInt64, bytes: Int, ofCPU cpu: Int, in state: UnsafePointer<UInt64>) -> UInt64 {
        let memory = tables.threads[cpu].states[cpus[cpu].thread.read(state)].memory
        let value = memory.read(MemoryAccess(address: address, width: .quad))
        return bytes >= 8 ? value : value & ((1 << UInt64(max(0, bytes) * 8)) - 1)
    }

    /// Whether a CPU's thread has ended.
    public func isEnded(cpu: Int, in state: UnsafePointer<UInt64>) -> Bool { record(state, cpu).pointee.isEnded }

    /// Whether a CPU came to a frame of which nothing is known.
    public func isWild(cpu: Int, in state: UnsafePointer<UInt64>) -> Bool {
        ghost.wild.readBits(state) & (1 << UInt64(cpu)) != 0
    }

    /// Whether some CPU did, which ends the run.
    @inline(__always)
    public func isWild(in state: UnsafePointer<UInt64>) -> Bool {
        ghost.wild.isPresent && ghost.wild.readBits(state) != 0
    }

    /// Whether a watched fault was taken.
    public func hasFaulted(bit: Int, in state: UnsafePointer<UInt64>) -> Bool {
        ghost.faults.readBits(state) & (1 << UInt64(bit)) != 0
    }

    /// Whether a property was violated on the way to this state, or holds in it.
    ///
    /// `subject` is a variable's number for what is about its frame (``/Litmus/Property/isAboutFrame``), else a page's.
    public func holds(_ property: Property, of subject: Int, in state: UnsafePointer<UInt64>) -> Bool {
        switch property {
        case .lostDirty: isDirtyLost(state, frame: subject)
        case .kernelShadowStack: ghost.kernelShadowStack[subject].read(state) != 0
        case .shadowStackExposed: ghost.exposed[subject].read(state) != 0
        case .staleWrite: ghost.staleWrite[subject].read(state) != 0
        case .staleFrame: ghost.staleFrame[subject].read(state) != 0
        case .strayPresent: ghost.strayPresent[subject].read(state) != 0
        case .written: ghost.written[subject].read(state) != 0
        case .staleTable: ghost.staleTable[subject].read(state) != 0
        case .sizeConflict: ghost.sizeConflict[subject].read(state) != 0
        case .sizeMismatch: ghost.sizeMismatch[subject].read(state) != 0
        }
    }
}

extension Machine {
    /// Whether a CPU waits for acknowledgements.
    public func isWaiting(cpu: Int, in state: UnsafePointer<UInt64>) -> Bool {
        cpus[cpu].phase.read(state) == Phase.flushing.rawValue
    }
}

extension Machine {
    /// The word that a CPU's thread is about to read or write without translation, or nil.
    public func requestedWord(ofCPU cpu: Int, in state: UnsafePointer<UInt64>) -> (word: Int, isWritten: Bool)? {
        let record = record(state, cpu).pointee
        guard !record.isEnded, record.word >= 0 else { return nil }
        return (Int(record.word), record.kind == .store || record.kind == .update || record.kind == .lock)
    }
}
