/// Why an operation of an address space was refused; nothing was changed then.
public enum AddressSpaceError: Error, Hashable, Sendable {
    /// The frame provider has no frame left for a table.
    case outOfFrames
    /// A frame number that an entry cannot hold.
    case frameOutOfRange(number: UInt64)
    /// The frame provider gives no pointer to a frame that software must read or write.
    case frameNotReachable(Frame)
    /// An address whose upper bits, from 47 on or with five levels from 56 on, are not all the same, or a range that runs into such
    /// addresses.
    case notCanonical(address: UInt64)
    /// A range that runs over the last address.
    case pastTheTop(address: UInt64, pages: Int)
    /// An address in the half of the addresses that the address space is not about: see ``AddressHalf``.
    case wrongHalf(address: UInt64)
    /// An address that is not a multiple of what it must be a multiple of, in bytes.
    case notAligned(address: UInt64, to: UInt64)
    /// A range of less than one page, or of more pages than an address space has.
    case badPageCount(Int)
    /// No page is mapped at an address.
    case notMapped(address: UInt64)
    /// A page is mapped at an address already.
    case alreadyMapped(address: UInt64)
    /// The mapping at an address is of a kind for which the operation means nothing.
    case wrongMappingKind(address: UInt64, MappingKind)
    /// The mapping at an address has no right to write.
    case notWritable(address: UInt64)
    /// A page that an operation is to work on, or the end of a range, lies inside a large page.
    case insideLargePage(address: UInt64, PageSize)
    /// The page at an address is not a large one.
    case notLarge(address: UInt64)
    /// The pages from an address on cannot become one large page.
    case cannotCollapse(address: UInt64, PageSize)
    /// A table without pages is where a large page is to be mapped.
    case tableInTheWay(address: UInt64, PageSize)
    /// The first frame of a large page whose number is not a multiple of the page's frames.
    case frameNotAligned(Frame, PageSize)
    /// The entry at an address is no longer the one that the caller saw.
    case entryChanged(address: UInt64)
    /// The address space to fork into has tables already.
    case destinationNotEmpty
    /// Memory too small for what is to be laid out in it, in frames.
    case tooFewFrames(Int, needed: Int)
}

extension AddressSpaceError {
    /// The name of the case, for a console where there are no strings.
    public var name: StaticString {
        switch self {
        case .outOfFrames: "outOfFrames"
        case .frameOutOfRange: "frameOutOfRange"
        case .frameNotReachable: "frameNotReachable"
        case .notCanonical: "notCanonical"
        case .pastTheTop: "pastTheTop"
        case .wrongHalf: "wrongHalf"
        case .notAligned: "notAligned"
        case .badPageCount: "badPageCount"
        case .notMapped: "notMapped"
        case .alreadyMapped: "alreadyMapped"
        case .wrongMappingKind: "wrongMappingKind"
        case .notWritable: "notWritable"
        case .insideLargePage: "insideLargePage"
        case .notLarge: "notLarge"
        case .cannotCollapse: "cannotCollapse"
        case .tableInTheWay: "tableInTheWay"
        case .frameNotAligned: "frameNotAligned"
        case .entryChanged: "entryChanged"
        case .destinationNotEmpty: "destinationNotEmpty"
        case .tooFewFrames: "tooFewFrames"
        }
    }
}

extension AddressSpaceError: CustomStringConvertible {
    /// What is wrong, where, and what to do about it.
    public var description: String {
        switch self {
        case .outOfFrames: "no frame is left for a table: release some, and try again"
        case .frameOutOfRange(let number): "frame \(hexadecimal(number)) is out of range: an entry holds 40 bits of it"
        case .frameNotReachable(let frame):
            "frame \(hexadecimal(frame.number)) cannot be reached: the frame provider gives no pointer to its words"
        case .notCanonical(let address):
            "address \(hexadecimal(address)) is not canonical: its upper bits, from 47 on (56 with five levels), must be the same"
        case .pastTheTop(let address, let pages):
            "a range of \(pages) pages from \(hexadecimal(address)) on runs over the last address: take fewer pages"
        case .wrongHalf(let address):
            "address \(hexadecimal(address)) is not in the half of the addresses that this address space is about: use the other one"
        case .notAligned(let address, let size): "address \(hexadecimal(address)) is not a multiple of \(size)"
        case .badPageCount(let count):
            "a range cannot have \(count) pages: it has 1 to 2^35 of 4 KByte (2^44 with five levels)"
        case .notMapped(let address): "no page is mapped at \(hexadecimal(address)): map one first"
        case .alreadyMapped(let address): "a page is mapped at \(hexadecimal(address)) already: unmap it first"
        case .wrongMappingKind(let address, let kind):
            "the mapping at \(hexadecimal(address)) is \(kind), which this operation does not work on"
        case .notWritable(let address):
            "the mapping at \(hexadecimal(address)) has no right to write: give it with protect first"
        case .insideLargePage(let address, let size):
            "\(hexadecimal(address)) is a page of \(size): name all of it, or split it first"
        case .notLarge(let address): "the page at \(hexadecimal(address)) is not a large one: it cannot be split"
        case .cannotCollapse(let address, let size):
            "the pages from \(hexadecimal(address)) on cannot become one of \(size): 512 with the same rights and attributes are needed, in frames side by side from a multiple of it"
        case .tableInTheWay(let address, let size):
            "a table is where a page of \(size) is to be mapped at \(hexadecimal(address)): give it back with releaseEmptyTables first"
        case .frameNotAligned(let frame, let size):
            "frame \(hexadecimal(frame.number)) cannot begin a page of \(size): its number must be a multiple of \(size.frameCount)"
        case .entryChanged(let address):
            "the entry at \(hexadecimal(address)) has changed since it was read: walk again, and start over"
        case .destinationNotEmpty: "the address space to fork into is not empty: fork into a new one"
        case .tooFewFrames(let count, let needed): "\(count) frames are too few: \(needed) are needed"
        }
    }

    /// A number with `0x` in front.
    private func hexadecimal(_ value: UInt64) -> String { "0x" + String(value, radix: 16) }
}
