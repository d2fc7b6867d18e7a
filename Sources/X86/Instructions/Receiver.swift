/// Where what an instruction reads ends up; for those who tell a run.
extension Instruction {
    /// The register, or the part of one, that holds what was read as it was read, once the instruction has finished.
    ///
    /// Nil where nothing does: a comparison, an addition, a sign extension that changes the number, a conditional move
    /// that moves nothing.
    package func receiver(of loaded: UInt64, from before: RegisterFile) -> RegisterOperand? {
        var after = before
        _ = execute(on: &after, loaded: loaded)
        let candidate: RegisterOperand?
        switch operation {
        case .move, .zeroExtend, .signExtend, .pop: candidate = destination?.register
        case .moveIf(let condition): candidate = condition.holds(before.flags) ? destination?.register : nil
        case .exchange, .exchangeAdd: candidate = source?.register
        case .compareExchange: candidate = after.flags.contains(.zero) ? nil : RegisterOperand(.rax, width)
        case .leave: candidate = RegisterOperand(.rbp)
        case .loadString: candidate = RegisterOperand(.rax, width)
        default: candidate = nil
        }
        return candidate.flatMap { after[$0] == loaded ? $0 : nil }
    }

    /// Whether what is stored stands in the instruction itself: `movl $1,(x)`.
    package var storesConstant: Bool {
        guard operation == .move, destination?.memory != nil, case .immediate? = source else { return false }
        return true
    }
}
