import X86

extension Program {
    /// The program with other instructions in the place of one; labels stay where they belong.
    func replacing(_ index: Int, with instructions: [Instruction]) -> Program {
        var program = self
        program.instructions.replaceSubrange(index...index, with: instructions)
        let shift = instructions.count - 1
        for (label, target) in labels where target > index { program.labels[label] = target + shift }
        return program
    }

    /// The program without one instruction; a `nop` keeps its place.
    func without(_ index: Int) -> Program? {
        InstructionText.instructions(["nop"], at: instructions[index].place).map { replacing(index, with: $0) }
    }

    /// The program with the instruction at `first` moved to just after the one at `second`.
    func moving(_ first: Int, after second: Int) -> Program {
        var program = self
        let moved = program.instructions.remove(at: first)
        program.instructions.insert(moved, at: second)
        return program
    }

    /// The program with the instruction at `second` moved to just before the one at `first`; a label there then names it.
    func moving(_ second: Int, before first: Int) -> Program {
        var program = self
        let moved = program.instructions.remove(at: second)
        program.instructions.insert(moved, at: first)
        return program
    }
}

extension InstructionEffects {
    /// Whether exchanging this instruction with another one leaves what both compute as it is.
    func commutes(with other: InstructionEffects) -> Bool {
        writes.isDisjoint(with: other.reads) && writes.isDisjoint(with: other.writes)
            && reads.isDisjoint(with: other.writes) && !(writesFlags && other.readsFlags)
            && !(readsFlags && other.writesFlags)
    }
}
