import Litmus
import PageTable

/// Page sizes: PMDs and PUDs with PS=1 are leaves (SDM 3A 4.5; levels.md (d)).
///
/// Such a leaf maps an aligned block of 2 MByte or 1 GByte, and a page reaches the frame that lies at its place in the block.
/// A translation is kept at the size that the paging structures give it. One of 2 MByte is in the set of each page of the
/// region that it covers (`TranslationBuffer.swift`); what makes it or drops it does so for them all. Translations of two
/// sizes for one address may be there together, and an access uses either (SDM 3A 4.10.2.3).
///
/// *Lazy form.* An access while the TLB holds two sizes is a step of its own next to the access without: none of what the set
/// holds need be there, but for the translation that is used.
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
    func frame(of bits: UInt64, leaf: Int) -> Int {
        let level = Translation(bits: bits, frame: -1).level
        let place = map.coordinates[leaves[leaf].page].frameInBlock(ofLevel: level)
        return map.content(ofFrame: PageTableEntry(rawValue: bits).frameNumber + place)
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

    /// The ways in which an access can find the TLB, as far as sizes are asked about.
    @inline(__always)
    func forEachFinding(
        _ state: UnsafePointer<UInt64>, _ cpu: Int, leaf: Int, _ body: (SizeFinding) -> Void
    ) {
        let page = leaves[leaf].page
        guard ghost.sizeConflict[page].isPresent || ghost.sizeMismatch[page].isPresent else { return body(.oneSize) }
        let pairs = findings(state, cpu, leaf: leaf)
        if isEager || !traits[cpu].speculates {
            return body(pairs.contains(.mismatch) ? .mismatch : pairs.contains(.conflict) ? .conflict : .oneSize)
        }
        body(.oneSize)
        for finding in [SizeFinding.conflict, .mismatch] where pairs.contains(finding) {
            let isNews =
                ghost.sizeConflict[page].isPresent && ghost.sizeConflict[page].read(state) == 0
                || finding == .mismatch && ghost.sizeMismatch[page].isPresent
                    && ghost.sizeMismatch[page].read(state) == 0
            if isNews { body(finding) }
        }
    }

    /// What pairs of translations of different size say that an access to a leaf's page may use.
    private func findings(_ state: UnsafePointer<UInt64>, _ cpu: Int, leaf: Int) -> Set<SizeFinding> {
        var found: Set<SizeFinding> = []
        let usable = usableTranslations(state, cpu, leaf: leaf)
        var rest = usable
        while rest != 0 {
            let number = rest.trailingZeroBitCount
            rest &= rest &- 1
            var others = rest
            while others != 0 {
                let (one, other) = (translations[leaf][number], translations[leaf][others.trailingZeroBitCount])
                others &= others &- 1
                if one.isPresent, other.isPresent, one.level != other.level {
                    found.insert(one.differs(from: other) ? .mismatch : .conflict)
                }
            }
        }
        return found
    }

    /// An access was made while the TLB was found so.
    @inline(__always)
    func noteSizes(_ state: UnsafeMutablePointer<UInt64>, leaf: Int, _ finding: SizeFinding) {
        if finding == .oneSize { return }
        ghost.sizeConflict[leaves[leaf].page].write(1, state)
        if finding == .mismatch { ghost.sizeMismatch[leaves[leaf].page].write(1, state) }
    }
}

/// What an access, or the fault that comes of it, finds of the sizes of the translations that it may use.
enum SizeFinding {
    case oneSize
    /// Two sizes, which agree (AMD erratum 383).
    case conflict
    /// Two sizes that differ in the page's frame, W, U or NX (SDM 3A 4.10.4.2).
    case mismatch
}

extension Translation {
    /// Whether two translations of one page differ in its frame, or in the rights that SDM 3A 4.10.4.2 is about.
    fileprivate func differs(from other: Translation) -> Bool {
        let rights = PageTableEntry.writableMask | PageTableEntry.userMask | EntryFieldName.noExecute.mask
        return frame != other.frame || (bits ^ other.bits) & rights != 0
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
