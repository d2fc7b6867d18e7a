import PageTable
import Testing

@Suite struct EntryPrintingTests {
    @Test(
        arguments: [
            ("------", 0), ("PWUAD-", 0x67), ("P-UA-S", 0x0400_0000_0000_0025), ("PWUADS", 0x0400_0000_0000_0067),
            ("----D-", 0x40), ("P-----", 0x8000_0000_0000_0F81),
        ] as [(String, UInt64)])
    func columnsShowSixBits(text: String, bits: UInt64) {
        let entry = PageTableEntry(rawValue: bits)
        #expect(entry.columns == text)
        var bytes: [UInt8] = []
        entry.spellColumns { bytes.append($0) }
        #expect(bytes == Array(text.utf8))
        #expect("\(entry)" == text)
        #expect(PageTableEntry(columns: text)?.rawValue == bits & 0x0400_0000_0000_0067)
    }

    @Test func columnsReadBack() {
        for entry in EntrySpace.entries([0, 1, 2, 5, 6, 58], frames: [0]) {
            #expect(entry.columns.count == 6)
            #expect(PageTableEntry(columns: entry.columns) == entry)
        }
    }

    @Test(arguments: ["", "-----", "-------", "WPUADS", "pwuads", "PWUADX", "PWUAD "])
    func otherTextIsNoColumns(text: String) { #expect(PageTableEntry(columns: text) == nil) }

    @Test func debugDescriptionShowsEveryBit() {
        #expect(PageTableEntry(rawValue: 0x8000_0000_1234_5067).debugDescription == "PWUAD- 0x8000000012345067")
    }

    static func name(_ frame: UInt64) -> String? { frame == 0x12 ? "PA(x)" : nil }

    @Test(
        arguments: [
            (0x1_2067, "(oa:PA(x), p:1, rw:1, us:1, a:1, d:1)", "(oa:PA(x))"),
            (0x1_2025, "(oa:PA(x), p:1, rw:0, us:1, a:1, d:0)", "(oa:PA(x), rw:0, d:0)"),
            (0x0400_0000_0001_2025, "(oa:PA(x), p:1, rw:0, us:1, a:1, d:0, sd:1)", "(oa:PA(x), rw:0, d:0, sd:1)"),
            (0, "(p:0)", "(p:0)"),
            (0x1_2000, "(oa:PA(x), p:0, rw:0, us:0, a:0, d:0)", "(oa:PA(x), p:0, rw:0, us:0, a:0, d:0)"),
            (0x40, "(oa:0x0, p:0, rw:0, us:0, a:0, d:1)", "(oa:0x0, p:0, rw:0, us:0, a:0)"),
            (
                0x1_3F7F, "(oa:0x13000, p:1, rw:1, us:1, pwt:1, pcd:1, a:1, d:1, g:1, sw1:1, uffd:1, soft:1)",
                "(oa:0x13000, pwt:1, pcd:1, g:1, sw1:1, uffd:1, soft:1)"
            ),
            (
                0xD000_0000_0001_20E7, "(oa:PA(x), p:1, rw:1, us:1, a:1, d:1, pat:1, pkey:10, nx:1)",
                "(oa:PA(x), pat:1, pkey:10, nx:1)"
            ),
            (0x0210_0000_0001_2067, "(oa:PA(x), p:1, rw:1, us:1, a:1, d:1, avl:0x21)", "(oa:PA(x), avl:0x21)"),
        ] as [(UInt64, String, String)])
    func litmusForm(bits: UInt64, full: String, brief: String) {
        let entry = PageTableEntry(rawValue: bits)
        #expect(entry.litmus(frameName: Self.name) == full)
        #expect(entry.litmus(detail: .brief, frameName: Self.name) == brief)
    }

    @Test func levelNamesBit7() {
        let entry = PageTableEntry(rawValue: 0x1_20E7)
        #expect(entry.litmus(level: .leaf, detail: .brief, frameName: Self.name) == "(oa:PA(x), pat:1)")
        #expect(entry.litmus(level: .upper, detail: .brief, frameName: Self.name) == "(oa:PA(x), ps:1)")
    }

    /// Reads a literal by the rules of the test language, for the frame `PA(x)` = 0x12 and `0x...`.
    static func read(_ literal: String) throws -> PageTableEntry {
        if literal == "(p:0)" { return .empty }
        var entry = PageTableEntry.litmusDefault
        for part in literal.dropFirst().dropLast().split(separator: ", ") {
            let pair = part.split(separator: ":")
            if pair[0] == "oa" {
                entry.frameAddress =
                    try pair[1] == "PA(x)" ? 0x12000 : #require(UInt64(pair[1].dropFirst(2), radix: 16))
            } else {
                entry[try #require(EntryFieldName(spelling: pair[0]))] = try #require(UInt64(pair[1]))
            }
        }
        return entry
    }

    @Test(arguments: [EntryDetail.full, .brief], [EntryPosition.leaf, .upper])
    func literalsReadBack(detail: EntryDetail, level: EntryPosition) throws {
        for entry in EntrySpace.entries([0, 1, 2, 5, 6, 7, 11, 58, 60], frames: [0, 0x12, 0x13]) {
            let text = entry.litmus(level: level, detail: detail, frameName: Self.name)
            let same = try Self.read(text) == entry
            if !same { Issue.record("\(entry.debugDescription) printed as \(text)") }
        }
    }
}
