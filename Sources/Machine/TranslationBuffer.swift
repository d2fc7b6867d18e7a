/// The TLB: per CPU and leaf, the set of translations that may be used.
///
/// Translations of one page made at different times coexist, and an access may use any of them (SDM 3A 4.10.2).
/// They vanish upon `invlpg`, a CR3 write, a page fault for the page (SDM 3A 4.10.4.1) and a flush; changing memory
/// removes nothing.
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
        leaves[leaf].find(value) ?? newTranslation(ofValue: value, leaf: leaf)
    }

    private func newTranslation(ofValue number: Int, leaf: Int) -> Int {
        if isLost() { return 0 }
        let bits = value(number) & Translation.relevant
        let frame = map.variable(ofFrame: (bits & 0x000f_ffff_ffff_f000) >> 12) ?? -1
        guard let index = leaves[leaf].add(number, bits, frame: frame), index <= widthLimit(.translations) else {
            fail(.outgrown(.translations))
            return 0
        }
        return index
    }

    /// Whether the value is an entry that a TLB may hold: P=1, A=1 (SDM 3A 4.10.2.2).
    @inline(__always)
    func isCacheable(_ number: Int) -> Bool { value(number) & 0x21 == 0x21 }

    /// Brings a successor into its canonical form; every step ends with it.
    ///
    /// Lazy: what each CPU's walker could cache now joins its TLB. Threads that are over translate nothing any more,
    /// so their TLBs are forgotten. What no step has touched since the last time needs no second look.
    @inline(__always)
    func settle(_ state: UnsafeMutablePointer<UInt64>) {
        guard leafCount > 0 else { return }
        for cpu in 0..<cpuCount {
            let record = records[cpu] + cpus[cpu].thread.read(state)
            if record.pointee.isEnded {
                for leaf in 0..<leafCount where cpus[cpu].translations[leaf].isPresent {
                    cpus[cpu].translations[leaf].writeBits(0, state)
                }
            } else if entriesChanged && !isEager && traits[cpu].speculates {
                for leaf in leaves(of: Int(record.pointee.space)) {
                    let seen = view(state, cpu, word: leaves[leaf].word)
                    if isCacheable(seen) {
                        cpus[cpu].translations[leaf].insert(1 << UInt64(translation(ofValue: seen, leaf: leaf)), state)
                    }
                }
            }
        }
        entriesChanged = false
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

    /// Drops all translations of a leaf.
    @inline(__always)
    func invalidate(_ state: UnsafeMutablePointer<UInt64>, _ cpu: Int, leaf: Int) {
        cpus[cpu].translations[leaf].writeBits(0, state)
        entriesChanged = true
    }

    /// Drops all translations of a set of leaves.
    func invalidate(_ state: UnsafeMutablePointer<UInt64>, _ cpu: Int, leaves set: UInt64) {
        var rest = set
        while rest != 0 {
            invalidate(state, cpu, leaf: rest.trailingZeroBitCount)
            rest &= rest - 1
        }
    }

    /// Drops everything; a CR3 write and `invpcid` of type 3 spare global translations (SDM 3A 4.10.4.1).
    func invalidateAll(_ state: UnsafeMutablePointer<UInt64>, _ cpu: Int, sparingGlobal: Bool) {
        entriesChanged = true
        for leaf in 0..<leafCount where cpus[cpu].translations[leaf].isPresent {
            var kept: UInt64 = 0
            if sparingGlobal {
                for number in 0..<leaves[leaf].count where leaves[leaf].translations[number].isGlobal {
                    kept |= 1 << UInt64(number)
                }
            }
            cpus[cpu].translations[leaf].writeBits(cpus[cpu].translations[leaf].readBits(state) & kept, state)
        }
    }

    /// The member of a set of translations with the lowest bits, which is taken out of the set.
    ///
    /// The order must not depend on the numbers, which say only what was seen first; and more may be numbered while
    /// somebody goes through the set.
    func takeFirst(of set: inout UInt64, leaf: Int) -> Int {
        var place = 0
        while set & (1 << UInt64(leaves[leaf].order[place])) == 0 { place += 1 }
        let number = Int(leaves[leaf].order[place])
        set &= ~(1 << UInt64(number))
        return number
    }

    /// Lazy form, for threads that can loop: at an access, a translation that memory no longer shows may vanish.
    ///
    /// Elsewhere it is enough that such a translation need not be used. A thread that loops, though, may do so for ever
    /// because the translation that would let it out is gone, and that end has to be reachable.
    func evictStale(_ state: UnsafePointer<UInt64>, _ cpu: Int, leaf: Int, current: Int) {
        var rest = cpus[cpu].translations[leaf].readBits(state) & ~(1 << UInt64(current))
        while rest != 0 {
            let number = takeFirst(of: &rest, leaf: leaf)
            let next = step(state, cpu, .evict, operand: leaf)
            cpus[cpu].translations[leaf].remove(1 << UInt64(number), next)
            settle(next)
        }
    }

    /// Eager form: each cached translation may vanish.
    func evict(_ state: UnsafePointer<UInt64>, _ cpu: Int) {
        for leaf in 0..<leafCount where cpus[cpu].translations[leaf].isPresent {
            var rest = cpus[cpu].translations[leaf].readBits(state)
            while rest != 0 {
                let number = takeFirst(of: &rest, leaf: leaf)
                let next = step(state, cpu, .evict, operand: leaf)
                cpus[cpu].translations[leaf].remove(1 << UInt64(number), next)
                settle(next)
            }
        }
    }
}
