import Litmus
import PageTable

/// Partial walks: what paging-structure caches hold, and the walks under way (SDM 3A 4.10.3; levels.md (a), (b)).
///
/// Per CPU and point (`WalkLayout.swift`) the set of tables that a walk has reached there, with the rights of the levels above.
/// A walk starts from the root or from any of them. They belong to the tag, the address space, in which they were made.
///
/// *Lazy form*, as for translations (`TranslationBuffer.swift`): after each step the sets hold everything that the CPU could
/// have read by now, level by level. To have an entry disables no step, since every look-up is a may; each entry that joins
/// could have been made at that moment, from one that could still be held; nothing has to be evicted; invalidations act on each
/// entry by itself; and the literal machine's sets are subsets at all times. So the ends are the same (Syeda and Klein's
/// saturated TLB, JAR 2020; the last walks since the invalidation in verified-nrkernel). A=0 stops it, because setting A
/// changes memory, and so does a table that was freed, until a walker has read it once. That a shadow stack becomes reachable
/// by a partial walk alone is a step, too (``speculateThroughTables(_:_:_:)``): the walk need not have been kept.
extension Machine {
    /// A table that walks for a leaf have reached at a level, one after the other in a fixed order.
    @inline(__always)
    func forEachReached(
        _ state: UnsafePointer<UInt64>, _ cpu: Int, leaf: Int, level: Int, _ body: (ReachedTable) -> Void
    ) {
        if level == walks.rootLevel {
            body(walks.root(ofLeaf: leaf))
            return
        }
        var rest = reachedMembers(state, cpu, leaf: leaf, level: level)
        while rest != 0 {
            let member = rest.trailingZeroBitCount
            rest &= rest &- 1
            body(walks.reached(member, level: level))
        }
    }

    /// The tables that walks for a leaf have reached at a level below the root's, as members of its point's set, a bit each.
    ///
    /// What was made under one tag serves every address space that has it (SDM 3A 4.10.1).
    @inline(__always)
    private func reachedMembers(_ state: UnsafePointer<UInt64>, _ cpu: Int, leaf: Int, level: Int) -> UInt64 {
        let point = walks.point(ofLeaf: leaf, level: level)
        var members = cpus[cpu].partialWalks[point].readBits(state)
        if traits[cpu].cachesEntries { members |= reachedByEntries(state, cpu, leaf: leaf, level: level) }
        var mates = walks.pointMates[point]
        while mates != 0 {
            members |= cpus[cpu].partialWalks[mates.trailingZeroBitCount].readBits(state)
            mates &= mates &- 1
        }
        return members
    }

    /// Everything that a CPU's walker can read without changing memory joins its partial walks and its TLB.
    func saturate(_ state: UnsafeMutablePointer<UInt64>, _ cpu: Int, _ record: Record) {
        let space = Int(record.pointee.space)
        for level in stride(from: walks.rootLevel - 1, through: 1, by: -1) {
            var points = walks.pointsOfSpaces[space]
            while points != 0 {
                let point = points.trailingZeroBitCount
                points &= points &- 1
                guard walks.pointLevels[point] == level else { continue }
                let leaf = leafNumber(page: walks.pages[point], space: space)
                forEachReached(UnsafePointer(state), cpu, leaf: leaf, level: level + 1) { start in
                    switch saturatingRead(state, cpu, from: start, leaf: leaf) {
                    case .table(let next): keep(next, state, cpu, point: point, from: start.table)
                    case .leaf(let number) where !record.pointee.needsNoTranslations:
                        fillAll(walks.leavesOfPoints[point], state, cpu, translations[leaf][number].bits)
                    default: break
                    }
                }
            }
        }
        for leaf in leaves(of: space) {
            forEachReached(UnsafePointer(state), cpu, leaf: leaf, level: 1) { start in
                guard case .leaf(let number) = saturatingRead(state, cpu, from: start, leaf: leaf) else { return }
                // An ended thread translates nothing any more; its walker goes on for what it does to memory.
                if record.pointee.needsNoTranslations || !cpus[cpu].translations[leaf].isPresent { return }
                cpus[cpu].translations[leaf].insert(1 << UInt64(number), state)
            }
        }
        if traits[cpu].setsAccessedLate { saturateLate(state, cpu, record) }
    }

    /// A read of saturation; what is about to have A set is noted.
    private func saturatingRead(
        _ state: UnsafeMutablePointer<UInt64>, _ cpu: Int, from start: ReachedTable, leaf: Int
    ) -> WalkRead {
        let found = read(UnsafePointer(state), cpu, from: start, leaf: leaf)
        if case .old(let word, _) = found {
            cpus[cpu].pendingWalks.insert(1 << UInt64(word - walks.firstEntry), state)
        }
        return found
    }

    /// What a walk for a leaf finds in a table that it has reached.
    func read(
        _ state: UnsafePointer<UInt64>, _ cpu: Int, from start: ReachedTable, leaf: Int, ignoringAccessed: Bool = false
    ) -> WalkRead {
        if isFreedUnread(state, table: start.table) { return .freed }
        let word = walks.word(ofPage: leaves[leaf].page, table: start.table)
        let level = walks.levels[start.table]
        let number = view(state, cpu, word: word)
        if !isPresent(number) { return .notPresent(level: level) }
        let isLeaf = isLeaf(number, level: level)
        if level > 1 && hasReservedBit(number, level: level) { return .reserved(level: level) }
        if !isAccessed(number) && !ignoringAccessed { return .old(word: word, isLeaf: isLeaf) }
        if isLeaf { return .leaf(translation(ofLeaf: number, start, leaf: leaf)) }
        guard let next = nextTable(number, from: start) else { return .wild(word: word) }
        let entry = PageTableEntry(rawValue: value(number))
        return .table(
            ReadTable(reached: next, entryIsWritable: entry.isWritable, entryIsUser: entry.isUser))
    }

    /// The table that a present entry above the leaf points to, by the number of its value.
    @inline(__always)
    func nextTable(_ number: Int, from start: ReachedTable) -> ReachedTable? {
        let entry = value(number)
        if asksMismatch && entry & EntryFieldName.noExecute.mask != 0 { failNoExecute() }
        return walks.next(PageTableEntry(rawValue: entry), from: start)
    }

    private func failNoExecute() {
        fail(
            .invalid(
                place: nil,
                message: "an entry that points to a table has NX=1, and \(Property.sizeMismatch.name) is asked",
                remedy: "set nx in leaves: rights to execute above them are not followed"))
    }

    /// The number of what a leaf is with the rights of the levels above it.
    func translation(ofLeaf content: Int, _ start: ReachedTable, leaf: Int) -> Int {
        let (entry, level) = (value(content), walks.levels[start.table])
        guard entry & PageTableEntry.presentMask != 0 else { return notPresent(level: level, leaf: leaf) }
        if UpperEntry.hasReservedBit(entry, level: level) { return reserved(level: level, leaf: leaf) }
        var bits = UpperEntry.translationBits(entry, level: level)
        if asksMismatch { bits |= entry & EntryFieldName.noExecute.mask }
        if !start.isWritable { bits = bits & ~PageTableEntry.writableMask | Translation.readOnlyAbove }
        if !start.isUser { bits &= ~PageTableEntry.userMask }
        return outcome(bits, leaf: leaf)
    }

    /// The number of the outcome of a walk that found P=0 at a level.
    func notPresent(level: Int, leaf: Int) -> Int {
        outcome(UInt64(level) << Translation.missingLevelShift, leaf: leaf)
    }

    /// The number of the outcome of a walk that found a reserved bit at a level.
    func reserved(level: Int, leaf: Int) -> Int {
        outcome(UInt64(level) << Translation.missingLevelShift | Translation.reserved, leaf: leaf)
    }

    /// The number of an outcome, given when it is first needed.
    func outcome(_ bits: UInt64, leaf: Int) -> Int {
        if let known = translations[leaf].find(bits: bits) { return known }
        if isLost() { return 0 }
        let frame = Translation(bits: bits, frame: -1).isPresent ? frame(of: bits, leaf: leaf) : -1
        guard let number = translations[leaf].insert(bits, frame: frame), number <= plan.widthLimit(.translations)
        else {
            fail(.outgrown(.translations))
            return 0
        }
        return number
    }

    /// The outcome of a walk from the root, all levels read at once, A left out: of memory, or of what a CPU sees.
    ///
    /// - Parameter reading: is told each table that the walk reads.
    func outcomeFromRoot(
        _ state: UnsafePointer<UInt64>, leaf: Int, seenBy cpu: Int? = nil, reading: (_ table: Int) -> Void = { _ in }
    ) -> Int {
        var start = walks.root(ofLeaf: leaf)
        while true {
            reading(start.table)
            let word = walks.word(ofPage: leaves[leaf].page, table: start.table)
            let number = cpu.map { view(state, $0, word: word) } ?? inMemory(state, word)
            let level = walks.levels[start.table]
            guard isPresent(number) else { return notPresent(level: level, leaf: leaf) }
            if isLeaf(number, level: level) { return translation(ofLeaf: number, start, leaf: leaf) }
            if level > 1, hasReservedBit(number, level: level) { return reserved(level: level, leaf: leaf) }
            guard let next = nextTable(number, from: start) else {
                return outcome(UInt64(level) << Translation.missingLevelShift | Translation.wild, leaf: leaf)
            }
            start = next
        }
    }

    /// Drops partial walks: of these points, a bit each.
    @inline(__always)
    func dropWalks(_ state: UnsafeMutablePointer<UInt64>, _ cpu: Int, points: UInt64) {
        var rest = points
        while rest != 0 {
            let point = rest.trailingZeroBitCount
            rest &= rest &- 1
            cpus[cpu].partialWalks[point].writeBits(0, state)
            if traits[cpu].cachesEntries { dropEntries(state, cpu, point: point) }
        }
    }

    /// Whether what a walk has read is among the partial walks already.
    @inline(__always)
    func isKept(_ read: ReadTable, _ state: UnsafePointer<UInt64>, _ cpu: Int, point: Int, from table: Int) -> Bool {
        if traits[cpu].cachesEntries, !isEntryKept(read, state, cpu, point: point, from: table) { return false }
        return !traits[cpu].cachesPrefixes
            || cpus[cpu].partialWalks[point].readBits(state) & walks.member(read.reached) != 0
    }

    /// What a walk has read in a table joins the partial walks.
    @inline(__always)
    func keep(_ read: ReadTable, _ state: UnsafeMutablePointer<UInt64>, _ cpu: Int, point: Int, from table: Int) {
        if traits[cpu].cachesEntries { keepEntry(read, state, cpu, point: point, from: table) }
        if traits[cpu].cachesPrefixes { cpus[cpu].partialWalks[point].insert(walks.member(read.reached), state) }
    }
}

/// What one read of a walk finds.
enum WalkRead {
    /// P=0.
    case notPresent(level: Int)
    /// P=1 and a reserved bit.
    case reserved(level: Int)
    /// P=1, A=0: A has to be set first.
    case old(word: Int, isLeaf: Bool)
    /// A table of the level below.
    case table(ReadTable)
    /// A leaf: its number as a translation.
    case leaf(Int)
    /// It points to a frame that is not a table of the level below.
    case wild(word: Int)
    /// The table was freed and nobody has read it since: the read is a step of its own.
    case freed
}

/// A table that a walk has read the way to.
struct ReadTable {
    /// The table, with the rights of all levels passed.
    var reached: ReachedTable
    /// The rights that the entry alone gives.
    var entryIsWritable: Bool
    var entryIsUser: Bool
}
