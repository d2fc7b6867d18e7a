import Diagnostics
import Litmus
import X86

/// A step of compiled code that can be taken away: all instructions of one line of the test that are the same step.
///
/// The compiler may have made copies of an instruction, of a loop's body for example; they go together.
package struct CodeStep: Sendable, Hashable {
    /// What the step is.
    package enum Kind: Sendable, Hashable {
        case lock(isImplied: Bool)
        case fence, flush, store, write, service, spinLock
    }

    /// How it is taken away, as a `Without=` line says it.
    package enum Way: String, Sendable, Hashable, CaseIterable {
        /// A read-modify-write becomes two steps.
        case lock
        /// The instruction, or the call of the service, goes.
        case step
        /// No lock is taken or released by the processor.
        case locks
    }

    /// Whose it is.
    package var processor: Int
    /// The line of the test that it was made from.
    package var line: Int
    /// What it is.
    package var kind: Kind
    /// How it is taken away.
    package var way: Way
    /// The instruction, or the service's name.
    package var text: String

    /// What copies of the instruction have in common: the compiler may use other registers in each.
    fileprivate var key: String {
        guard way == .lock else { return text }
        return text.split { $0 == " " || $0 == "," }.filter { !$0.hasPrefix("%") && !$0.hasPrefix("$") }
            .joined(separator: " ")
    }

    /// Whether another step is this one, or a copy of it.
    fileprivate func isCopy(of other: CodeStep) -> Bool {
        (processor, line, way, key) == (other.processor, other.line, other.way, other.key)
    }

    /// The value of the header line that takes the step away; `shift` is by how many lines the text has moved down.
    package func header(shift: Int = 0) -> String { "P\(processor):\(line + shift):\(way.rawValue):\(text)" }
}

/// The steps of compiled code.
package enum CodeSteps {
    /// All steps that can be taken away, in the order of the lines that they were made from.
    package static func all(of test: LitmusTest) -> [CodeStep] {
        var steps: [CodeStep] = []
        for thread in test.threads {
            let finder = CodeStepFinder(test, thread)
            var own: [CodeStep] = []
            for step in thread.program.instructions.indices.flatMap({ finder.steps(at: $0) })
            where !own.contains(where: { $0.isCopy(of: step) }) {
                own.append(step)
            }
            steps += own.enumerated()
                .sorted { ($0.element.line, $0.offset) < ($1.element.line, $1.offset) }.map { $0.element }
        }
        return steps
    }

    /// Lines of the test that code which meets memory was made from, with their processors.
    package static func linesWithSteps(of test: LitmusTest) -> [Int: Set<Int>] {
        var lines: [Int: Set<Int>] = [:]
        for thread in test.threads {
            let finder = CodeStepFinder(test, thread)
            for index in thread.program.instructions.indices where finder.meetsMemory(index) {
                lines[thread.program.instructions[index].place.line, default: []].insert(thread.processor)
            }
        }
        return lines
    }

    /// The test without a step; nil when its code has no such step.
    package static func without(_ step: CodeStep, from test: LitmusTest) -> LitmusTest? {
        guard let position = test.threads.firstIndex(where: { $0.processor == step.processor }) else { return nil }
        let thread = test.threads[position]
        let finder = CodeStepFinder(test, thread)
        var program = thread.program
        var count = 0
        for index in program.instructions.indices where finder.isPart(index, of: step) {
            guard let changed = finder.without(index, step.way) else { return nil }
            program.instructions[index] = changed
            count += 1
        }
        guard count > 0 else { return nil }
        var changed = test
        changed.threads[position].program = program
        return changed
    }

    /// Takes away what the `Without=` lines of a compiled test say.
    static func applyHeaders(of test: LitmusTest, file: String?) throws(Diagnostic) -> LitmusTest {
        var changed = test
        for header in test.headers where header.key == "Without" {
            let parts = header.value.split(separator: ":", maxSplits: 3, omittingEmptySubsequences: false).map(
                String.init)
            let remedy = "`ptero why --output DIR` writes such lines: Without=P0:12:lock:lock cmpxchgq %rcx,(%rdi)"
            guard parts.count == 4, parts[0].hasPrefix("P"), let processor = Int(parts[0].dropFirst()),
                let line = Int(parts[1]), let way = CodeStep.Way(rawValue: parts[2])
            else {
                throw Diagnostic(
                    file: file, span: header.span,
                    message: "`Without=` takes a processor, a line, `lock`, `step` or `locks`, and an instruction",
                    remedy: remedy)
            }
            let wanted = all(of: test).first {
                $0.isCopy(of: CodeStep(processor: processor, line: line, kind: $0.kind, way: way, text: parts[3]))
            }
            guard let wanted, let without = self.without(wanted, from: changed) else {
                throw Diagnostic(
                    file: file, span: header.span,
                    message: "the code of P\(processor) has no such step in line \(line)",
                    remedy:
                        "other compilers and kernels make other code: let `ptero why --output DIR` write the test again"
                )
            }
            changed = without
        }
        return changed
    }
}

/// Looks at the code of one thread.
private struct CodeStepFinder {
    private let thread: ThreadColumn
    private let symbols: Set<String>
    private let effects: [InstructionEffects]
    /// Whether `%rbp` is a frame pointer.
    private let hasFramePointer: Bool

    init(_ test: LitmusTest, _ thread: ThreadColumn) {
        self.thread = thread
        symbols = Set((test.compiled?.symbols ?? [:]).keys)
        effects = thread.program.instructions.map { $0.effects }
        hasFramePointer = thread.program.instructions.contains { $0.text == "movq %rsp,%rbp" }
    }

    private func instruction(_ index: Int) -> Instruction { thread.program.instructions[index] }

    /// Whether an instruction's memory operand lies in what only this CPU can reach.
    private func isPrivate(_ index: Int) -> Bool {
        let effects = effects[index]
        return effects.hasSegment || effects.base == .rsp || (hasFramePointer && effects.base == .rbp)
            || effects.symbol.map(symbols.contains) ?? false || effects.writes.contains(.rsp)
    }

    /// The service that a call or a jump leads to.
    private func service(_ index: Int) -> KernelService? {
        switch effects[index].flow {
        case .call(let label), .jump(let label): CompiledName.service(called: label)
        default: nil
        }
    }

    func meetsMemory(_ index: Int) -> Bool {
        if let service = service(index) { return !service.isPlainAccess }
        return effects[index].memory != .none && !isPrivate(index)
    }

    func steps(at index: Int) -> [CodeStep] {
        let instruction = instruction(index)
        func step(_ kind: CodeStep.Kind, _ way: CodeStep.Way, _ text: String? = nil) -> CodeStep {
            CodeStep(
                processor: thread.processor, line: instruction.place.line, kind: kind, way: way,
                text: text ?? instruction.text)
        }
        if let service = service(index) {
            switch service {
            case .lock: return [step(.spinLock, .locks, service.name)]
            case .unlock, .waitFor, .pageDirty: return []
            case .flushPage, .flushSpace, .flushRange, .flushLocal, .invalidateOne, .invalidateContext, .invalidateAll,
                .invalidateNonglobal, .broadcastInvalidate:
                return [step(.flush, .step, service.name)]
            case .pteOffset, .pmdOffset, .pudOffset, .lockRCU, .unlockRCU, .enterLazy, .switchSpace: return []
            case .setPageDirty, .clearPageDirty, .writeback, .reclaim, .freeFrame, .freeTable, .syncTables,
                .synchronizeRCU, .sendInterrupt:
                return [step(.service, .step, service.name)]
            }
        }
        if instruction.text == "mfence" { return [step(.fence, .step)] }
        if instruction.text.hasPrefix("inv") || instruction.text == "tlbsync" || instruction.text.hasSuffix(",%cr3") {
            return [step(.flush, .step)]
        }
        switch effects[index].memory {
        case .update where instruction.isLocked && effects[index].base == .rsp: return [step(.fence, .step)]
        case .update where !isPrivate(index):
            let isImplied = !instruction.text.hasPrefix("lock ")
            let isUnused =
                effects[index].writes.isEmpty
                && !thread.program.isLive(nil, after: index, atEnd: false, beyond: false)
            return (instruction.isLocked ? [step(.lock(isImplied: isImplied), .lock)] : [])
                + (isUnused ? [step(.write, .step)] : [])
        case .store where !isPrivate(index): return [step(.store, .step)]
        default: return []
        }
    }

    func isPart(_ index: Int, of step: CodeStep) -> Bool {
        if step.way == .locks { return service(index)?.subject == .lock }
        return instruction(index).place.line == step.line && steps(at: index).contains { $0.isCopy(of: step) }
    }

    /// The instruction that is left in the place of one.
    func without(_ index: Int, _ way: CodeStep.Way) -> Instruction? {
        var instruction = instruction(index)
        if way == .lock {
            instruction.isLocked = false
            if instruction.text.hasPrefix("lock ") { instruction.text.removeFirst(5) }
            return instruction
        }
        // A jump to a service is the last thing that its function does.
        var text = "nop"
        if case .jump = effects[index].flow { text = "ret" }
        var parser = AssemblyParser()
        guard (try? parser.parse(line: text, at: instruction.place)) != nil else { return nil }
        return (try? parser.finish())?.instructions.first
    }
}
