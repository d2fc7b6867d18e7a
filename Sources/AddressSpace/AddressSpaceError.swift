/// Why an operation of an address space was refused; nothing was changed then.
public enum AddressSpaceError: Error, Hashable, Sendable {
    /// The frame provider has no frame left for a table.
    case outOfFrames
    /// A frame number that an entry cannot hold.
    case frameOutOfRange(number: UInt64)
    /// The frame provider gives no pointer to a frame that software must read or write.
    case frameNotReachable(Frame)
    /// An address whose bits 47 to 63 are not all the same, or a range that runs into such addresses.
    case notCanonical(address: UInt64)
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
    /// The entry at an address is no longer the one that the caller saw.
    case entryChanged(address: UInt64)
    /// The address space to fork into has tables already.
    case destinationNotEmpty
    /// Memory too small for what is to be laid out in it, in frames.
    case tooFewFrames(Int, needed: Int)
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
            "address \(hexadecimal(address)) is not canonical: bits 47 to 63 must be the same"
        case .notAligned(let address, let size): "address \(hexadecimal(address)) is not a multiple of \(size)"
        case .badPageCount(let count): "a range cannot have \(count) pages: it has 1 to 2^35"
        case .notMapped(let address): "no page is mapped at \(hexadecimal(address)): map one first"
        case .alreadyMapped(let address): "a page is mapped at \(hexadecimal(address)) already: unmap it first"
        case .wrongMappingKind(let address, let kind):
            "the mapping at \(hexadecimal(address)) is \(kind), which this operation does not work on"
        case .notWritable(let address):
            "the mapping at \(hexadecimal(address)) has no right to write: give it with protect first"
        case .entryChanged(let address):
            "the entry at \(hexadecimal(address)) has changed since it was read: walk again, and start over"
        case .destinationNotEmpty: "the address space to fork into is not empty: fork into a new one"
        case .tooFewFrames(let count, let needed): "\(count) frames are too few: \(needed) are needed"
        }
    }

    /// A number with `0x` in front.
    private func hexadecimal(_ value: UInt64) -> String { "0x" + String(value, radix: 16) }
}
