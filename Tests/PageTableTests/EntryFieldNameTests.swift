import PageTable
import Testing

@Suite struct EntryFieldNameTests {
    /// The table of the test language: name, lowest bit, width, value if not named.
    static let language: [(name: String, shift: UInt8, width: UInt8, usual: UInt64)] = [
        ("p", 0, 1, 1), ("rw", 1, 1, 1), ("us", 2, 1, 1), ("pwt", 3, 1, 0), ("pcd", 4, 1, 0), ("a", 5, 1, 1),
        ("d", 6, 1, 1), ("ps", 7, 1, 0), ("pat", 7, 1, 0), ("g", 8, 1, 0), ("sw1", 9, 1, 0), ("uffd", 10, 1, 0),
        ("soft", 11, 1, 0), ("sd", 58, 1, 0), ("pkey", 59, 4, 0), ("nx", 63, 1, 0),
    ]

    @Test func tableIsThatOfTheLanguage() throws {
        #expect(EntryFieldName.allCases.count == Self.language.count)
        for row in Self.language {
            let field = try #require(EntryFieldName(spelling: row.name))
            #expect(field.spelling == row.name)
            #expect("\(field)" == row.name)
            #expect(field.shift == row.shift)
            #expect(field.width == row.width)
            #expect(field.largestValue == 1 << UInt64(row.width) - 1)
            #expect(field.mask == field.largestValue << UInt64(row.shift))
            #expect(field.litmusDefault == row.usual)
        }
    }

    @Test(arguments: ["", "P", "w", "rw ", "oa", "dirty", "sd1", "é"])
    func unknownNamesAreNotFound(name: String) { #expect(EntryFieldName(spelling: name) == nil) }

    @Test func substringsAreFound() { #expect(EntryFieldName(spelling: "x:pkey".dropFirst(2)) == .protectionKey) }

    @Test(arguments: EntryFieldName.allCases)
    func subscriptChangesItsBitsOnly(field: EntryFieldName) {
        for start in [UInt64.min, .max] {
            for value in 0...field.largestValue {
                var entry = PageTableEntry(rawValue: start)
                entry[field] = value
                #expect(entry[field] == value)
                #expect((entry.rawValue ^ start) & ~field.mask == 0)
            }
        }
    }

    @Test func subscriptCutsWhatDoesNotFit() {
        var entry = PageTableEntry.empty
        entry[.writable] = 2
        #expect(entry == .empty)
        entry[.protectionKey] = 0x1F
        #expect(entry.protectionKey == 15 && !entry.isNoExecute)
    }
}
