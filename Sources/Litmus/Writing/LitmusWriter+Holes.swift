import PageTable
import X86

extension LitmusWriter {
    /// A hole as a cell shows it: `??wp {in rdi; scratch rax; out al&64}`.
    public static func text(of hole: Hole) -> String { "??\(hole.name) {\(text(of: hole.contract))}" }

    /// The clauses of a hole that say something else than no clause.
    public static func text(of contract: HoleContract) -> String {
        let plain = HoleContract()
        var clauses: [String] = []
        func add(_ clause: HoleClause, _ words: [String]) {
            if !words.isEmpty { clauses.append("\(clause.rawValue) \(words.joined(separator: " "))") }
        }
        func add(_ clause: HoleClause, _ isAllowed: Bool, unless usual: Bool) {
            if isAllowed != usual { clauses.append("\(clause.rawValue) \(isAllowed ? "yes" : "no")") }
        }
        add(.inputs, contract.inputs.map { RegisterOperand($0).name })
        add(.scratch, contract.scratch.map { RegisterOperand($0).name })
        add(.outputs, contract.outputs.map { RegisterOperand.text(of: $0.register, mask: $0.mask) })
        add(.flush, contract.mayFlush, unless: plain.mayFlush)
        add(.loop, contract.mayLoop, unless: plain.mayLoop)
        add(.lock, contract.mayLock, unless: plain.mayLock)
        add(.fault, contract.mayFault, unless: plain.mayFault)
        if let length = contract.length { add(.length, ["\(length)"]) }
        add(.only, contract.only)
        add(.without, contract.without)
        return clauses.joined(separator: "; ")
    }

    /// `starts (rw:1, d:*)`.
    public static func text(of starts: StartEntries) -> String {
        let fields = starts.fields.map { field in "\(field.name.spelling):\(field.value.map { "\($0)" } ?? "*")" }
        return "starts (" + fields.joined(separator: ", ") + ")"
    }

    /// A clause of `ensures`: `[PTE(x)] = old with (rw:0)`.
    public static func text(of clause: Ensured) -> String {
        switch clause.subject {
        case .entry(let name, let changes):
            let fields = changes.map { "\($0.field.spelling): \(text(of: $0.value))" }
            return "[\(text(of: name))] = old" + (fields.isEmpty ? "" : " with (\(fields.joined(separator: ", ")))")
        case .constantEntry(let name, let entry): return "[\(text(of: name))] = \(text(of: .entry(entry)))"
        case .output(let register, let mask, let value):
            return "\(RegisterOperand.text(of: register, mask: mask)) = \(text(of: value))"
        }
    }

    /// A value of `ensures` with the parentheses it needs and no more: `old.sd \/ old.d`.
    public static func text(of value: EnsuredValue) -> String {
        switch value {
        case .constant(let number): "\(number)"
        case .old(let field): "old.\(field.spelling)"
        case .not(let part): "~" + text(of: part, isTight: true)
        case .and(let first, let second): text(of: first, in: value) + " /\\ " + text(of: second, isTight: true)
        case .or(let first, let second): text(of: first) + " \\/ " + text(of: second, in: value)
        }
    }

    private static func text(of part: EnsuredValue, isTight: Bool) -> String {
        switch part {
        case .constant, .old, .not: text(of: part)
        case .and, .or: "(\(text(of: part)))"
        }
    }

    /// A part beside `/\` or `\/` that needs parentheses when it is made with `\/`: values are read from the left.
    private static func text(of part: EnsuredValue, in whole: EnsuredValue) -> String {
        if case .or = part { return "(\(text(of: part)))" }
        return text(of: part)
    }
}
