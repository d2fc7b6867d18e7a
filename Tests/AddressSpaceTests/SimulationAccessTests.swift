import AddressSpace
import PageTable
import Synchronization
import Testing

private let base: UInt64 = 0x7000_0000_0000

/// Accesses of all sizes at any address.
@Suite struct SimulationAccessTests {
    /// Two pages in frames of their own, and a port.
    private struct Machine: ~Copyable {
        let memory: Memory
        let port: WalkerPort
        let space: Space
        let frames: [Frame]

        init(secondRights: Rights? = [.write, .user]) throws {
            let memory = try Memory(frames: 64)
            let port = try WalkerPort(in: memory.pool)
            let frames = [try memory.frame(), try memory.frame()]
            let space = try memory.space([port])
            try space.map(Leaf<SharedMapping>(frames[0], [.write, .user]), at: base)
            if let secondRights { try space.map(Leaf<SharedMapping>(frames[1], secondRights), at: base + 4096) }
            (self.memory, self.port, self.frames) = (memory, port, frames)
            self.space = space
        }

        func walker() -> SoftwareWalker<Memory, NoObserver> {
            SoftwareWalker(port: port, frames: memory, behaviour: .cet, root: space.root)
        }
    }

    private func bytes(_ memory: Memory, _ frame: Frame) throws -> [UInt8] {
        let words = try #require(memory.pool.words(of: frame))
        return (0..<4096).map { UInt8(truncatingIfNeeded: words[$0 / 8] >> UInt64($0 % 8 * 8)) }
    }

    /// Writes and reads back at each offset, against an array of bytes.
    private func check<Value: AccessValue>(_ type: Value.Type, in offsets: Range<Int>) throws {
        let machine = try Machine()
        var cpu = machine.walker()
        var model = [UInt8](repeating: 0, count: 8192)
        var value: UInt64 = 0x0102_0304_0506_0708
        for offset in offsets {
            value = value &* 0x9E37_79B9_7F4A_7C15 | 1
            let written = Value(truncatingIfNeeded: value)
            #expect(try cpu.write(written, at: base + UInt64(offset)) == .done(UInt64(written)))
            for index in 0..<Value.bitWidth / 8 {
                model[offset + index] = UInt8(truncatingIfNeeded: written >> Value(index * 8))
            }
            #expect(
                try bytes(machine.memory, machine.frames[0]) + bytes(machine.memory, machine.frames[1]) == model,
                "\(type) at \(offset)")
            #expect(try cpu.read(type, at: base + UInt64(offset)) == .done(UInt64(written)))
        }
        // All that was written, once more, byte by byte.
        for offset in offsets {
            #expect(try cpu.read(UInt8.self, at: base + UInt64(offset)) == .done(UInt64(model[offset])))
        }
    }

    @Test func everySizeWorksAtEveryOffset() throws {
        for offsets in [0..<17, 4085..<4100] {
            try check(UInt8.self, in: offsets)
            try check(UInt16.self, in: offsets)
            try check(UInt32.self, in: offsets)
            try check(UInt64.self, in: offsets)
        }
    }

    @Test func lowBytesComeFirst() throws {
        let machine = try Machine()
        var cpu = machine.walker()
        _ = try cpu.write(0x1122_3344 as UInt32, at: base + 6)
        let seen = try bytes(machine.memory, machine.frames[0])[5..<11]
        #expect(Array(seen) == [0, 0x44, 0x33, 0x22, 0x11, 0])
        #expect(try cpu.read(at: base + 3) == .done(0x0011_2233_4400_0000))
    }

    @Test func anAccessOverAPageBoundaryTranslatesBothPages() throws {
        let machine = try Machine()
        var cpu = machine.walker()
        #expect(try cpu.write(0xAABB_CCDD as UInt32, at: base + 4095) == .done(0xAABB_CCDD))
        #expect(try bytes(machine.memory, machine.frames[0])[4095] == 0xDD)
        #expect(try Array(bytes(machine.memory, machine.frames[1])[0..<4]) == [0xCC, 0xBB, 0xAA, 0])
        for address in [base, base + 4096] {
            #expect(try machine.space.walk(address).entry.isAccessed && machine.space.walk(address).entry.isDirty)
        }
    }

    @Test func nothingIsWrittenIfTheSecondPageFaults() throws {
        let machine = try Machine(secondRights: [.user])
        var cpu = machine.walker()
        guard case .fault(let fault) = try cpu.write(.max, at: base + 4092) else { throw Missing() }
        #expect(fault.address == base + 4096, "the first byte in the page that faults")
        #expect(fault.errorCode == 0b111)
        #expect(try bytes(machine.memory, machine.frames[0]).allSatisfy { $0 == 0 })
        // Reading is permitted in both.
        #expect(try cpu.read(at: base + 4092) == .done(0))
        try machine.space.unmap(at: base)
        guard case .fault(let first) = try cpu.read(UInt16.self, at: base + 4095) else { throw Missing() }
        #expect(first.address == base + 4095 && first.errorCode == 0b100)
    }

    @Test func nothingIsWrittenIfTheSecondFrameCannotBeReached() throws {
        let machine = try Machine(secondRights: nil)
        let far = try Frame(number: 1 << 30)
        try machine.space.map(Leaf<SharedMapping>(far, [.user, .write]), at: base + 4096)
        var cpu = machine.walker()
        #expect(throws: AddressSpaceError.frameNotReachable(far)) { _ = try cpu.write(.max, at: base + 4090) }
        #expect(try bytes(machine.memory, machine.frames[0]).allSatisfy { $0 == 0 })
        #expect(try cpu.write(1, at: base) == .done(1), "usable after the error")
    }

    @Test func allBytesMustBeCanonical() throws {
        let machine = try Machine()
        var cpu = machine.walker()
        let hole: UInt64 = 1 << 47
        #expect(throws: AddressSpaceError.notCanonical(address: hole)) {
            _ = try cpu.read(UInt16.self, at: hole - 1)
        }
        #expect(throws: AddressSpaceError.notCanonical(address: ~hole)) { _ = try cpu.fetch(at: ~hole) }
        #expect(throws: AddressSpaceError.notCanonical(address: hole)) { _ = try cpu.write(1 as UInt8, at: hole) }
        #expect(try cpu.read(UInt8.self, at: hole - 1).errorCode == 0b100)
        // From the highest address around to 0: canonical, but not mapped.
        #expect(try cpu.read(UInt16.self, at: .max) == cpu.read(UInt8.self, at: .max))
    }

    /// Two CPUs write neighbouring bytes of one word all the time; each finds its own byte as it left it.
    @Test func neighbouringBytesAreNotLost() throws {
        let machine = try Machine()
        let root = machine.space.root
        let memory = machine.memory
        let ports = [machine.port, try WalkerPort(in: memory.pool)]
        let lost = Atomic(0)
        runThreads(
            ports.enumerated().map { number, port in
                {
                    var cpu = SoftwareWalker(port: port, frames: memory, behaviour: .cet, root: root)
                    for round in 0..<4000 {
                        let value = UInt8(truncatingIfNeeded: round)
                        let address = base + 3 + UInt64(number)
                        _ = try? cpu.write(value, at: address)
                        if (try? cpu.read(UInt8.self, at: address)) != .done(UInt64(value)) {
                            lost.add(1, ordering: .relaxed)
                        }
                    }
                }
            })
        #expect(lost.load(ordering: .relaxed) == 0)
    }
}

/// Instruction fetches, and what upper levels say.
@Suite struct SimulationFetchTests {
    private typealias T = HandMadeTables
    private let address = HandMadeTables.address

    @Test func fetchesSetAccessedButNotDirty() throws {
        let tables = try HandMadeTables()
        let frame = try tables.memory.frame()
        let chain = try tables.chain([T.open, T.open, T.open, T.open], to: frame)
        var cpu = tables.walker()
        _ = try cpu.write(0x1122_3344_5566_7788, at: address)
        try tables.put(frame, T.open, at: 4, of: chain[3])
        cpu.load(root: tables.root)
        #expect(try cpu.fetch(at: address + 1) == .done(0x77))
        #expect(try cpu.fetch(UInt32.self, at: address) == .done(0x5566_7788))
        #expect(try tables.entry(4, of: chain[3]).rawValue & 0x60 == 0x20)
    }

    @Test(arguments: 0..<4) func noExecuteCountsAtEveryLevel(level: Int) throws {
        let tables = try HandMadeTables()
        var bits = [T.open, T.open, T.open, T.open]
        bits[level] |= T.noExecute
        _ = try tables.chain(bits, to: try tables.memory.frame())
        var cpu = tables.walker()
        #expect(try cpu.fetch(at: address).errorCode == 0b1_0101)
        // The TLB knows it, too.
        #expect(try cpu.read(at: address) == .done(0))
        #expect(try cpu.fetch(at: address).errorCode == 0b1_0101)
        cpu.isUser = false
        #expect(try cpu.fetch(at: address).errorCode == 0b1_0001)
        #expect(try cpu.fetch(at: address + 4096).errorCode == 0b1_0000, "not present")
    }

    @Test func theKernelMayFetchFromUsersWithoutSMEP() throws {
        let tables = try HandMadeTables()
        _ = try tables.chain([T.open, T.open, T.open, T.open], to: try tables.memory.frame())
        var cpu = tables.walker()
        cpu.isUser = false
        #expect(try cpu.fetch(at: address) == .done(0))
    }

    @Test(arguments: 0..<4) func aRightMustBeGivenAtEveryLevel(level: Int) throws {
        for missing in [T.writable, T.user] {
            let tables = try HandMadeTables()
            var bits = [T.open, T.open, T.open, T.open]
            bits[level] &= ~missing
            _ = try tables.chain(bits, to: try tables.memory.frame())
            var cpu = tables.walker()
            #expect(try cpu.read(at: address).errorCode == (missing == T.user ? 0b101 : nil))
            #expect(try cpu.write(1, at: address).errorCode == 0b111)
            cpu.isUser = false
            // CR0.WP=1: W=0 stops the kernel as well; U=0 does not.
            #expect(try cpu.write(1, at: address).errorCode == (missing == T.user ? nil : 0b011))
        }
    }

    @Test func aShadowStackNeedsWritableUpperLevels() throws {
        for level in 0..<3 {
            let tables = try HandMadeTables()
            var bits = [T.open, T.open, T.open, T.present | T.user | T.dirty]
            var cpu = tables.walker(.cet)
            let frame = try tables.memory.frame()
            _ = try tables.chain(bits, to: frame)
            #expect(try cpu.writeShadowStack(5, at: address) == .done(5))
            bits[level] &= ~T.writable
            _ = try tables.chain(bits, to: frame)
            #expect(try cpu.writeShadowStack(6, at: address) == .done(6), "the TLB still has it")
            cpu.load(root: tables.root)
            #expect(try cpu.readShadowStack(at: address).errorCode == 0b100_0101)
            #expect(try cpu.read(at: address) == .done(6))
            #expect(try cpu.readShadowStack(at: address).errorCode == 0b100_0101, "nor through the TLB")
        }
    }
}
