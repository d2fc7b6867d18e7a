import AddressSpace
import PageTable
import Testing

/// Pages of 2 MByte and 1 GByte, and five levels.
@Suite struct SimulationLargePageTests {
    private typealias T = HandMadeTables
    /// Indices 1, 2, 3 and 4 from level 4 on.
    private let address = HandMadeTables.address

    @Test func a2MBytePageIsTranslatedByItsUpperEntry() throws {
        // The frame of the page is 512: 2 MByte. The address lies 4 * 4096 + 8 bytes into it.
        let tables = try T(frames: 1100)
        let chain = try tables.chain([T.open, T.open, T.open | T.large], to: try Frame(number: 512))
        var cpu = tables.walker()
        #expect(try cpu.read(at: address + 8) == .done(0))
        #expect(try tables.entry(3, of: chain[2]).rawValue & 0x60 == 0x20, "A in the PDE")
        #expect(try cpu.write(77, at: address + 8) == .done(77))
        #expect(try tables.entry(3, of: chain[2]).rawValue & 0x60 == 0x60, "D in the PDE")
        #expect(try tables.word(1, of: try Frame(number: 512 + 4)).load().rawValue == 77)
        for table in 0..<2 {
            #expect(try tables.entry(table + 1, of: chain[table]).rawValue & 0x60 == 0x20, "no D above the leaf")
        }
        // The last word of the page, and one that reaches into the next, which is not mapped.
        let last = (address | 0x1F_FFFF) - 7
        #expect(try cpu.write(5, at: last) == .done(5))
        #expect(try tables.word(511, of: try Frame(number: 1023)).load().rawValue == 5)
        guard case .fault(let fault) = try cpu.read(at: last + 1) else { throw Missing() }
        #expect(fault.address == last + 8 && fault.errorCode == 0b100)
    }

    @Test func a1GBytePageIsTranslatedByItsUpperEntry() throws {
        // From frame 0 on; the address lies 3 * 2 MByte + 4 * 4096 bytes into it: frame 3 * 512 + 4.
        let tables = try T(frames: 1600)
        let chain = try tables.chain([T.open, T.open | T.large], to: try Frame(number: 0))
        var cpu = tables.walker()
        #expect(try cpu.write(9 as UInt16, at: address + 4095 + 4096) == .done(9))
        #expect(try tables.word(511, of: try Frame(number: 1541)).load().rawValue == 9 << 56)
        #expect(try tables.word(0, of: try Frame(number: 1542)).load().rawValue == 0)
        #expect(try tables.entry(2, of: chain[1]).rawValue & 0x60 == 0x60)
        #expect(try tables.entry(1, of: chain[0]).rawValue & 0x60 == 0x20)
    }

    /// A large page's PAT is bit 12; what lies between it and the frame must be 0.
    @Test func reservedBitsRaiseAFault() throws {
        for (bits, isReserved) in [(12, false), (13, true), (20, true)] {
            let tables = try T(frames: 1100)
            let leaf = T.open | T.large | 1 << UInt64(bits)
            let chain = try tables.chain([T.open, T.open, leaf], to: try Frame(number: 512))
            var cpu = tables.walker()
            #expect(try cpu.read(at: address).errorCode == (isReserved ? 0b1101 : nil), "bit \(bits) of a PDE")
            #expect(try tables.entry(3, of: chain[2]).isAccessed != isReserved)
        }
        for (bits, isReserved) in [(12, false), (13, true), (29, true)] {
            let tables = try T(frames: 1600)
            _ = try tables.chain([T.open, T.open | T.large | 1 << UInt64(bits)], to: try Frame(number: 0))
            var cpu = tables.walker()
            cpu.isUser = false
            #expect(try cpu.write(1, at: address).errorCode == (isReserved ? 0b1011 : nil), "bit \(bits) of a PDPTE")
        }
    }

    @Test func rootTablesHaveNoLargePages() throws {
        let tables = try T()
        _ = try tables.chain([T.open | T.large], to: try Frame(number: 0))
        var cpu = tables.walker()
        #expect(try cpu.fetch(at: address).errorCode == 0b1_1101)
        var five = tables.walker(depth: .five)
        #expect(try five.read(at: 1 << 48).errorCode == 0b1101)
    }

    /// An address anywhere in the page, and none beside it.
    @Test(arguments: [(UInt64(0), true), (0x1F_F000, true), (0x20_0000, false)])
    func invalidatingAnyAddressDropsALargePage(offset: UInt64, isDropped: Bool) throws {
        let tables = try T(frames: 1100)
        let chain = try tables.chain([T.open, T.open, T.open | T.large], to: try Frame(number: 512))
        var cpu = tables.walker()
        _ = try cpu.read(at: address)
        try tables.word(3, of: chain[2]).store(.empty)
        #expect(try cpu.read(at: address + 0x10_0000) == .done(0), "all of the page is cached")
        let start = address & ~0x1F_FFFF
        tables.memory.interrupts([tables.port]).invalidate(
            Invalidation(root: tables.root, first: start + offset, count: 1))
        #expect(try cpu.read(at: address + 0x10_0000).errorCode == (isDropped ? 0b100 : nil))
    }

    @Test func aSplitPageIsWalkedAgainToSetDirty() throws {
        // A clean translation of 2 MByte is cached; meanwhile the page was split, which forgot the shootdown.
        let tables = try T(frames: 1100)
        let chain = try tables.chain([T.open, T.open, T.open | T.large], to: try Frame(number: 512))
        var cpu = tables.walker()
        _ = try cpu.read(at: address)
        let small = try tables.table()
        try tables.put(try Frame(number: 516), T.open, at: 4, of: small)
        try tables.put(small, T.open, at: 3, of: chain[2])
        #expect(try cpu.write(3, at: address) == .done(3))
        #expect(try tables.entry(4, of: small).rawValue & 0x60 == 0x60)
        #expect(try tables.entry(3, of: chain[2]).rawValue & 0x60 == 0x20, "an entry that points to a table has no D")
        // The other way round: collapsed under a clean translation of 4 KByte.
        try tables.put(try Frame(number: 516), T.open, at: 4, of: small)
        cpu.load(root: tables.root)
        _ = try cpu.read(at: address)
        try tables.put(try Frame(number: 512), T.open | T.large, at: 3, of: chain[2])
        #expect(try cpu.write(4, at: address) == .done(4))
        #expect(try tables.entry(4, of: small).rawValue & 0x60 == 0x20)
        #expect(try tables.entry(3, of: chain[2]).rawValue & 0x60 == 0x60)
    }

    @Test func fiveLevelsTranslate57Bits() throws {
        let tables = try T()
        let chain = try tables.chain([T.open, T.open, T.open, T.open, T.open], to: try tables.memory.frame())
        // Indices 1, 2, 3, 4, 5 from level 5 on.
        let high: UInt64 = 1 << 48 | 2 << 39 | 3 << 30 | 4 << 21 | 5 << 12
        var cpu = tables.walker(depth: .five)
        #expect(try cpu.write(3, at: high) == .done(3))
        for table in 0..<5 { #expect(try tables.entry(table + 1, of: chain[table]).isAccessed) }
        #expect(try tables.entry(5, of: chain[4]).isDirty)
        #expect(throws: AddressSpaceError.notCanonical(address: 1 << 56)) { _ = try cpu.read(at: 1 << 56) }
        #expect(try cpu.read(at: .max << 56).errorCode == 0b100)
        #expect(throws: AddressSpaceError.notCanonical(address: 1 << 56)) { _ = try cpu.readShadowStack(at: 1 << 56) }
        var four = SoftwareWalker(port: tables.port, frames: tables.memory, behaviour: .strict, root: tables.root)
        #expect(throws: AddressSpaceError.notCanonical(address: high)) { _ = try four.read(at: high) }
    }

    @Test func theTLBTellsSizesApart() throws {
        // A page of 4 KByte and one of 2 MByte whose numbers in units of their size are the same.
        let tables = try T(frames: 1100)
        let chain = try tables.chain([T.open, T.open, T.open | T.large], to: try Frame(number: 512))
        let small = try tables.table()
        let data = try tables.memory.frame()
        try tables.put(small, T.open, at: 4, of: chain[2])
        try tables.put(data, T.open, at: 3, of: small)
        var cpu = tables.walker()
        let largeAddress: UInt64 = 1 << 39 | 2 << 30 | 3 << 21
        let smallAddress: UInt64 = 1 << 39 | 2 << 30 | 4 << 21 | 3 << 12
        _ = try cpu.write(1, at: largeAddress)
        _ = try cpu.write(2, at: smallAddress)
        #expect(try cpu.read(at: largeAddress) == .done(1))
        #expect(try cpu.read(at: smallAddress) == .done(2))
    }
}
