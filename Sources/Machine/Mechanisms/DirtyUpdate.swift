import PageTable

/// The Dirty update, where CPUs differ (SDM 3A 4.8 and its note; machine.md, section 4).
///
/// *decide* sees P=1, W=1, D=0, in memory's leaf or in a TLB entry; *update* is a locked read-check-write of memory.
/// If the entry still has P=1, W=1 and the same frame, D is set and the access goes on, in one step. Otherwise the
/// profile's `onWriteRevoked`, `onNotPresent` and `onFrameChanged` say what happens; where W=0 and the frame is another
/// one, the stricter of two.
///
/// A CPU that has CET never sets D in an entry with W=0 (SDM 3A 4.8, note), also where CR0.WP=0 lets the kernel write
/// through it; others do set it. On such a CPU both are explored.
///
/// *Fused form.* With speculation on, a clean writable TLB entry stands for a decision that may have been taken as
/// soon as the entry could be cached and may be acted on at any later time, so the lazy machine takes both halves in
/// one step. A refault then adds nothing: what it does, walking memory again, is always possible anyway.
extension Machine {
    /// An access that may write through `decided` but finds D=0 there.
    func updateDirty(
        _ state: UnsafePointer<UInt64>, _ cpu: Int, _ record: Record, _ thread: Int, leaf: Int, decided: Int
    ) {
        if isEager || !traits[cpu].speculates {
            decideDirty(state, cpu, record, thread, leaf: leaf, decided: decided)
        } else {
            spareDirty(state, cpu, record, thread, leaf: leaf, decided: decided)
            finishDirty(state, cpu, record, thread, leaf: leaf, decided: decided, isFused: true)
        }
    }

    /// The decision as a step of its own.
    private func decideDirty(
        _ state: UnsafePointer<UInt64>, _ cpu: Int, _ record: Record, _ thread: Int, leaf: Int, decided: Int
    ) {
        spareDirty(state, cpu, record, thread, leaf: leaf, decided: decided)
        emit(.beginDirty, state, cpu, operand: decided) { next in
            cpus[cpu].phase.write(Phase.settingDirty.rawValue, next)
            cpus[cpu].phaseOperand.write(decided, next)
        }
    }

    /// A CPU that has CET need not set D for a write through a translation with W=0.
    private func spareDirty(
        _ state: UnsafePointer<UInt64>, _ cpu: Int, _ record: Record, _ thread: Int, leaf: Int, decided: Int
    ) {
        guard traits[cpu].sparesDirty, !translations[leaf][decided].isWritable else { return }
        writeWithoutDirty(state, cpu, record, thread, leaf: leaf, decided: decided, used: decided)
    }

    /// The write goes on, D stays clear: W=0, CR0.WP=0, and CET.
    ///
    /// - Parameter used: the translation of the leaf that the CPU has just seen.
    private func writeWithoutDirty(
        _ state: UnsafePointer<UInt64>, _ cpu: Int, _ record: Record, _ thread: Int, leaf: Int, decided: Int, used: Int
    ) {
        guard canComplete(state, cpu, record) else { return }
        forEachFinding(state, cpu, leaf: leaf, using: used) { finding in
            emit(.access, state, cpu, operand: decided) { next in
                leavePhase(next, cpu)
                noteSizes(next, cpu, leaf: leaf, finding)
                perform(next, cpu, record, thread, leaf: leaf, translations[leaf][decided])
            }
        }
    }

    /// The update half.
    ///
    /// With several levels the CPU finds the leaf again by any walk, partial walks included (APM 2 5.5.3, "Handling of D-Bit
    /// Updates"; the SDM is silent); R/W=0 above the leaf on that walk, or a leaf of another size, makes it begin again.
    func finishDirty(
        _ state: UnsafePointer<UInt64>, _ cpu: Int, _ record: Record, _ thread: Int, leaf: Int, decided: Int,
        isFused: Bool
    ) {
        let access = DecidedAccess(cpu: cpu, record: record, thread: thread, leaf: leaf, decided: decided)
        guard walks.hasUpperLevels else {
            let word = leaves[leaf].word
            if buffers(state, cpu, word: word) { return }
            let content = inMemory(state, word)
            let found = translation(ofValue: content, leaf: leaf)
            finishDirty(state, access, word: word, content, found: found, cached: nil, isFused: isFused)
            return
        }
        if !isFused { beginAgain(state, cpu) }
        let level = translations[leaf][decided].level
        func update(by start: ReachedTable) {
            if isFreedUnread(state, table: start.table) { return }
            if !start.isWritable && (record.pointee.isUser || traits[cpu].writeProtect) { return }
            let word = walks.word(ofPage: leaves[leaf].page, table: start.table)
            if buffers(state, cpu, word: word) { return }
            let content = inMemory(state, word)
            // Another size: the access begins again.
            if isPresent(content) && !isLeaf(content, level: level) { return }
            let alone = ReachedTable(table: start.table, isWritable: true, isUser: true)
            let found = translation(ofLeaf: content, alone, leaf: leaf)
            finishDirty(state, access, word: word, content, found: found, cached: start, isFused: isFused)
        }
        forEachReached(state, cpu, leaf: leaf, level: level, update)
        if traits[cpu].setsAccessedLate { forEachReachedLate(state, cpu, leaf: leaf, level: level, update) }
    }

    /// An access that was decided to write through a translation with D=0.
    private struct DecidedAccess {
        var cpu: Int
        var record: Record
        var thread: Int
        var leaf: Int
        var decided: Int
    }

    /// The update of one leaf, of which the CPU's store buffer holds no byte: `found` is what memory holds, as a translation by
    /// itself; `start` is how a walk came to it, nil where there is one level.
    private func finishDirty(
        _ state: UnsafePointer<UInt64>, _ access: DecidedAccess, word: Int, _ content: Int, found number: Int,
        cached start: ReachedTable?, isFused: Bool
    ) {
        let (cpu, record, thread, leaf) = (access.cpu, access.record, access.thread, access.leaf)
        let found = translations[leaf][number]
        let entry = translations[leaf][access.decided]
        let outcome = outcome(access, content, found: found)
        let ignoresWritable = !(record.pointee.isUser || traits[cpu].writeProtect)
        if outcome == .setThenWrite && found.isPresent && !found.isWritable && ignoresWritable
            && traits[cpu].sparesDirty
        {
            writeWithoutDirty(
                state, cpu, record, thread, leaf: leaf, decided: access.decided,
                used: translation(content, start, leaf: leaf))
        }

        switch outcome {
        case .refault:
            if isFused || start != nil { return }
            emit(.walkAgain, state, cpu, operand: leaf) { next in
                cpus[cpu].phase.write(Phase.walkingAgain.rawValue, next)
                cpus[cpu].phaseOperand.write(0, next)
            }
        case .setThenWrite:
            if !canComplete(state, cpu, record) { return }
            let updated = self.number(ofValue: value(content) | PageTableEntry.dirtyMask)
            let seen = found.isPresent ? translation(updated, start, leaf: leaf) : nil
            forEachFinding(state, cpu, leaf: leaf, using: seen) { finding in
                emit(.setDirty, state, cpu, operand: access.decided) { next in
                    leavePhase(next, cpu)
                    noteSizes(next, cpu, leaf: leaf, finding)
                    writeByHardware(next, entry: Int(words[word].entry), updated)
                    // What the update saw is cached even where another CPU has cleared A meanwhile: no CPU looks at A here.
                    if let seen { insertTranslation(next, cpu, leaf: leaf, seen) }
                    perform(next, cpu, record, thread, leaf: leaf, entry)
                }
            }
        case .setThenFault:
            let accessed = isPresent(content) ? 0 : PageTableEntry.accessedMask
            let updated = self.number(ofValue: value(content) | PageTableEntry.dirtyMask | accessed)
            forEachFinding(state, cpu, leaf: leaf, using: nil) { finding in
                emit(.setDirtyAndFault, state, cpu, operand: access.decided) { next in
                    leavePhase(next, cpu)
                    noteSizes(next, cpu, leaf: leaf, finding)
                    writeByHardware(next, entry: Int(words[word].entry), updated)
                    raise(next, cpu, record, thread, leaf: leaf, basis: translation(updated, start, leaf: leaf))
                }
            }
        }
    }

    /// What the profile says of the leaf's content in memory.
    private func outcome(_ access: DecidedAccess, _ content: Int, found: Translation) -> LateDirty {
        let cpu = access.cpu
        if !isPresent(content) { return traits[cpu].onNotPresent }
        // P=1 and a frame that no block has is another frame.
        let isReserved = !found.isPresent
        let isWritable = isReserved ? value(content) & PageTableEntry.writableMask != 0 : found.isWritable
        let mayWrite = isWritable || !(access.record.pointee.isUser || traits[cpu].writeProtect)
        let outcome = mayWrite ? LateDirty.setThenWrite : traits[cpu].onWriteRevoked
        let decided = translations[access.leaf][access.decided]
        let isMoved = isReserved || (found.bits ^ decided.bits) & PageTableEntry.frameMask != 0
        return isMoved ? outcome.stricter(traits[cpu].onFrameChanged) : outcome
    }

    /// What a leaf's content is for those who came to it by a walk.
    private func translation(_ content: Int, _ start: ReachedTable?, leaf: Int) -> Int {
        start.map { translation(ofLeaf: content, $0, leaf: leaf) } ?? translation(ofValue: content, leaf: leaf)
    }

    /// With several levels: the decision comes to nothing, and the access begins again.
    ///
    /// It is always possible: the access could have been decided in another way.
    private func beginAgain(_ state: UnsafePointer<UInt64>, _ cpu: Int) {
        emit(.walkAgain, state, cpu, operand: 0) { next in leavePhase(next, cpu) }
    }

    /// Operand of `walkingAgain` after an Accessed update that found P=0: the walk fills the TLB, the access follows.
    static var fillsOnly: Int { 1 }

    /// After a refault, or an Accessed update that found P=0: the CPU walks memory, ignoring the TLB.
    func walkAgain(_ state: UnsafePointer<UInt64>, _ cpu: Int, _ record: Record, _ thread: Int) {
        let leaf = leafNumber(page: Int(record.pointee.page), space: Int(record.pointee.space))
        let seen = view(state, cpu, word: leaves[leaf].word)
        let walked = translation(ofValue: seen, leaf: leaf)
        let entry = translations[leaf][walked]
        guard entry.isPresent, permits(entry, record, cpu) else {
            fault(state, cpu, record, thread, leaf: leaf, basis: walked)
            return
        }
        if !isCacheable(seen) {
            emit(.beginAccessed, state, cpu, operand: leaf) { next in
                cpus[cpu].phase.write(Phase.settingAccessed.rawValue, next)
                cpus[cpu].phaseOperand.write(cpus[cpu].phaseOperand.read(state) == Self.fillsOnly ? 0 : 1, next)
            }
        } else if cpus[cpu].phaseOperand.read(state) == Self.fillsOnly {
            emit(.walk, state, cpu, operand: leaf) { next in
                leavePhase(next, cpu)
                fill(next, cpu, leaf: leaf, value: seen)
            }
        } else if record.pointee.access == .write && !entry.isDirty {
            decideDirty(state, cpu, record, thread, leaf: leaf, decided: walked)
        } else if canComplete(state, cpu, record) {
            emit(.access, state, cpu, operand: walked) { next in
                leavePhase(next, cpu)
                fill(next, cpu, leaf: leaf, value: seen)
                perform(next, cpu, record, thread, leaf: leaf, entry)
            }
        }
    }

    @inline(__always)
    func leavePhase(_ state: UnsafeMutablePointer<UInt64>, _ cpu: Int) {
        cpus[cpu].phase.write(Phase.run.rawValue, state)
        cpus[cpu].phaseOperand.write(0, state)
    }
}

extension LateDirty {
    /// What happens where two checks have found something: to set nothing goes before to fault, to fault before to write.
    func stricter(_ other: LateDirty) -> LateDirty {
        if self == .refault || other == .refault { return .refault }
        return self == .setThenFault || other == .setThenFault ? .setThenFault : .setThenWrite
    }
}
