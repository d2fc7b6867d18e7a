import PageTable
import Testing

@Suite struct PageTableEntryTests {
    /// A one-bit property and the number of its bit in SDM volume 3A, section 4.5, and in Linux's table.
    struct BitProperty: Sendable, CustomTestStringConvertible {
        var bit: UInt64
        var name: String
        var path: @Sendable () -> WritableKeyPath<PageTableEntry, Bool>
        var mask: UInt64
        var testDescription: String { name }
    }

    static let properties = [
        BitProperty(bit: 0, name: "present", path: { \.isPresent }, mask: PageTableEntry.presentMask),
        BitProperty(bit: 1, name: "writable", path: { \.isWritable }, mask: PageTableEntry.writableMask),
        BitProperty(bit: 2, name: "user", path: { \.isUser }, mask: PageTableEntry.userMask),
        BitProperty(bit: 3, name: "PWT", path: { \.isWriteThrough }, mask: PageTableEntry.writeThroughMask),
        BitProperty(bit: 4, name: "PCD", path: { \.isCacheDisabled }, mask: PageTableEntry.cacheDisableMask),
        BitProperty(bit: 5, name: "accessed", path: { \.isAccessed }, mask: PageTableEntry.accessedMask),
        BitProperty(bit: 6, name: "dirty", path: { \.isDirty }, mask: PageTableEntry.dirtyMask),
        BitProperty(bit: 7, name: "PS", path: { \.isLargePage }, mask: PageTableEntry.pageSizeMask),
        BitProperty(bit: 7, name: "PAT", path: { \.isPATSelected }, mask: PageTableEntry.patMask),
        BitProperty(bit: 8, name: "global", path: { \.isGlobal }, mask: PageTableEntry.globalMask),
        BitProperty(bit: 9, name: "special", path: { \.isSpecial }, mask: PageTableEntry.software1Mask),
        BitProperty(
            bit: 10, name: "userfaultfd", path: { \.isUserfaultfdProtected }, mask: PageTableEntry.userfaultfdMask),
        BitProperty(bit: 11, name: "soft-dirty", path: { \.isSoftDirty }, mask: PageTableEntry.softDirtyMask),
        BitProperty(bit: 58, name: "SavedDirty", path: { \.isSavedDirty }, mask: PageTableEntry.savedDirtyMask),
        BitProperty(bit: 63, name: "XD", path: { \.isNoExecute }, mask: PageTableEntry.noExecuteMask),
    ]

    @Test(arguments: properties)
    func propertyIsItsBit(_ property: BitProperty) {
        let path = property.path()
        #expect(property.mask == 1 << property.bit)
        for start in [UInt64.min, .max, 0x5A5A_5A5A_5A5A_5A5A] {
            var entry = PageTableEntry(rawValue: start)
            #expect(entry[keyPath: path] == (start >> property.bit & 1 == 1))
            entry[keyPath: path] = true
            #expect(entry.rawValue == start | 1 << property.bit)
            entry[keyPath: path] = false
            #expect(entry.rawValue == start & ~(1 << property.bit))
        }
    }

    @Test func masksCoverAllBitsOnce() {
        var seen: UInt64 = 0
        let bitMasks = Self.properties.filter { $0.name != "PAT" }.map(\.mask)
        let wide = [PageTableEntry.frameMask, PageTableEntry.availableMask, PageTableEntry.protectionKeyMask]
        for mask in bitMasks + wide {
            #expect(seen & mask == 0)
            seen |= mask
        }
        #expect(seen == .max)
        #expect(PageTableEntry.largePatMask == 1 << 12)
    }

    @Test func frameIsBits12To51() {
        var entry = PageTableEntry(rawValue: .max)
        #expect(entry.frameNumber == 0xFF_FFFF_FFFF)
        #expect(entry.frameAddress == 0x000F_FFFF_FFFF_F000)
        entry.frameNumber = 0
        #expect(entry.rawValue == 0xFFF0_0000_0000_0FFF)
        entry.frameNumber = 0x12345
        #expect(entry.rawValue == 0xFFF0_0000_1234_5FFF)
        #expect(entry.frameAddress == 0x1234_5000)
        entry.frameAddress = 0x000F_0000_0000_1000
        #expect(entry.frameNumber == 0xF0_0000_0001)
    }

    @Test func fieldsCutWhatDoesNotFit() {
        var entry = PageTableEntry.empty
        entry.frameNumber = .max
        #expect(entry.rawValue == 0x000F_FFFF_FFFF_F000)
        entry = .empty
        entry.frameNumber = 1 << 40 | 7
        #expect(entry.rawValue == 0x7000)
        entry.frameAddress = .max
        #expect(entry.rawValue == 0x000F_FFFF_FFFF_F000)
        entry = .empty
        entry.protectionKey = 0xFF
        #expect(entry.rawValue == 0x7800_0000_0000_0000)
        #expect(entry.protectionKey == 15)
    }

    @Test(arguments: UInt8(0)...15)
    func protectionKeyIsBits59To62(key: UInt8) {
        for start in [UInt64.min, .max] {
            var entry = PageTableEntry(rawValue: start)
            entry.protectionKey = key
            #expect(entry.protectionKey == key)
            #expect(entry.rawValue >> 59 & 0xF == UInt64(key))
            #expect(entry.rawValue & ~(0xF << 59) == start & ~(0xF << 59))
        }
    }

    @Test func shadowStackEncodingIsReadOnlyAndDirty() {
        #expect(counterexample { $0.isShadowStackEncoding == (!$0.bit(1) && $0.bit(6)) } == nil)
    }

    @Test func masksAreSetClearedAndAsked() {
        let entry = PageTableEntry(rawValue: 0b0110)
        #expect(entry.setting(0b0011).rawValue == 0b0111)
        #expect(entry.clearing(0b0011).rawValue == 0b0100)
        #expect(entry.containsAll(0b0110) && !entry.containsAll(0b0111))
        #expect(entry.containsAny(of: 0b0011) && !entry.containsAny(of: 0b1001))
        #expect(entry.containsAll(0) && !entry.containsAny(of: 0))
    }

    @Test func defaultIsPresentWritableUserAccessedDirty() {
        #expect(PageTableEntry.litmusDefault.rawValue == 0b0110_0111)
        #expect(PageTableEntry.empty.rawValue == 0)
    }
}
