import Diagnostics

/// A name in an operand, to be replaced by an address (or an instruction index) when the program is linked.
struct SymbolReference: Hashable, Sendable {
    /// The name without addend: `x`, `PTE(child:x)`, `.LBB0_1`.
    var name: String
    /// Where the name stands.
    var place: SourcePlace
}

/// A number in the instruction: `$3`, `$x+4`.
struct ImmediateOperand: Hashable, Sendable {
    /// The number; for a symbolic one the addend until the program is linked.
    var value: UInt64
    /// The symbol whose address is added, or nil.
    var symbol: SymbolReference?
}

/// The segment prefixes that change an address; the others have base 0 in 64-bit mode (SDM 3A, section 3.2.4).
enum Segment: String, Hashable, Sendable {
    case fs, gs
}

/// An address expression: `segment:displacement(base,index,scale)` with an optional symbol in the displacement.
struct MemoryOperand: Hashable, Sendable {
    var segment: Segment?
    /// The constant part; after linking it includes the symbol's address and the segment's base.
    var displacement: UInt64 = 0
    var symbol: SymbolReference?
    var base: Register?
    var index: Register?
    /// 1, 2, 4 or 8.
    var scale: UInt64 = 1
    /// Written with `(%rip)`: the symbol's address is meant, not an offset from it.
    var isRIPRelative = false

    /// The effective address; sums wrap at 64 bits as in the processor.
    func address(_ registers: RegisterFile) -> UInt64 {
        var address = displacement
        if let base { address &+= registers[base] }
        if let index { address &+= registers[index] &* scale }
        return address
    }
}

/// Where a direct jump or call goes.
struct BranchTarget: Hashable, Sendable {
    /// The label as the program's table names it (`1#2` for the second numeric label `1`).
    var label: SymbolReference
    /// The label as the user wrote it (`1f`).
    var spelling: String
    /// The index of the instruction, once linked.
    var index: Int?
}

/// A kernel service called by name, as `call name(arguments)`.
struct ServiceCall: Hashable, Sendable {
    var service: KernelService
    var arguments: [String]
}

/// A call without parentheses: of a label, or else of a kernel service; which of them is known when the program is linked.
struct Callee: Hashable, Sendable {
    var name: String
    var place: SourcePlace

    /// The service that is called unless there is such a label.
    var service: KernelService? { KernelService(rawValue: name) }
}

/// What an instruction works on.
enum Operand: Hashable, Sendable {
    case register(RegisterOperand)
    indirect case immediate(ImmediateOperand)
    indirect case memory(MemoryOperand)
    indirect case target(BranchTarget)
    indirect case service(ServiceCall)
    indirect case callee(Callee)
    /// What a call leads to whose target nobody knows; see ``Request/unknownTarget``.
    case unknownTarget
    /// CR0 to CR15 by number.
    case controlRegister(Int)
}

extension Operand {
    var memory: MemoryOperand? {
        if case .memory(let memory) = self { return memory }
        return nil
    }

    var register: RegisterOperand? {
        if case .register(let register) = self { return register }
        return nil
    }

    var isMemory: Bool { memory != nil }
    var isRegister: Bool { register != nil }
}

extension Operand: CustomStringConvertible {
    /// The operand as AT&T syntax writes it.
    var description: String {
        switch self {
        case .register(let register): "%" + register.name
        case .immediate(let immediate): "$" + immediate.description
        case .memory(let memory): memory.description
        case .target(let target): target.spelling
        case .service(let call): "\(call.service.name)(\(call.arguments.joined(separator: ",")))"
        case .callee(let callee): callee.name
        case .unknownTarget: "\(Instruction.unknownTarget)()"
        case .controlRegister(let number): "%cr\(number)"
        }
    }
}

extension ImmediateOperand: CustomStringConvertible {
    var description: String { symbolicText(symbol, value) ?? "0" }
}

extension MemoryOperand: CustomStringConvertible {
    var description: String {
        let prefix = segment.map { "%\($0.rawValue):" } ?? ""
        let constant = symbolicText(symbol, displacement)
        if isRIPRelative { return prefix + (constant ?? "0") + "(%rip)" }
        guard base != nil || index != nil else {
            // herd7's spelling of a variable; a segment or a bare number is written without parentheses.
            return segment == nil && symbol != nil ? "(\(constant ?? "0"))" : prefix + (constant ?? "0")
        }
        var registers = base.map { "%" + RegisterOperand($0).name } ?? ""
        if let index {
            registers += ",%" + RegisterOperand(index).name
            if scale != 1 { registers += ",\(scale)" }
        }
        return prefix + (constant ?? "") + "(" + registers + ")"
    }
}

/// A symbol and a signed number as `x+8`, `x`, `-8`; nil if there is neither.
private func symbolicText(_ symbol: SymbolReference?, _ value: UInt64) -> String? {
    let signed = Int64(bitPattern: value)
    guard let symbol else { return value == 0 ? nil : "\(signed)" }
    return value == 0 ? symbol.name : symbol.name + (signed < 0 ? "\(signed)" : "+\(signed)")
}
