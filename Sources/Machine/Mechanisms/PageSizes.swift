import Litmus
import PageTable

/// Page sizes: PMDs and PUDs with PS=1 are leaves (SDM 3A 4.5; levels.md (d)).
///
/// Such a leaf maps an aligned block of 2 MByte or 1 GByte, and a page reaches the frame that lies at its place in the block.
/// A translation is kept at the size that the paging structures give it. One of 2 MByte is in the set of each page of the
/// region that it covers (`TranslationBuffer.swift`); what makes it or drops it does so for them all. Translations of two
/// sizes for one address may be there together, and an access uses either (SDM 3A 4.10.2.3).
///
/// *Lazy form.* Where it is asked which sizes an access meets, the access is a step for each answer: none of what the set holds
/// need be there, but for the translation that is used.
extension Machine {
    /// Whether a present entry of a level maps a page, by the number of its value.
    @inline(__always)
    func isLeaf(_ number: Int, level: Int) -> Bool { level == 1 || UpperEntry.isLeaf(value(number), level: level) }

    /// Whether a present entry of a level has a reserved bit, by the number of its value.
    @inline(__always)
    func hasReservedBit(_ number: Int, level: Int) -> Bool { UpperEntry.hasReservedBit(value(number), level: level) }

    /// A translation joins the TLB: of a large page, for all pages of the test that it covers.
    @inline(__always)
    func insertTranslation(_ state: UnsafeMutablePointer<UInt64>, _ cpu: Int, leaf: Int, _ number: Int) {
        cpus[cpu].translations[leaf].insert(1 << UInt64(number), state)
        let translation = translations[leaf][number]
        if translation.level > 1 {
            fillAll(walks.mates(ofLeaf: leaf, level: translation.level), state, cpu, translation.bits)
        }
    }

    /// A large translation joins the TLB for these leaves, a bit each.
    func fillAll(_ set: UInt64, _ state: UnsafeMutablePointer<UInt64>, _ cpu: Int, _ bits: UInt64) {
        var rest = set
        while rest != 0 {
            let leaf = rest.trailingZeroBitCount
            rest &= rest &- 1
            guard cpus[cpu].translations[leaf].isPresent else { continue }
            cpus[cpu].translations[leaf].insert(1 << UInt64(outcome(bits, leaf: leaf)), state)
        }
    }

    /// What the frame holds that a translation maps at a leaf's page: of a large page, the one at the page's place in the block.
    func frame(of bits: UInt64, leaf: Int) -> Int { map.content(ofFrame: frameNumber(of: bits, leaf: leaf)) }

    /// The number of this frame.
    func frameNumber(of bits: UInt64, leaf: Int) -> UInt64 {
        let level = Translation(bits: bits, frame: -1).level
        let place = map.coordinates[leaves[leaf].page].frameInBlock(ofLevel: level)
        return PageTableEntry(rawValue: bits).frameNumber + place
    }

    /// Whether the TLB holds a translation for one of these leaves.
    func isHeld(_ state: UnsafePointer<UInt64>, _ cpu: Int, _ bits: UInt64, by set: UInt64) -> Bool {
        var rest = set
        while rest != 0 {
            let leaf = rest.trailingZeroBitCount
            rest &= rest &- 1
            guard let number = translations[leaf].find(bits: bits) else { continue }
            if cpus[cpu].translations[leaf].readBits(state) & (1 << UInt64(number)) != 0 { return true }
        }
        return false
    }

    /// A translation leaves the TLB for these leaves.
    func remove(_ state: UnsafeMutablePointer<UInt64>, _ cpu: Int, _ bits: UInt64, from set: UInt64) {
        var rest = set
        while rest != 0 {
            let leaf = rest.trailingZeroBitCount
            rest &= rest &- 1
            guard let number = translations[leaf].find(bits: bits) else { continue }
            cpus[cpu].translations[leaf].remove(1 << UInt64(number), state)
        }
    }

    /// Large translations that cover an address are dropped for the other pages below them: those of 2 MByte and more of the
    /// region's leaves, those of 1 GByte of the range's.
    ///
    /// - Parameter areGlobal: which of them; nil for all.
    func dropLarge(
        _ state: UnsafeMutablePointer<UInt64>, _ cpu: Int, mates region: UInt64, _ range: UInt64, areGlobal: Bool?
    ) {
        var rest = region | range
        while rest != 0 {
            let mate = rest.trailingZeroBitCount
            rest &= rest &- 1
            let table = translations[mate]
            var dropped = region & (1 << UInt64(mate)) != 0 ? table.large : table.huge
            if let areGlobal { dropped &= areGlobal ? table.globals : ~table.globals }
            if dropped != 0 { cpus[cpu].translations[mate].remove(dropped, state) }
        }
    }

    // MARK: Two sizes at once

    /// The ways in which an access, or a fault, can find the TLB, as far as sizes are asked about.
    ///
    /// The lazy form decides here what the TLB holds: nothing of another size than the translation that is used; or of another
    /// size too, where frame and rights agree; or everything. What it does not hold then leaves the set, of a large
    /// translation for all its pages, and comes back where memory still shows it.
    /// - Parameter used: the translation that the access goes through, which the TLB holds then; nil where it need hold none.
    @inline(__always)
    func forEachFinding(
        _ state: UnsafePointer<UInt64>, _ cpu: Int, leaf: Int, using used: Int?, _ body: (SizeFinding) -> Void
    ) {
        let page = leaves[leaf].page
        guard ghost.sizeConflict[page].isPresent || ghost.sizeMismatch[page].isPresent else {
            return body(SizeFinding())
        }
        let held = usableTranslations(state, cpu, leaf: leaf) | (used.map { 1 << UInt64($0) } ?? 0)
        let (hasConflict, hasMismatch) = (hasPair(held, leaf: leaf), hasPair(held, leaf: leaf, mismatching: true))
        if isEager || !traits[cpu].speculates {
            return body(SizeFinding(isConflict: hasConflict, isMismatch: hasMismatch))
        }
        let asksConflict = ghost.sizeConflict[page].isPresent && ghost.sizeConflict[page].read(state) == 0
        let asksMismatch = ghost.sizeMismatch[page].isPresent && ghost.sizeMismatch[page].read(state) == 0
        guard hasConflict, asksConflict || asksMismatch else { return body(SizeFinding()) }
        if hasMismatch || !asksMismatch { body(SizeFinding(isConflict: true, isMismatch: hasMismatch)) }
        var (seenSizes, seen): (Set<Int>, UInt64) = ([], 0)
        var rest = used.map { 1 << UInt64($0) } ?? held
        while rest != 0 {
            let number = takeFirst(of: &rest, leaf: leaf)
            let one = translations[leaf][number]
            if seenSizes.insert(one.level).inserted {
                body(SizeFinding(dropped: held & ~alike(held, leaf: leaf) { $0.level == one.level }))
            }
            if seen & (1 << UInt64(number)) != 0 || !asksMismatch { continue }
            let same = alike(held, leaf: leaf) { $0.means(one) }
            seen |= same
            if hasPair(same, leaf: leaf) { body(SizeFinding(isConflict: true, dropped: held & ~same)) }
        }
    }

    /// Those of a set of translations of a leaf's page of which something holds.
    private func alike(_ held: UInt64, leaf: Int, _ isAlike: (Translation) -> Bool) -> UInt64 {
        var (rest, found) = (held, UInt64(0))
        while rest != 0 {
            let bit = rest & (0 &- rest)
            rest &= rest &- 1
            if isAlike(translations[leaf][bit.trailingZeroBitCount]) { found |= bit }
        }
        return found
    }

    /// Whether a set of translations of a leaf's page has two of different size, or two such that mean different things.
    private func hasPair(_ held: UInt64, leaf: Int, mismatching: Bool = false) -> Bool {
        var rest = held
        while rest != 0 {
            let one = translations[leaf][rest.trailingZeroBitCount]
            rest &= rest &- 1
            if alike(rest, leaf: leaf, { $0.level != one.level && !(mismatching && $0.means(one)) }) != 0 {
                return true
            }
        }
        return false
    }

    /// An access was made while the TLB was found so.
    @inline(__always)
    func noteSizes(_ state: UnsafeMutablePointer<UInt64>, _ cpu: Int, leaf: Int, _ finding: SizeFinding) {
        if finding.isConflict { ghost.sizeConflict[leaves[leaf].page].write(1, state) }
        if finding.isMismatch { ghost.sizeMismatch[leaves[leaf].page].write(1, state) }
        if finding.dropped != 0 { drop(state, cpu, finding.dropped, leaf: leaf) }
    }

    /// Translations leave the TLB, by their numbers for a leaf; global ones whichever address space made them.
    private func drop(_ state: UnsafeMutablePointer<UInt64>, _ cpu: Int, _ numbers: UInt64, leaf: Int) {
        changes.noteView(cpu)
        var rest = numbers
        while rest != 0 {
            let translation = translations[leaf][rest.trailingZeroBitCount]
            rest &= rest &- 1
            for origin in stride(from: leaves[leaf].page, to: leafCount, by: pageCount)
            where walks.leafMates[leaf] & (1 << UInt64(origin)) != 0 || translation.isGlobal {
                let mates = walks.mates(ofLeaf: origin, level: translation.level)
                remove(state, cpu, translation.bits, from: mates | 1 << UInt64(origin))
            }
        }
    }
}

/// What an access, or the fault that comes of it, finds of the translations that it may use.
struct SizeFinding {
    /// There were two sizes (AMD erratum 383).
    var isConflict = false
    /// Two of different size differed in the page's frame, W, U or NX (SDM 3A 4.10.4.2).
    var isMismatch = false
    /// What the TLB did not hold, of what the lazy form had in its set; by numbers.
    var dropped: UInt64 = 0
}

extension Translation {
    /// Whether an access through either comes to the same, D aside.
    fileprivate func means(_ other: Translation) -> Bool {
        let rights = PageTableEntry.writableMask | PageTableEntry.userMask | EntryFieldName.noExecute.mask
        return frame == other.frame && (bits ^ other.bits) & rights == 0
    }
}

/// What an entry above the PTEs is by itself (SDM 3A 4.5, tables 4-15 to 4-18).
enum UpperEntry {
    /// PAT of a large page, which says nothing about the frame.
    private static let largePAT: UInt64 = 1 << 12

    /// Whether a present entry of a level maps a page: every PTE, and with PS=1 a PMD or a PUD.
    @inline(__always)
    static func isLeaf(_ entry: UInt64, level: Int) -> Bool {
        level == 1 || (entry & EntryFieldName.pageSize.mask != 0 && level < 4)
    }

    /// Whether a present entry has a reserved bit: PS of the root's level of four, or a frame that is not the base of a block.
    @inline(__always)
    static func hasReservedBit(_ entry: UInt64, level: Int) -> Bool {
        if level == 1 || entry & EntryFieldName.pageSize.mask == 0 { return false }
        if level > 3 { return true }
        let address = entry & PageTableEntry.frameMask & ~largePAT
        // Tables lie in no block.
        return address & (AddressMap.framesOfBlock(level) << 12 - 1) != 0
            || address == AddressMap.firstTableFrame << 12
    }

    /// The bits of a leaf that a translation has, its size among them.
    @inline(__always)
    static func translationBits(_ entry: UInt64, level: Int) -> UInt64 {
        let bits = entry & Translation.relevant
        return level == 1 ? bits : bits & ~largePAT | UInt64(level - 1) << Translation.sizeShift
    }
}
