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

    /// Puts other instructions, with their labels, in front of the instruction at an index.
    ///
    /// Labels that name that instruction go with it, but for those in `staying`, which then name the first of the others. No
    /// label may be in both programs.
    package mutating func insert(_ part: Program, at index: Int, staying: [String] = []) {
        let index = min(max(0, index), instructions.count)
        let count = part.instructions.count
        for (label, target) in labels where target > index || (target == index && !staying.contains(label)) {
            labels[label] = target + count
        }
        for (label, target) in part.labels { labels[label] = target + index }
        instructions.insert(contentsOf: part.instructions, at: index)
        for index in instructions.indices { instructions[index].programEnd = instructions.count }
    }
}
