import AddressSpace
import PageTable
import TestSupport
import Testing

private let base: UInt64 = 0x7000_0000_0000

/// Operations on ranges in which some addresses have no page, and on what stands there instead.
@Suite struct HoleTests {
    let memory: Memory
    let shootdowns = RecordedShootdowns()

    init() throws { memory = try Memory(frames: 128) }

    private func space() throws -> AddressSpace<Memory, RecordedShootdowns, CheckedLock> {
        try AddressSpace(frames: memory, shootdown: shootdowns, lock: CheckedLock())
    }

    /// Pages 0, 2 and 600 of a range; page 0 dirty, page 2 used.
    private func sparseSpace() throws -> AddressSpace<Memory, RecordedShootdowns, CheckedLock> {
        let space = try space()
        try space.map(Leaf<PrivateMapping>(try memory.frame(), [.write, .user]).dirty.accessed, at: base)
        try space.map(Leaf<PrivateMapping>(try memory.frame(), [.write, .user]).accessed, at: base + 2 * 4096)
        try space.map(Leaf<PrivateMapping>(try memory.frame(), [.write, .user]), at: base + 600 * 4096)
        return space
    }

    @Test func unmappingPassesHolesOverWithOneShootdown() throws {
        let space = try sparseSpace()
        var addresses: [UInt64] = []
        let summary = try space.unmap(at: base, pages: 700) { addresses.append($0.address) }
        #expect(addresses == [base, base + 2 * 4096, base + 600 * 4096])
        #expect(summary.pages == 3 && summary.dirtyPages == 1 && summary.accessedPages == 2 && summary.wasFlushed)
        // The first table is covered whole, the second is not.
        #expect(summary.tables == 1)
        #expect(shootdowns.take() == [.pages(base, 700)])
        #expect(try space.unmap(at: base, pages: 1 << 20).pages == 0)
    }

    @Test func nothingIsFlushedWhereNothingIs() throws {
        let space = try space()
        #expect(try !space.unmap(at: base, pages: 1 << 30).wasFlushed)
        #expect(try !space.protect(at: base, pages: 1 << 30, []).wasFlushed)
        #expect(try !space.clean(at: base, pages: 1 << 30).wasFlushed)
        #expect(try !space.reclaim(at: base, pages: 1 << 30) { _ in nil }.wasFlushed)
        #expect(shootdowns.take() == [])
    }

    @Test func everyOperationOnARangeHasOneShootdown() throws {
        let space = try sparseSpace()
        #expect(try space.writeProtect(at: base, pages: 1024).pages == 3)
        #expect(shootdowns.take() == [.pages(base, 1024)])
        var dirty: [UInt64] = []
        // Write-protected already: dirtiness goes without a shootdown.
        #expect(try space.clean(at: base, pages: 1024) { dirty.append($0.address) }.dirtyPages == 1)
        #expect(dirty == [base])
        #expect(shootdowns.take() == [])
        try space.protect(at: base, pages: 1024, .user)
        #expect(try space.harvestAccessed(at: base, pages: 1024) == 2)
        #expect(shootdowns.take() == [])
        #expect(try space.reclaim(at: base, pages: 1024, ifUnused: true) { _ in nil }.pages == 3)
        #expect(shootdowns.take() == [.pages(base, 1024)])
    }

    @Test func dirtyLoggingReportsEachWriteOnce() throws {
        let space = try sparseSpace()
        var pages: [UInt64] = []
        let first = try space.harvestDirty(at: base, pages: 1024) { pages.append($0.address) }
        #expect(pages == [base] && first.dirtyPages == 1 && first.pages == 3)
        #expect(shootdowns.take() == [.pages(base, 1024)])
        #expect(try space.harvestDirty(at: base, pages: 1024).dirtyPages == 0)
        #expect(shootdowns.take() == [])
        #expect(try space.walk(base).isWritable)
    }

    /// Frame 0, the kernel's, executable, neither used nor written: a page like any other.
    @Test func aLeafOfOneBitIsReported() throws {
        let space = try space()
        let leaf = Leaf<PrivateMapping>(try Frame(number: 0), .execute)
        #expect(leaf.entry.rawValue == 1)
        var reported: [PageTableEntry] = []
        try space.map(leaf, at: base)
        try space.unmap(at: base) { reported.append($0.entry) }
        try space.map(leaf, at: base)
        #expect(try space.reclaim(at: base)?.entry == leaf.entry)
        try space.map(leaf, at: base)
        let batch: [UInt64] = [base]
        try space.unmap(batch: batch.span) { reported.append($0.entry) }
        try space.map(leaf, at: base, pages: 1)
        space.unmapAll { reported.append($0.entry) }
        #expect(reported == [leaf.entry, leaf.entry, leaf.entry])
    }

    // MARK: No access

    @Test func pagesWithoutAccessKeepWhatTheyHave() throws {
        let space = try sparseSpace()
        let before = try space.walk(base)
        try space.protect(at: base, pages: 3, [.noAccess, .write, .user])
        #expect(shootdowns.take() == [.pages(base, 3)])
        #expect(throws: AddressSpaceError.notMapped(address: base)) { _ = try space.walk(base) }
        guard case .inaccessible(let page) = try space.content(at: base) else { throw Missing() }
        #expect(page.frame == before.frame && page.isDirty && page.rights == [.noAccess, .write, .user])
        #expect(throws: AddressSpaceError.alreadyMapped(address: base)) { try space.map(try memory.page(), at: base) }
        let fault = try space.handleFault(at: base + 9, .read, isExclusive: { _ in true }, copy: { _, _ in nil })
        guard case .forbidden = fault else { throw Missing() }
        // Back: nothing was cached of P=0, and W comes with the next fault.
        try space.protect(at: base, pages: 3, [.write, .user])
        #expect(shootdowns.take() == [])
        let after = try space.walk(base)
        #expect(after.frame == before.frame && after.isDirty && !after.isWritable && after.rights == [.write, .user])
    }

    @Test func pagesWithoutAccessAreUnmappedAndForked() throws {
        let space = try sparseSpace()
        try space.protect(at: base, [.noAccess, .write, .user])
        var child = try self.space()
        var both = 0
        try space.fork(into: &child) { _ in both += 1 }
        #expect(both == 3)
        guard case .inaccessible = try child.content(at: base) else { throw Missing() }
        _ = shootdowns.take()
        var dirty: [Bool] = []
        #expect(try space.unmap(at: base) { dirty.append($0.wasDirty) }.pages == 1)
        // No CPU can have cached anything.
        #expect(dirty == [true] && shootdowns.take() == [])
    }

    // MARK: What the caller puts there

    @Test func reclaimedPagesLeaveWhatTheCallerSays() throws {
        let space = try sparseSpace()
        var slot: UInt64 = 100
        try space.reclaim(at: base, pages: 3) { page in
            slot += 1
            return page.wasDirty ? SoftwareEntry(payload: slot) : nil
        }
        #expect(try space.content(at: base) == .software(SoftwareEntry(payload: 101)))
        #expect(try space.content(at: base + 2 * 4096) == .empty)
        let fault = try space.handleFault(at: base, .write, isExclusive: { _ in true }, copy: { _, _ in nil })
        #expect(fault == .software(SoftwareEntry(payload: 101)))
        // It comes back, and only in place of what was expected.
        let leaf = Leaf<PrivateMapping>(try memory.frame(), [.write, .user])
        #expect(throws: AddressSpaceError.entryChanged(address: base)) {
            try space.map(leaf, at: base, replacing: SoftwareEntry(payload: 7))
        }
        try space.map(leaf, at: base, replacing: SoftwareEntry(payload: 101))
        #expect(try space.walk(base).frame == leaf.frame)
    }

    @Test func softwareEntriesAreReportedWhereverTheyGo() throws {
        let space = try sparseSpace()
        let swap = SoftwareEntry(payload: (1 << 54) - 1)
        try space.reclaim(at: base, pages: 1) { _ in swap }
        var child = try self.space()
        var copied: [ForkedPage] = []
        try space.fork(into: &child) { copied.append($0) }
        #expect(copied.first == .software(address: base, swap) && copied.count == 3)
        var reported: [UInt64] = []
        try space.forEachPage(at: base, pages: 4, { reported.append($0.address) }) { address, entry in
            #expect(entry == swap)
            reported.append(address)
        }
        #expect(reported == [base, base + 2 * 4096])
        // In a table that goes as a whole, and at the end of everything.
        var gone: [SoftwareEntry] = []
        let summary = try space.unmap(at: base, pages: 512) { _ in
        } reportSoftware: {
            gone.append($1)
        }
        #expect(gone == [swap] && summary.softwareEntries == 1 && summary.pages == 1 && summary.tables == 1)
        child.tearDown { _ in
        } reportSoftware: {
            gone.append($1)
        }
        #expect(gone == [swap, swap])
    }

    @Test func payloadsAreCut() {
        #expect(SoftwareEntry(payload: .max).payload == (1 << 54) - 1)
        #expect(!SoftwareEntry(payload: .max).entry.isPresent)
        #expect(SoftwareEntry(payload: 0).entry != .empty)
    }

    // MARK: Tables

    @Test func emptyTablesAreGivenBack() throws {
        let space = try sparseSpace()
        let free = memory.pool.freeCount
        for page: UInt64 in [0, 2, 600] { try space.unmap(at: base + page * 4096) }
        #expect(memory.pool.freeCount == free)
        _ = shootdowns.take()
        // Two tables of leaves, and the two above them.
        #expect(try space.releaseEmptyTables(at: base, pages: 1024).tables == 4)
        #expect(memory.pool.freeCount == free + 4 && shootdowns.take() == [.pages(base, 1024)])
        #expect(try space.releaseEmptyTables(at: base, pages: 1024).tables == 0)
        #expect(shootdowns.take() == [])
        try space.map(try memory.page(), at: base)
    }

    @Test func tablesInUseStay() throws {
        let space = try sparseSpace()
        try space.reclaim(at: base, pages: 512) { _ in SoftwareEntry(payload: 1) }
        #expect(try space.releaseEmptyTables(at: base, pages: 1 << 20).tables == 0)
        #expect(try space.content(at: base) == .software(SoftwareEntry(payload: 1)))
    }

    /// The neighbours of an empty table are not touched when it goes.
    @Test func pagesBesideEmptyTablesStay() throws {
        let space = try sparseSpace()
        try space.unmap(at: base + 600 * 4096)
        try space.reclaim(at: base + 2 * 4096, pages: 1) { _ in SoftwareEntry(payload: 1) }
        let before = try space.walk(base).entry
        let summary = try space.releaseEmptyTables(at: base, pages: 1024)
        #expect(summary.tables == 1 && summary.pages == 0 && summary.softwareEntries == 0)
        #expect(try space.walk(base).entry == before)
        #expect(try space.content(at: base + 2 * 4096) == .software(SoftwareEntry(payload: 1)))
    }
}
