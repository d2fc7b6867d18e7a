/// The width of an operand or a memory access, in bytes.
public enum Width: UInt8, CaseIterable, Hashable, Sendable {
    case byte = 1
    case word = 2
    case long = 4
    case quad = 8

    /// The number of bits.
    public var bits: Int { Int(rawValue) * 8 }

    /// All bits of the width set.
    public var mask: UInt64 { self == .quad ? ~0 : (1 << UInt64(bits)) - 1 }

    /// The sign bit of the width.
    public var signBit: UInt64 { 1 << UInt64(bits - 1) }
}

/// A general-purpose register, numbered as the processor numbers it (SDM 2A, table 2-2).
public enum Register: UInt8, CaseIterable, Hashable, Sendable {
    case rax = 0
    case rcx, rdx, rbx, rsp, rbp, rsi, rdi, r8, r9, r10, r11, r12, r13, r14, r15
}

/// A register as an instruction names it: `%eax`, `%ah`, `%r8w`.
public struct RegisterOperand: Hashable, Sendable {
    /// The register the name is a part of.
    public var register: Register
    /// How many bytes of it the name means.
    public var width: Width
    /// Whether the name means bits 8 to 15 (`%ah`, `%bh`, `%ch`, `%dh`).
    public var isHighByte: Bool

    /// Names a part of a register.
    public init(_ register: Register, _ width: Width = .quad, isHighByte: Bool = false) {
        self.register = register
        self.width = width
        self.isHighByte = isHighByte
    }
}

/// The status flags and the interrupt flag, at their places in RFLAGS (SDM 1, section 3.4.3).
public struct Flags: OptionSet, Hashable, Sendable {
    /// The bits at their RFLAGS positions.
    public let rawValue: UInt64

    /// Makes a set from RFLAGS bits.
    public init(rawValue: UInt64) { self.rawValue = rawValue }

    /// Carry.
    public static let carry = Flags(rawValue: 1 << 0)
    /// Parity of the low byte.
    public static let parity = Flags(rawValue: 1 << 2)
    /// Carry out of bit 3.
    public static let adjust = Flags(rawValue: 1 << 4)
    /// Result is zero.
    public static let zero = Flags(rawValue: 1 << 6)
    /// Result is negative.
    public static let sign = Flags(rawValue: 1 << 7)
    /// Interrupts are enabled.
    public static let interrupt = Flags(rawValue: 1 << 9)
    /// String operations count down.
    public static let direction = Flags(rawValue: 1 << 10)
    /// Signed overflow.
    public static let overflow = Flags(rawValue: 1 << 11)

    /// The six status flags that arithmetic sets.
    public static let status: Flags = [.carry, .parity, .adjust, .zero, .sign, .overflow]
}

/// What one thread keeps in its processor: registers, flags, and which instruction is next.
///
/// `rip` counts instructions of the thread's ``Program``; a return address on a stack is `Program.codeBase + rip`.
public struct RegisterFile: Hashable, Sendable {
    /// The sixteen general registers, indexed by ``Register``'s raw value; in place, so that copying allocates nothing.
    private var general = SIMD16<UInt64>()
    /// RFLAGS.
    public var flags: Flags
    /// Index of the next instruction in the program.
    public var rip: Int

    /// All registers zero, interrupts enabled, at the program's first instruction.
    public init() {
        flags = [.interrupt]
        rip = 0
    }

    /// One word of all of it is hashed: states of threads are told apart by few bits and looked up often.
    public func hash(into hasher: inout Hasher) {
        var word = UInt64(bitPattern: Int64(rip)) ^ flags.rawValue << 32
        for register in general.indices {
            word = (word ^ general[register]) &* 0x9e37_79b9_7f4a_7c15
            word ^= word >> 29
        }
        hasher.combine(word)
    }

    /// The whole 64-bit register.
    public subscript(_ register: Register) -> UInt64 {
        get { general[Int(register.rawValue)] }
        set { general[Int(register.rawValue)] = newValue }
    }

    /// The part that an operand names; writing 32 bits clears the upper half, 8 and 16 bits keep the rest.
    public subscript(_ operand: RegisterOperand) -> UInt64 {
        get {
            let whole = self[operand.register]
            return (operand.isHighByte ? whole >> 8 : whole) & operand.width.mask
        }
        set {
            let whole = self[operand.register]
            switch operand.width {
            case .quad: self[operand.register] = newValue
            case .long: self[operand.register] = newValue & Width.long.mask
            case .word: self[operand.register] = (whole & ~Width.word.mask) | (newValue & Width.word.mask)
            case .byte:
                let shift: UInt64 = operand.isHighByte ? 8 : 0
                let byte = Width.byte.mask
                self[operand.register] = (whole & ~(byte << shift)) | ((newValue & byte) << shift)
            }
        }
    }
}
