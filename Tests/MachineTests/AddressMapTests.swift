import Testing

@testable import Machine

@Suite struct AddressMapTests {
    private static let map = AddressMap(
        variables: ["y", "done", "x", "zeta"].map { name in
            AddressMap.Variable(name: name, isTranslated: name.count == 1, words: name == "done" ? 4 : 1)
        }, spaces: ["mm", "child", "other"])

    @Test func variablesAreInOrderOfTheirNamesPagesToo() {
        #expect(Self.map.variables.map(\.name) == ["done", "x", "y", "zeta"])
        #expect(Self.map.pages == [1, 2])
        #expect(Self.map.page(named: "x") == 0)
        #expect(Self.map.page(named: "done") == nil)
        #expect(Self.map.page(named: "nobody") == nil)
        #expect(Self.map.name(ofPage: 1) == "y")
        #expect(Self.map.wordCount == 4 + 1 + 1 + 1 + 2 * 3)
    }

    @Test func everyAddressLeadsBackToWhatItIsTheAddressOf() {
        let map = Self.map
        for variable in map.variables.indices {
            let first = map.dataWord(ofVariable: variable)
            #expect(map.place(at: map.directAddress(ofVariable: variable)) == .physical(word: first, byte: 0))
            #expect(map.place(at: map.directAddress(ofVariable: variable) + 3) == .physical(word: first, byte: 3))
            #expect(map.variable(ofFrame: map.frameNumber(ofVariable: variable)) == variable)
            let virtual = map.place(at: map.address(ofVariable: variable) + 5)
            if let page = map.pages.firstIndex(of: variable) {
                #expect(virtual == .page(page, byte: 5))
            } else {
                #expect(virtual == .physical(word: first, byte: 5))
            }
        }
        for space in map.spaces.indices {
            for page in map.pages.indices {
                let word = map.leafWord(page: page, space: space)
                #expect(map.place(at: map.leafAddress(page: page, space: space) + 7) == .physical(word: word, byte: 7))
                #expect(map.leaf(ofWord: word).map { [$0.page, $0.space] } == [page, space])
                #expect(map.variable(ofWord: word) == nil)
            }
            #expect(map.space(ofRoot: map.rootAddress(ofSpace: space)) == space)
            #expect(map.space(ofRoot: map.rootAddress(ofSpace: space) | 1 << 63) == space)
        }
        var words: Set<Int> = []
        for variable in map.variables.indices {
            for word in 0..<map.variables[variable].words { words.insert(map.dataWord(ofVariable: variable) + word) }
        }
        for word in words { #expect(map.leaf(ofWord: word) == nil) }
        #expect(words.count == 7)
    }

    @Test(
        arguments: [
            0, 1, 0x1000_0000_0000, 0x1000_0000_0fff, 0x1000_0000_5000, 0x7fff_ffff_ffff_ffff, 0xffff_8880_0000_0000,
            0xffff_8880_0010_0000, 0xffff_8880_0010_5000, 0xffff_9000_0000_0000, 0xffff_9000_0000_0008,
            0xffff_9000_0000_0020, 0xffff_9000_0030_0010, UInt64.max, UInt64.max - 7,
        ] as [UInt64])
    func addressesOfNothingAreNothing(_ address: UInt64) { #expect(Self.map.place(at: address) == nil) }

    @Test func pastTheEndOfAVariableIsNothingInsideAnArrayIsTheWord() {
        let done = Self.map.directAddress(ofVariable: 0)
        #expect(Self.map.place(at: done + 31) == .physical(word: 3, byte: 7))
        #expect(Self.map.place(at: done + 32) == nil)
        #expect(Self.map.name(ofDataWord: 0) == "done")
        #expect(Self.map.name(ofDataWord: 2) == "done+16")
    }

    @Test(arguments: [0, 1, 0x100_0001, 0x100_3000, 0xff_f000, UInt64.max, 1 << 63] as [UInt64])
    func valuesThatAreNoAddressSpace(_ value: UInt64) { #expect(Self.map.space(ofRoot: value) == nil) }

    @Test func entriesAreWrittenWithTheNamesOfTheirFrames() {
        let frame = Self.map.frameNumber(ofVariable: 1) << 12
        #expect(Self.map.text(ofEntry: frame | 0x65) == "(oa:PA(x), p:1, rw:0, us:1, a:1, d:1)")
        #expect(Self.map.text(ofEntry: 0) == "(p:0)")
        #expect(Self.map.text(ofEntry: 0x77_7067).hasPrefix("(oa:0x777000"))
    }

    /// Three regions, the third in another range, and a variable that is no page in the second.
    private static let blocks = AddressMap(
        variables: ["x", "y", "z", "w", "X", "s"].map { name in
            AddressMap.Variable(name: name, isTranslated: "xyzw".contains(name), words: 2)
        }, spaces: ["mm"], rootLevel: 3,
        coordinates: [
            "x": .init(pte: 0, pmd: 0, pud: 0), "y": .init(pte: 1, pmd: 0, pud: 0), "z": .init(pte: 0, pmd: 1, pud: 0),
            "X": .init(pte: 1, pmd: 1, pud: 0), "w": .init(pte: 0, pmd: 0, pud: 1),
        ], hasLargePages: true)

    @Test func framesOfARegionAreAnAlignedBlock() throws {
        let map = Self.blocks
        func frame(_ name: String) throws -> UInt64 {
            map.frameNumber(ofVariable: try #require(map.variable(named: name)))
        }
        let base = try frame("x")
        #expect(base % (1 << 18) == 0)
        #expect(try ["y", "z", "X", "w"].map { try frame($0) - base } == [1, 1 << 9, 1 << 9 + 1, 1 << 18])
        // What has no place lies where it does in other tests, and tables lie in no block.
        #expect(try frame("s") < 0x4000)
        #expect(map.frameNumber(ofTable: 0) < base)
        for variable in map.variables.indices {
            #expect(map.variable(ofFrame: map.frameNumber(ofVariable: variable)) == variable)
            let word = map.dataWord(ofVariable: variable)
            #expect(map.place(at: map.directAddress(ofVariable: variable) + 9) == .physical(word: word + 1, byte: 1))
        }
        let x = try #require(map.variable(named: "X"))
        #expect(map.blockNumber(ofVariable: x, level: 2) - base == 1 << 9)
        #expect(map.blockNumber(ofVariable: x, level: 3) == base)
    }

    @Test func aFrameHoldsAVariableATableOrNothing() throws {
        let map = Self.blocks
        let y = try #require(map.variable(named: "y"))
        #expect(map.content(ofFrame: map.frameNumber(ofVariable: y)) == y)
        for table in 0..<map.tableCount {
            let code = map.content(ofFrame: map.frameNumber(ofTable: table))
            #expect(TableFrame.table(Int32(code)) == table)
            let word = try #require(map.word(ofTable: table, offset: 0) ?? map.word(ofTable: table, offset: 32))
            #expect(map.isEntry(word))
            #expect(map.word(ofTable: table, offset: 500) == nil)
        }
        #expect(map.content(ofFrame: map.frameNumber(ofVariable: y) + 1) == -1)
        #expect(TableFrame.table(-1) == nil && TableFrame.table(3) == nil)
    }

    @Test func anAddressBetweenPagesHasANeighbour() throws {
        let map = Self.blocks
        let (x, w) = (try #require(map.page(named: "x")), try #require(map.page(named: "w")))
        let base = map.address(ofVariable: map.pages[x])
        #expect(map.neighbour(ofAddress: base) == nil)
        #expect([x, map.page(named: "y")].contains(map.neighbour(ofAddress: base + 0x2000)))
        #expect(map.neighbour(ofAddress: map.address(ofVariable: map.pages[w]) + 0x1f_f000) == w)
        #expect(map.neighbour(ofAddress: base + 0x40_0000) == nil)
    }
}

/// What entries above the PTEs are by themselves (SDM 3A 4.5).
@Suite struct UpperEntryTests {
    private static let small: UInt64 = 0x67
    private static let large: UInt64 = 0xe7

    @Test func bit7MakesALeafOfPMDsAndPUDs() {
        #expect((1...4).map { UpperEntry.isLeaf(Self.large, level: $0) } == [true, true, true, false])
        #expect((1...4).map { UpperEntry.isLeaf(Self.small, level: $0) } == [true, false, false, false])
    }

    @Test(
        arguments: [
            (12, [false, false, false, true]), (13, [false, true, true, true]), (20, [false, true, true, true]),
            (21, [false, false, true, true]), (29, [false, false, true, true]), (30, [false, false, false, true]),
        ] as [(UInt64, [Bool])])
    func framesAreBasesOfBlocks(_ bit: UInt64, _ reserved: [Bool]) {
        #expect((1...4).map { UpperEntry.hasReservedBit(Self.large | 1 << bit, level: $0) } == reserved)
        #expect((1...4).allSatisfy { !UpperEntry.hasReservedBit(Self.small | 1 << bit, level: $0) })
    }

    @Test func aTranslationHasItsSizeAndNoPAT() {
        for level in 1...3 {
            let bits = UpperEntry.translationBits(Self.large | 1 << 12 | 1 << 30, level: level)
            let translation = Translation(bits: bits, frame: 0)
            #expect(translation.level == level)
            #expect(translation.bits & 1 << 12 == (level == 1 ? 1 << 12 : 0))
            #expect(translation.entryBits & 1 << 7 == (level == 1 ? 0 : 1 << 7))
        }
    }
}
