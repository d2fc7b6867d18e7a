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
