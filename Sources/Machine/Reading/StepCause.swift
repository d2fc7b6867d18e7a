import PageTable

/// Why a step was possible: what had to be so for it.
///
/// The rules are those of machine.md, sections 3 to 5.
public enum StepCause: Sendable, Hashable {
    /// It is the thread's next instruction, which needs nothing else.
    case next
    /// It is the next instruction, which needs an empty store buffer.
    case emptyBuffer
    /// It takes a lock that no CPU holds.
    case lockFree
    /// It waits for a value, which is there.
    case valueThere
    /// It waits until its broadcast invalidations were taken, and they were.
    case broadcastsTaken
    /// The access uses a translation in the TLB that permits it.
    case cached(bits: UInt64)
    /// The access goes on with what the walk has just seen, whatever the TLB holds.
    case walked(bits: UInt64)
    /// The write goes on although D is clear: W=0, CR0.WP=0, and a CPU with CET need not set D (SDM 3A 4.8, note).
    case sparesDirty(bits: UInt64)
    /// The oldest store in the buffer may reach memory at any time.
    case oldestStore
    /// The instruction at hand needs a walk, or may walk although something is cached.
    case demandWalk
    /// A CPU may walk for any page of its address space at any time (SDM 3A 4.10.2.3; `speculativeFills`).
    case speculation
    /// The walk goes on, or begins again, after an update that found the entry changed.
    case walkGoesOn
    /// A walk that found A=0 sets it; `isPresent` is false where it finds P=0 by now (`accessedOnNotPresent`).
    case accessedUpdate(isPresent: Bool)
    /// The translation, cached or just walked, permits the write and has D=0.
    case clean(bits: UInt64)
    /// The Dirty update finds the entry in some condition, and the CPU does what its profile says.
    case dirtyUpdate(DirtyFinding, LateDirty)
    /// Any translation may leave the TLB at any time.
    case eviction
    /// A walk that nothing asked for need not have begun.
    case walkNotBegun
    /// What the walk sees does not permit the access.
    case forbidden(bits: UInt64)
    /// A translation in the TLB does not permit the access, and may raise a fault whatever memory says (SDM 3A 4.10.4.3;
    /// `spuriousFaults`).
    case forbiddenByCached(bits: UInt64)
    /// A partial walk leads to a table that was freed since (SDM 3A 4.10.3.1).
    case freedTable
    /// Memory's entry differs from what the fault was based on.
    case entryChanged
    /// Another CPU has asked for a flush, and this one takes requests here.
    case request(initiator: Int)
    /// Another CPU, or the CPU itself, has broadcast an invalidation.
    case broadcast(initiator: Int)
}

/// What a Dirty update finds in memory, compared with what was decided on (machine.md, section 4).
public enum DirtyFinding: String, Sendable, Hashable, CaseIterable {
    /// P=1, the write is permitted, the same frame.
    case unchanged
    /// P=1, W=0: the profile's `onWriteRevoked`.
    case writeRevoked
    /// P=0: the profile's `onNotPresent`.
    case notPresent
    /// P=1 and another frame: the profile's `onFrameChanged`.
    case frameChanged
    /// P=1, W=0 and another frame: the stricter of the two fields.
    case writeRevokedAndFrameChanged

    /// The profile's fields that decide, by their names in a profile.
    public var profileFields: [String] {
        switch self {
        case .unchanged: []
        case .writeRevoked: ["onWriteRevoked"]
        case .notPresent: ["onNotPresent"]
        case .frameChanged: ["onFrameChanged"]
        case .writeRevokedAndFrameChanged: ["onWriteRevoked", "onFrameChanged"]
        }
    }
}

extension Machine {
    /// Why a step was possible, given the states that it leaves and reaches; for witnesses, outside the hot path.
    public func cause(
        label: UInt32, from state: UnsafePointer<UInt64>, to next: UnsafePointer<UInt64>
    ) -> StepCause {
        let label = StepLabel(rawValue: label)
        let (cpu, operand) = (label.cpu, label.operand)
        let record = record(state, cpu).pointee
        let phase = Phase(rawValue: cpus[cpu].phase.read(state)) ?? .run
        if walks.hasUpperLevels, let cause = tableCause(label, record, state, next) { return cause }
        switch label.kind {
        case .instruction: return cause(ofInstruction: record, cpu)
        case .access: return cause(ofAccess: record, phase, translation: operand)
        case .drain: return .oldestStore
        case .walk: return phase == .run ? .demandWalk : .walkGoesOn
        case .beginAccessed:
            if phase != .run { return .walkGoesOn }
            return Phase(rawValue: cpus[cpu].phase.read(next)) == .settingAccessed ? .demandWalk : .speculation
        case .setAccessed: return cause(ofAccessedUpdate: record, phase, cpu, leaf: operand, state)
        case .speculate: return .speculation
        case .beginDirty: return .clean(bits: bits(ofTranslation: operand, record))
        case .setDirty, .setDirtyAndFault:
            return cause(ofDirtyUpdate: record, cpu, decided: operand, content: inMemory(state, word(ofLeafOf: record)))
        case .walkAgain:
            let decided = cpus[cpu].phaseOperand.read(state)
            return cause(ofDirtyUpdate: record, cpu, decided: decided, content: inMemory(state, word(ofLeafOf: record)))
        case .evict: return .eviction
        case .abandonWalk: return .walkNotBegun
        case .fault:
            guard record.page >= 0 else { return .next }
            let leaf = leafNumber(page: Int(record.page), space: Int(record.space))
            let walked = translation(ofValue: view(state, cpu, word: leaves[leaf].word), leaf: leaf)
            let bits = bits(ofTranslation: operand, record)
            return operand == walked ? .forbidden(bits: bits) : .forbiddenByCached(bits: bits)
        case .retry: return .entryChanged
        case .flush: return .emptyBuffer
        case .broadcast: return traits[cpu].ordersBroadcasts ? .emptyBuffer : .next
        case .acknowledge, .interrupt: return .request(initiator: operand)
        case .takeBroadcast: return .broadcast(initiator: operand)
        case .readTable: return .freedTable
        case .goWild: return .walkGoesOn
        }
    }

    /// The same of steps that are others where a test has several levels; nil for the rest.
    private func tableCause(
        _ label: StepLabel, _ record: ThreadRecord, _ state: UnsafePointer<UInt64>, _ next: UnsafePointer<UInt64>
    ) -> StepCause? {
        let (cpu, operand) = (label.cpu, label.operand)
        switch label.kind {
        case .walk: return .demandWalk
        case .beginAccessed: return .speculation
        case .walkAgain: return .walkGoesOn
        case .setAccessed:
            let content = content(ofWord: walks.firstEntry + operand, in: next)
            return .accessedUpdate(isPresent: PageTableEntry(rawValue: content).isPresent)
        case .setDirty, .setDirtyAndFault:
            let word = wordOfDirtyUpdate(record, cpu, decided: operand, state, next)
            return cause(ofDirtyUpdate: record, cpu, decided: operand, content: inMemory(state, word))
        case .fault:
            guard record.page >= 0 else { return .next }
            let leaf = leafNumber(page: Int(record.page), space: Int(record.space))
            let bits = bits(ofTranslation: operand, record)
            let isCached = usableTranslations(state, cpu, leaf: leaf) & (1 << UInt64(operand)) != 0
            return isCached && operand != outcomeFromRoot(state, leaf: leaf, seenBy: cpu)
                ? .forbiddenByCached(bits: bits) : .forbidden(bits: bits)
        default: return nil
        }
    }

    /// The leaf that a Dirty update with several levels found: of those that walks lead to, the one that changes; where D was set
    /// already, one with D.
    private func wordOfDirtyUpdate(
        _ record: ThreadRecord, _ cpu: Int, decided: Int, _ state: UnsafePointer<UInt64>,
        _ next: UnsafePointer<UInt64>
    ) -> Int {
        let leaf = leafNumber(page: Int(record.page), space: Int(record.space))
        var words: [Int] = []
        let level = decided < translations[leaf].count ? translations[leaf][decided].level : 1
        forEachReached(state, cpu, leaf: leaf, level: level) { start in
            words.append(walks.word(ofPage: leaves[leaf].page, table: start.table))
        }
        forEachReachedLate(state, cpu, leaf: leaf, level: level) { start in
            words.append(walks.word(ofPage: leaves[leaf].page, table: start.table))
        }
        return words.first { inMemory(state, $0) != inMemory(next, $0) }
            ?? words.first { value(inMemory(state, $0)) & PageTableEntry.dirtyMask != 0 } ?? leaves[leaf].word
    }

    private func word(ofLeafOf record: ThreadRecord) -> Int {
        leaves[leafNumber(page: Int(record.page), space: Int(record.space))].word
    }

    private func cause(ofInstruction record: ThreadRecord, _ cpu: Int) -> StepCause {
        switch record.kind {
        case .ended, .spinning, .load, .store, .setInterrupts, .readPageDirty, .broadcast: .next
        case .invalidateContext: traits[cpu].serialisesContexts ? .emptyBuffer : .next
        case .lock: .lockFree
        case .waitFor: .valueThere
        case .broadcastSync: .broadcastsTaken
        case .update, .fence, .invalidate, .flush, .setPageDirty, .clearPageDirty, .writeback, .reclaim, .freeFrame,
            .freeTable, .syncTables, .synchronizeRCU, .enterLazy, .switchSpace, .sendInterrupt, .interruptReturn:
            .emptyBuffer
        }
    }

    private func cause(ofAccess record: ThreadRecord, _ phase: Phase, translation: Int) -> StepCause {
        let bits = bits(ofTranslation: translation, record)
        if record.access == .write, !PageTableEntry(rawValue: bits).isDirty { return .sparesDirty(bits: bits) }
        return phase == .walkingAgain ? .walked(bits: bits) : .cached(bits: bits)
    }

    private func cause(
        ofAccessedUpdate record: ThreadRecord, _ phase: Phase, _ cpu: Int, leaf: Int, _ state: UnsafePointer<UInt64>
    ) -> StepCause {
        let content = value(inMemory(state, leaves[leaf].word))
        let isPending = cpus[cpu].pendingWalks.readBits(state) & (1 << UInt64(leaf)) != 0
        if phase == .settingAccessed || isPending {
            return .accessedUpdate(isPresent: content & PageTableEntry.presentMask != 0)
        }
        // Reading and setting are one step here; where the instruction asks for the page, it is its walk.
        let isAsked =
            record.page >= 0 && record.word < 0
            && leafNumber(page: Int(record.page), space: Int(record.space)) == leaf
        return isAsked && phase == .run && !record.isEnded ? .demandWalk : .speculation
    }

    private func cause(
        ofDirtyUpdate record: ThreadRecord, _ cpu: Int, decided: Int, content: Int
    ) -> StepCause {
        let found = PageTableEntry(rawValue: value(content))
        guard found.isPresent else { return .dirtyUpdate(.notPresent, traits[cpu].onNotPresent) }
        let mayWrite = found.isWritable || !(record.isUser || traits[cpu].writeProtect)
        let isMoved = (found.rawValue ^ bits(ofTranslation: decided, record)) & PageTableEntry.frameMask != 0
        switch (mayWrite, isMoved) {
        case (true, false): return .dirtyUpdate(.unchanged, .setThenWrite)
        case (false, false): return .dirtyUpdate(.writeRevoked, traits[cpu].onWriteRevoked)
        case (true, true): return .dirtyUpdate(.frameChanged, traits[cpu].onFrameChanged)
        case (false, true):
            return .dirtyUpdate(
                .writeRevokedAndFrameChanged, traits[cpu].onWriteRevoked.stricter(traits[cpu].onFrameChanged))
        }
    }

    /// A translation of the page that a thread is about to access.
    private func bits(ofTranslation number: Int, _ record: ThreadRecord) -> UInt64 {
        guard record.page >= 0 else { return 0 }
        let leaf = leafNumber(page: Int(record.page), space: Int(record.space))
        return number < translations[leaf].count ? translations[leaf][number].entryBits : 0
    }
}
