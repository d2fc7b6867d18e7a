import PageTable

/// Accessed bits above the leaf that are set after all levels were read (`accessedLate`; levels.md (b), "Order of A", and (g)).
///
/// Such a CPU may set A top-down, as `TableWalker.swift` does, or late: the walk reads every level, also below entries with A=0;
/// once it has read a leaf with P=1 it sets A in each such entry, from the top downwards, each by a locked read-check-write
/// (SDM 3A 4.8). Where that finds P=0, or that the entry leads elsewhere, the walk begins again, in the latter case with A set;
/// bits that no walker looks at may have changed, as no manual says that they are compared. Then comes
/// A of the leaf, if it has none, which checks the leaf again; and the TLB is filled, with a leaf that had A as it was read.
/// A walk that faults leaves A above as it was. A Dirty update finds its leaf by such a walk, too, once A above is set.
///
/// A walk that has passed A=0 is under way, never cached: it is for one page, and ends with whatever ends walks (`endWalks`).
/// Several can be under way at once, the same more than once: a CPU has more than one page walker. One at a time would be less,
/// where software looks at two entries, both with A=0, before either walk has set its own.
///
/// *Lazy form.* As for partial walks (`PartialWalks.swift`): after each step the set holds all late walks that could be under way
/// by now. Reading is a may, and so is an update that finds A set already, since it changes nothing; none has to end by itself.
/// What is left as a step is setting A, and the set keeps the walk: another like it can be under way.
extension Machine {
    // MARK: The set

    /// The late walks for a leaf, one after the other in a fixed order.
    @inline(__always)
    func forEachLate(_ state: UnsafePointer<UInt64>, _ cpu: Int, leaf: Int, _ body: (_ walk: LateWalk) -> Void) {
        var rest = cpus[cpu].lateWalks[leaf].readBits(state)
        var place = 0
        while rest != 0 {
            let number = Int(lateWalks[leaf].order[place])
            place &+= 1
            if rest & (1 << UInt64(number)) == 0 { continue }
            rest &= ~(1 << UInt64(number))
            // More may be numbered meanwhile, which moves places: the walks behind this one are found by their numbers.
            let walk = lateWalks[leaf][number]
            let count = lateWalks[leaf].count
            body(walk)
            if lateWalks[leaf].count != count { place = 0 }
        }
    }

    /// The late walks for a leaf that read a level next, and those that come to it by entries with A=1; `isLate` tells them apart.
    private func forEachStart(
        _ state: UnsafePointer<UInt64>, _ cpu: Int, leaf: Int, level: Int,
        _ body: (_ walk: LateWalk, _ isLate: Bool) -> Void
    ) {
        if level > 1 { forEachReached(state, cpu, leaf: leaf, level: level) { body(LateWalk($0), false) } }
        forEachLate(state, cpu, leaf: leaf) { walk in
            if walk.stage == .reading && walks.levels[Int(walk.table)] == level { body(walk, true) }
        }
    }

    /// A late walk joins the set; one that is over fills the TLB.
    private func join(
        _ walk: LateWalk, _ state: UnsafeMutablePointer<UInt64>, _ cpu: Int, _ record: Record, leaf: Int
    ) {
        if walk.isOver {
            if record.pointee.needsNoTranslations || !cpus[cpu].translations[leaf].isPresent { return }
            insertTranslation(state, cpu, leaf: leaf, outcome(walk.bits, leaf: leaf))
            if isReachedEarly(walk, UnsafePointer(state), cpu, leaf: leaf) { return }
        }
        if cpus[cpu].lateWalks[leaf].isPresent {
            cpus[cpu].lateWalks[leaf].insert(1 << UInt64(number(of: walk, leaf: leaf)), state)
        } else {
            // It was not known that A above a leaf can be 0: build the machine again with room for such walks.
            fail(.outgrown(.lateWalks))
        }
    }

    private func isJoined(
        _ walk: LateWalk, _ state: UnsafePointer<UInt64>, _ cpu: Int, _ record: Record, leaf: Int
    ) -> Bool {
        if walk.isOver {
            if record.pointee.needsNoTranslations { return true }
            let number = outcome(walk.bits, leaf: leaf)
            if cpus[cpu].translations[leaf].readBits(state) & (1 << UInt64(number)) == 0 { return false }
            if isReachedEarly(walk, state, cpu, leaf: leaf) { return true }
        }
        guard let number = lateWalks[leaf].find(walk) else { return false }
        return cpus[cpu].lateWalks[leaf].readBits(state) & (1 << UInt64(number)) != 0
    }

    /// Whether walks that set A top-down have come to the table of a late one, with the same rights.
    private func isReachedEarly(_ walk: LateWalk, _ state: UnsafePointer<UInt64>, _ cpu: Int, leaf: Int) -> Bool {
        var isFound = false
        forEachReached(state, cpu, leaf: leaf, level: walks.levels[Int(walk.table)]) { start in
            if LateWalk(start) == LateWalk(walk.reached) { isFound = true }
        }
        return isFound
    }

    /// The tables in which a Dirty update finds a leaf of a level by late walks alone.
    func forEachReachedLate(
        _ state: UnsafePointer<UInt64>, _ cpu: Int, leaf: Int, level: Int, _ body: (ReachedTable) -> Void
    ) {
        forEachLate(state, cpu, leaf: leaf) { walk in
            guard walk.isOver, walks.levels[Int(walk.table)] == level,
                !isReachedEarly(walk, state, cpu, leaf: leaf)
            else { return }
            body(walk.reached)
        }
    }

    /// The number of a late walk, given when it is first needed.
    private func number(of walk: LateWalk, leaf: Int) -> Int {
        if let known = lateWalks[leaf].find(walk) { return known }
        if isLost() { return 0 }
        guard let new = lateWalks[leaf].insert(walk) else {
            fail(.outgrown(.lateWalks))
            return 0
        }
        return new
    }

    /// All late walks of a CPU come to nothing.
    func dropLateWalks(_ state: UnsafeMutablePointer<UInt64>, _ cpu: Int) {
        for leaf in 0..<leafCount { cpus[cpu].lateWalks[leaf].writeBits(0, state) }
    }

    // MARK: Reading and setting

    /// What a walker looks at in an entry above the leaf, A aside.
    private static var leadingBits: UInt64 {
        PageTableEntry.presentMask | PageTableEntry.writableMask | PageTableEntry.userMask
            | PageTableEntry.frameMask | EntryFieldName.pageSize.mask | EntryFieldName.noExecute.mask
    }

    /// What a walk can come to with its next read, as far as it is late then.
    private func forEachRead(
        _ state: UnsafePointer<UInt64>, _ cpu: Int, leaf: Int, _ walk: LateWalk, isLate: Bool,
        _ body: (_ next: LateWalk) -> Void
    ) {
        let start = walk.reached
        let word = walks.word(ofPage: leaves[leaf].page, table: start.table)
        let content = view(state, cpu, word: word)
        switch read(state, cpu, from: start, leaf: leaf, ignoringAccessed: true) {
        case .table(let next):
            if !isAccessed(content) {
                body(walk.going(to: next.reached, setting: word, content: value(content) & Self.leadingBits))
            } else if isLate {
                body(walk.going(to: next.reached))
            }
        case .leaf(let number) where isLate:
            body(walk.ending(isAccessed(content) ? translations[leaf][number].bits : nil))
        default: break
        }
        if isLate, traits[cpu].cachesEntries, walks.levels[start.table] > 1 {
            forEachCachedEntry(state, cpu, leaf: leaf, from: start) { body(walk.going(to: $0)) }
        }
    }

    /// What a walk's next Accessed update does, if it can be made.
    private struct Update {
        var word: Int
        /// The number of the entry's content after it, where it sets A.
        var content: Int?
        /// How the walk goes on; nil where it begins again.
        var next: LateWalk?
    }

    private func update(_ state: UnsafePointer<UInt64>, _ cpu: Int, leaf: Int, _ walk: LateWalk) -> Update? {
        guard walk.stage != .reading, !walk.isOver else { return nil }
        let isOfLeaf = walk.pending == 0
        let word = isOfLeaf ? walks.word(ofPage: leaves[leaf].page, table: Int(walk.table)) : walk.first.word
        if buffers(state, cpu, word: word) { return nil }
        let level = walks.levels[walks.tablesOfEntries[word - walks.firstEntry]]
        let content = inMemory(state, word)
        let updated = value(content) | PageTableEntry.accessedMask
        var update = Update(word: word)
        if !isAccessed(content) { update.content = number(ofValue: updated) }
        guard isPresent(content) else {
            return traits[cpu].accessedOnNotPresent && level < map.levels ? update : nil
        }
        if level > 1 && hasReservedBit(content, level: level) { return nil }
        if !isOfLeaf {
            if walk.first.content == updated & Self.leadingBits { update.next = walk.afterFirst }
        } else if isLeaf(content, level: level) {
            update.next = walk.ending(translations[leaf][translation(ofLeaf: content, walk.reached, leaf: leaf)].bits)
        } else {
            update.next = nextTable(content, from: walk.reached).map { walk.going(to: $0) }
        }
        return update
    }

    // MARK: Lazy form

    /// All late walks that could be under way by now join the set.
    func saturateLate(_ state: UnsafeMutablePointer<UInt64>, _ cpu: Int, _ record: Record) {
        let before = UnsafePointer(state)
        for leaf in leaves(of: Int(record.pointee.space)) {
            var known: UInt64
            repeat {
                known = cpus[cpu].lateWalks[leaf].readBits(state)
                for level in stride(from: walks.rootLevel, through: 1, by: -1) {
                    forEachStart(before, cpu, leaf: leaf, level: level) { walk, isLate in
                        forEachRead(before, cpu, leaf: leaf, walk, isLate: isLate) {
                            join($0, state, cpu, record, leaf: leaf)
                        }
                    }
                }
                forEachLate(before, cpu, leaf: leaf) { walk in
                    guard let update = update(before, cpu, leaf: leaf, walk), update.content == nil else { return }
                    if let next = update.next { join(next, state, cpu, record, leaf: leaf) }
                }
            } while failure == nil && known != cpus[cpu].lateWalks[leaf].readBits(state)
        }
    }

    /// Accessed updates of late walks, as steps.
    ///
    /// - Parameter entries: those in which a step of the CPU sets A already, a bit each.
    private func setAccessedLate(
        _ state: UnsafePointer<UInt64>, _ cpu: Int, _ record: Record, besides entries: UInt64
    ) {
        var entries = entries
        for leaf in leaves(of: Int(record.pointee.space)) {
            forEachLate(state, cpu, leaf: leaf) { walk in
                if plan.canLoop { abandon(walk, state, cpu, leaf: leaf) }
                guard let update = update(state, cpu, leaf: leaf, walk) else { return }
                let entry = update.word - walks.firstEntry
                guard let content = update.content else {
                    expose(state, cpu, update, leaf: leaf)
                    return
                }
                if entries & (1 << UInt64(entry)) != 0 { return }
                entries |= 1 << UInt64(entry)
                emit(.setAccessed, state, cpu, operand: entry, isAsked: false) { next in
                    writeByHardware(next, entry: entry, content)
                }
            }
        }
    }

    /// A late walk fills the TLB with a shadow-stack translation of an ordinary page.
    private func expose(_ state: UnsafePointer<UInt64>, _ cpu: Int, _ update: Update, leaf: Int) {
        guard let walk = update.next, walk.isOver else { return }
        let number = outcome(walk.bits, leaf: leaf)
        guard isExposed(by: translations[leaf][number], leaf: leaf, to: cpu),
            ghost.exposed[leaves[leaf].page].read(state) == 0
        else { return }
        emit(.speculate, state, cpu, operand: update.word - walks.firstEntry) { next in
            noteReachable(next, cpu, leaf: leaf, number)
        }
    }

    private func abandon(_ walk: LateWalk, _ state: UnsafePointer<UInt64>, _ cpu: Int, leaf: Int) {
        guard let number = lateWalks[leaf].find(walk) else { return }
        let word = walk.pending > 0 ? walk.first.word : walks.word(ofPage: leaves[leaf].page, table: Int(walk.table))
        emit(.abandonWalk, state, cpu, operand: word - walks.firstEntry) { next in
            cpus[cpu].lateWalks[leaf].remove(1 << UInt64(number), next)
        }
    }

    // MARK: Literal form

    /// Each read, each update, each end of a late walk for a leaf as a step.
    func stepLate(_ state: UnsafePointer<UInt64>, _ cpu: Int, _ record: Record, leaf: Int, isAsked: Bool) {
        for level in stride(from: walks.rootLevel, through: 1, by: -1) {
            forEachStart(state, cpu, leaf: leaf, level: level) { walk, isLate in
                let word = walks.word(ofPage: leaves[leaf].page, table: Int(walk.table))
                forEachRead(state, cpu, leaf: leaf, walk, isLate: isLate) { next in
                    if isJoined(next, state, cpu, record, leaf: leaf) { return }
                    // One that an instruction asked for checks rights before it sets A.
                    if isAsked, next.stage != .reading,
                        case .leaf(let number) = read(
                            state, cpu, from: walk.reached, leaf: leaf, ignoringAccessed: true),
                        !permits(translations[leaf][number], record, cpu)
                    {
                        return
                    }
                    emit(isAsked ? .walk : .speculate, state, cpu, operand: word - walks.firstEntry) { state in
                        joinNoting(next, state, cpu, record, leaf: leaf)
                    }
                }
            }
        }
        forEachLate(state, cpu, leaf: leaf) { walk in
            abandon(walk, state, cpu, leaf: leaf)
            guard let update = update(state, cpu, leaf: leaf, walk) else { return }
            let isKnown = update.next.map { isJoined($0, state, cpu, record, leaf: leaf) } ?? true
            if update.content == nil && isKnown { return }
            let entry = update.word - walks.firstEntry
            emit(.setAccessed, state, cpu, operand: entry, isAsked: isAsked) { state in
                if let content = update.content { writeByHardware(state, entry: entry, content) }
                if let next = update.next { joinNoting(next, state, cpu, record, leaf: leaf) }
            }
        }
    }

    /// A late walk joins, and it is noted what it exposes.
    private func joinNoting(
        _ walk: LateWalk, _ state: UnsafeMutablePointer<UInt64>, _ cpu: Int, _ record: Record, leaf: Int
    ) {
        join(walk, state, cpu, record, leaf: leaf)
        if walk.isOver && !record.pointee.needsNoTranslations {
            noteReachable(state, cpu, leaf: leaf, outcome(walk.bits, leaf: leaf))
        }
    }

    // MARK: Speculation

    /// Late walks that no instruction asked for.
    ///
    /// - Parameters:
    ///   - entries: those in which walks that are not late find A=0, a bit each.
    ///   - tables: freed ones that a step of the CPU reads already.
    func speculateLate(
        _ state: UnsafePointer<UInt64>, _ cpu: Int, _ record: Record, setting entries: UInt64, _ tables: inout UInt64
    ) {
        var wild: UInt64 = 0
        for leaf in leaves(of: Int(record.pointee.space)) {
            for level in stride(from: walks.rootLevel, through: 1, by: -1) {
                strayLate(state, cpu, leaf: leaf, level: level, &tables, &wild)
            }
            if isEager { stepLate(state, cpu, record, leaf: leaf, isAsked: false) }
        }
        if isEager { return }
        let pending = cpus[cpu].pendingWalks
        setAccessedLate(state, cpu, record, besides: pending.isPresent ? pending.readBits(state) : entries)
    }

    // MARK: What a late walk comes to

    /// What late walks for the current instruction find at a level that does not permit the access.
    func refuseLate(
        _ state: UnsafePointer<UInt64>, _ cpu: Int, _ record: Record, leaf: Int, level: Int, _ bases: inout UInt64
    ) {
        forEachStart(state, cpu, leaf: leaf, level: level) { walk, isLate in
            switch read(state, cpu, from: walk.reached, leaf: leaf, ignoringAccessed: true) {
            case .wild(let word) where isLate || !isAccessed(view(state, cpu, word: word)):
                goWild(state, cpu, entry: word - walks.firstEntry, isAsked: true)
            case .freed where isLate: readFreed(state, cpu, table: Int(walk.table), isAsked: true)
            case .notPresent(let level) where isLate: bases |= 1 << UInt64(notPresent(level: level, leaf: leaf))
            case .reserved(let level) where isLate: bases |= 1 << UInt64(reserved(level: level, leaf: leaf))
            case .leaf(let number) where isLate && !permits(translations[leaf][number], record, cpu):
                bases |= 1 << UInt64(number)
            default: break
            }
        }
    }

    /// Late walks that nothing asked for read freed tables, and entries that point to nothing of the test.
    ///
    /// - Parameters:
    ///   - tables: freed ones that a step of the CPU reads already, a bit each.
    ///   - entries: such entries that one reads already.
    private func strayLate(
        _ state: UnsafePointer<UInt64>, _ cpu: Int, leaf: Int, level: Int, _ tables: inout UInt64,
        _ entries: inout UInt64
    ) {
        forEachStart(state, cpu, leaf: leaf, level: level) { walk, isLate in
            switch read(state, cpu, from: walk.reached, leaf: leaf, ignoringAccessed: true) {
            case .wild(let word) where isLate || !isAccessed(view(state, cpu, word: word)):
                let bit: UInt64 = 1 << UInt64(word - walks.firstEntry)
                if entries & bit != 0 { return }
                entries |= bit
                goWild(state, cpu, entry: word - walks.firstEntry, isAsked: false)
            case .freed where isLate:
                let bit: UInt64 = 1 << UInt64(walk.table)
                if tables & bit != 0 { return }
                tables |= bit
                readFreed(state, cpu, table: Int(walk.table), isAsked: false)
            default: break
            }
        }
    }
}
