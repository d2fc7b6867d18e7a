/// Instructions in order, with the places that labels name.
///
/// After ``AssemblyParser`` the operands still name symbols and labels; ``linked(symbols:)`` replaces both by numbers.
public struct Program: Hashable, Sendable {
    /// The instructions in text order.
    public var instructions: [Instruction]
    /// Label to the index of the instruction after it (may be `instructions.count`).
    public var labels: [String: Int]

    /// Return addresses on a stack are this plus the instruction's index; no symbol lies near it.
    public static let codeBase: UInt64 = 0xffff_ffff_8100_0000

    /// Makes a program.
    public init(instructions: [Instruction] = [], labels: [String: Int] = [:]) {
        self.instructions = instructions
        self.labels = labels
    }
}
