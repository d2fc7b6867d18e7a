import AddressSpace
import PageTable
import Testing

private let base: UInt64 = 0x7000_0000_0000

@Suite struct MappingTests {
    @Test func mapsAndWalks() throws {
        let memory = try Memory(frames: 32)
        let space = try memory.space()
        let leaf = try memory.page()
        try space.map(leaf, at: base)
        let found = try space.walk(base + 0x123)
        #expect(found.frame == leaf.frame)
        #expect(found.physicalAddress == leaf.frame.address + 0x123)
        #expect(found.kind == .private && found.rights == [.write, .user])
        #expect(found.isWritable && !found.isDirty)
        #expect(throws: AddressSpaceError.notMapped(address: base + 4096)) { _ = try space.walk(base + 4096) }
    }

    @Test func mapsConsecutivePagesAcrossTables() throws {
        let memory = try Memory(frames: 32)
        let space = try memory.space()
        // Across the borders of tables of all three levels below the root: 512 GByte.
        let address: UInt64 = (1 << 39) - 3 * 4096
        let first = try Frame(number: 0x1000)
        try space.map(Leaf<SharedMapping>(first, [.write]), at: address, pages: 6)
        for page: UInt64 in 0..<6 {
            let found = try space.walk(address + page * 4096)
            #expect(found.frame.number == 0x1000 + page)
            #expect(found.kind == .shared && found.rights == .write)
        }
        #expect(throws: AddressSpaceError.notMapped(address: address + 6 * 4096)) {
            _ = try space.walk(address + 6 * 4096)
        }
    }

    @Test func upperHalfIsThereToo() throws {
        let memory = try Memory(frames: 32)
        let space = try memory.space()
        let last: UInt64 = 0xFFFF_FFFF_FFFF_F000
        let leaf = Leaf<PrivateMapping>(try memory.frame(), [.execute])
        try space.map(leaf, at: last)
        #expect(try space.walk(.max).physicalAddress == leaf.frame.address + 4095)
        #expect(try space.walk(last).rights == .execute)
        #expect(throws: AddressSpaceError.pastTheTop(address: last, pages: 2)) { try space.unmap(at: last, pages: 2) }
        try space.unmap(at: last)
    }

    @Test func tablesComeBackAtTheEnd() throws {
        let memory = try Memory(frames: 64)
        let before = memory.pool.freeCount
        do {
            let space = try memory.space()
            #expect(memory.pool.freeCount == before - 1)
            try space.map(Leaf<SharedMapping>(try Frame(number: 1 << 30), []), at: 0, pages: 513)
            #expect(memory.pool.freeCount == before - 1 - 4)
        }
        #expect(memory.pool.freeCount == before)
    }

    @Test func unmapReportsAndFlushesOnce() throws {
        let memory = try Memory(frames: 32)
        let shootdowns = RecordedShootdowns()
        let lock = CheckedLock()
        let space = try AddressSpace(frames: memory, shootdown: shootdowns, lock: lock)
        let first = try Frame(number: 77)
        try space.map(Leaf<PrivateMapping>(first, [.write]).dirty.accessed, at: base, pages: 3)
        #expect(shootdowns.take() == [])
        var seen: [UnmappedPage] = []
        try space.unmap(at: base, pages: 3) { seen.append($0) }
        #expect(seen.map(\.frame.number) == [77, 78, 79])
        #expect(seen.map(\.address) == [base, base + 4096, base + 8192])
        #expect(seen.allSatisfy { $0.wasDirty && $0.wasAccessed && $0.kind == .private })
        #expect(shootdowns.take() == [.pages(base, 3)])
        #expect(throws: AddressSpaceError.notMapped(address: base)) { _ = try space.walk(base) }
        try space.map(Leaf<SharedMapping>(first, []), at: base)
        #expect(lock.mistakes == 0 && !lock.isHeld)
    }

    @Test func protectChangesRights() throws {
        let memory = try Memory(frames: 32)
        let shootdowns = RecordedShootdowns()
        let space = try AddressSpace(frames: memory, shootdown: shootdowns, lock: CheckedLock())
        try space.map(try memory.page().dirty, at: base)
        try space.map(try memory.shared().dirty, at: base + 4096)
        try space.protect(at: base, pages: 2, .user)
        for address in [base, base + 4096] {
            let found = try space.walk(address)
            #expect(found.rights == .user && !found.isWritable && found.isDirty)
            #expect(!found.entry.isDirty && found.entry.isSavedDirty)
        }
        #expect(shootdowns.take() == [.pages(base, 2)])
        try space.protect(at: base, pages: 2, .user)
        #expect(shootdowns.take() == [])
        try space.protect(at: base, pages: 2, [.user, .write])
        let (private_, shared) = (try space.walk(base), try space.walk(base + 4096))
        #expect(private_.rights == [.user, .write] && !private_.isWritable && private_.entry.isSavedDirty)
        #expect(shared.isWritable && shared.entry.isDirty && !shared.entry.isSavedDirty)
        try space.makeWritable(at: base)
        #expect(try space.walk(base).entry.isDirty)
    }
}

@Suite struct LeafTests {
    @Test func ordinaryLeavesAreNeverShadowStacks() throws {
        let frame = try Frame(number: 5)
        for bits: UInt8 in 0...7 {
            let rights = Rights(rawValue: bits)
            check(Leaf<PrivateMapping>(frame, rights), rights)
            check(Leaf<SharedMapping>(frame, rights), rights)
        }
    }

    private func check<Kind: OrdinaryMapping>(_ leaf: Leaf<Kind>, _ rights: Rights) {
        for leaf in [
            leaf, leaf.dirty, leaf.accessed, leaf.writeProtected, leaf.dirty.writeProtected, leaf.writeProtected.dirty,
        ] {
            #expect(!leaf.entry.isShadowStackEncoding)
            #expect(!(leaf.entry.isWritable && leaf.entry.isSavedDirty))
            #expect(Rights(of: leaf.entry) == rights)
            #expect(MappingKind(of: leaf.entry) == Kind.kind)
            #expect(leaf.entry.isPresent && leaf.frame.number == 5)
        }
        #expect(leaf.entry.isWritable == rights.contains(.write))
        #expect(!leaf.writeProtected.entry.isWritable)
        #expect(LinuxGeneration.savedDirty.isDirty(leaf.dirty.writeProtected.entry))
    }

    @Test func shadowStackLeavesAreNeverWritable() throws {
        let leaf = Leaf<ShadowStackMapping>(try Frame(number: 5))
        #expect(leaf.entry.isShadowStackEncoding && leaf.entry.isUser && leaf.entry.isNoExecute)
        #expect(MappingKind(of: leaf.entry) == .shadowStack)
        let protected = leaf.writeProtected.entry
        #expect(!protected.isWritable && !protected.isDirty && protected.isSavedDirty)
        #expect(!Leaf<ShadowStackMapping>(try Frame(number: 5), isUser: false).entry.isUser)
    }

    @Test func framesHaveFortyBits() throws {
        #expect(try Frame(number: (1 << 40) - 1).address == 0x000F_FFFF_FFFF_F000)
        #expect(throws: AddressSpaceError.frameOutOfRange(number: 1 << 40)) { _ = try Frame(number: 1 << 40) }
    }
}
