import AddressSpace
import PageTable
import Testing

/// What a kernel without strings and without a heap has of frames and errors.
@Suite struct SpellingTests {
    @Test func framesComeFromAddresses() throws {
        #expect(try Frame(address: 0x7000).number == 7)
        #expect(try Frame(address: (1 << 52) - Frame.byteCount).number == (1 << 40) - 1)
        #expect(throws: AddressSpaceError.notAligned(address: 0x7008, to: 4096)) { try Frame(address: 0x7008) }
        #expect(throws: AddressSpaceError.frameOutOfRange(number: 1 << 40)) { try Frame(address: 1 << 52) }
    }

    @Test func errorsHaveTheNamesOfTheirCases() throws {
        #expect(AddressSpaceError.outOfFrames.name.description == "outOfFrames")
        #expect(AddressSpaceError.destinationNotEmpty.name.description == "destinationNotEmpty")
        let frame = try Frame(number: 1)
        let errors: [AddressSpaceError] = [
            .frameOutOfRange(number: 1), .frameNotReachable(frame), .notCanonical(address: 1),
            .pastTheTop(address: 1, pages: 1), .wrongHalf(address: 1), .notAligned(address: 1, to: 2), .badPageCount(0),
            .notMapped(address: 1), .alreadyMapped(address: 1), .wrongMappingKind(address: 1, .shared),
            .notWritable(address: 1), .insideLargePage(address: 1, .page1G), .notLarge(address: 1),
            .cannotCollapse(address: 1, .page2M), .tableInTheWay(address: 1, .page2M), .frameNotAligned(frame, .page2M),
            .entryChanged(address: 1), .tooFewFrames(1, needed: 2),
        ]
        for error in errors { #expect(Mirror(reflecting: error).children.first?.label == error.name.description) }
    }
}
