import AddressSpace
import PageTable
import Testing

private let base: UInt64 = 0x7000_0000_0000

/// A shootdown during which a CPU finishes what it had begun: it sets A and D in a page's entry, whatever P is.
private final class LateShootdown: Shootdown {
    var live: AtomicPageTableEntry?
    static var ordersEarlierStores: Bool { true }
    func forEachCPU(running root: Frame, _ body: (_ cpu: Int, _ isLazy: Bool) -> Void) {}
    func invalidate(_ request: Invalidation) {
        live?.update { $0.setting(PageTableEntry.accessedMask | PageTableEntry.dirtyMask) }
    }
}

/// Write-protection of an entry in which hardware sets D at the last moment.
private enum JustDirtied: WriteProtection {
    static func writeProtect(_ entry: AtomicPageTableEntry) -> PageTableEntry {
        entry.update { $0.setting(PageTableEntry.dirtyMask) }
        return entry.setWriteProtected()
    }
}

/// What hardware sets in an entry that is away, on `knl` and `book`, or that lost W, on `late`: none of it is lost.
@Suite struct StrayBitTests {
    private let memory: Memory
    private let shootdown = LateShootdown()

    init() throws { memory = try Memory(frames: 64) }

    /// A space with one clean, writable page.
    private func space() throws -> AddressSpace<Memory, LateShootdown, CheckedLock> {
        let space = try AddressSpace(frames: memory, shootdown: shootdown, lock: CheckedLock())
        try space.map(try memory.page(), at: base)
        var frame = space.root
        var live: AtomicPageTableEntry?
        for shift in [39, 30, 21, 12] as [UInt64] {
            guard let words = memory.words(of: frame) else { throw Missing() }
            let entry = AtomicPageTableEntry(words + Int(base >> shift & 511))
            frame = Frame(of: entry.load())
            live = entry
        }
        shootdown.live = live
        return space
    }

    @Test func reclaimAndUnmapReportThem() throws {
        let reclaimed = try space().reclaim(at: base)
        #expect(reclaimed?.wasDirty == true && reclaimed?.wasAccessed == true)
        var unmapped: UnmappedPage?
        let space = try space()
        try space.unmap(at: base) { unmapped = $0 }
        #expect(unmapped?.wasDirty == true && unmapped?.entry.isPresent == true)
        #expect(shootdown.live?.load() == .empty)
    }

    @Test func copyOnWriteReportsThem() throws {
        let space = try space()
        let entry = try space.walk(base).entry
        #expect(try space.breakCopyOnWrite(at: base, expecting: entry, into: try memory.frame()).wasDirty)
    }

    @Test func mergingReportsOrKeepsThem() throws {
        let kept = try space()
        #expect(try kept.writeProtectForMerge(at: base) { _ in false } == .refused)
        #expect(try kept.walk(base).isDirty && kept.walk(base).isWritable)
        let space = try space()
        let result = try space.writeProtectForMerge(at: base) { _ in true }
        #expect(result == .protected(entry: try space.walk(base).entry, wasDirty: true))
        #expect(try !space.walk(base).isDirty)
    }

    /// The page was clean when cleaning began, and was written before it returned: it is told, and clean then.
    @Test func cleaningLooksAgain() throws {
        let space = try space()
        #expect(try space.cleanForWriteback(at: base))
        #expect(try !space.walk(base).isDirty)
        #expect(try !space.cleanForWriteback(at: base))
    }

    @Test func protectingKeepsThem() throws {
        let space = try space()
        try space.protect(at: base, .user)
        #expect(try space.walk(base).isDirty)
    }

    @Test func forkCopiesWhatWasThereAtTheLastMoment() throws {
        shootdown.live = nil
        let parent = try space()
        var child = try AddressSpace(frames: memory, shootdown: LateShootdown(), lock: CheckedLock())
        try parent.fork(into: &child, by: JustDirtied.self)
        #expect(try parent.walk(base).isDirty)
        #expect(try child.walk(base).isDirty)
        #expect(try !child.walk(base).entry.isShadowStackEncoding)
    }
}
