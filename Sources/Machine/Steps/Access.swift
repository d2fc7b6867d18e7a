import Diagnostics
import X86

/// Loads, stores and locked operations on a word of memory, translated or not.
extension Machine {
    /// The thread goes on after a request that reads nothing.
    @inline(__always)
    func advance(_ next: UnsafeMutablePointer<UInt64>, _ cpu: Int, _ thread: Int) {
        changes.noteMove(cpu)
        let known = records[cpu][thread].next
        cpus[cpu].thread.write(known >= 0 ? Int(known) : newNext(cpu, thread), next)
    }

    private func newNext(_ cpu: Int, _ thread: Int) -> Int {
        isLost() ? thread : tables.threads[cpu].computeNext(thread, self)
    }

    /// What a thread's request comes to when the word it reads has this value.
    @inline(__always)
    func answer(_ cpu: Int, _ thread: Int, toWord value: Int) -> Answer {
        answers[cpu].find(thread, value) ?? newAnswer(cpu, thread, toWord: value)
    }

    private func newAnswer(_ cpu: Int, _ thread: Int, toWord value: Int) -> Answer {
        if isLost() { return Answer(next: Int32(thread), value: -1) }
        let answer = tables.threads[cpu].computeAnswer(thread, toWord: value, self)
        answers[cpu].add(thread, value, answer)
        return answer
    }

    /// The thread state after a page fault at the current request.
    @inline(__always)
    func afterFault(_ cpu: Int, _ thread: Int) -> Int {
        let known = records[cpu][thread].afterFault
        return known >= 0 ? Int(known) : newAfterFault(cpu, thread)
    }

    private func newAfterFault(_ cpu: Int, _ thread: Int) -> Int {
        isLost() ? thread : tables.threads[cpu].computeAfterFault(thread, self)
    }

    /// An access through the direct map or to plain memory.
    func accessDirectly(_ state: UnsafePointer<UInt64>, _ cpu: Int, _ record: Record, _ thread: Int) {
        if record.pointee.kind == .update && !isDrained(state, cpu) { return }
        emit(.instruction, state, cpu) { next in
            access(next, cpu, record, thread, word: Int(record.pointee.word), origin: .direct)
        }
    }

    /// The access to a word, in a successor under construction; `origin` is what it was translated by.
    @inline(__always)
    func access(
        _ next: UnsafeMutablePointer<UInt64>, _ cpu: Int, _ record: Record, _ thread: Int, word: Int,
        origin: StoreOrigin
    ) {
        switch record.pointee.kind {
        case .load:
            let seen = view(next, cpu, word: word)
            noteRead(next, cpu, record, word: word)
            cpus[cpu].thread.write(Int(answer(cpu, thread, toWord: seen).next), next)
        case .store:
            let number =
                origin.leaf < 0
                ? Int(record.pointee.storeNumber)
                : storeNumber(word: word, mask: record.pointee.mask, value: Int(record.pointee.value), origin: origin)
            push(next, cpu, number)
            advance(next, cpu, thread)
        case .update:
            noteRead(next, cpu, record, word: word)
            let answer = answer(cpu, thread, toWord: inMemory(next, word))
            if answer.value >= 0 {
                write(next, word: word, Int(answer.value), covered: record.pointee.mask, origin: origin)
            }
            cpus[cpu].thread.write(Int(answer.next), next)
        default: break
        }
    }

    /// Where an instruction stands in the test.
    func place(of record: Record, _ cpu: Int, _ thread: Int) -> SourcePlace? {
        let state = tables.threads[cpu].states[thread]
        let program = tables.threads[cpu].program(of: state)
        let index = state.registers.rip
        return index < program.instructions.count ? program.instructions[index].place : nil
    }
}
