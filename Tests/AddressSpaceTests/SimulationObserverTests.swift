import AddressSpace
import PageTable
import Testing

/// What a run tells: the lines for students.
@Suite struct SimulationObserverTests {
    private typealias T = HandMadeTables
    private let address = HandMadeTables.address

    /// Frames: 0 is the pool's, 1 the port's, 2 the root, 3 the page's, then the tables 4, 5 and 6.
    @Test func aRunReadsLikeAStory() throws {
        let tables = try T()
        let chain = try tables.chain([T.open, T.open, T.open, T.open], to: try tables.memory.frame())
        var cpu = tables.walker()
        _ = try cpu.read(UInt16.self, at: address + 4095 - 8)
        #expect(
            cpu.observer.take() == [
                "cr3: root table in frame 0x2, the TLB is empty",
                "walk 0x8080604ff7: PML4E PWU---",
                "walk 0x8080604ff7: PML4E PWU--- -> sets A",
                "walk 0x8080604ff7: PDPTE PWU---",
                "walk 0x8080604ff7: PDPTE PWU--- -> sets A",
                "walk 0x8080604ff7: PDE PWU---",
                "walk 0x8080604ff7: PDE PWU--- -> sets A",
                "walk 0x8080604ff7: PTE PWU---",
                "walk 0x8080604ff7: PTE PWU--- -> sets A",
                "tlb  0x8080604ff7: keeps frame 0x3 of a 4-KByte page",
                "read 0x8080604ff7: 2 bytes at physical 0x3ff7",
            ])
        _ = try cpu.write(1 as UInt8, at: address)
        #expect(
            cpu.observer.take() == [
                "tlb  0x8080604000: has frame 0x3",
                "walk 0x8080604000: PTE PWUA-- -> sets D",
                "tlb  0x8080604000: keeps frame 0x3 of a 4-KByte page",
                "write 0x8080604000: 1 byte at physical 0x3000",
            ])
        cpu.isUser = false
        try tables.put(try Frame(number: 3), T.present | T.noExecute, at: 4, of: chain[3])
        tables.memory.interrupts([tables.port]).invalidate(Invalidation(root: tables.root, first: address, count: 1))
        _ = try cpu.fetch(at: address)
        #expect(
            cpu.observer.take() == [
                "tlb  0x8080604000: dropped by a shootdown",
                "walk 0x8080604000: PML4E PWUA--",
                "walk 0x8080604000: PDPTE PWUA--",
                "walk 0x8080604000: PDE PWUA--",
                "walk 0x8080604000: PTE P----- NX",
                "walk 0x8080604000: PTE P----- NX -> sets A",
                "fault 0x8080604000: error code 0x11: supervisor fetch, not permitted",
            ])
    }

    @Test func anAccessInTwoPagesTellsBoth() throws {
        let tables = try T()
        let chain = try tables.chain([T.open, T.open, T.open, T.open], to: try tables.memory.frame())
        try tables.put(try tables.memory.frame(), T.open, at: 5, of: chain[3])
        var cpu = tables.walker()
        _ = try cpu.write(1, at: address + 4093)
        #expect(
            Array(cpu.observer.take().suffix(2)) == [
                "write 0x8080604ffd: 3 bytes at physical 0x3ffd", "write 0x8080605000: 5 bytes at physical 0x7000",
            ])
    }

    @Test func faultsTellWhatTheyDropped() throws {
        let tables = try T()
        _ = try tables.chain([T.open, T.open, T.open, T.present | T.user], to: try tables.memory.frame())
        var cpu = tables.walker()
        _ = try cpu.read(at: address)
        _ = cpu.observer.take()
        _ = try cpu.write(1, at: address)
        let lines = cpu.observer.take()
        #expect(
            Array(lines.suffix(2)) == [
                "tlb  0x8080604000: dropped by the fault",
                "fault 0x8080604000: error code 0x7: user write, not permitted",
            ])
        _ = try cpu.read(at: 0)
        #expect(
            cpu.observer.take() == [
                "walk 0x0: PML4E ------", "fault 0x0: error code 0x4: user read, not present",
            ])
    }

    @Test func allOtherStepsHaveLines() throws {
        let tables = try T(frames: 1100)
        _ = try tables.chain([T.open, T.open, T.open | T.large | 1 << 13], to: try Frame(number: 512))
        var cpu = tables.walker(.cet)
        cpu.enterLazy()
        cpu.leaveLazy()
        tables.memory.interrupts([tables.port]).invalidate(.everything(in: tables.root))
        _ = try cpu.readShadowStack(at: address)
        let lines = cpu.observer.take()
        #expect(
            Array(lines[1...3]) == [
                "lazy: runs no user code, is not asked by every shootdown", "tlb: emptied by the end of laziness",
                "tlb: emptied by a shootdown",
            ])
        #expect(
            Array(lines.suffix(2)) == [
                "walk 0x8080604000: PDE PWU--- PS",
                "fault 0x8080604000: error code 0x4d: user shadow-stack read, a reserved bit is set",
            ])
        let entry = PageTableEntry(rawValue: T.present | T.user | 1 << 58)
        #expect(
            WalkerStep.setAccessed(address: 0x7000, .pte, entry).description == "walk 0x7000: PTE P-U--S -> sets A")
        #expect(
            WalkerStep.setDirty(address: 0x7000, .pte, entry).description
                == "walk 0x7000: PTE P-U--S -> sets D late, in an entry with W=0")
        #expect(
            WalkerStep.setDirty(address: .max, .pml5e, .empty).description
                == "walk 0xffffffffffffffff: PML5E ------ -> sets D in an entry with P=0")
        #expect(
            WalkerStep.filled(address: 0x4020_0000, .pdpte, tables.root).description
                == "tlb  0x40200000: keeps frame 0x2 of a 1-GByte page")
        #expect(
            WalkerStep.filled(address: 0x4020_0000, .pde, tables.root).description
                == "tlb  0x40200000: keeps frame 0x2 of a 2-MByte page")
        #expect(
            WalkerStep.accessed(.shadowStackWrite, address: 8, physical: 16, byteCount: 8).description
                == "shadow-stack write 0x8: 8 bytes at physical 0x10")
    }

    @Test func bytesAreThoseOfTheLine() throws {
        var bytes: [UInt8] = []
        WalkerStep.loadedRoot(try Frame(number: 0xabc)).spell { bytes.append($0) }
        #expect(String(decoding: bytes, as: UTF8.self) == "cr3: root table in frame 0xabc, the TLB is empty")
    }

    /// A Dirty update that finds W or P cleared: the steps tell what the CPU did late.
    @Test func aRevokedWriteIsToldAsLate() throws {
        let tables = try T()
        let chain = try tables.chain([T.open, T.open, T.open, T.open], to: try tables.memory.frame())
        let late = "walk 0x8080604000: PTE P-UA-- -> sets D late, in an entry with W=0"
        for (behaviour, isLate) in [(CPUBehaviour.late, true), (.strict, false)] {
            try tables.put(try Frame(number: 3), T.open, at: 4, of: chain[3])
            var cpu = tables.walker(behaviour)
            _ = try cpu.read(at: address)
            try tables.put(try Frame(number: 3), T.present | T.user | T.accessed, at: 4, of: chain[3])
            #expect(try cpu.write(1, at: address).errorCode == (isLate ? nil : 0b111))
            #expect(cpu.observer.take().contains(late) == isLate)
        }
    }

    @Test func nobodyIsToldNothing() {
        #expect(NoObserver.isSilent && !Recorder.isSilent && !PrintingObserver.isSilent)
    }
}
