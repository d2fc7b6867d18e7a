import PageTable

/// The TLB: per CPU and leaf, the set of translations that may be used.
///
/// Translations of one page made at different times coexist, and an access may use any of them (SDM 3A 4.10.2).
/// They belong to the address space (the tag) in which they were made; a global one may be used in any. They vanish upon
/// invalidations (`Invalidation.swift`); changing memory removes nothing.
///
/// *Lazy form.* With speculation on, a CPU may at any time walk and cache what memory shows, and may lose any entry
/// at any time. So instead of exploring each fill and each eviction, the set holds everything that could be cached
/// since the last invalidation: an entry joins as soon as it could be filled (P=1, A=1), and none is evicted. An
/// access may use any member or walk, which covers every subset that the eager machine can hold at that moment; and
/// each member could really be there, because the walk that fills it could have run when it joined. A=0 is the one
/// case in which a walk changes memory, so setting A stays a step (``Machine/speculate(_:_:_:)``).
extension Machine {
    /// The number of the translation that a word's value is.
    @inline(__always)
    func translation(ofValue value: Int, leaf: Int) -> Int {
        translations[leaf].find(value) ?? newTranslation(ofValue: value, leaf: leaf)
    }

    private func newTranslation(ofValue number: Int, leaf: Int) -> Int {
        if isLost() { return 0 }
        let bits = value(number) & Translation.relevant
        let frame = map.variable(ofFrame: PageTableEntry(rawValue: bits).frameNumber) ?? -1
        guard let index = translations[leaf].add(number, bits, frame: frame), index <= plan.widthLimit(.translations)
        else {
            fail(.outgrown(.translations))
            return 0
        }
        return index
    }

    /// Whether the value is an entry that a TLB may hold: P=1, A=1 (SDM 3A 4.10.2.2).
    @inline(__always)
    func isCacheable(_ number: Int) -> Bool { isPresent(number) && isAccessed(number) }

    /// P of an entry in memory, by the number of its value.
    @inline(__always)
    func isPresent(_ number: Int) -> Bool { value(number) & PageTableEntry.presentMask != 0 }

    /// A of an entry in memory, by the number of its value.
    @inline(__always)
    func isAccessed(_ number: Int) -> Bool { value(number) & PageTableEntry.accessedMask != 0 }

    /// Brings a successor into its canonical form; every step ends with it.
    ///
    /// Lazy: what each CPU's walker could cache now joins its TLB. Threads that are over translate nothing any more,
    /// so their TLBs are forgotten. What the step has not touched needs no second look (``Changes``).
    @inline(__always)
    func settle(_ state: UnsafeMutablePointer<UInt64>) {
        guard settles else { return }
        if gracePeriods != 0 { leaveSections(state) }
        var rest = changes.moved
        while rest != 0 {
            let cpu = rest.trailingZeroBitCount
            rest &= rest - 1
            if record(UnsafePointer(state), cpu).pointee.needsNoTranslations {
                for leaf in 0..<leafCount where cpus[cpu].translations[leaf].isPresent {
                    cpus[cpu].translations[leaf].writeBits(0, state)
                }
            }
        }
        if !isEager && changes.needFills { fillFromMemory(state) }
        if changes.leaves != 0 { steps.noteChanges(ofLeaves: changes.leaves) }
        changes = Changes()
    }

    /// Walkers look at what has changed: a CPU at all it sees where its own view has, everybody at changed leaves.
    private func fillFromMemory(_ state: UnsafeMutablePointer<UInt64>) {
        if walks.hasUpperLevels {
            saturateAll(state)
            return
        }
        var looking = changes.viewed
        while looking != 0 {
            let cpu = looking.trailingZeroBitCount
            looking &= looking &- 1
            let record = record(UnsafePointer(state), cpu)
            if !traits[cpu].speculates { continue }
            for leaf in leaves(of: Int(record.pointee.space)) where leaves[leaf].viewers & (1 << UInt64(cpu)) != 0 {
                cacheView(state, cpu, record, leaf: leaf)
            }
        }
        var changed = changes.leaves
        while changed != 0 {
            let leaf = changed.trailingZeroBitCount
            changed &= changed &- 1
            looking = leaves[leaf].viewers & ~changes.viewed
            while looking != 0 {
                let cpu = looking.trailingZeroBitCount
                looking &= looking &- 1
                let record = record(UnsafePointer(state), cpu)
                if Int(record.pointee.space) != leaves[leaf].space { continue }
                cacheView(state, cpu, record, leaf: leaf)
            }
        }
    }

    /// The same with several levels: an entry that has changed may be below any walk.
    private func saturateAll(_ state: UnsafeMutablePointer<UInt64>) {
        var looking = changes.leaves != 0 ? (1 << UInt64(cpuCount)) - 1 : changes.viewed
        while looking != 0 {
            let cpu = looking.trailingZeroBitCount
            looking &= looking &- 1
            if traits[cpu].speculates { saturate(state, cpu, record(UnsafePointer(state), cpu)) }
        }
    }

    /// A walk that nothing asked for: it caches what it sees, or is about to set A where that takes a step of its own.
    @inline(__always)
    private func cacheView(_ state: UnsafeMutablePointer<UInt64>, _ cpu: Int, _ record: Record, leaf: Int) {
        let seen = view(state, cpu, word: leaves[leaf].word)
        guard isCacheable(seen) else {
            if isPresent(seen) { cpus[cpu].pendingWalks.insert(1 << UInt64(leaf), state) }
            return
        }
        // An ended thread translates nothing any more.
        if record.pointee.needsNoTranslations || !cpus[cpu].translations[leaf].isPresent { return }
        cpus[cpu].translations[leaf].insert(1 << UInt64(translation(ofValue: seen, leaf: leaf)), state)
    }

    /// The leaves of an address space.
    @inline(__always)
    func leaves(of space: Int) -> Range<Int> { space * pageCount..<(space + 1) * pageCount }

    /// A walk's result joins the TLB.
    @inline(__always)
    func fill(_ state: UnsafeMutablePointer<UInt64>, _ cpu: Int, leaf: Int, value: Int) {
        guard isCacheable(value) else { return }
        cpus[cpu].translations[leaf].insert(1 << UInt64(translation(ofValue: value, leaf: leaf)), state)
    }

    /// Drops all translations of a leaf, and the partial walks for it, as a page fault does.
    @inline(__always)
    func invalidate(_ state: UnsafeMutablePointer<UInt64>, _ cpu: Int, leaf: Int) {
        cpus[cpu].translations[leaf].writeBits(0, state)
        if walks.hasUpperLevels {
            dropAll(state, cpu, leaf: leaf)
            dropWalks(state, cpu, points: walks.path(ofLeaf: leaf))
        }
        endWalks(state, cpu)
    }

    /// The same for those of the page that other address spaces with the tag have made, and for large ones.
    private func dropAll(_ state: UnsafeMutablePointer<UInt64>, _ cpu: Int, leaf: Int) {
        var rest = walks.leafMates[leaf]
        while rest != 0 {
            let mate = rest.trailingZeroBitCount
            rest &= rest &- 1
            cpus[cpu].translations[mate].writeBits(0, state)
            dropLarge(state, cpu, mates: walks.regionMates[mate], walks.rangeMates[mate], areGlobal: nil)
        }
    }

    /// The translations that an access to a leaf's page may use: those made by that leaf, by others of the page under the same
    /// tag, and global ones made in another address space (SDM 3A 4.10.2.4); by their numbers for this leaf.
    @inline(__always)
    func usableTranslations(_ state: UnsafePointer<UInt64>, _ cpu: Int, leaf: Int) -> UInt64 {
        let own = cpus[cpu].translations[leaf].readBits(state)
        return leafCount == pageCount ? own : own | othersTranslations(state, cpu, leaf: leaf)
    }

    private func othersTranslations(_ state: UnsafePointer<UInt64>, _ cpu: Int, leaf: Int) -> UInt64 {
        var found: UInt64 = 0
        for other in stride(from: leaves[leaf].page, to: leafCount, by: pageCount) where other != leaf {
            var rest = cpus[cpu].translations[other].readBits(state) & usable(by: leaf, of: other)
            while rest != 0 {
                let number = rest.trailingZeroBitCount
                rest &= rest &- 1
                found |= 1 << UInt64(self.number(of: translations[other][number], leaf: leaf))
            }
        }
        return found
    }

    /// The translations of another leaf of the page that may be used, by their numbers for that leaf: under one tag all, else
    /// those that are global.
    @inline(__always)
    private func usable(by leaf: Int, of other: Int) -> UInt64 {
        walks.leafMates[leaf] & (1 << UInt64(other)) != 0 ? .max : translations[other].globals
    }

    /// A leaf's number for a translation that another leaf made.
    private func number(of translation: Translation, leaf: Int) -> Int {
        if let known = translations[leaf].find(bits: translation.bits) { return known }
        if isLost() { return 0 }
        guard let new = translations[leaf].insert(translation.bits, frame: Int(translation.frame)),
            new <= plan.widthLimit(.translations)
        else {
            fail(.outgrown(.translations))
            return 0
        }
        return new
    }

    /// The member of a set of translations with the lowest bits, which is taken out of the set.
    ///
    /// The order must not depend on the numbers, which say only what was seen first; and more may be numbered while
    /// somebody goes through the set.
    func takeFirst(of set: inout UInt64, leaf: Int) -> Int {
        var place = 0
        while set & (1 << UInt64(translations[leaf].order[place])) == 0 { place += 1 }
        let number = Int(translations[leaf].order[place])
        set &= ~(1 << UInt64(number))
        return number
    }

    /// Lazy form, for threads that can loop: at an access, a translation that memory no longer shows may vanish.
    ///
    /// Elsewhere it is enough that such a translation need not be used. A thread that loops, though, may do so for ever
    /// because the translation that would let it out is gone, and that end has to be reachable.
    func evictStale(_ state: UnsafePointer<UInt64>, _ cpu: Int, leaf: Int, current: Int) {
        for origin in stride(from: leaves[leaf].page, to: leafCount, by: pageCount) {
            var rest = cpus[cpu].translations[origin].readBits(state)
            rest &= origin == leaf ? ~(1 << UInt64(current)) : usable(by: leaf, of: origin)
            while rest != 0 {
                let number = takeFirst(of: &rest, leaf: origin)
                emit(.evict, state, cpu, operand: origin) { next in
                    cpus[cpu].translations[origin].remove(1 << UInt64(number), next)
                    let translation = translations[origin][number]
                    if translation.level > 1 {
                        remove(next, cpu, translation.bits, from: walks.mates(ofLeaf: origin, level: translation.level))
                    }
                }
            }
        }
    }

    /// Eager form: each cached translation may vanish.
    func evict(_ state: UnsafePointer<UInt64>, _ cpu: Int) {
        if walks.hasUpperLevels { evictWalks(state, cpu) }
        for leaf in 0..<leafCount where cpus[cpu].translations[leaf].isPresent {
            var rest = cpus[cpu].translations[leaf].readBits(state)
            while rest != 0 {
                let number = takeFirst(of: &rest, leaf: leaf)
                let mates =
                    walks.hasUpperLevels ? walks.mates(ofLeaf: leaf, level: translations[leaf][number].level) : 0
                // A large translation is one: it leaves the TLB for all its pages, and once.
                if isHeld(state, cpu, translations[leaf][number].bits, by: mates & ((1 << UInt64(leaf)) - 1)) {
                    continue
                }
                emit(.evict, state, cpu, operand: leaf) { next in
                    cpus[cpu].translations[leaf].remove(1 << UInt64(number), next)
                    remove(next, cpu, translations[leaf][number].bits, from: mates)
                }
            }
        }
    }
}

/// What a step has changed so far, as far as TLBs are concerned.
struct Changes {
    /// CPUs whose thread went on, a bit each.
    private(set) var moved: UInt64 = 0
    /// CPUs that have lost translations or see entries differently than before, because of a store in their own buffer
    /// or another address space; a bit each.
    private(set) var viewed: UInt64 = 0
    /// Entries that have changed in memory, a bit each.
    private(set) var leaves: UInt64 = 0

    /// Whether some walker could cache something that it could not before.
    var needFills: Bool { viewed | leaves != 0 }

    @inline(__always)
    mutating func noteMove(_ cpu: Int) { moved |= 1 << UInt64(cpu) }

    @inline(__always)
    mutating func noteView(_ cpu: Int) { viewed |= 1 << UInt64(cpu) }

    @inline(__always)
    mutating func noteWrite(entry: Int) { leaves |= 1 << UInt64(entry) }

    @inline(__always)
    mutating func noteWrites(leaves set: UInt64) { leaves |= set }
}
