import AddressSpace
import PageTable
import TestSupport
import Testing

private let base: UInt64 = 0x7000_0000_0000

/// Every allocation of every operation fails in turn: nothing has changed then, and every frame is back.
@Suite struct FailureTests {
    private let memory: Memory

    init() throws { memory = try Memory(frames: 700) }

    private func leaf(_ number: UInt64 = 1 << 20) throws -> Leaf<PrivateMapping> {
        Leaf(try Frame(number: number), [.write, .user])
    }

    /// Whether an error is the one for a failure.
    private func expect(_ error: AddressSpaceError?, _ failure: FailingFrames.Failure, _ frames: FailingFrames) {
        switch failure {
        case .noFrame: #expect(error == .outOfFrames)
        case .notReachable: #expect(error == frames.hidden.map { .frameNotReachable($0) } && error != nil)
        }
    }

    /// Runs an operation with each of its allocations failing, then with none.
    /// - Parameters:
    ///   - count: how many allocations there are.
    ///   - failing: the provider that they are made from; the address space's own, or that of a child.
    ///   - others: the root tables of other address spaces that have to stay as they are.
    private func check(
        _ watched: WatchedSpace, allocations count: Int, from failing: FailingFrames? = nil, others: [Frame] = [],
        _ operation: (borrowing FailingSpace) throws(AddressSpaceError) -> Void
    ) {
        let frames = failing ?? watched.frames
        func tables() -> [UInt64] { others.reduce(watched.tables) { $0 + frames.tables($1) } }
        _ = watched.shootdowns.take()
        for failure in FailingFrames.Failure.allCases {
            for number in 0..<count {
                let (before, free, locks) = (tables(), memory.pool.freeCount, watched.lock.count)
                frames.fail(at: number, failure)
                let error = addressSpaceError { () throws(AddressSpaceError) in try operation(watched.space) }
                expect(error, failure, frames)
                frames.fail(at: nil)
                #expect(tables() == before && memory.pool.freeCount == free, "allocation \(number)")
                #expect(watched.shootdowns.take() == [] && memory.pool.misuseCount == 0)
                #expect(watched.lock.count == locks + 1 && watched.lock.mistakes == 0 && !watched.lock.isHeld)
            }
        }
        #expect(addressSpaceError { () throws(AddressSpaceError) in try operation(watched.space) } == nil)
        #expect(frames.allocations == count)
    }

    @Test func mapping() throws {
        let leaf = try leaf(0)
        let cases: [(UInt64, Int, PageSize, Int)] = [
            (base, 1, .page4K, 3), ((1 << 39) - 4096, 2, .page4K, 6), (base, 1025, .page4K, 5),
            (base, 1, .page2M, 2), ((1 << 39) - (1 << 21), 2, .page2M, 4), (base, 1, .page1G, 1),
            ((1 << 39) - (1 << 30), 2, .page1G, 2), (0xFFFF_FFFF_FFFF_F000, 1, .page4K, 3),
        ]
        for (address, pages, size, count) in cases {
            let watched = try WatchedSpace(memory)
            check(watched, allocations: count) { space throws(AddressSpaceError) in
                try space.map(leaf, at: address, pages: pages, size: size)
            }
            let deep = try WatchedSpace(memory, .five)
            check(deep, allocations: count + 1) {
                space throws(AddressSpaceError) in
                try space.map(leaf, at: address, pages: pages, size: size)
            }
        }
    }

    /// Where some of the tables are there already.
    @Test func mappingBesideOthers() throws {
        let watched = try WatchedSpace(memory)
        let leaf = try leaf()
        try watched.space.map(leaf, at: base)
        check(watched, allocations: 2) { space throws(AddressSpaceError) in
            try space.map(leaf, at: base + 4096, pages: 1400)
        }
        check(watched, allocations: 3) { space throws(AddressSpaceError) in
            try space.map(leaf, at: base - 4096)
        }
    }

    @Test(arguments: [PageSize.page2M, .page1G]) func splitting(size: PageSize) throws {
        let watched = try WatchedSpace(memory)
        try watched.space.map(try leaf(1 << 20), at: base, size: size)
        check(watched, allocations: 1) { space throws(AddressSpaceError) in try space.split(at: base + 5) }
        #expect(watched.shootdowns.take().count == 1)
    }

    /// A parent of eleven tables below the root.
    private func parent() throws -> WatchedSpace {
        let watched = try WatchedSpace(memory)
        for address: UInt64 in [0, 1 << 30, 1 << 39, 0xFFFF_8000_0000_0000] {
            try watched.space.map(try leaf().dirty, at: address)
        }
        try watched.space.map(try leaf(), at: 1 << 31, size: .page1G)
        try watched.space.reclaim(at: 1 << 30, pages: 1) { _ in SoftwareEntry(payload: 5) }
        try watched.space.protect(at: 1 << 39, [.noAccess, .write])
        return watched
    }

    @Test func forking() throws {
        let watched = try parent()
        let frames = FailingFrames(memory)
        var child = try FailingSpace(frames: frames, shootdown: watched.shootdowns, lock: CheckedLock())
        var shared = 0
        check(watched, allocations: 11, from: frames, others: [child.root]) { space throws(AddressSpaceError) in
            shared = 0
            try space.fork(into: &child) { _ in shared += 1 }
        }
        #expect(shared == 5 && watched.shootdowns.take() == [.everything])
    }

    /// A table of the parent that cannot be read.
    @Test func forkingWhatCannotBeReached() throws {
        let watched = try parent()
        let frames = FailingFrames(memory)
        var child = try FailingSpace(frames: frames, shootdown: watched.shootdowns, lock: CheckedLock())
        var tables: Set<Frame> = []
        for address: UInt64 in [0, 1 << 30, 1 << 39, 0xFFFF_8000_0000_0000] {
            let walk = try watched.space.levels(at: address)
            tables.formUnion([TableLevel.pdpte, .pde, .pte].compactMap { walk[$0]?.table })
        }
        #expect(tables.count == 11)
        _ = watched.shootdowns.take()
        let (before, free) = (watched.tables, memory.pool.freeCount)
        for table in tables {
            watched.frames.hidden = table
            #expect(throws: AddressSpaceError.frameNotReachable(table)) { try watched.space.fork(into: &child) }
            watched.frames.hidden = nil
            #expect(watched.tables == before && memory.pool.freeCount == free)
            #expect(frames.tables(child.root).dropFirst().allSatisfy { $0 == 0 })
            #expect(watched.shootdowns.take() == [] && !watched.lock.isHeld && watched.lock.mistakes == 0)
        }
    }

    @Test(arguments: [PageSize.page4K, .page2M]) func handlingAFaultWithoutMemory(size: PageSize) throws {
        let watched = try WatchedSpace(memory)
        try watched.space.map(try leaf().writeProtected.dirty, at: base, size: size)
        let (before, locks) = (watched.tables, watched.lock.count)
        let error = addressSpaceError { () throws(AddressSpaceError) in
            _ = try watched.space.handleFault(at: base + 5, .write, isExclusive: { _ in false }, copy: { _, _ in nil })
        }
        #expect(error == .outOfFrames && watched.tables == before && watched.shootdowns.take() == [])
        #expect(watched.lock.count == locks + 1 && !watched.lock.isHeld && watched.lock.mistakes == 0)
    }

    // MARK: Beginnings

    /// Makes an address space with each allocation failing, then with none; it is gone at once.
    private func checkInit(allocations count: Int, _ make: (FailingFrames) throws(AddressSpaceError) -> Void) {
        let frames = FailingFrames(memory)
        let free = memory.pool.freeCount
        for failure in FailingFrames.Failure.allCases {
            for number in Volume.sample([Int](0..<count), every: count > 16 ? 37 : 1) {
                frames.fail(at: number, failure)
                let error = addressSpaceError { () throws(AddressSpaceError) in try make(frames) }
                expect(error, failure, frames)
                #expect(memory.pool.freeCount == free && memory.pool.misuseCount == 0, "allocation \(number)")
            }
        }
        frames.fail(at: nil)
        #expect(addressSpaceError { () throws(AddressSpaceError) in try make(frames) } == nil)
        #expect(frames.allocations == count && memory.pool.freeCount == free && memory.pool.misuseCount == 0)
    }

    @Test(arguments: [PagingDepth.four, .five]) func makingAddressSpaces(depth: PagingDepth) throws {
        let shootdowns = RecordedShootdowns()
        checkInit(allocations: 1) { frames throws(AddressSpaceError) in
            _ = try FailingSpace(frames: frames, shootdown: shootdowns, lock: CheckedLock(), depth: depth)
        }
        checkInit(allocations: 257) { frames throws(AddressSpaceError) in
            _ = try FailingSpace(kernelHalfOf: frames, shootdown: shootdowns, lock: CheckedLock(), depth: depth)
        }
        let kernel = try FailingSpace(
            kernelHalfOf: FailingFrames(memory), shootdown: shootdowns, lock: CheckedLock(), depth: depth)
        checkInit(allocations: 1) { frames throws(AddressSpaceError) in
            _ = try FailingSpace(sharing: kernel, frames: frames, shootdown: shootdowns, lock: CheckedLock())
        }
    }
}
