import PageTable

/// The hardware page walker where a test has several levels (levels.md (b)); one level is `Walker.swift`.
///
/// A walk starts from the root or from any partial walk, reads one level a step, sets A top-down before it reads the level
/// below (a locked read-check-write of memory, SDM 3A 4.8), and checks rights at the leaf. Once A is set the entry is read
/// again: what it holds then counts.
extension Machine {
    /// The translated part of the current instruction: every way in which it can go on.
    func translateThroughTables(_ state: UnsafePointer<UInt64>, _ cpu: Int, _ record: Record, _ thread: Int) {
        let leaf = leafNumber(page: Int(record.pointee.page), space: Int(record.pointee.space))
        // What does not permit the access, by numbers of translations; a fault can be based on any of it.
        var (bases, cached): (UInt64, UInt64) = (0, 0)
        let isUsable = useTranslations(state, cpu, record, thread, leaf: leaf) { cached |= 1 << UInt64($0) }
        if traits[cpu].loops && !isEager {
            evictStale(state, cpu, leaf: leaf, current: outcomeFromRoot(state, leaf: leaf, seenBy: cpu))
        }
        if !isUsable || traits[cpu].speculates { walk(state, cpu, record, leaf: leaf, &bases) }
        fault(state, cpu, record, thread, leaf: leaf, bases | cached, cached: cached & ~bases)
    }

    /// The reads of a walk for the current instruction; what does not permit the access is noted.
    private func walk(
        _ state: UnsafePointer<UInt64>, _ cpu: Int, _ record: Record, leaf: Int, _ bases: inout UInt64
    ) {
        for level in stride(from: walks.rootLevel, through: 1, by: -1) {
            forEachReached(state, cpu, leaf: leaf, level: level) { start in
                switch read(state, cpu, from: start, leaf: leaf) {
                case .freed: readFreed(state, cpu, table: start.table, isAsked: true)
                case .notPresent(let level): bases |= 1 << UInt64(notPresent(level: level, leaf: leaf))
                case .reserved(let level): bases |= 1 << UInt64(reserved(level: level, leaf: leaf))
                case .wild(let word): goWild(state, cpu, entry: word - walks.firstEntry, isAsked: true)
                case .old(let word, let isLeaf):
                    // A fault that the leaf's rights decide does not wait for A.
                    if isLeaf,
                        case .leaf(let number) = read(state, cpu, from: start, leaf: leaf, ignoringAccessed: true),
                        !permits(translations[leaf][number], record, cpu)
                    {
                        bases |= 1 << UInt64(number)
                    } else {
                        accessed(state, cpu, word: word, isAsked: true)
                    }
                case .table(let next):
                    let point = walks.point(ofLeaf: leaf, level: level - 1)
                    cache(state, cpu, next, point: point, from: start, leaf: leaf, isAsked: true)
                case .leaf(let number):
                    if permits(translations[leaf][number], record, cpu) {
                        cache(state, cpu, number, from: start, leaf: leaf, isAsked: true)
                    } else {
                        bases |= 1 << UInt64(number)
                    }
                }
            }
            if traits[cpu].setsAccessedLate { refuseLate(state, cpu, record, leaf: leaf, level: level, &bases) }
        }
        // One that speculates has them anyway.
        if traits[cpu].setsAccessedLate && !traits[cpu].speculates {
            stepLate(state, cpu, record, leaf: leaf, isAsked: true)
        }
    }

    /// The faults of the current access: by what is cached or walked, or, where the CPU confirms faults, by a walk from the root.
    ///
    /// The walk that confirms is one step (APM 2 5.5.3, "Use of Cached Entries When Reporting a Page Fault").
    private func fault(
        _ state: UnsafePointer<UInt64>, _ cpu: Int, _ record: Record, _ thread: Int, leaf: Int, _ bases: UInt64,
        cached: UInt64
    ) {
        if bases == 0 { return }
        guard traits[cpu].spuriousFaults else {
            let confirmed = outcomeFromRoot(state, leaf: leaf, seenBy: cpu)
            if permits(translations[leaf][confirmed], record, cpu) { return }
            if translations[leaf][confirmed].isWild {
                var last = 0
                _ = outcomeFromRoot(state, leaf: leaf, seenBy: cpu) { last = $0 }
                goWild(state, cpu, entry: entry(ofLeaf: leaf, inTable: last), isAsked: true)
                return
            }
            forEachFinding(state, cpu, leaf: leaf, using: nil) { finding in
                emit(.fault, state, cpu, operand: confirmed) { next in
                    leavePhase(next, cpu)
                    noteSizes(next, cpu, leaf: leaf, finding)
                    // The walk that confirms reads tables like any other.
                    _ = outcomeFromRoot(state, leaf: leaf, seenBy: cpu) { noteUse(next, ofTable: $0) }
                    raise(next, cpu, record, thread, leaf: leaf, basis: confirmed)
                }
            }
            return
        }
        var rest = bases
        while rest != 0 {
            let basis = takeFirst(of: &rest, leaf: leaf)
            let isCached = cached & (1 << UInt64(basis)) != 0
            fault(state, cpu, record, thread, leaf: leaf, basis: basis, isCached: isCached)
        }
    }

    // MARK: One read

    /// The number of a leaf's entry in a table.
    @inline(__always)
    private func entry(ofLeaf leaf: Int, in table: ReachedTable) -> Int { entry(ofLeaf: leaf, inTable: table.table) }

    private func entry(ofLeaf leaf: Int, inTable table: Int) -> Int {
        walks.word(ofPage: leaves[leaf].page, table: table) - walks.firstEntry
    }

    /// A walk has read an entry that points to a table: in the literal form the step in which that is cached.
    private func cache(
        _ state: UnsafePointer<UInt64>, _ cpu: Int, _ next: ReadTable, point: Int, from start: ReachedTable, leaf: Int,
        isAsked: Bool
    ) {
        if isKept(next, state, cpu, point: point, from: start.table) { return }
        emit(isAsked ? .walk : .speculate, state, cpu, operand: entry(ofLeaf: leaf, in: start)) { state in
            keep(next, state, cpu, point: point, from: start.table)
        }
    }

    /// The same for a leaf that a TLB may hold.
    private func cache(
        _ state: UnsafePointer<UInt64>, _ cpu: Int, _ number: Int, from start: ReachedTable, leaf: Int, isAsked: Bool
    ) {
        guard cpus[cpu].translations[leaf].readBits(state) & (1 << UInt64(number)) == 0 else { return }
        emit(isAsked ? .walk : .speculate, state, cpu, operand: entry(ofLeaf: leaf, in: start)) { next in
            insertTranslation(next, cpu, leaf: leaf, number)
            noteReachable(next, cpu, leaf: leaf, number)
        }
    }

    /// A walk comes to a frame that holds nothing of the test: what is there is not known, and the run ends.
    func goWild(_ state: UnsafePointer<UInt64>, _ cpu: Int, entry: Int, isAsked: Bool) {
        emit(.goWild, state, cpu, operand: entry, isAsked: isAsked) { next in
            noteWild(next, cpu) {
                "a walker reads \(map.name(ofEntryWord: walks.firstEntry + entry)), whose frame is not a table of the level below"
            }
        }
    }

    /// A walk has found A=0.
    ///
    /// One step where nothing can be set in an entry that has become P=0; else the read and the update are two, which the lazy
    /// form has noted already (``saturate(_:_:_:)``).
    private func accessed(_ state: UnsafePointer<UInt64>, _ cpu: Int, word: Int, isAsked: Bool) {
        let entry = word - walks.firstEntry
        guard cpus[cpu].pendingWalks.isPresent else {
            setAccessed(state, cpu, word: word, isAsked: isAsked)
            return
        }
        if cpus[cpu].pendingWalks.readBits(state) & (1 << UInt64(entry)) != 0 {
            if isAsked { setAccessed(state, cpu, word: word, isAsked: true) }
        } else {
            emit(.beginAccessed, state, cpu, operand: entry, isAsked: isAsked) { next in
                cpus[cpu].pendingWalks.insert(1 << UInt64(entry), next)
            }
        }
    }

    /// The Accessed update: it checks the entry again, in memory.
    private func setAccessed(_ state: UnsafePointer<UInt64>, _ cpu: Int, word: Int, isAsked: Bool) {
        if buffers(state, cpu, word: word) { return }
        let entry = word - walks.firstEntry
        let content = inMemory(state, word)
        let level = walks.levels[walks.tablesOfEntries[entry]]
        // Linux masks stray bits at every level but the top (erratum KNL4).
        let canBeStray = traits[cpu].accessedOnNotPresent && level < map.levels
        let isSet = isPresent(content) ? !hasReservedBit(content, level: level) : canBeStray
        emit(.setAccessed, state, cpu, operand: entry, isAsked: isAsked) { next in
            // A walk that nothing asked for may be about to set the same A: it goes on.
            if !isAsked || !traits[cpu].speculates { cpus[cpu].pendingWalks.remove(1 << UInt64(entry), next) }
            if isSet {
                writeByHardware(next, entry: entry, number(ofValue: value(content) | PageTableEntry.accessedMask))
            }
        }
    }

    /// A walker reads a table that was freed, for the first time.
    func readFreed(_ state: UnsafePointer<UInt64>, _ cpu: Int, table: Int, isAsked: Bool) {
        emit(.readTable, state, cpu, operand: table, isAsked: isAsked) { next in noteStale(next, table: table) }
    }

    // MARK: Speculation

    /// Walks for pages that no instruction asked for: they set A and fill, never set D, never fault.
    func speculateThroughTables(_ state: UnsafePointer<UInt64>, _ cpu: Int, _ record: Record) {
        // Where nothing speculates these are updates that an instruction asked for, of entries that have changed meanwhile.
        if cpus[cpu].pendingWalks.isPresent { finishPendingAccessed(state, cpu) }
        guard traits[cpu].speculates else { return }
        if plan.canLoop && !isEager { evictStaleWalks(state, cpu, record) }
        let space = Int(record.pointee.space)
        // Each entry and each table once, however many walks come to it.
        var (entries, tables): (UInt64, UInt64) = (0, 0)
        for leaf in leaves(of: space) {
            for level in stride(from: walks.rootLevel, through: 1, by: -1) {
                forEachReached(state, cpu, leaf: leaf, level: level) { start in
                    switch read(state, cpu, from: start, leaf: leaf) {
                    case .freed:
                        if tables & (1 << UInt64(start.table)) == 0 {
                            tables |= 1 << UInt64(start.table)
                            readFreed(state, cpu, table: start.table, isAsked: false)
                        }
                    case .wild(let word):
                        let bit: UInt64 = 1 << UInt64(word - walks.firstEntry)
                        if entries & bit == 0 {
                            entries |= bit
                            goWild(state, cpu, entry: word - walks.firstEntry, isAsked: false)
                        }
                    case .old(let word, _):
                        let bit: UInt64 = 1 << UInt64(word - walks.firstEntry)
                        if entries & bit == 0 {
                            entries |= bit
                            accessed(state, cpu, word: word, isAsked: false)
                        }
                    case .table(let next) where isEager:
                        let point = walks.point(ofLeaf: leaf, level: level - 1)
                        cache(state, cpu, next, point: point, from: start, leaf: leaf, isAsked: false)
                    case .leaf(let number) where isEager && !record.pointee.needsNoTranslations:
                        cache(state, cpu, number, from: start, leaf: leaf, isAsked: false)
                    case .leaf(let number) where !record.pointee.needsNoTranslations:
                        expose(state, cpu, number, from: start, leaf: leaf)
                    default: break
                    }
                }
            }
        }
        if traits[cpu].setsAccessedLate { speculateLate(state, cpu, record, setting: entries, &tables) }
    }

    /// Lazy form: a walk fills the TLB with a shadow-stack translation of an ordinary page, where memory itself has none.
    private func expose(
        _ state: UnsafePointer<UInt64>, _ cpu: Int, _ number: Int, from start: ReachedTable, leaf: Int
    ) {
        guard isExposed(by: translations[leaf][number], leaf: leaf, to: cpu),
            ghost.exposed[leaves[leaf].page].read(state) == 0
        else { return }
        emit(.speculate, state, cpu, operand: entry(ofLeaf: leaf, in: start)) { next in
            noteReachable(next, cpu, leaf: leaf, number)
        }
    }

    /// The Accessed updates that are under way; one that would change nothing is left out.
    ///
    /// Where some thread can loop each may also come to nothing, as a walk that nothing asked for may never have been begun: the
    /// partial walk that it came by may be gone meanwhile. Where memory still leads to the entry it begins again.
    private func finishPendingAccessed(_ state: UnsafePointer<UInt64>, _ cpu: Int) {
        var rest = cpus[cpu].pendingWalks.readBits(state)
        while rest != 0 {
            let entry = rest.trailingZeroBitCount
            rest &= rest &- 1
            let word = walks.firstEntry + entry
            let content = inMemory(state, word)
            if isAccessed(content) { continue }
            if plan.canLoop && !isEager {
                emit(.abandonWalk, state, cpu, operand: entry) { next in
                    cpus[cpu].pendingWalks.remove(1 << UInt64(entry), next)
                }
            }
            setAccessed(state, cpu, word: word, isAsked: false)
        }
    }

    // MARK: Eviction

    /// Eager form: each partial walk may vanish.
    func evictWalks(_ state: UnsafePointer<UInt64>, _ cpu: Int) {
        for point in 0..<walks.pointCount {
            if traits[cpu].cachesEntries { evictEntries(state, cpu, point: point) }
            if cpus[cpu].partialWalks[point].isPresent {
                evict(state, cpu, point: point, members: cpus[cpu].partialWalks[point].readBits(state))
            }
        }
    }

    /// Lazy form, where some thread can loop: partial walks that the root no longer leads to may vanish
    /// (`TranslationBuffer.swift`); without them walks set no A where memory does not lead.
    private func evictStaleWalks(_ state: UnsafePointer<UInt64>, _ cpu: Int, _ record: Record) {
        var seen: UInt64 = 0
        for leaf in leaves(of: Int(record.pointee.space)) {
            var start: ReachedTable? = walks.root(ofLeaf: leaf)
            for level in stride(from: walks.rootLevel - 1, through: 1, by: -1) {
                var current: (read: ReadTable, table: Int)?
                if let from = start, case .table(let next) = read(state, cpu, from: from, leaf: leaf) {
                    current = (next, from.table)
                }
                start = current?.read.reached
                let point = walks.point(ofLeaf: leaf, level: level)
                if seen & (1 << UInt64(point)) != 0 { continue }
                seen |= 1 << UInt64(point)
                if traits[cpu].cachesEntries { evictEntries(state, cpu, point: point, current: current) }
                let kept = start.map { walks.member($0) } ?? 0
                evict(state, cpu, point: point, members: cpus[cpu].partialWalks[point].readBits(state) & ~kept)
                // What was made in another address space of the tag.
                var mates = walks.pointMates[point]
                while mates != 0 {
                    let mate = mates.trailingZeroBitCount
                    mates &= mates &- 1
                    evictEntries(state, cpu, point: mate)
                    evict(state, cpu, point: mate, members: cpus[cpu].partialWalks[mate].readBits(state))
                }
            }
        }
    }

    private func evict(_ state: UnsafePointer<UInt64>, _ cpu: Int, point: Int, members: UInt64) {
        var rest = members
        while rest != 0 {
            let member = rest & (0 &- rest)
            rest &= rest &- 1
            emit(.evict, state, cpu, operand: leafCount + point) { next in
                cpus[cpu].partialWalks[point].remove(member, next)
            }
        }
    }
}
