import AddressSpace
import PageTable
import Testing

private let base: UInt64 = 0x7000_0000_0000

/// Tables that outlive the value that made them.
@Suite struct AdoptionTests {
    @Test func whatIsRelinquishedStaysAndCanBeTakenOver() throws {
        let memory = try Memory(frames: 32)
        let before = memory.pool.freeCount
        let leaf = try memory.page()
        let space = try memory.space()
        try space.map(leaf, at: base)
        let root = space.root
        #expect(space.relinquish() == root)
        // The page, and four tables.
        #expect(memory.pool.freeCount == before - 5)

        let adopted = try Space(
            adopting: root, frames: memory, shootdown: memory.interrupts([]), lock: SpinLock())
        #expect(adopted.root == root)
        #expect(try adopted.walk(base).entry == leaf.entry)
        var unmapped: [UInt64] = []
        try adopted.unmap(at: base) { unmapped.append($0.frame.number) }
        #expect(unmapped == [leaf.frame.number])
        adopted.relinquish()
        #expect(memory.pool.freeCount == before - 5)
    }

    @Test func tablesThatWereTakenOverAreReleasedAtTheEnd() throws {
        let memory = try Memory(frames: 32)
        let before = memory.pool.freeCount
        let space = try memory.space()
        try space.map(Leaf<PrivateMapping>(try Frame(number: 5), .user), at: base)
        let root = space.relinquish()
        #expect(memory.pool.freeCount == before - 4)
        func use() throws {
            let adopted = try Space(adopting: root, frames: memory, shootdown: memory.interrupts([]), lock: SpinLock())
            #expect(try adopted.walk(base).frame.number == 5)
        }
        try use()
        #expect(memory.pool.freeCount == before)
    }

    /// What a loader maps has none of the bits that an address space keeps in its leaves.
    @Test func aPageOfALoaderIsPrivateAndMayNotBeWrittenToBeginWith() throws {
        let memory = try Memory(frames: 32)
        let space = try memory.space()
        try space.map(Leaf<SharedMapping>(try Frame(number: 5), .user), at: base)
        var table = try #require(memory.words(of: space.root))
        for shift: UInt64 in [39, 30, 21] {
            let entry = PageTableEntry(rawValue: table[Int(base >> shift & 511)])
            table = try #require(memory.words(of: Frame(of: entry)))
        }
        table[Int(base >> 12 & 511)] = 0x5067
        let root = space.relinquish()
        let adopted = try Space(adopting: root, frames: memory, shootdown: memory.interrupts([]), lock: SpinLock())
        #expect(try adopted.walk(base).kind == .private && adopted.walk(base).rights == [.user, .execute])
        #expect(throws: AddressSpaceError.notWritable(address: base)) { try adopted.makeWritable(at: base) }
        try adopted.protect(at: base, [.write, .user])
        #expect(try adopted.walk(base).rights == [.write, .user])
        #expect(try adopted.walk(base).isDirty)
    }

    @Test func aRootThatCannotBeReachedIsRefused() throws {
        let memory = try Memory(frames: 8)
        let nowhere = try Frame(number: 1 << 30)
        #expect(throws: AddressSpaceError.frameNotReachable(nowhere)) {
            _ = try Space(adopting: nowhere, frames: memory, shootdown: memory.interrupts([]), lock: SpinLock())
        }
    }
}
