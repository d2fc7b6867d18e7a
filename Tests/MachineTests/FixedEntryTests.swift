import Litmus
import PageTable
import Testing
import X86

@testable import Machine

/// Tables that code can walk although the machine has no words for them.
@Suite struct FixedEntryTests {
    private static let pages = ["far", "near", "x", "y", "z"]

    /// Pages in two ranges, three regions of the first; `plain` is not a page.
    private static func map(rootLevel: Int, spaces: Int = 3) -> AddressMap {
        let regions = Regions(ranges: [[["x", "y"], ["z"], ["near"]], [["far"]]])
        return AddressMap(
            variables: (pages + ["plain"]).map {
                AddressMap.Variable(name: $0, isTranslated: $0 != "plain", words: 1)
            }, spaces: ["mm", "a", "b"].prefix(spaces).map { $0 }, rootLevel: rootLevel,
            coordinates: rootLevel == 1 ? [:] : Regions.coordinates(of: pages, in: regions))
    }

    /// Where a walk of code ends that begins at a root: the word of the leaf.
    private func walk(_ map: AddressMap, _ page: Int, from root: UInt64, space: Int, own: Int) -> Int? {
        let address = map.address(ofVariable: map.pages[page])
        var table = root
        for level in [4, 3, 2, 1] {
            let slot = table + (address >> UInt64(3 + 9 * level) & 511) * 8
            if case .physical(let word, byte: 0)? = map.place(at: slot) {
                if level == 1 { return word }
                guard map.entryWord(page: page, level: level, space: space) == word, let tables = map.tables else {
                    return nil
                }
                let below = tables.table(ofPage: page, level: level - 1, space: space)
                table = AddressMap.directMapBase + map.frameNumber(ofTable: below) << 12
            } else {
                guard let entry = map.fixedEntry(at: slot, space: own), entry.level == level, !entry.isVacant,
                    map.isFixedEntry(slot), entry.value & ~PageTableEntry.frameMask == 0x67
                else { return nil }
                table = AddressMap.directMapBase + (entry.value & PageTableEntry.frameMask)
            }
        }
        return nil
    }

    @Test(arguments: 1...4) func everyWalkEndsAtTheLeaf(_ rootLevel: Int) {
        let map = Self.map(rootLevel: rootLevel)
        for space in map.spaces.indices {
            for page in map.pages.indices {
                let leaf = map.leafWord(page: page, space: space)
                let root = map.rootTableAddress(ofSpace: space)
                #expect(walk(map, page, from: root, space: space, own: 0) == leaf)
                guard rootLevel < 4 || space == 0 else { continue }
                #expect(walk(map, page, from: map.loadedRootTableAddress, space: space, own: space) == leaf)
            }
        }
    }

    @Test(arguments: 1...4) func rootsAreToldApart(_ rootLevel: Int) {
        let map = Self.map(rootLevel: rootLevel)
        let roots = map.spaces.indices.map { map.rootTableAddress(ofSpace: $0) }
        #expect(Set(roots).count == 3)
        for (space, root) in roots.enumerated() {
            #expect(map.space(ofRootTable: root, loaded: 2) == space)
            #expect(map.space(ofRootTable: root + 8, loaded: 2) == nil)
            #expect(map.space(ofRootTable: map.rootAddress(ofSpace: space), loaded: 2) == nil)
        }
        #expect(map.space(ofRootTable: map.loadedRootTableAddress, loaded: 2) == (rootLevel == 4 ? 0 : 2))
        // The frame is the one in CR3.
        if rootLevel < 4 { #expect(roots[1] - AddressMap.directMapBase == map.rootAddress(ofSpace: 1) & ~0xfff) }
    }

    @Test func whereTheTestHasNoPageEntriesAreEmpty() throws {
        let map = Self.map(rootLevel: 2)
        let root = map.rootTableAddress(ofSpace: 0)
        #expect(map.fixedEntry(at: root + 31 * 8, space: 0)?.value == 0)
        #expect(
            map.fixedEntry(at: root + 33 * 8, space: 0) == AddressMap.FixedEntry(level: 4, value: 0, isVacant: false))
        let x = try #require(map.page(named: "x"))
        let leaf = map.leafAddress(page: x, space: 0)
        // x and y have a word each.
        #expect(map.fixedEntry(at: leaf, space: 0) == nil && map.fixedEntry(at: leaf + 8, space: 0) == nil)
        for slot in 2..<512 {
            let address = leaf + UInt64(slot) * 8
            #expect(map.place(at: address) == nil)
            #expect(map.fixedEntry(at: address, space: 0) == AddressMap.FixedEntry(level: 1, value: 0, isVacant: true))
        }
        #expect(!map.isFixedEntry(leaf &+ 4096 * 200))
    }

    @Test func onlySlotsOfTheTestsTablesThatHaveNoPageAreVacant() throws {
        let map = Self.map(rootLevel: 2)
        let x = try #require(map.page(named: "x"))
        let leaf = map.leafAddress(page: x, space: 0)
        func isVacant(_ address: UInt64, _ width: Width = .quad) -> Bool {
            map.isVacant(MemoryAccess(address: address, width: width))
        }
        #expect(!isVacant(leaf) && !isVacant(leaf + 8) && isVacant(leaf + 16) && isVacant(leaf + 511 * 8))
        #expect(isVacant(leaf + 20, .long) && !isVacant(leaf + 20), "a store across two slots is not clearing")
        // What lies above the levels of the test can be cleared by no test.
        #expect(!isVacant(map.rootTableAddress(ofSpace: 0)) && !isVacant(map.rootTableAddress(ofSpace: 0) + 32 * 8))
        #expect(!isVacant(0) && !isVacant(map.address(ofVariable: 0)) && !isVacant(map.directAddress(ofVariable: 0)))
    }

    @Test func bytesOfAnEntryAreRead() throws {
        let map = Self.map(rootLevel: 2)
        let slot = map.rootTableAddress(ofSpace: 1) + 32 * 8
        let all = try #require(map.fixedContent(MemoryAccess(address: slot, width: .quad), space: 0))
        #expect(map.fixedContent(MemoryAccess(address: slot, width: .byte), space: 0) == all & 0xff)
        #expect(map.fixedContent(MemoryAccess(address: slot + 2, width: .word), space: 0) == all >> 16 & 0xffff)
        #expect(map.fixedContent(MemoryAccess(address: slot + 4, width: .quad), space: 0) == nil)
    }

    @Test func othersAddressesAreNoEntries() {
        for rootLevel in 1...4 {
            let map = Self.map(rootLevel: rootLevel, spaces: 1)
            for variable in map.variables.indices {
                #expect(!map.isFixedEntry(map.directAddress(ofVariable: variable)))
                #expect(!map.isFixedEntry(map.address(ofVariable: variable)))
            }
            for word in 0..<map.entryCount {
                #expect(!map.isFixedEntry(map.address(ofEntryWord: map.firstLeaf + word)))
            }
            // The second address space's, which the test does not have.
            #expect(!map.isFixedEntry(AddressMap.directMapBase + 0x1001 << 12))
            #expect(!map.isFixedEntry(0) && !map.isFixedEntry(.max) && !map.isFixedEntry(AddressMap.directMapBase))
        }
        let plain = AddressMap(
            variables: [AddressMap.Variable(name: "plain", isTranslated: false, words: 1)], spaces: ["mm"])
        #expect(!plain.isFixedEntry(plain.rootTableAddress(ofSpace: 0)))
    }
}
