import AddressSpace
import PageTable
import TestSupport
import Testing

private let base: UInt64 = 0x7000_0000_0000
private let mega: UInt64 = 2 << 20

/// Pages of 2 MByte and 1 GByte, five levels, and the kernel's half.
@Suite struct LargePageTests {
    let memory: Memory
    let shootdowns = RecordedShootdowns()

    init() throws { memory = try Memory(frames: 1024) }

    private func space(_ depth: PagingDepth = .four) throws -> AddressSpace<Memory, RecordedShootdowns, CheckedLock> {
        try AddressSpace(frames: memory, shootdown: shootdowns, lock: CheckedLock(), depth: depth)
    }

    /// A leaf for a frame that is nobody's.
    private func leaf(_ number: UInt64 = 1 << 20) throws -> Leaf<PrivateMapping> {
        Leaf(try Frame(number: number), [.write, .user])
    }

    @Test func aLargePageIsOneEntry() throws {
        let space = try space()
        let free = memory.pool.freeCount
        try space.map(try leaf().caching(CachePolicy(index: 5)), at: base, pages: 2, size: .page2M)
        #expect(memory.pool.freeCount == free - 2)
        let found = try space.walk(base + mega + 0x1234)
        #expect(found.size == .page2M && found.frame.number == (1 << 20) + 512 && found.entry.isLargePage)
        #expect(found.physicalAddress == ((1 << 20) + 512) << 12 + 0x1234 && found.pageAddress == base + mega)
        #expect(CachePolicy(of: found.entry, .page2M).index == 5)
        let walk = try space.levels(at: base)
        let entry = try space.walk(base).entry
        #expect(walk[.pml4e]?.table == space.root && walk[.pde]?.entry == entry && walk[.pte] == nil)
        let summary = try space.unmap(at: base, pages: 1024)
        // Both pages and both tables that were for them; the range covers neither table whole.
        #expect(summary.pages == 2 && summary.tables == 0)
        #expect(shootdowns.take() == [.pages(base, 1024)])
    }

    @Test func halfALargePageIsRefused() throws {
        let space = try space()
        try space.map(try leaf(), at: base, size: .page2M)
        let expected = AddressSpaceError.insideLargePage(address: base, .page2M)
        #expect(throws: expected) { try space.unmap(at: base, pages: 511) }
        #expect(throws: expected) { try space.protect(at: base + 4096, pages: 511, []) }
        #expect(throws: expected) { try space.clean(at: base + 4096, pages: 1) }
        #expect(throws: expected) { _ = try space.cleanForWriteback(at: base + 4096) }
        #expect(throws: expected) { _ = try space.reclaim(at: base) }
        #expect(throws: expected) { try space.harvestDirty(at: base - 4096, pages: 2) }
        #expect(shootdowns.take() == [])
        #expect(throws: AddressSpaceError.alreadyMapped(address: base + 4096)) {
            try space.map(try leaf(), at: base + 4096)
        }
    }

    @Test func framesAndAddressesAreMultiples() throws {
        let space = try space()
        let frame = try Frame(number: 3)
        #expect(throws: AddressSpaceError.frameNotAligned(frame, .page2M)) {
            try space.map(Leaf<SharedMapping>(frame, []), at: base, size: .page2M)
        }
        #expect(throws: AddressSpaceError.notAligned(address: base + 4096, to: mega)) {
            try space.map(try leaf(), at: base + 4096, size: .page2M)
        }
        try space.map(try leaf(), at: base)
        try space.unmap(at: base)
        #expect(throws: AddressSpaceError.tableInTheWay(address: base, .page2M)) {
            try space.map(try leaf(), at: base, size: .page2M)
        }
        try space.releaseEmptyTables(at: base, pages: 1)
        try space.map(try leaf(), at: base, size: .page2M)
    }

    @Test func splittingKeepsEverything() throws {
        let space = try space()
        try space.map(try leaf().dirty.accessed.caching(CachePolicy(index: 5)), at: base, size: .page2M)
        try space.split(at: base + 0x5678)
        #expect(shootdowns.take() == [.pages(base, 512)])
        for page: UInt64 in [0, 1, 511] {
            let found = try space.walk(base + page * 4096)
            #expect(found.size == .page4K && found.frame.number == (1 << 20) + page && found.isDirty)
            #expect(found.isWritable && found.entry.isAccessed && CachePolicy(of: found.entry).index == 5)
        }
        #expect(throws: AddressSpaceError.notLarge(address: base)) { try space.split(at: base) }
        // Back again: dirty, since one of them is.
        try space.clean(at: base, pages: 511)
        try space.writeProtect(at: base + 511 * 4096)
        _ = shootdowns.take()
        try space.collapse(at: base)
        #expect(shootdowns.take() == [.pages(base, 512)])
        let whole = try space.walk(base)
        #expect(whole.size == .page2M && whole.frame.number == 1 << 20 && whole.isDirty && !whole.isWritable)
        #expect(CachePolicy(of: whole.entry, .page2M).index == 5)
    }

    @Test func aGigabyteSplitsIntoMegabytes() throws {
        let space = try space()
        try space.map(try leaf(1 << 20).caching(CachePolicy(index: 4)), at: base, size: .page1G)
        #expect(try space.walk(base + 700 * mega / 2).size == .page1G)
        try space.split(at: base)
        let piece = try space.walk(base + 3 * mega)
        #expect(piece.size == .page2M && piece.frame.number == (1 << 20) + 3 * 512)
        #expect(CachePolicy(of: piece.entry, .page2M).index == 4)
        try space.split(at: base + 3 * mega)
        #expect(throws: AddressSpaceError.cannotCollapse(address: base, .page1G)) {
            try space.collapse(at: base, into: .page1G)
        }
        try space.collapse(at: base + 3 * mega)
        try space.collapse(at: base, into: .page1G)
        #expect(try space.walk(base).size == .page1G)
    }

    @Test func onlyPagesSideBySideBecomeOne() throws {
        let space = try space()
        let expected = AddressSpaceError.cannotCollapse(address: base, .page2M)
        #expect(throws: expected) { try space.collapse(at: base) }
        try space.map(try leaf((1 << 20) + 1), at: base, pages: 512)
        #expect(throws: expected) { try space.collapse(at: base) }
        try space.unmap(at: base, pages: 512)
        try space.map(try leaf(), at: base, pages: 511)
        #expect(throws: expected) { try space.collapse(at: base) }
        try space.map(try leaf((1 << 20) + 511), at: base + 511 * 4096)
        try space.protect(at: base + 4096, .user)
        #expect(throws: expected) { try space.collapse(at: base) }
        #expect(throws: AddressSpaceError.cannotCollapse(address: base, .page4K)) {
            try space.collapse(at: base, into: .page4K)
        }
    }

    /// Dirtiness of a shadow stack is its right to write, which must not spread.
    @Test func shadowStacksOfTwoKindsStayApart() throws {
        let space = try space()
        try space.map(Leaf<ShadowStackMapping>(try Frame(number: 1 << 20)), at: base, pages: 511)
        try space.map(
            Leaf<ShadowStackMapping>(try Frame(number: (1 << 20) + 511)).writeProtected, at: base + 511 * 4096)
        #expect(throws: AddressSpaceError.cannotCollapse(address: base, .page2M)) { try space.collapse(at: base) }
    }

    @Test func largePagesAreForkedAndCopied() throws {
        let space = try space()
        try space.map(try leaf().dirty, at: base, size: .page2M)
        var child = try self.space()
        var both: [PageSize] = []
        try space.fork(into: &child) { if case .page(let page) = $0 { both.append(page.size) } }
        #expect(both == [.page2M])
        #expect(try !space.walk(base).isWritable && !child.walk(base).isWritable && child.walk(base).isDirty)
        let copy = try Frame(number: 1 << 21)
        _ = shootdowns.take()
        let outcome = try child.handleFault(at: base + mega - 1, .write) { _ in
            false
        } copy: { frame, size in
            #expect(frame.number == 1 << 20 && size == .page2M)
            return copy
        }
        guard case .copied(let old, let new) = outcome else { throw Missing() }
        #expect(old.address == base && old.size == .page2M && new == copy)
        #expect(try child.walk(base).isWritable && child.walk(base).frame == copy)
        #expect(shootdowns.take() == [.pages(base, 512)])
        let refused = AddressSpaceError.frameNotAligned(try Frame(number: 5), .page2M)
        #expect(throws: refused) {
            _ = try space.handleFault(at: base, .write, isExclusive: { _ in false }, copy: { _, _ in refused.frame })
        }
    }

    // MARK: Five levels

    @Test func fiveLevelsReachFarther() throws {
        let space = try space(.five)
        let far: UInt64 = 0x00FF_0000_0000_0000 - (1 << 40)
        try space.map(try leaf(), at: far, pages: 3)
        #expect(try space.walk(far + 4096).frame.number == (1 << 20) + 1)
        #expect(try space.levels(at: far)[.pml5e]?.table == space.root)
        #expect(throws: AddressSpaceError.notCanonical(address: 1 << 56)) { try space.map(try leaf(), at: 1 << 56) }
        let top: UInt64 = 0xFFFF_FFFF_FFFF_F000
        try space.map(try leaf(), at: top)
        var addresses: [UInt64] = []
        var child = try self.space(.five)
        try space.fork(into: &child) { if case .page(let page) = $0 { addresses.append(page.address) } }
        #expect(addresses == [far, far + 4096, far + 8192, top])
        let four = try self.space()
        #expect(throws: AddressSpaceError.notCanonical(address: far)) { try four.map(try leaf(), at: far) }
    }

    // MARK: The kernel's half

    @Test func theKernelsHalfIsTheSameEverywhere() throws {
        let before = memory.pool.freeCount
        do {
            let kernel = try AddressSpace(kernelHalfOf: memory, shootdown: shootdowns, lock: CheckedLock())
            let user = try AddressSpace(sharing: kernel, frames: memory, shootdown: shootdowns, lock: CheckedLock())
            var child = try AddressSpace(sharing: kernel, frames: memory, shootdown: shootdowns, lock: CheckedLock())
            let device: UInt64 = 0xFFFF_C000_0000_0000
            // Mapped after both were made, seen through the root of both.
            let registers = Leaf<SharedMapping>(try Frame(number: 0xFEE00), .write).caching(.uncached).global
            try kernel.map(registers, at: device)
            for root in [user.root, child.root] {
                let view = try AddressSpace(adopting: root, frames: memory, shootdown: shootdowns, lock: CheckedLock())
                let page = try view.walk(device)
                #expect(page.frame.number == 0xFEE00 && page.entry.isGlobal && page.entry.isCacheDisabled)
                view.relinquish()
            }
            try user.map(try memory.page(), at: base)
            try user.fork(into: &child)
            // Never write-protected by a fork.
            #expect(try kernel.walk(device).isWritable)
            #expect(throws: AddressSpaceError.wrongHalf(address: device)) { try user.unmap(at: device) }
            #expect(throws: AddressSpaceError.wrongHalf(address: base)) { try kernel.map(try leaf(), at: base) }
            _ = shootdowns.take()
            // All of the half: pages go, the shared tables stay.
            #expect(try kernel.unmap(at: 0xFFFF_8000_0000_0000, pages: 1 << 35).pages == 1)
            try kernel.map(registers, at: device)
            #expect(child.unmapAll().pages == 1)
        }
        #expect(memory.pool.freeCount == before - 1)
    }

    @Test func twoHalvesOrDepthsCannotBeForked() throws {
        let kernel = try AddressSpace(kernelHalfOf: memory, shootdown: shootdowns, lock: CheckedLock())
        let user = try AddressSpace(sharing: kernel, frames: memory, shootdown: shootdowns, lock: CheckedLock())
        var both = try space()
        var deep = try space(.five)
        #expect(throws: AddressSpaceError.destinationNotEmpty) { try user.fork(into: &both) }
        #expect(throws: AddressSpaceError.destinationNotEmpty) { try both.fork(into: &deep) }
    }
}

extension AddressSpaceError {
    /// The frame of an error about one.
    fileprivate var frame: Frame? {
        if case .frameNotAligned(let frame, _) = self { return frame }
        return nil
    }
}
