import AddressSpace
import PageTable
import Testing

private let base: UInt64 = 0x7000_0000_0000
private let mega: UInt64 = 2 << 20

/// Every operation takes the lock once and gives it back, and has at most one shootdown: none if nothing has changed.
@Suite struct LockAndFlushTests {
    private typealias Operation = (borrowing FailingSpace) throws -> Void

    private let memory: Memory
    private let watched: WatchedSpace

    /// Private pages, a hole, a shared page, a shadow stack, a page without access, a software entry; a page of 2 MByte.
    init() throws {
        memory = try Memory(frames: 128)
        watched = try WatchedSpace(memory)
        try Self.fill(watched.space, memory)
        _ = watched.shootdowns.take()
    }

    private static func fill(_ space: borrowing FailingSpace, _ memory: Memory) throws {
        try space.map(try memory.page().dirty.accessed, at: base)
        try space.map(try memory.page(), at: base + 4096)
        try space.map(try memory.shared().dirty, at: base + 3 * 4096)
        try space.map(try memory.page().dirty, at: base + 4 * 4096)
        try space.protect(at: base + 4 * 4096, [.noAccess, .write, .user])
        try space.map(try memory.page(), at: base + 5 * 4096)
        try space.reclaim(at: base + 5 * 4096, pages: 1) { _ in SoftwareEntry(payload: 9) }
        try space.map(Leaf<ShadowStackMapping>(try memory.frame()), at: base + 8 * 4096)
        try space.map(
            Leaf<PrivateMapping>(try Frame(number: 1 << 20), [.write, .user]), at: base + mega, size: .page2M)
    }

    private var operations: [(String, Operation)] {
        let whole = 1024
        let spare = (try? memory.frame()) ?? Frame(of: .empty)
        return [
            ("walk", { _ = try $0.walk(base) }),
            ("content", { _ = try $0.content(at: base) }),
            ("levels", { _ = try $0.levels(at: base) }),
            ("forEachPage", { try $0.forEachPage(at: base, pages: whole) { _ in } }),
            ("harvestAccessed", { try $0.harvestAccessed(at: base, pages: whole) }),
            ("harvestDirty", { try $0.harvestDirty(at: base, pages: whole) }),
            ("makeWritable", { try $0.makeWritable(at: base) }),
            ("clean", { try $0.clean(at: base, pages: 8) }),
            ("cleanForWriteback", { _ = try $0.cleanForWriteback(at: base) }),
            ("makeWritable", { try $0.makeWritable(at: base, markingDirty: false) }),
            ("writeProtect", { try $0.writeProtect(at: base, pages: 8) }),
            (
                "handleFault",
                { space in
                    _ = try space.handleFault(at: base, .write, isExclusive: { _ in true }, copy: { _, _ in nil })
                }
            ),
            ("protect", { try $0.protect(at: base, pages: 8, .user) }),
            ("protect", { try $0.protect(at: base, pages: 8, [.noAccess]) }),
            ("protect", { try $0.protect(at: base, pages: 8, [.write, .user]) }),
            (
                "handleFault",
                { space in
                    _ = try space.handleFault(at: base, .write, isExclusive: { _ in false }, copy: { _, _ in spare })
                }
            ),
            ("writeProtectForMerge", { _ = try $0.writeProtectForMerge(at: base) { _ in true } }),
            (
                "breakCopyOnWrite",
                { space in
                    let entry = Self.entry(space, 1)
                    try space.breakCopyOnWrite(at: base + 4096, expecting: entry, into: try memory.frame())
                }
            ),
            ("map", { try $0.map(try memory.page(), at: base + 2 * 4096) }),
            (
                "map replacing",
                { space in
                    try space.map(try memory.page(), at: base + 5 * 4096, replacing: SoftwareEntry(payload: 9))
                }
            ),
            ("map tables", { try $0.map(try memory.page(), at: base + (1 << 39)) }),
            ("reclaim", { _ = try $0.reclaim(at: base + 2 * 4096) }),
            ("reclaim unused", { try $0.reclaim(at: base, pages: 8, ifUnused: true) { _ in nil } }),
            ("split", { try $0.split(at: base + mega) }),
            ("collapse", { try $0.collapse(at: base + mega) }),
            ("releaseEmptyTables", { try $0.releaseEmptyTables(at: base, pages: whole) }),
            ("unmap a hole", { try $0.unmap(at: base + 9 * 4096, pages: 20) }),
            ("unmap", { try $0.unmap(at: base, pages: whole) }),
            ("releaseEmptyTables", { try $0.releaseEmptyTables(at: base, pages: 1 << 20) }),
            ("unmapAll", { $0.unmapAll() }),
        ]
    }

    /// The entry of a page, without the lock so that it does not count.
    private static func entry(_ space: borrowing FailingSpace, _ page: UInt64) -> PageTableEntry {
        if case .page(let found) = space.glimpse(base + page * 4096) { found.entry } else { .empty }
    }

    @Test func eachOperationTakesTheLockOnceAndFlushesOnceAtMost() throws {
        for (name, operation) in operations {
            // The second time, most have nothing to do, and some refuse.
            for attempt in 1...2 {
                let (before, locks) = (watched.tables, watched.lock.count)
                var isRefused = false
                do { try operation(watched.space) } catch is AddressSpaceError { isRefused = true }
                let requests = watched.shootdowns.take()
                let hasChanged = watched.tables != before
                #expect(watched.lock.count == locks + 1 && !watched.lock.isHeld, "\(name), \(attempt)")
                #expect(requests.count <= (hasChanged ? 1 : 0), "\(name), \(attempt)")
                #expect(!(isRefused && hasChanged) && !(isRefused && attempt == 1), "\(name), \(attempt)")
            }
        }
        #expect(watched.lock.mistakes == 0 && memory.pool.misuseCount == 0)
    }

    /// Both have a lock; the child's is its own affair, as nobody else has the child.
    @Test func aForkTakesTheParentsLock() throws {
        let child = CheckedLock()
        var space = try FailingSpace(frames: FailingFrames(memory), shootdown: watched.shootdowns, lock: child)
        let locks = watched.lock.count
        try watched.space.fork(into: &space)
        #expect(watched.lock.count == locks + 1 && !watched.lock.isHeld && child.count == 0)
        #expect(watched.shootdowns.take() == [.everything])
        // Nothing is left to be protected.
        space.unmapAll()
        _ = watched.shootdowns.take()
        try watched.space.fork(into: &space)
        #expect(watched.shootdowns.take() == [])
        #expect(throws: AddressSpaceError.destinationNotEmpty) { try watched.space.fork(into: &space) }
        #expect(watched.lock.count == locks + 3 && watched.lock.mistakes == 0 && child.mistakes == 0)
    }

    /// The one operation that changes nothing and flushes nevertheless: whether it may merge is known only afterwards.
    @Test func aRefusedMergeFlushesOnce() throws {
        let before = watched.tables
        #expect(try watched.space.writeProtectForMerge(at: base) { _ in false } == .refused)
        #expect(watched.tables == before && watched.shootdowns.take() == [.pages(base, 1)])
    }
}
