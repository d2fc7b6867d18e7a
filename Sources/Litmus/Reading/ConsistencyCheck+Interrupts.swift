import Diagnostics
import X86

/// Checks of the columns `Pn.I` and of who interrupts whom.
extension ConsistencyCheck {
    func checkInterrupts() {
        for (_, column) in test.interrupts.sorted(by: { $0.key < $1.key }) { check(interrupt: column) }
        for column in test.columns { for instruction in column.program.instructions { check(instruction, in: column) } }
    }

    /// A handler goes back to the thread by `iretq`, on every way through it.
    private func check(interrupt column: ThreadColumn) {
        let (name, program) = ("P\(column.processor).I", column.program)
        for instruction in program.instructions {
            guard case .halt = instruction.request(RegisterFile()) else { continue }
            note(
                "`hlt` does not end the interrupt handler \(name)", at: instruction,
                remedy: "end it with `iretq`: the thread goes on, and so does the CPU that interrupted it")
        }
        let end = program.instructions.count
        guard let last = program.instructions.last, !program.labels.values.contains(end), last.endsColumn else {
            log.note(
                Diagnostic(
                    file: source.file, span: SourceSpan(program.instructions.last?.place ?? column.place),
                    message: "the interrupt handler \(name) does not end in `iretq`",
                    remedy: "end the column with `iretq`")
            )
            return
        }
    }

    private func check(_ instruction: Instruction, in column: ThreadColumn) {
        guard case .service(let service, let arguments) = instruction.request(RegisterFile()) else { return }
        let isInterrupt = test.interrupts[column.processor]?.place == column.place
        if isInterrupt, let refusal = service.refusalInHandler {
            note(refusal.message, at: instruction, remedy: refusal.remedy)
        }
        guard service == .sendInterrupt, arguments.count == 1 else { return }
        guard let target = service.target(arguments), target < test.threads.count else {
            note(
                "\(service.name) takes the name of a CPU, and `\(arguments[0])` is none", at: instruction,
                remedy: "the test has \(processorList)")
            return
        }
        if target == column.processor {
            note(
                "P\(target) interrupts itself", at: instruction,
                remedy: "name another CPU: the kernel calls the function itself on its own CPU")
        } else if test.interrupts[target] == nil {
            note(
                "P\(target) has no interrupt handler", at: instruction,
                remedy: "add a column `P\(target).I` that ends in `iretq`")
        }
    }

    private func note(_ message: String, at instruction: Instruction, remedy: String) {
        log.note(
            Diagnostic(
                file: source.file, span: SourceSpan(instruction.place, length: instruction.text.count),
                message: message, remedy: remedy))
    }
}

extension Instruction {
    /// Whether the instruction after it is never reached from it.
    fileprivate var endsColumn: Bool {
        if case .interruptReturn = request(RegisterFile()) { return true }
        switch effects.flow {
        case .jump: return true
        case .next, .branch, .call, .leave: return false
        }
    }
}
