import X86

/// Writes candidates as instructions.
struct CandidateWriter: Sendable {
    let scratch: [Register]
    let pointer: Register

    /// The instructions and labels, one a line.
    func lines(_ candidate: Candidate) -> [String] {
        switch candidate.shape {
        case .straight(let templates): return templates.map { $0.text }
        case .loop(let loop):
            return [load(loop.width), "Lagain:"] + body(loop) + ["jne Lagain"]
        case .split(let predicate, let first, let second):
            let (next, last) = candidate.firstIsLast ? (second, first) : (first, second)
            var lines = [load(8)]
            if first.isLoop || second.isLoop { lines.append("Llook:") }
            let label = last.isEmpty ? "Ldone" : "Lother"
            lines += look(predicate, jumpsIfItHolds: candidate.firstIsLast, to: label) + branch(next)
            if !last.isEmpty { lines += ["jmp Ldone", "Lother:"] + branch(last) }
            return lines + ["Ldone:"]
        }
    }

    private func branch(_ branch: Candidate.Branch) -> [String] {
        switch branch {
        case .straight(let templates): templates.map { $0.text }
        case .loop(let loop): body(loop) + ["jne Llook"]
        }
    }

    private func body(_ loop: Candidate.Loop) -> [String] {
        let suffix = TemplateMaker.suffix(loop.width)
        return loop.term.map { $0.text } + ["lock cmpxchg\(suffix) \(name(loop.result, loop.width)),(\(pointerName))"]
    }

    private func load(_ width: UInt8) -> String {
        width == 1 ? "movzbl (\(pointerName)),\(name(0, 4))" : "movq (\(pointerName)),\(name(0, 8))"
    }

    /// Jumps to a label where the predicate holds, or where it does not.
    ///
    /// What it needs besides the entry is the last scratch register.
    private func look(_ predicate: Predicate, jumpsIfItHolds: Bool, to label: String) -> [String] {
        let isOneBit = predicate.mask & (predicate.mask - 1) == 0
        if !predicate.needsAll || isOneBit {
            return ["testb $\(predicate.mask),\(name(0, 1))", "\(jumpsIfItHolds ? "jne" : "je") \(label)"]
        }
        let spare = name(lookRegister, 4)
        return [
            "movl \(name(0, 4)),\(spare)", "andl $\(predicate.mask),\(spare)", "cmpl $\(predicate.mask),\(spare)",
            "\(jumpsIfItHolds ? "je" : "jne") \(label)",
        ]
    }

    /// The register that a look at several bits changes.
    var lookRegister: UInt8 { UInt8(scratch.count - 1) }

    /// How many instructions a look has besides its jump.
    func lookLength(_ predicate: Predicate) -> Int { look(predicate, jumpsIfItHolds: false, to: "").count - 1 }

    private var pointerName: String { "%" + RegisterOperand(pointer).name }

    private func name(_ register: UInt8, _ width: UInt8) -> String {
        "%" + RegisterOperand(scratch[Int(register)], Width(rawValue: width) ?? .quad).name
    }
}
