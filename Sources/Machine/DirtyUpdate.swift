/// The Dirty update, where CPUs differ (SDM 3A 4.8 and its note; machine.md, section 4).
///
/// *decide* sees P=1, W=1, D=0, in memory's leaf or in a TLB entry; *update* is a locked read-check-write of memory.
/// If the entry still has P=1, W=1 and the same frame, D is set and the access goes on, in one step. Otherwise the
/// profile's `onWriteRevoked` and `onNotPresent` say what happens; another frame means refault.
///
/// *Fused form.* With speculation on, a clean writable TLB entry stands for a decision that may have been taken as
/// soon as the entry could be cached and may be acted on at any later time, so the lazy machine takes both halves in
/// one step. A refault then adds nothing: what it does, walking memory again, is always possible anyway.
extension Machine {
    /// An access that may write through `decided` but finds D=0 there.
    func updateDirty(
        _ state: UnsafePointer<UInt64>, _ cpu: Int, _ record: Record, _ thread: Int, leaf: Int, decided: Int
    ) {
        guard isEager || !traits[cpu].speculates else {
            finishDirty(state, cpu, record, thread, leaf: leaf, decided: decided, isFused: true)
            return
        }
        let next = step(state, cpu, .beginDirty, operand: decided)
        threadSteps += 1
        cpus[cpu].phase.write(Phase.settingDirty.rawValue, next)
        cpus[cpu].phaseOperand.write(decided, next)
        settle(next)
    }

    /// The update half.
    func finishDirty(
        _ state: UnsafePointer<UInt64>, _ cpu: Int, _ record: Record, _ thread: Int, leaf: Int, decided: Int,
        isFused: Bool
    ) {
        let word = leaves[leaf].word
        if !isFused { threadSteps += 1 }
        if buffers(state, cpu, word: word) { return }
        let content = inMemory(state, word)
        let found = leaves[leaf].translations[translation(ofValue: content, leaf: leaf)]
        let entry = leaves[leaf].translations[decided]
        let outcome: LateDirty
        if !found.isPresent {
            outcome = traits[cpu].onNotPresent
        } else if found.bits & 0x000f_ffff_ffff_f000 != entry.bits & 0x000f_ffff_ffff_f000 {
            outcome = .refault
        } else if found.isWritable || !(record.pointee.isUser || traits[cpu].writeProtect) {
            outcome = .setThenWrite
        } else {
            outcome = traits[cpu].onWriteRevoked
        }

        switch outcome {
        case .refault:
            if isFused { return }
            let next = step(state, cpu, .walkAgain, operand: leaf)
            cpus[cpu].phase.write(Phase.walkingAgain.rawValue, next)
            cpus[cpu].phaseOperand.write(0, next)
            settle(next)
        case .setThenWrite:
            if isFused { threadSteps += 1 }
            let updated = number(ofValue: value(content) | 0x40)
            let next = step(state, cpu, .setDirty, operand: decided)
            leavePhase(next, cpu)
            writeByHardware(next, leaf: leaf, updated)
            // What the update saw is cached even where another CPU has cleared A meanwhile: nobody looks at A here.
            if found.isPresent {
                cpus[cpu].translations[leaf].insert(1 << UInt64(translation(ofValue: updated, leaf: leaf)), next)
            }
            perform(next, cpu, record, thread, leaf: leaf, entry)
            settle(next)
        case .setThenFault:
            if isFused { threadSteps += 1 }
            let bits: UInt64 = found.isPresent ? 0x40 : 0x60
            let updated = number(ofValue: value(content) | bits)
            let next = step(state, cpu, .setDirtyAndFault, operand: decided)
            leavePhase(next, cpu)
            writeByHardware(next, leaf: leaf, updated)
            raise(next, cpu, record, thread, leaf: leaf, basis: translation(ofValue: updated, leaf: leaf))
            settle(next)
        }
    }

    /// Operand of `walkingAgain` after an Accessed update that found P=0: the walk fills the TLB, the access follows.
    static var fillsOnly: Int { 1 }

    /// After a refault, or an Accessed update that found P=0: the CPU walks memory, ignoring the TLB.
    func walkAgain(_ state: UnsafePointer<UInt64>, _ cpu: Int, _ record: Record, _ thread: Int) {
        let leaf = leafNumber(page: Int(record.pointee.page), space: Int(record.pointee.space))
        let seen = view(state, cpu, word: leaves[leaf].word)
        let walked = translation(ofValue: seen, leaf: leaf)
        let entry = leaves[leaf].translations[walked]
        guard entry.isPresent, permits(entry, record, cpu) else {
            fault(state, cpu, record, thread, leaf: leaf, basis: walked)
            return
        }
        threadSteps += 1
        if !isCacheable(seen) {
            let next = step(state, cpu, .beginAccessed, operand: leaf)
            cpus[cpu].phase.write(Phase.settingAccessed.rawValue, next)
            cpus[cpu].phaseOperand.write(cpus[cpu].phaseOperand.read(state) == Self.fillsOnly ? 0 : 1, next)
            settle(next)
        } else if cpus[cpu].phaseOperand.read(state) == Self.fillsOnly {
            let next = step(state, cpu, .walk, operand: leaf)
            leavePhase(next, cpu)
            fill(next, cpu, leaf: leaf, value: seen)
            settle(next)
        } else if record.pointee.access == .write && !entry.isDirty {
            let next = step(state, cpu, .beginDirty, operand: walked)
            cpus[cpu].phase.write(Phase.settingDirty.rawValue, next)
            cpus[cpu].phaseOperand.write(walked, next)
            settle(next)
        } else {
            let next = step(state, cpu, .access, operand: walked)
            leavePhase(next, cpu)
            fill(next, cpu, leaf: leaf, value: seen)
            perform(next, cpu, record, thread, leaf: leaf, entry)
            settle(next)
        }
    }

    @inline(__always)
    func leavePhase(_ state: UnsafeMutablePointer<UInt64>, _ cpu: Int) {
        cpus[cpu].phase.write(Phase.run.rawValue, state)
        cpus[cpu].phaseOperand.write(0, state)
    }
}
