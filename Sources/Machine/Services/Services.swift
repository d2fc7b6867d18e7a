/// What the kernel services do that are not flushes (litmus.md, "Kernel services").
///
/// All need an empty store buffer, like a locked instruction, except `wait_for` and `page_dirty`, which are plain loads;
/// `spin_unlock` is a plain store and is not here.
extension Machine {
    func serve(_ state: UnsafePointer<UInt64>, _ cpu: Int, _ record: Record, _ thread: Int) {
        switch record.pointee.kind {
        case .waitFor, .readPageDirty: break
        default: guard isDrained(state, cpu) else { return }
        }
        if record.pointee.kind == .lock || record.pointee.kind == .waitFor { keep(Int(record.pointee.word)) }
        let frame = Int(record.pointee.frame)
        switch record.pointee.kind {
        case .lock: if !isFree(value(inMemory(state, Int(record.pointee.word))), record) { return }
        case .waitFor: if !isAwaited(value(view(state, cpu, word: Int(record.pointee.word))), record) { return }
        default: break
        }
        emit(.instruction, state, cpu) { next in
            switch record.pointee.kind {
            case .fence: if record.pointee.endsWalks { endWalks(next, cpu) }
            case .waitFor: noteRead(next, cpu, record, word: Int(record.pointee.word))
            case .lock:
                let word = Int(record.pointee.word)
                let rest = value(inMemory(next, word)) & ~byteMask(record.pointee.mask)
                let locked = number(ofValue: rest | 1 << UInt64(record.pointee.shift))
                write(next, word: word, locked, covered: record.pointee.mask, origin: .direct)
            case .invalidate: invalidate(next, cpu, record)
            case .switchSpace: switchSpace(next, cpu, record)
            case .setPageDirty: ghost.pageDirty[frame].write(1, next)
            case .clearPageDirty: ghost.pageDirty[frame].write(0, next)
            case .readPageDirty:
                let flag = number(ofValue: UInt64(ghost.pageDirty[frame].read(next)))
                cpus[cpu].thread.write(Int(answer(cpu, thread, toWord: flag).next), next)
                return
            case .writeback: ghost.written[frame].write(0, next)
            case .reclaim: noteReclaim(next, frame: frame)
            case .freeFrame: ghost.freed[frame].write(1, next)
            case .freeTable: ghost.freedTable[Int(record.pointee.frame)].write(1, next)
            default: break
            }
            advance(next, cpu, thread)
        }
    }

    /// Whether no CPU holds the lock in a word.
    func isFree(_ content: UInt64, _ record: Record) -> Bool { content & byteMask(record.pointee.mask) == 0 }

    /// Compares as wide as the variable is.
    func isAwaited(_ content: UInt64, _ record: Record) -> Bool {
        (content ^ record.pointee.operand) & byteMask(record.pointee.mask) == 0
    }
}
