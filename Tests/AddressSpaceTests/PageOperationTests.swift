import AddressSpace
import PageTable
import Testing

private let base: UInt64 = 0x7000_0000_0000

@Suite struct PageOperationTests {
    private let memory: Memory
    private let shootdowns = RecordedShootdowns()
    private let space: AddressSpaceBox

    /// Non-copyable values cannot be stored by a test's struct itself.
    final class AddressSpaceBox {
        let value: AddressSpace<Memory, RecordedShootdowns, CheckedLock>
        init(_ value: consuming AddressSpace<Memory, RecordedShootdowns, CheckedLock>) { self.value = value }
    }

    init() throws {
        memory = try Memory(frames: 64)
        space = AddressSpaceBox(
            try AddressSpace(frames: memory, shootdown: shootdowns, lock: CheckedLock()))
    }

    @Test func cleaningWriteProtectsAndForgets() throws {
        try space.value.map(try memory.shared().dirty, at: base)
        #expect(try space.value.cleanForWriteback(at: base))
        #expect(shootdowns.take() == [.pages(base, 1)])
        let found = try space.value.walk(base)
        #expect(!found.isDirty && !found.isWritable && found.rights.contains(.write))
        #expect(try !space.value.cleanForWriteback(at: base))
        #expect(shootdowns.take() == [], "it was clean and read-only")
        try space.value.makeWritable(at: base, markingDirty: false)
        #expect(try !space.value.cleanForWriteback(at: base))
        #expect(shootdowns.take() == [.pages(base, 1)], "a CPU could have been about to write")
    }

    @Test func cleaningFindsSavedDirty() throws {
        try space.value.map(try memory.page().dirty.writeProtected, at: base)
        #expect(try space.value.cleanForWriteback(at: base))
        #expect(try !space.value.walk(base).isDirty)
    }

    @Test func reclaimTakesThePageOut() throws {
        let leaf = try memory.page().dirty.accessed
        try space.value.map(leaf, at: base)
        #expect(try space.value.reclaim(at: base, ifUnused: true) == nil)
        #expect(try space.value.harvestAccessed(at: base) == 1)
        let page = try space.value.reclaim(at: base, ifUnused: true)
        #expect(page?.frame == leaf.frame && page?.wasDirty == true && page?.wasAccessed == false)
        #expect(shootdowns.take() == [.pages(base, 1)])
        #expect(throws: AddressSpaceError.notMapped(address: base)) { _ = try space.value.walk(base) }
    }

    @Test func harvestingReportsAndForgets() throws {
        for page: UInt64 in [0, 2, 3, 600] {
            let leaf = try memory.page()
            try space.value.map(page == 2 ? leaf : leaf.accessed, at: base + page * 4096)
        }
        var seen: [UInt64] = []
        #expect(try space.value.harvestAccessed(at: base, pages: 1 << 20) { seen.append(($0 - base) / 4096) } == 3)
        #expect(seen == [0, 3, 600])
        #expect(try space.value.harvestAccessed(at: base, pages: 1 << 20) == 0)
        #expect(shootdowns.take() == [], "ageing does not flush")
    }

    @Test func mergingNeedsAStillPage() throws {
        let leaf = try memory.page().dirty
        try space.value.map(leaf, at: base)
        #expect(try space.value.writeProtectForMerge(at: base) { _ in false } == .refused)
        #expect(try space.value.walk(base).entry == leaf.entry, "put back")
        #expect(shootdowns.take() == [.pages(base, 1)])
        var asked: [Frame] = []
        let result = try space.value.writeProtectForMerge(at: base) { frame in
            asked.append(frame)
            return true
        }
        #expect(asked == [leaf.frame])
        let still = try space.value.walk(base).entry
        #expect(result == .protected(entry: still, wasDirty: true))
        #expect(!still.isWritable && !LinuxGeneration.savedDirty.isDirty(still))
        _ = shootdowns.take()
        #expect(
            try space.value.writeProtectForMerge(at: base) { _ in true } == .protected(entry: still, wasDirty: false))
        #expect(try space.value.writeProtectForMerge(at: base) { _ in false } == .refused)
        #expect(shootdowns.take() == [], "it stood still already")
        let merged = try memory.frame()
        let old = try space.value.merge(at: base, expecting: still, into: merged)
        #expect(old.frame == leaf.frame && !old.wasDirty)
        #expect(try space.value.walk(base).frame == merged)
        #expect(try !space.value.walk(base).isWritable)
        #expect(shootdowns.take() == [.pages(base, 1)])
    }

    @Test func mergingNoticesAWrite() throws {
        try space.value.map(try memory.page(), at: base)
        guard case .protected(let still, _) = try space.value.writeProtectForMerge(at: base, mayMerge: { _ in true })
        else { throw Missing() }
        try space.value.makeWritable(at: base)
        let expected = AddressSpaceError.entryChanged(address: base)
        #expect(throws: expected) { try space.value.merge(at: base, expecting: still, into: try memory.frame()) }
        let writable = try space.value.walk(base).entry
        #expect(throws: expected) { try space.value.merge(at: base, expecting: writable, into: try memory.frame()) }
        #expect(try space.value.walk(base).isWritable)
    }

    @Test func copyOnWriteGivesAWritableCopy() throws {
        let leaf = try memory.page().dirty.writeProtected
        try space.value.map(leaf, at: base)
        let copy = try memory.frame()
        let expected = AddressSpaceError.entryChanged(address: base)
        #expect(throws: expected) { try space.value.breakCopyOnWrite(at: base, expecting: .empty, into: copy) }
        let old = try space.value.breakCopyOnWrite(at: base, expecting: leaf.entry, into: copy)
        #expect(old.frame == leaf.frame && old.wasDirty)
        let found = try space.value.walk(base)
        #expect(found.frame == copy && found.isWritable && found.isDirty && !found.entry.isSavedDirty)
        #expect(shootdowns.take() == [.pages(base, 1)])
    }
}
