@testable import X86

/// A flat memory that serves requests, for running programs without a machine.
struct FlatMemory {
    var bytes: [UInt8]
    var base: UInt64

    init(base: UInt64 = 0x1000, size: Int = 0x3000) {
        bytes = [UInt8](repeating: 0, count: size)
        self.base = base
    }

    subscript(_ access: MemoryAccess) -> UInt64 {
        get {
            (0..<Int(access.width.rawValue)).reduce(0) { sum, byte in
                sum | UInt64(bytes[Int(access.address &- base) + byte]) << UInt64(8 * byte)
            }
        }
        set {
            for byte in 0..<Int(access.width.rawValue) {
                bytes[Int(access.address &- base) + byte] = UInt8(truncatingIfNeeded: newValue >> UInt64(8 * byte))
            }
        }
    }

    /// Executes one instruction; returns its request.
    @discardableResult
    mutating func step(_ instruction: Instruction, _ registers: inout RegisterFile) -> Request {
        let request = instruction.request(registers)
        switch request {
        case .load(let access): _ = instruction.execute(on: &registers, loaded: self[access])
        case .store(let access), .shadowStackStore(let access):
            if let value = instruction.execute(on: &registers, loaded: 0) { self[access] = value }
        case .update(let access, _):
            if let value = instruction.execute(on: &registers, loaded: self[access]) { self[access] = value }
        case .copy(let from, let to):
            if let value = instruction.execute(on: &registers, loaded: self[from]) { self[to] = value }
        default: _ = instruction.execute(on: &registers, loaded: 0)
        }
        return request
    }

    /// Runs a linked program from `registers.rip` until it ends; false if it takes more steps than allowed.
    mutating func run(_ program: Program, _ registers: inout RegisterFile, steps: Int = 1000) -> Bool {
        for _ in 0..<steps {
            guard program.instructions.indices.contains(registers.rip) else { return true }
            step(program.instructions[registers.rip], &registers)
        }
        return false
    }
}
