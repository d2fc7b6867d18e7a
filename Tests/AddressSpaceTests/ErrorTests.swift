import AddressSpace
import PageTable
import Testing

private let base: UInt64 = 0x7000_0000_0000

@Suite struct ErrorTests {
    private let memory: Memory
    private let shootdowns = RecordedShootdowns()
    private let lock = CheckedLock()

    init() throws { memory = try Memory(frames: 64) }

    private func space() throws -> AddressSpace<Memory, RecordedShootdowns, CheckedLock> {
        try AddressSpace(frames: memory, shootdown: shootdowns, lock: lock)
    }

    /// What a closure throws.
    private func error(_ body: () throws(AddressSpaceError) -> Void) -> AddressSpaceError? {
        do throws(AddressSpaceError) {
            try body()
            return nil
        } catch { return error }
    }

    /// All operations on ranges, each on some pages.
    private func eachOnRange(
        _ space: borrowing AddressSpace<Memory, RecordedShootdowns, CheckedLock>, at address: UInt64, pages: Int = 1
    ) -> [AddressSpaceError?] {
        [
            error { () throws(AddressSpaceError) in try space.unmap(at: address, pages: pages) },
            error { () throws(AddressSpaceError) in try space.protect(at: address, pages: pages, []) },
            error { () throws(AddressSpaceError) in try space.writeProtect(at: address, pages: pages) },
            error { () throws(AddressSpaceError) in try space.clean(at: address, pages: pages) },
            error { () throws(AddressSpaceError) in try space.reclaim(at: address, pages: pages) { _ in nil } },
            error { () throws(AddressSpaceError) in try space.harvestAccessed(at: address, pages: pages) },
            error { () throws(AddressSpaceError) in try space.harvestDirty(at: address, pages: pages) },
            error { () throws(AddressSpaceError) in try space.releaseEmptyTables(at: address, pages: pages) },
            error { () throws(AddressSpaceError) in try space.forEachPage(at: address, pages: pages) { _ in } },
        ]
    }

    /// All operations on one page, which must be there.
    private func each(
        _ space: borrowing AddressSpace<Memory, RecordedShootdowns, CheckedLock>, at address: UInt64
    ) -> [AddressSpaceError?] {
        guard let frame = memory.pool.allocate() else { return [nil] }
        defer { memory.pool.release(frame) }
        var errors: [AddressSpaceError?] = []
        errors.append(error { () throws(AddressSpaceError) in try space.makeWritable(at: address) })
        errors.append(error { () throws(AddressSpaceError) in _ = try space.cleanForWriteback(at: address) })
        errors.append(error { () throws(AddressSpaceError) in _ = try space.reclaim(at: address) })
        errors.append(
            error { () throws(AddressSpaceError) in
                _ = try space.writeProtectForMerge(at: address) { _ in true }
            })
        errors.append(
            error { () throws(AddressSpaceError) in _ = try space.merge(at: address, expecting: .empty, into: frame) })
        errors.append(
            error { () throws(AddressSpaceError) in
                try space.breakCopyOnWrite(at: address, expecting: .empty, into: frame)
            })
        return errors
    }

    @Test func notCanonical() throws {
        let space = try space()
        for address: UInt64 in [1 << 47, 0x1234_5678_9ABC_D000, 0xFFFF_7FFF_FFFF_F000] {
            let expected = AddressSpaceError.notCanonical(address: address)
            #expect(each(space, at: address).allSatisfy { $0 == expected })
            #expect(eachOnRange(space, at: address).allSatisfy { $0 == expected })
            #expect(throws: expected) { try space.map(try memory.page(), at: address) }
            #expect(throws: expected) { _ = try space.walk(address) }
        }
        let end: UInt64 = 0x7FFF_FFFF_F000
        #expect(throws: AddressSpaceError.notCanonical(address: 1 << 47)) {
            try space.map(try memory.page(), at: end, pages: 2)
        }
        // As far as a count can go.
        #expect(throws: AddressSpaceError.notCanonical(address: 1 << 47)) {
            try space.unmap(at: end, pages: 1 << 35)
        }
    }

    @Test func notAligned() throws {
        let space = try space()
        let expected = AddressSpaceError.notAligned(address: base + 8, to: 4096)
        #expect(each(space, at: base + 8).allSatisfy { $0 == expected })
        #expect(eachOnRange(space, at: base + 8).allSatisfy { $0 == expected })
        #expect(throws: expected) { try space.map(try memory.page(), at: base + 8) }
    }

    @Test func notMapped() throws {
        let space = try space()
        let expected = AddressSpaceError.notMapped(address: base)
        #expect(each(space, at: base).allSatisfy { $0 == expected })
        // The same with a table.
        try space.map(try memory.page(), at: base + 4096)
        #expect(each(space, at: base).allSatisfy { $0 == expected })
        #expect(shootdowns.take() == [] && lock.mistakes == 0 && !lock.isHeld)
    }

    @Test(arguments: [0, -1, .min, .max, (1 << 35) + 1]) func badPageCount(count: Int) throws {
        let space = try space()
        let expected = AddressSpaceError.badPageCount(count)
        #expect(throws: expected) { try space.map(try memory.page(), at: 0, pages: count) }
        #expect(eachOnRange(space, at: 0, pages: count).allSatisfy { $0 == expected })
    }

    @Test func alreadyMapped() throws {
        let space = try space()
        try space.map(try memory.page(), at: base + 4096)
        let free = memory.pool.freeCount
        let expected = AddressSpaceError.alreadyMapped(address: base + 4096)
        #expect(throws: expected) { try space.map(Leaf<SharedMapping>(try Frame(number: 9), []), at: base, pages: 600) }
        #expect(memory.pool.freeCount == free)
        #expect(throws: AddressSpaceError.notMapped(address: base)) { _ = try space.walk(base) }
    }

    @Test func framesRunOut() throws {
        let space = try space()
        let last = try Frame(number: (1 << 40) - 1)
        try space.map(Leaf<SharedMapping>(last, []), at: base)
        #expect(throws: AddressSpaceError.frameOutOfRange(number: 1 << 40)) {
            try space.map(Leaf<SharedMapping>(last, []), at: base + 4096, pages: 2)
        }
        // All of the address space: refused soon, for want of tables.
        let free = memory.pool.freeCount
        #expect(throws: AddressSpaceError.outOfFrames) {
            try space.map(Leaf<SharedMapping>(try Frame(number: 0), []), at: 0, pages: 1 << 34)
        }
        #expect(memory.pool.freeCount == free)
    }

    @Test func wrongMappingKinds() throws {
        let space = try space()
        let frame = try memory.frame()
        try space.map(Leaf<ShadowStackMapping>(try memory.frame()), at: base)
        try space.map(try memory.shared().dirty, at: base + 4096)
        let (stack, shared) = (try space.walk(base).entry, try space.walk(base + 4096).entry)
        let isStack = AddressSpaceError.wrongMappingKind(address: base, .shadowStack)
        let isShared = AddressSpaceError.wrongMappingKind(address: base + 4096, .shared)
        #expect(throws: isStack) { try space.protect(at: base, [.write]) }
        #expect(throws: isStack) { try space.protect(at: base, pages: 2, []) }
        #expect(throws: isStack) { _ = try space.cleanForWriteback(at: base) }
        #expect(throws: isStack) { _ = try space.writeProtectForMerge(at: base) { _ in true } }
        #expect(throws: isStack) { _ = try space.merge(at: base, expecting: stack, into: frame) }
        #expect(throws: isShared) { _ = try space.writeProtectForMerge(at: base + 4096) { _ in true } }
        #expect(throws: isShared) { _ = try space.merge(at: base + 4096, expecting: shared, into: frame) }
        #expect(throws: isShared) { try space.breakCopyOnWrite(at: base + 4096, expecting: shared, into: frame) }
        #expect(try space.walk(base).entry == stack)
        #expect(try space.walk(base + 4096).entry == shared)
        #expect(shootdowns.take() == [] && !lock.isHeld)
    }

    @Test func notWritable() throws {
        let space = try space()
        try space.map(try memory.page([.user]), at: base)
        let expected = AddressSpaceError.notWritable(address: base)
        #expect(throws: expected) { try space.makeWritable(at: base) }
        let entry = try space.walk(base).entry
        #expect(throws: expected) { try space.breakCopyOnWrite(at: base, expecting: entry, into: try memory.frame()) }
    }

    @Test func forkNeedsAnEmptyDestination() throws {
        let parent = try space()
        var child = try space()
        try parent.map(try memory.page(), at: base)
        try child.map(try memory.page(), at: 0)
        let before = try parent.walk(base).entry
        #expect(throws: AddressSpaceError.destinationNotEmpty) { try parent.fork(into: &child) }
        #expect(try parent.walk(base).entry == before)
        #expect(shootdowns.take() == [])
    }

    @Test func errorsSayWhatAndWhere() {
        #expect("\(AddressSpaceError.notMapped(address: base))".contains("0x700000000000"))
        #expect("\(AddressSpaceError.wrongMappingKind(address: 4096, .shadowStack))".contains("a shadow stack"))
        let all: [AddressSpaceError] = [
            .outOfFrames, .frameOutOfRange(number: 1), .notCanonical(address: 1), .notAligned(address: 1, to: 8),
            .badPageCount(0), .alreadyMapped(address: 1), .notWritable(address: 1), .entryChanged(address: 1),
            .destinationNotEmpty, .tooFewFrames(1, needed: 2),
        ]
        #expect(Set(all.map(\.description)).count == all.count)
    }
}
