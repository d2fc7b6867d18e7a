import Diagnostics
import X86

/// A place in a column for which `ptero synth` looks for instructions: `??wp {in rdi; scratch rax; out al&64}`.
///
/// Two holes are equal when they say the same, wherever they are written.
public struct Hole: Sendable {
    /// The name; holes of one name, in one file or in several, get the same instructions.
    public var name: String
    /// `n` of the column `Pn`.
    public var processor: Int
    /// How many instructions of the column's program come before it.
    public var position: Int
    /// The labels of the column at ``position`` that name the hole; others there name the instruction after it.
    public var labels: [String] = []
    /// What the instructions may use and do, and what they leave to the code after them.
    public var contract: HoleContract
    /// Where `??NAME` is written; nil for a hole that was not read from a text.
    public var span: SourceSpan?

    /// Makes a hole.
    public init(name: String, processor: Int, position: Int, contract: HoleContract, span: SourceSpan? = nil) {
        self.name = name
        self.processor = processor
        self.position = position
        self.contract = contract
        self.span = span
    }
}

extension Hole: Hashable {
    /// Whether both say the same.
    public static func == (first: Hole, second: Hole) -> Bool {
        first.name == second.name && first.processor == second.processor && first.position == second.position
            && first.labels == second.labels && first.contract == second.contract
    }
    /// Mixes in what the hole says.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(name)
        hasher.combine(processor)
        hasher.combine(position)
        hasher.combine(labels)
        hasher.combine(contract)
    }
}

/// What stands in a hole's braces: the bounds of its grammar.
public struct HoleContract: Sendable, Hashable {
    /// `in`: registers that have a meaning for the instructions.
    public var inputs: [Register]
    /// `scratch`: registers that may be changed, and that start with arbitrary content.
    public var scratch: [Register]
    /// `out`: what the code after the hole reads; each is of a scratch register.
    public var outputs: [HoleOutput]
    /// `flush yes`: the services that flush may be called.
    public var mayFlush = false
    /// `loop no` forbids jumps back.
    public var mayLoop = true
    /// `lock no` forbids locked instructions, `xchg` with memory among them.
    public var mayLock = true
    /// `fault no`: other CPUs may not fault.
    public var mayFault = true
    /// `length N`: how many instructions at most, case splits not counted; 1 to ``longest``, nil where it is not said.
    public var length: Int?
    /// `only`: the mnemonics that may be used, as written; all when empty.
    public var only: [String] = []
    /// `without`: mnemonics that may not be used, as written.
    public var without: [String] = []

    /// The largest ``length``.
    public static let longest = 16

    /// Makes a contract; everything that is not given is as where the clause is left out.
    public init(inputs: [Register] = [], scratch: [Register] = [], outputs: [HoleOutput] = []) {
        self.inputs = inputs
        self.scratch = scratch
        self.outputs = outputs
    }
}

/// Bits of a register that the code after a hole reads: `al&64`.
public struct HoleOutput: Sendable, Hashable {
    /// The whole register of which they are a part.
    public var register: Register
    /// Its bits that count, at least one: 0xff for `al`, 0xff00 for `ah`, 64 for `al&64`.
    public var mask: UInt64

    /// Names bits of a register.
    public init(register: Register, mask: UInt64) {
        self.register = register
        self.mask = mask
    }
}
