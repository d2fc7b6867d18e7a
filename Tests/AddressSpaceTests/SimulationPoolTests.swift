import AddressSpace
import PageTable
import Testing

/// What nobody should do with frames of a pool.
@Suite struct SimulationPoolTests {
    private func misuses(_ pool: FramePool) -> String {
        "\(pool.misuseCount): \(pool.firstMisuse?.description ?? "none")"
    }

    @Test func ownersAreKnown() throws {
        let memory = try Memory(frames: 8)
        defer { withExtendedLifetime(memory) {} }
        let pool = memory.pool
        let table = try #require(pool.allocate())
        let data = try #require(pool.allocateData())
        #expect(table.number == 1 && data.number == 2)
        #expect(pool.owner(of: try Frame(number: 0)) == .pool)
        #expect(pool.owner(of: table) == .table && pool.owner(of: data) == .data)
        #expect(pool.owner(of: try Frame(number: 3)) == .free)
        #expect(pool.owner(of: try Frame(number: 8)) == .outside)
        #expect(pool.owner(of: try Frame(number: (1 << 40) - 1)) == .outside)
        pool.release(table)
        #expect(pool.owner(of: table) == .free)
        #expect(pool.allocateData() == table && pool.owner(of: table) == .data)
        pool.release(data)
        #expect(pool.allocate() == data && pool.owner(of: data) == .table)
        #expect(misuses(pool) == "0: none")
    }

    @Test func ownersAreKnownOfManyFrames() throws {
        // Frames of several words of the note: every third is a table.
        let memory = try Memory(frames: 300)
        defer { withExtendedLifetime(memory) {} }
        let pool = memory.pool
        let frames = (0..<299).compactMap { $0 % 3 == 0 ? pool.allocate() : pool.allocateData() }
        #expect(frames.count == 299)
        for (index, frame) in frames.enumerated() {
            #expect(pool.owner(of: frame) == (index % 3 == 0 ? .table : .data))
        }
        #expect(pool.allocateData() == nil)
    }

    @Test func aDoubleReleaseIsNoticed() throws {
        let memory = try Memory(frames: 8)
        defer { withExtendedLifetime(memory) {} }
        let pool = memory.pool
        let frame = try #require(pool.allocate())
        pool.release(frame)
        #expect(pool.firstMisuse == nil)
        pool.release(frame)
        #expect(pool.firstMisuse?.kind == .doubleRelease && pool.firstMisuse?.frame == frame)
        #expect(misuses(pool) == "1: frame 0x1 was released, but is free already")
        #expect(pool.freeCount == 7)
    }

    /// Another's, the pool's own, and one that is still new.
    @Test(arguments: [UInt64(8), 1 << 39, 0, 1]) func aForeignReleaseIsNoticed(number: UInt64) throws {
        let memory = try Memory(frames: 8)
        defer { withExtendedLifetime(memory) {} }
        let pool = memory.pool
        pool.release(try Frame(number: number))
        #expect(pool.firstMisuse?.kind == .foreignRelease)
        #expect(misuses(pool) == "1: frame 0x\(String(number, radix: 16)) was released, but was never given away")
        #expect(pool.freeCount == 7)
    }

    @Test func theFirstMisuseIsKept() throws {
        let memory = try Memory(frames: 8)
        defer { withExtendedLifetime(memory) {} }
        let pool = memory.pool
        let frame = try #require(pool.allocate())
        for _ in 0..<3 { pool.release(try Frame(number: 5)) }
        pool.release(frame)
        pool.release(frame)
        #expect(misuses(pool) == "4: frame 0x5 was released, but was never given away")
    }

    private let address: UInt64 = 0x7000

    /// A page whose frame is given, and what a CPU that is told of the pool says at an access.
    private func access(_ frame: (Memory, Frame) throws -> Frame) throws -> (String, [String]) {
        let memory = try Memory(frames: 32)
        let port = try WalkerPort(in: memory.pool)
        let space = try memory.space([port])
        try space.map(Leaf<SharedMapping>(try frame(memory, space.root), [.write, .user]), at: address)
        var cpu = SoftwareWalker(
            port: port, frames: memory, behaviour: .cet, root: space.root, observer: Recorder())
        _ = try cpu.read(at: address)
        #expect(memory.pool.misuseCount == 0, "nobody told the CPU of the pool")
        cpu.pool = memory.pool
        _ = cpu.observer.take()
        _ = try cpu.read(UInt8.self, at: address)
        return (misuses(memory.pool), cpu.observer.take().filter { $0.hasPrefix("misuse") })
    }

    @Test func aTableThatIsMappedAsDataIsNoticed() throws {
        let text = "frame 0x2 holds a table, and was accessed as data"
        let (misuse, lines) = try access { _, root in root }
        #expect(misuse == "1: " + text && lines == ["misuse: " + text])
    }

    @Test func aPageThatOutlivedItsFrameIsNoticed() throws {
        let (misuse, lines) = try access { _, _ in try Frame(number: 30) }
        let text = "frame 0x1e is free, and was accessed as data"
        #expect(misuse == "1: " + text && lines == ["misuse: " + text])
    }

    @Test func dataAreNoMisuse() throws {
        let (misuse, lines) = try access { memory, _ in try memory.frame() }
        #expect(misuse == "0: none" && lines == [])
    }

    @Test func bothPagesOfAnAccessAreLookedAt() throws {
        let memory = try Memory(frames: 32)
        let port = try WalkerPort(in: memory.pool)
        let space = try memory.space([port])
        try space.map(try memory.shared(), at: address)
        try space.map(Leaf<SharedMapping>(space.root, [.user]), at: address + 4096)
        var cpu = SoftwareWalker(port: port, frames: memory, behaviour: .cet, root: space.root)
        cpu.pool = memory.pool
        _ = try cpu.read(at: address + 4088)
        #expect(memory.pool.misuseCount == 0)
        _ = try cpu.read(at: address + 4089)
        #expect(memory.pool.firstMisuse?.kind == .dataInTable)
    }
}
