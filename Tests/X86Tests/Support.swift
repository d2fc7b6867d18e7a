import Diagnostics
import Testing

@testable import X86

/// Where tests begin their lines.
let origin = SourcePlace(line: 1, column: 1)

/// Parses one cell.
func parse(_ line: String) throws -> Program {
    var parser = AssemblyParser()
    try parser.parse(line: line, at: origin)
    return try parser.finish()
}

/// Parses assembler text.
func parseText(_ text: String) throws -> Program {
    var parser = AssemblyParser()
    try parser.parse(text: text)
    return try parser.finish()
}

/// The only instruction of a cell.
func instruction(_ line: String) throws -> Instruction {
    let program = try parse(line).linked { ["x": 0x1000, "y": 0x2000, "PTE(x)": 0x3000][$0] }
    return try #require(program.instructions.first)
}

/// Registers with the given values and flags.
func registers(_ values: [Register: UInt64] = [:], flags: Flags = []) -> RegisterFile {
    var file = RegisterFile()
    for (register, value) in values { file[register] = value }
    file.flags = flags
    return file
}

/// The error that parsing and linking a cell gives.
func failure(_ line: String) -> Diagnostic? {
    do {
        _ = try parse(line).linked { $0 == "x" ? 0x1000 : nil }
        return nil
    } catch { return error as? Diagnostic }
}

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
