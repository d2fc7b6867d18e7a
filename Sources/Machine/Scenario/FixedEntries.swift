import Litmus
import PageTable
import X86

/// Entries that code from a compiler can read and that are no words of memory, because they never change.
///
/// The kernel walks from `mm->pgd`, whatever levels a test names. Above the root level each entry points to the next table and
/// permits everything (``TableLayout/rootLevel``), and in a table the slots of addresses at which the test has no page are
/// empty. Both are known from the layout alone: reading them is no step, and writing them has no meaning, except that a table
/// may be cleared: a 0 into an empty slot is no step either.
///
/// | table above the root level, of address space s | frame |
/// |---|---|
/// | PGD, the frame in CR3 | `0x1000 + s` |
/// | PUDs | `0x1010 + s` |
/// | PMDs of the range with index i3 | `0x1020 + s * 0x200 + i3` |
/// | PGD of the address space that the CPU runs at the start | `0x3fff` |
extension AddressMap {
    /// An entry that never changes.
    struct FixedEntry: Hashable {
        /// The level of the table that it lies in.
        var level: Int
        /// All of it.
        var value: UInt64
        /// Whether its table is one of the test, which has no page there.
        var isVacant: Bool
    }

    private static let topFrame = spaceBase >> 12
    private static let upperFrame = topFrame + 0x10
    private static let middleFrame = topFrame + 0x20
    private static let loadedFrame: UInt64 = 0x3fff
    private static let tableLength: UInt64 = 512

    /// The address of an address space's PGD table, through the direct map: what `mm->pgd` holds.
    public func rootTableAddress(ofSpace space: Int) -> UInt64 {
        if let tables, tables.rootLevel == 4, !pages.isEmpty {
            return Self.directMapBase + frameNumber(ofTable: tables.table(ofPage: 0, level: 4, space: space)) << 12
        }
        return Self.directMapBase + (Self.topFrame + UInt64(space)) << 12
    }

    /// The address of the PGD table of the address space that a CPU runs at the start; that of `mm` where the test names PGDs.
    public var loadedRootTableAddress: UInt64 {
        tables?.rootLevel == 4 ? rootTableAddress(ofSpace: 0) : Self.directMapBase + Self.loadedFrame << 12
    }

    /// The address of the PGD table of the kernel's own address space, or nil where the test has no such space.
    public var kernelRootTableAddress: UInt64? {
        spaces.firstIndex(of: Self.kernelSpace).map(rootTableAddress(ofSpace:))
    }

    /// The address space that compiled code loads with a value for CR3, or nil; `loaded` is as below.
    ///
    /// The value is the frame of the PGD table, with the PCID or, where the test says nothing of PCIDs, as with CR4.PCIDE=0, without.
    func space(ofCompiledRoot value: UInt64, loaded: Int) -> Int? {
        let (tag, keeps) = (value & Self.tagMask, value & Self.keepTranslations != 0)
        let frame = value & ~Self.tagMask & ~Self.keepTranslations
        guard let space = space(ofRootTable: Self.directMapBase &+ frame, loaded: loaded),
            tag == UInt64(tags.contexts[space]) || tag == 0 && !keeps && tags.areNumbers
        else { return nil }
        return space
    }

    /// What compiled code reads from CR3 in an address space.
    func compiledRoot(ofSpace space: Int) -> UInt64 {
        rootTableAddress(ofSpace: space) &- Self.directMapBase | UInt64(tags.contexts[space])
    }

    /// The address space whose PGD table lies at an address, or nil; `loaded` is the one that the CPU runs.
    func space(ofRootTable address: UInt64, loaded: Int) -> Int? {
        if address == Self.directMapBase + Self.loadedFrame << 12 { return loaded }
        return spaces.indices.first { rootTableAddress(ofSpace: $0) == address }
    }

    /// The entry at an address that never changes, or nil; `space` is the address space that the CPU ran at the start.
    func fixedEntry(at address: UInt64, space: Int) -> FixedEntry? {
        guard address >= Self.directMapBase, !pages.isEmpty else { return nil }
        let frame = (address - Self.directMapBase) >> 12
        let index = (address & Self.offsetMask) / 8
        if let tables, let table = table(ofFrame: frame) {
            let level = tables.tables[table].level
            return tables.slots[level - 1].contains(Int(index))
                ? nil : FixedEntry(level: level, value: 0, isVacant: true)
        }
        guard let (level, owner, pud) = upperTable(ofFrame: frame, space: space),
            level > tables?.rootLevel ?? 1, owner < spaces.count
        else { return nil }
        let page = pages.indices.first { page in
            let address = self.address(ofVariable: pages[page])
            return Self.index(address, level) == index && (level > 2 || Self.index(address, 3) == pud)
        }
        let next = page.map { frameBelow(level, ofPage: $0, space: owner) }
        let value = next.map { $0 << 12 | PageTableEntry.litmusDefault.rawValue } ?? 0
        return FixedEntry(level: level, value: value, isVacant: false)
    }

    /// Whether an address is that of an entry that never changes.
    public func isFixedEntry(_ address: UInt64) -> Bool {
        place(at: address) == nil && fixedEntry(at: address, space: 0) != nil
    }

    /// What a read of such an entry, or of bytes of it, gives; nil for what is not one.
    func fixedContent(_ access: MemoryAccess, space: Int) -> UInt64? {
        let shift = access.address & 7
        guard shift + UInt64(access.width.rawValue) <= 8, place(at: access.address) == nil,
            let entry = fixedEntry(at: access.address, space: space)
        else { return nil }
        return entry.value >> (shift * 8) & access.width.mask
    }

    /// Whether an access is to an empty slot of one of the test's tables for which the test has no page.
    func isVacant(_ access: MemoryAccess) -> Bool {
        // Most stores are to the stack: they do not come to the look at tables.
        guard access.address >= Self.directMapBase, access.address & 7 + UInt64(access.width.rawValue) <= 8,
            place(at: access.address) == nil
        else { return false }
        return fixedEntry(at: access.address, space: 0)?.isVacant == true
    }

    private func upperTable(ofFrame frame: UInt64, space: Int) -> (level: Int, space: Int, pud: UInt64)? {
        if frame == Self.loadedFrame { return (4, space, 0) }
        guard frame >= Self.topFrame else { return nil }
        if frame < Self.upperFrame { return (4, Int(frame - Self.topFrame), 0) }
        if frame < Self.middleFrame { return (3, Int(frame - Self.upperFrame), 0) }
        let number = frame - Self.middleFrame
        return (2, Int(clamping: number / Self.tableLength), number % Self.tableLength)
    }

    /// The frame of the table that a page's entry of a level above the root level points to.
    private func frameBelow(_ level: Int, ofPage page: Int, space: Int) -> UInt64 {
        let address = self.address(ofVariable: pages[page])
        if let tables, level - 1 == tables.rootLevel {
            return frameNumber(ofTable: tables.table(ofPage: page, level: level - 1, space: space))
        }
        switch level {
        case 4: return Self.upperFrame + UInt64(space)
        case 3: return Self.middleFrame + UInt64(space) * Self.tableLength + Self.index(address, 3)
        // With one level leaves lie in the order of their pages' addresses.
        default: return (leafAddress(page: page, space: space) - Self.directMapBase) >> 12
        }
    }

    private static func index(_ address: UInt64, _ level: Int) -> UInt64 {
        address >> UInt64(3 + 9 * level) & (tableLength - 1)
    }
}
