import Diagnostics

/// Instructions in order, with the places that labels name.
///
/// After ``AssemblyParser`` the operands still name symbols and labels; ``linked(symbols:)`` replaces both by numbers.
public struct Program: Hashable, Sendable {
    /// The instructions in text order.
    public var instructions: [Instruction]
    /// Label to the index of the instruction behind it (may be `instructions.count`).
    public var labels: [String: Int]

    /// Return addresses on a stack are this plus the instruction's index; no symbol lies near it.
    public static let codeBase: UInt64 = 0xffff_ffff_8100_0000

    /// Makes a program.
    public init(instructions: [Instruction] = [], labels: [String: Int] = [:]) {
        self.instructions = instructions
        self.labels = labels
    }
}

/// What is wrong in an assembly text, where, and what to do about it.
public struct AssemblyError: Error, Hashable, Sendable {
    /// What is wrong, one line, no full stop.
    public var message: String
    /// Where it begins.
    public var place: SourcePlace
    /// How many characters it spans (at least 1).
    public var length: Int
    /// What the user can do, one line, or nil.
    public var remedy: String?

    /// Makes an error.
    public init(_ message: String, at place: SourcePlace, length: Int = 1, remedy: String? = nil) {
        self.message = message
        self.place = place
        self.length = max(1, length)
        self.remedy = remedy
    }
}
