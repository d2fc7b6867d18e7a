import AddressSpace
import PageTable
import Testing

private let base: UInt64 = 0x7000_0000_0000

@Suite struct WalkerTests {
    private static let behaviours: [CPUBehaviour] = [.cet, .strict, .late, .knl, .shadowed, .book]

    /// A walker of a space with one port.
    private func machine(_ behaviour: CPUBehaviour) throws -> (Memory, WalkerPort) {
        let memory = try Memory(frames: 64)
        return (memory, try WalkerPort(in: memory.pool))
    }

    @Test(arguments: behaviours) func setsAccessedAndDirty(behaviour: CPUBehaviour) throws {
        let (memory, port) = try machine(behaviour)
        let space = try memory.space([port])
        try space.map(try memory.page(), at: base)
        var cpu = SoftwareWalker(port: port, frames: memory, behaviour: behaviour, root: space.root)
        #expect(try !space.walk(base).entry.isAccessed)
        #expect(try cpu.write(5, at: base + 16) == .done(5))
        #expect(try space.walk(base).entry.isAccessed && space.walk(base).entry.isDirty)
        #expect(try cpu.read(at: base + 16) == .done(5))
    }

    @Test func readingSetsAccessedOnly() throws {
        let (memory, port) = try machine(.strict)
        let space = try memory.space([port])
        try space.map(try memory.page(), at: base)
        var cpu = SoftwareWalker(port: port, frames: memory, behaviour: .strict, root: space.root)
        _ = try cpu.read(at: base)
        #expect(try space.walk(base).entry.isAccessed && !space.walk(base).entry.isDirty)
        // A clean translation is cached now: the write still sets D.
        _ = try cpu.write(1, at: base)
        #expect(try space.walk(base).entry.isDirty)
    }

    @Test func faultsSayWhy() throws {
        let (memory, port) = try machine(.cet)
        let space = try memory.space([port])
        try space.map(try memory.page([.user]), at: base)
        try space.map(try memory.page([.write]), at: base + 4096)
        try space.map(Leaf<ShadowStackMapping>(try memory.frame()), at: base + 8192)
        var cpu = SoftwareWalker(port: port, frames: memory, behaviour: .cet, root: space.root)
        func fault(_ result: AccessResult) -> UInt32? {
            if case .fault(let fault) = result { fault.errorCode } else { nil }
        }
        #expect(fault(try cpu.write(1, at: base)) == 0b111)
        #expect(fault(try cpu.read(at: base + 4096)) == 0b101)
        #expect(fault(try cpu.read(at: base + 12288)) == 0b100)
        #expect(fault(try cpu.write(1, at: base + 8192)) == 0b111)
        #expect(fault(try cpu.readShadowStack(at: base)) == 0b100_0101)
        #expect(fault(try cpu.writeShadowStack(1, at: base)) == 0b100_0111)
        #expect(try cpu.writeShadowStack(7, at: base + 8192) == .done(7))
        #expect(try cpu.readShadowStack(at: base + 8192) == .done(7))
        cpu.isUser = false
        #expect(try cpu.write(3, at: base + 4096) == .done(3))
        #expect(fault(try cpu.write(3, at: base)) == 0b011)
        #expect(fault(try cpu.writeShadowStack(1, at: base + 8192)) == 0b100_0011, "a user's shadow stack")
    }

    @Test func shadowStacksNeedTheCPU() throws {
        let (memory, port) = try machine(.late)
        let space = try memory.space([port])
        try space.map(Leaf<ShadowStackMapping>(try memory.frame()), at: base)
        var cpu = SoftwareWalker(port: port, frames: memory, behaviour: .late, root: space.root)
        guard case .fault = try cpu.writeShadowStack(1, at: base) else { throw Missing() }
    }

    @Test func misusesAreErrors() throws {
        let (memory, port) = try machine(.strict)
        let space = try memory.space([port])
        let far = try Frame(number: 1 << 30)
        try space.map(Leaf<SharedMapping>(far, [.user]), at: base)
        var cpu = SoftwareWalker(port: port, frames: memory, behaviour: .strict, root: space.root)
        #expect(throws: AddressSpaceError.notCanonical(address: 1 << 47)) { _ = try cpu.read(at: 1 << 47) }
        #expect(throws: AddressSpaceError.notAligned(address: base + 4, to: 8)) {
            _ = try cpu.readShadowStack(at: base + 4)
        }
        #expect(throws: AddressSpaceError.notAligned(address: base + 1, to: 8)) {
            _ = try cpu.writeShadowStack(1, at: base + 1)
        }
        #expect(throws: AddressSpaceError.frameNotReachable(far)) { _ = try cpu.read(at: base) }
        cpu.load(root: far)
        #expect(throws: AddressSpaceError.frameNotReachable(far)) { _ = try cpu.read(at: base) }
        // The walker is usable after an error: it has ended its access.
        cpu.load(root: space.root)
        try space.unmap(at: base)
        guard case .fault = try cpu.read(at: base) else { throw Missing() }
    }

    @Test func staleTranslationsAreUsedUntilTheShootdown() throws {
        let (memory, port) = try machine(.strict)
        // No port is told of anything: its shootdowns go nowhere.
        let space = try memory.space()
        try space.map(try memory.page(), at: base)
        var cpu = SoftwareWalker(port: port, frames: memory, behaviour: .strict, root: space.root)
        _ = try cpu.write(1, at: base)
        #expect(try space.cleanForWriteback(at: base))
        #expect(try cpu.write(2, at: base) == .done(2), "through the TLB")
        #expect(try !space.walk(base).isDirty, "a lost Dirty bit, for want of a shootdown")
        memory.interrupts([port]).invalidate(Invalidation(root: space.root, first: base + 4096, count: 1))
        #expect(try cpu.write(3, at: base) == .done(3), "another page's")
        memory.interrupts([port]).invalidate(Invalidation(root: try #require(port.frame), first: base, count: 1))
        #expect(try cpu.write(3, at: base) == .done(3), "another address space's")
        memory.interrupts([port]).invalidate(Invalidation(root: space.root, first: base, count: 1))
        guard case .fault = try cpu.write(4, at: base) else { throw Missing() }
        try space.makeWritable(at: base)
        #expect(try cpu.write(5, at: base) == .done(5), "the fault dropped the translation")
    }

    @Test func requestsForTwoPagesAreNotLost() throws {
        let (memory, port) = try machine(.strict)
        let space = try memory.space([port])
        try space.map(try memory.page(), at: base)
        try space.map(try memory.page(), at: base + 4096)
        var cpu = SoftwareWalker(port: port, frames: memory, behaviour: .strict, root: space.root)
        for address in [base, base + 4096] { _ = try cpu.write(1, at: address) }
        for address in [base, base + 4096] { #expect(try space.cleanForWriteback(at: address)) }
        for address in [base, base + 4096] {
            guard case .fault = try cpu.write(1, at: address) else { throw Missing() }
        }
    }

    @Test func clearedPagesOfAnotherSpaceAreNotSeenAfterLoading() throws {
        let (memory, port) = try machine(.strict)
        let space = try memory.space([port])
        let other = try memory.space([port])
        try space.map(try memory.page(), at: base)
        var cpu = SoftwareWalker(port: port, frames: memory, behaviour: .strict, root: space.root)
        _ = try cpu.write(1, at: base)
        cpu.load(root: other.root)
        guard case .fault(let fault) = try cpu.read(at: base) else { throw Missing() }
        #expect(fault.errorCode == 4 && fault.address == base)
    }
}

@Suite struct FramePoolTests {
    @Test func givesAwayAndTakesBack() throws {
        let memory = try Memory(frames: 8)
        let pool = memory.pool
        #expect(pool.freeCount == 7)
        let frames = (0..<7).compactMap { _ in pool.allocate() }
        #expect(Set(frames).count == 7)
        #expect(pool.allocate() == nil && pool.freeCount == 0)
        for frame in frames { #expect(pool.words(of: frame) != nil) }
        pool.release(frames[3])
        pool.release(frames[3])
        #expect(pool.freeCount == 1, "taken back once")
        #expect(pool.allocate() == frames[3])
        pool.release(try Frame(number: 0))
        pool.release(try Frame(number: 1 << 39))
        #expect(pool.freeCount == 0)
    }

    @Test func reachesItsOwnFramesOnly() throws {
        let memory = try Memory(frames: 8)
        #expect(memory.pool.words(of: try Frame(number: 0)) == nil)
        #expect(memory.pool.words(of: try Frame(number: 8)) == nil)
        #expect(memory.pool.words(of: try Frame(number: (1 << 40) - 1)) == nil)
    }

    @Test func needsTwoFrames() {
        #expect(throws: AddressSpaceError.tooFewFrames(1, needed: 2)) { _ = try Memory(frames: 1) }
        #expect(throws: AddressSpaceError.tooFewFrames(0, needed: 2)) { _ = try Memory(frames: 0) }
    }

    @Test func keepsCountOfManyFrames() throws {
        // More frames than one frame has bits for beside the list's head.
        let memory = try Memory(frames: 40_000)
        let free = memory.pool.freeCount
        #expect(free == 40_000 - 3)
        let frames = (0..<free).compactMap { _ in memory.pool.allocate() }
        #expect(frames.first?.number == 3 && frames.last?.number == 39_999 && frames.count == free)
        #expect(memory.pool.allocate() == nil)
        for frame in frames.reversed() { memory.pool.release(frame) }
        #expect(memory.pool.freeCount == free)
        #expect(try memory.frame() == frames.first, "the lowest")
    }
}
