import Diagnostics

/// One decoded instruction.
///
/// Its meaning is split in two: ``request(_:)`` says what it needs from memory or the machine, ``execute(on:loaded:)``
/// finishes it with what was read. Operands are in AT&T order: the destination is last.
public struct Instruction: Hashable, Sendable {
    /// Where the mnemonic stands.
    public var place: SourcePlace
    /// Normalised AT&T text for printing, for example `lock cmpxchgq %rcx,(%rdx)`.
    public var text: String
    /// Whether its read and write of memory are one step: a `lock` prefix, or `xchg` with memory.
    public var isLocked: Bool

    var operation: Operation
    /// The width of the operation, and of its memory access where ``sourceWidth`` does not say otherwise.
    var width: Width
    /// The width of the source of `movz` and `movs`; equal to ``width`` elsewhere.
    var sourceWidth: Width
    var destination: Operand?
    var source: Operand?
    /// The immediate of three-operand `imul`, the count of `shld` and `shrd`, the byte count of `ret`.
    var third: Operand?
    /// The program's instruction count, which is the index of a thread that has ended; set when the program is complete.
    var programEnd = 0

    init(
        _ operation: Operation, _ width: Width, from source: Operand? = nil, to destination: Operand? = nil,
        at place: SourcePlace
    ) {
        self.operation = operation
        self.width = width
        self.sourceWidth = width
        self.source = source
        self.destination = destination
        self.place = place
        self.text = ""
        self.isLocked = false
    }
}

extension Instruction: CustomStringConvertible {
    /// The normalised AT&T text.
    public var description: String { text }
}

// MARK: - Operand access

extension Instruction {
    /// The value of an operand; memory operands have been read already.
    func value(of operand: Operand?, _ width: Width, _ registers: RegisterFile, _ loaded: UInt64) -> UInt64 {
        switch operand {
        case .register(let register): registers[register] & width.mask
        case .immediate(let immediate): immediate.value & width.mask
        case .memory: loaded & width.mask
        default: 0
        }
    }

    /// Writes a register and returns nil, or returns what memory shall hold.
    func write(_ value: UInt64, to operand: Operand?, _ width: Width, _ registers: inout RegisterFile) -> UInt64? {
        switch operand {
        case .register(let register):
            registers[register] = value & width.mask
            return nil
        case .memory: return value & width.mask
        default: return nil
        }
    }

    /// The instruction index that a code address names; nil if it is not an address of this program.
    func codeIndex(_ address: UInt64) -> Int? {
        let offset = address &- Program.codeBase
        return offset <= UInt64(max(0, programEnd)) ? Int(offset) : nil
    }
}
