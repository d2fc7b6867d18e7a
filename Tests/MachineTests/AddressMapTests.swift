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
}
