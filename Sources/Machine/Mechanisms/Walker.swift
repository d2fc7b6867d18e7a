import PageTable

/// The hardware page walker: reads the leaf, sets Accessed, fills the TLB.
///
/// The walker reads the own store buffer first, then memory. Each Accessed update is a locked read-check-write on
/// memory and waits until the own store buffer holds no byte of the entry (SDM 3A 4.8, 8.1.2.1).
extension Machine {
    /// The translated part of the current instruction: every way in which it can go on.
    ///
    /// 1. A cached translation that permits the access is used; one that permits writing but has D=0 leads to the
    ///    Dirty update. One that does not permit it may raise a fault (`spuriousFaults`).
    /// 2. The CPU walks.
    func translate(_ state: UnsafePointer<UInt64>, _ cpu: Int, _ record: Record, _ thread: Int) {
        if walks.hasUpperLevels {
            translateThroughTables(state, cpu, record, thread)
            return
        }
        let leaf = leafNumber(page: Int(record.pointee.page), space: Int(record.pointee.space))
        let seen = view(state, cpu, word: leaves[leaf].word)
        let walked = translation(ofValue: seen, leaf: leaf)
        let isWalkCovered = cpus[cpu].translations[leaf].readBits(state) & (1 << UInt64(walked)) != 0
        let isUsable = useTranslations(state, cpu, record, thread, leaf: leaf) { number in
            if traits[cpu].spuriousFaults && number != walked {
                fault(state, cpu, record, thread, leaf: leaf, basis: number)
            }
        }
        if traits[cpu].loops && !isEager { evictStale(state, cpu, leaf: leaf, current: walked) }
        // A usable translation is used; only a CPU that speculates may walk all the same.
        if isUsable && !traits[cpu].speculates { return }
        walk(state, cpu, record, thread, leaf: leaf, seen: seen, walked: walked, isCovered: isWalkCovered)
    }

    /// The ways in which the access goes on with a translation that is cached; whether one of them needs no Dirty update.
    ///
    /// - Parameter refuse: is told each translation that does not permit the access.
    @inline(__always)
    func useTranslations(
        _ state: UnsafePointer<UInt64>, _ cpu: Int, _ record: Record, _ thread: Int, leaf: Int,
        refuse: (_ number: Int) -> Void
    ) -> Bool {
        var isUsable = false
        var rest = usableTranslations(state, cpu, leaf: leaf)
        while rest != 0 {
            let number = takeFirst(of: &rest, leaf: leaf)
            let entry = translations[leaf][number]
            if !permits(entry, record, cpu) {
                refuse(number)
            } else if record.pointee.access != .write || entry.isDirty {
                isUsable = true
                if !canComplete(state, cpu, record) { continue }
                forEachFinding(state, cpu, leaf: leaf, using: number) { finding in
                    emit(.access, state, cpu, operand: number) { next in
                        noteSizes(next, cpu, leaf: leaf, finding)
                        perform(next, cpu, record, thread, leaf: leaf, entry)
                    }
                }
            } else {
                updateDirty(state, cpu, record, thread, leaf: leaf, decided: number)
            }
        }
        return isUsable
    }

    /// Whether the access itself can be made: that of a locked instruction waits for an empty store buffer.
    ///
    /// Its translation, and so its page fault, does not (SDM 3A 8.2.3.9 orders the access, not the walk).
    @inline(__always)
    func canComplete(_ state: UnsafePointer<UInt64>, _ cpu: Int, _ record: Record) -> Bool {
        record.pointee.kind != .update || isDrained(state, cpu)
    }

    /// A walk for the current instruction; `isCovered` says that the TLB holds what it would find.
    private func walk(
        _ state: UnsafePointer<UInt64>, _ cpu: Int, _ record: Record, _ thread: Int, leaf: Int, seen: Int,
        walked: Int, isCovered: Bool
    ) {
        let entry = translations[leaf][walked]
        guard entry.isPresent, permits(entry, record, cpu) else {
            fault(state, cpu, record, thread, leaf: leaf, basis: walked)
            return
        }
        if isCacheable(seen) {
            if isCovered { return }
            emit(.walk, state, cpu, operand: leaf) { next in fill(next, cpu, leaf: leaf, value: seen) }
        } else if isEager || traits[cpu].accessedOnNotPresent || !traits[cpu].speculates {
            emit(.beginAccessed, state, cpu, operand: leaf) { next in
                cpus[cpu].phase.write(Phase.settingAccessed.rawValue, next)
            }
        } else if !buffers(state, cpu, word: leaves[leaf].word) {
            // Fused: an update that finds P=0 would only walk again, so reading and setting are one step here.
            setAccessed(state, cpu, leaf: leaf, isAsked: true)
        }
    }

    /// The Accessed update of a walk under way: it checks the entry again.
    ///
    /// If P=0 the CPU walks again, whatever the TLB holds.
    func finishAccessed(_ state: UnsafePointer<UInt64>, _ cpu: Int, _ record: Record) {
        let leaf = leafNumber(page: Int(record.pointee.page), space: Int(record.pointee.space))
        let word = leaves[leaf].word
        if buffers(state, cpu, word: word) { return }
        let content = inMemory(state, word)
        let isAfterRefault = cpus[cpu].phaseOperand.read(state) != 0
        emit(.setAccessed, state, cpu, operand: leaf) { next in
            leavePhase(next, cpu)
            if isPresent(content) {
                let updated = numberWithAccessed(content)
                writeByHardware(next, entry: leaf, updated)
                fill(next, cpu, leaf: leaf, value: updated)
                // The walk of a refault goes on; it still ignores the TLB.
                if isAfterRefault { cpus[cpu].phase.write(Phase.walkingAgain.rawValue, next) }
            } else {
                if traits[cpu].accessedOnNotPresent { writeByHardware(next, entry: leaf, numberWithAccessed(content)) }
                cpus[cpu].phase.write(Phase.walkingAgain.rawValue, next)
                cpus[cpu].phaseOperand.write(isAfterRefault ? 0 : Self.fillsOnly, next)
            }
        }
    }

    /// Reading an entry with A=0 and setting A, as one step; `isAsked` says that an instruction asked for the walk.
    private func setAccessed(_ state: UnsafePointer<UInt64>, _ cpu: Int, leaf: Int, isAsked: Bool) {
        let updated = numberWithAccessed(inMemory(state, leaves[leaf].word))
        emit(.setAccessed, state, cpu, operand: leaf, isAsked: isAsked) { next in
            cpus[cpu].pendingWalks.remove(1 << UInt64(leaf), next)
            writeByHardware(next, entry: leaf, updated)
            if !record(state, cpu).pointee.needsNoTranslations { fill(next, cpu, leaf: leaf, value: updated) }
        }
    }

    /// The number of an entry once A is set in it.
    @inline(__always)
    private func numberWithAccessed(_ content: Int) -> Int {
        number(ofValue: value(content) | PageTableEntry.accessedMask)
    }

    /// Walks for pages that no instruction asked for (SDM 3A 4.10.2.3): they set A and fill, never set D, never fault.
    ///
    /// Lazy: only setting A is a step; what it fills joins by ``settle(_:)``. Where the Accessed update can touch an entry
    /// with P=0 (erratum KNL4) reading and setting are two steps. Several such walks may be under way, one for each leaf;
    /// the lazy form notes each as soon as it could have read (P=1, A=0).
    func speculate(_ state: UnsafePointer<UInt64>, _ cpu: Int, _ record: Record) {
        if walks.hasUpperLevels {
            speculateThroughTables(state, cpu, record)
            return
        }
        guard traits[cpu].speculates else { return }
        if cpus[cpu].pendingWalks.isPresent { finishPendingWalks(state, cpu) }
        for leaf in leaves(of: Int(record.pointee.space)) {
            let word = leaves[leaf].word
            let seen = view(state, cpu, word: word)
            guard isPresent(seen) else { continue }
            if !isAccessed(seen) {
                if !cpus[cpu].pendingWalks.isPresent {
                    if !buffers(state, cpu, word: word) { setAccessed(state, cpu, leaf: leaf, isAsked: false) }
                } else if isEager && cpus[cpu].pendingWalks.readBits(state) & (1 << UInt64(leaf)) == 0 {
                    emit(.beginAccessed, state, cpu, operand: leaf, isAsked: false) { next in
                        cpus[cpu].pendingWalks.insert(1 << UInt64(leaf), next)
                    }
                }
            } else if isEager && !record.pointee.needsNoTranslations {
                let number = translation(ofValue: seen, leaf: leaf)
                if cpus[cpu].translations[leaf].readBits(state) & (1 << UInt64(number)) == 0 {
                    emit(.speculate, state, cpu, operand: leaf) { next in fill(next, cpu, leaf: leaf, value: seen) }
                }
            }
        }
    }

    /// The Accessed updates of walks that nothing asked for, where they are steps of their own; an update that would change
    /// nothing is left out.
    private func finishPendingWalks(_ state: UnsafePointer<UInt64>, _ cpu: Int) {
        var rest = cpus[cpu].pendingWalks.readBits(state)
        while rest != 0 {
            let leaf = rest.trailingZeroBitCount
            rest &= rest &- 1
            let word = leaves[leaf].word
            let content = inMemory(state, word)
            if isAccessed(content) || buffers(state, cpu, word: word) { continue }
            if plan.canLoop && !isEager && !isPresent(content) { abandonWalk(state, cpu, leaf: leaf) }
            setAccessed(state, cpu, leaf: leaf, isAsked: false)
        }
    }

    /// Lazy form, for tests that can loop: the walk was never begun.
    ///
    /// Elsewhere it is enough that its update need not come. A run without end, though, may end with the entry as it is,
    /// because there was no such walk, and that end has to be reachable.
    private func abandonWalk(_ state: UnsafePointer<UInt64>, _ cpu: Int, leaf: Int) {
        emit(.abandonWalk, state, cpu, operand: leaf) { next in
            cpus[cpu].pendingWalks.remove(1 << UInt64(leaf), next)
        }
    }

    /// The CPUs of ended threads: their columns are over, the processors are not.
    ///
    /// They walk as long as another thread runs.
    ///
    /// These steps depend on whether others run, so they are not part of what `LocalSteps` looks up.
    func walkAfterEnd(_ state: UnsafePointer<UInt64>) {
        guard leafCount > 0 else { return }
        var ended: UInt64 = 0
        for cpu in 0..<cpuCount where record(state, cpu).pointee.isEnded { ended |= 1 << UInt64(cpu) }
        if ended == 0 || ended == (1 << UInt64(cpuCount)) - 1 { return }
        while ended != 0 {
            let cpu = ended.trailingZeroBitCount
            ended &= ended &- 1
            if hasSymmetry && symmetry.isLikeTwin(cpu, state) { continue }
            speculate(state, cpu, record(state, cpu))
        }
    }

    /// Whether an entry permits the current access (machine.md, section 3, "Rights").
    @inline(__always)
    func permits(_ entry: Translation, _ record: Record, _ cpu: Int) -> Bool {
        guard entry.isPresent else { return false }
        switch record.pointee.access {
        case .read: return entry.isUser || !record.pointee.isUser
        case .write:
            return (entry.isUser || !record.pointee.isUser)
                && (entry.isWritable || !(record.pointee.isUser || traits[cpu].writeProtect))
        case .shadowStackWrite: return entry.isShadowStack && entry.isUser == record.pointee.isUser
        }
    }

    /// The access itself, through a translation, in a successor under construction.
    func perform(
        _ next: UnsafeMutablePointer<UInt64>, _ cpu: Int, _ record: Record, _ thread: Int, leaf: Int,
        _ entry: Translation
    ) {
        // A walk that the instruction asked for ends with it.
        if traits[cpu].setsAccessedLate && !traits[cpu].speculates {
            dropLateWalks(next, cpu)
            cpus[cpu].pendingWalks.writeBits(0, next)
        }
        if let table = TableFrame.table(entry.frame) {
            performInTable(next, cpu, record, thread, leaf: leaf, entry, table: table)
            return
        }
        guard entry.frame >= 0 else {
            noteWild(next, cpu, record, thread) { "P\(cpu) reaches a frame that belongs to nothing in the test" }
            return
        }
        let frame = plan.frames[Int(entry.frame)]
        guard Int(record.pointee.offset) < frame.words else {
            noteFailure(at: tables.threads[cpu].states[thread], cpu, number: thread)
            fail(
                .invalid(
                    place: place(of: record, cpu, thread),
                    message: "P\(cpu) reaches past the end of the frame of \(map.variables[Int(entry.frame)].name)",
                    remedy: "give both pages the same number of words"))
            return
        }
        let word = frame.firstWord + Int(record.pointee.offset)
        access(next, cpu, record, thread, word: word, origin: origin(entry, leaf: leaf))
    }

    /// How a store through a translation is told from others: only stale writes tell those of one leaf apart.
    @inline(__always)
    private func origin(_ entry: Translation, leaf: Int) -> StoreOrigin {
        .through(leaf, isWritable: entry.isWritable || !ghost.barred[leaf].isPresent)
    }

    /// The same where the frame holds a table: its slots are ordinary words of memory.
    private func performInTable(
        _ next: UnsafeMutablePointer<UInt64>, _ cpu: Int, _ record: Record, _ thread: Int, leaf: Int,
        _ entry: Translation, table: Int
    ) {
        guard let word = map.word(ofTable: table, offset: Int(record.pointee.offset)) else {
            noteFailure(at: tables.threads[cpu].states[thread], cpu, number: thread)
            fail(
                .invalid(
                    place: place(of: record, cpu, thread),
                    message:
                        "P\(cpu) reaches byte \(8 * record.pointee.offset) of \(map.name(ofTable: table)), where no page has an entry",
                    remedy:
                        "entries have 8 bytes each, at the indices of the test's pages (`Region=`), the first at byte 0"
                ))
            return
        }
        access(next, cpu, record, thread, word: word, origin: origin(entry, leaf: leaf))
    }
}
