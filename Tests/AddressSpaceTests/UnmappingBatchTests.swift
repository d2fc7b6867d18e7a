import AddressSpace
import PageTable
import Testing

private let base: UInt64 = 0x7000_0000_0000

/// Scattered pages that are taken away with one shootdown.
@Suite struct UnmappingBatchTests {
    let memory: Memory
    let shootdowns = RecordedShootdowns()

    init() throws { memory = try Memory(frames: 1200) }

    private func space(_ half: AddressHalf = .both) throws -> AddressSpace<Memory, RecordedShootdowns, CheckedLock> {
        guard let root = memory.allocate() else { throw Missing() }
        return try AddressSpace(
            adopting: root, frames: memory, shootdown: shootdowns, lock: CheckedLock(), half: half)
    }

    @Test func aThousandPagesHaveOneShootdown() throws {
        let space = try space()
        // Every third page, in no order.
        let addresses = (0..<1000).map { base + UInt64($0 * 7 % 1000) * 3 * 4096 }
        for address in addresses { try space.map(try memory.page().dirty, at: address) }
        try space.map(try memory.page(), at: base + 4096)
        var reported: [UInt64] = []
        let summary = try space.unmap(batch: addresses.span) { reported.append($0.address) }
        #expect(reported == addresses)
        #expect(summary.pages == 1000 && summary.dirtyPages == 1000 && summary.wasFlushed && summary.tables == 0)
        #expect(shootdowns.take() == [.pages(base, 999 * 3 + 1)])
        #expect(try space.walk(base + 4096).kind == .private)
    }

    @Test func holesAndRepetitionsArePassedOver() throws {
        let space = try space()
        let page = try memory.page()
        try space.map(page, at: base)
        var frames: [Frame] = []
        let summary = try space.unmap(batch: [base + 4096, base, base, 0x1000].span) { frames.append($0.frame) }
        #expect(frames == [page.frame] && summary.pages == 1)
        #expect(shootdowns.take() == [.pages(base, 1)])
        #expect(try !space.unmap(batch: [base, 0x1000].span).wasFlushed)
        #expect(try space.unmap(batch: Span()).pages == 0)
        #expect(shootdowns.take() == [])
    }

    @Test func pagesOfAllSizesAndKindsAreTaken() throws {
        let space = try space()
        let large = Leaf<SharedMapping>(try Frame(number: 1024), .write)
        try space.map(large, at: base + (2 << 20), size: .page2M)
        try space.map(try memory.page(), at: base)
        try space.map(try memory.page().dirty, at: base + 4096)
        try space.protect(at: base, .noAccess)
        try space.reclaim(at: base + 4096, pages: 1) { _ in SoftwareEntry(payload: 9) }
        _ = shootdowns.take()
        var sizes: [PageSize] = []
        var software: [SoftwareEntry] = []
        let summary = try space.unmap(batch: [base, base + (2 << 20), base + 4096].span) {
            sizes.append($0.size)
        } reportSoftware: {
            software.append($1)
        }
        #expect(sizes == [.page4K, .page2M] && software == [SoftwareEntry(payload: 9)])
        #expect(summary.pages == 2 && summary.softwareEntries == 1)
        // Of the page without access nothing was cached.
        #expect(shootdowns.take() == [.pages(base + (2 << 20), 512)])
        #expect(try space.content(at: base) == .empty && space.content(at: base + 4096) == .empty)
    }

    @Test func bothHalvesNeedAShootdownOfEverything() throws {
        let space = try space()
        let high = ~(UInt64(1) << 47) + 1
        try space.map(try memory.page(), at: base)
        try space.map(try memory.page(), at: high)
        #expect(try space.unmap(batch: [base, high].span).pages == 2)
        #expect(shootdowns.take() == [.everything])
    }

    @Test func oneWrongAddressLeavesAllAsItIs() throws {
        let space = try space(.lower)
        try space.map(try memory.page(), at: base)
        try space.map(Leaf<SharedMapping>(try Frame(number: 1024), .write), at: base + (2 << 20), size: .page2M)
        let wrong: [(UInt64, AddressSpaceError)] = [
            (1 << 47, .notCanonical(address: 1 << 47)),
            (base + 1, .notAligned(address: base + 1, to: 4096)),
            (~4095, .wrongHalf(address: ~4095)),
            (base + (2 << 20) + 4096, .insideLargePage(address: base + (2 << 20), .page2M)),
        ]
        for (address, error) in wrong {
            #expect(throws: error) { try space.unmap(batch: [base, address].span) }
            #expect(try space.walk(base).address == base)
        }
        #expect(shootdowns.take() == [])
    }

    @Test func lateDirtyBitsAreInTheReport() throws {
        // The CPU sets D in an entry that has lost P, as the paranoid bound may: the report comes after the shootdown.
        final class LateCPU: Shootdown {
            var live: AtomicPageTableEntry?
            static var ordersEarlierStores: Bool { true }
            func forEachCPU(running root: Frame, _ body: (_ cpu: Int, _ isLazy: Bool) -> Void) {}
            func invalidate(_ request: Invalidation) { live?.update { $0.setting(PageTableEntry.dirtyMask) } }
        }
        let cpu = LateCPU()
        let space = try AddressSpace(frames: memory, shootdown: cpu, lock: CheckedLock())
        try space.map(try memory.page(), at: base)
        let walk = try space.levels(at: base)
        guard let table = walk[.pte]?.table, let words = memory.words(of: table) else { throw Missing() }
        cpu.live = AtomicPageTableEntry(words)
        var dirty: [Bool] = []
        try space.unmap(batch: [base].span) { dirty.append($0.wasDirty) }
        #expect(dirty == [true])
        #expect(try space.content(at: base) == .empty)
    }
}
