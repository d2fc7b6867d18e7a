import PageTable

/// A level of the tables: 5 (PML5) or 4 (PML4) is the root, 1 holds the leaves.
@usableFromInline
struct PagingLevel: Equatable, Sendable {
    /// 1 to 5.
    @usableFromInline let number: UInt64

    @inlinable @inline(__always) static var leaf: PagingLevel { PagingLevel(number: 1) }

    @inlinable @inline(__always)
    init(number: UInt64) { self.number = number }

    /// The level below; the leaves' for the leaves.
    @inlinable @inline(__always) var below: PagingLevel { self == .leaf ? self : PagingLevel(number: number &- 1) }

    /// The level above.
    @inlinable @inline(__always) var above: PagingLevel { PagingLevel(number: number &+ 1) }

    /// The lowest address bit that selects an entry of this level.
    @inlinable @inline(__always) var shift: UInt64 { 12 &+ 9 &* (number &- 1) }

    /// The number of pages of 4 KByte below one entry of this level.
    @inlinable @inline(__always) var pagesPerEntry: Int { 1 &<< Int(truncatingIfNeeded: shift &- 12) }

    /// How many entries a number of pages of 4 KByte takes, which is a multiple of what one covers.
    @inlinable @inline(__always)
    func entries(for pages: Int) -> Int { pages &>> Int(truncatingIfNeeded: shift &- 12) }

    /// The index of an address's entry, 0 to 511.
    @inlinable @inline(__always)
    func index(of address: UInt64) -> Int { Int(truncatingIfNeeded: (address &>> shift) & 511) }
}

/// How many levels the tables of an address space have (CR4.LA57).
public enum PagingDepth: UInt8, Hashable, Sendable {
    /// Four levels: addresses of 48 bits.
    case four = 4
    /// Five levels: addresses of 57 bits.
    case five = 5

    /// The root's level.
    @inlinable @inline(__always) var root: PagingLevel { PagingLevel(number: UInt64(rawValue)) }
    /// The lowest bit that all bits above it have to be equal to: 47 or 56.
    @inlinable @inline(__always) public var signBit: UInt64 { self == .four ? 47 : 56 }

    /// Whether the bits of an address from the sign bit on are all the same.
    @inlinable @inline(__always)
    public func isCanonical(_ address: UInt64) -> Bool {
        let upper = Int64(bitPattern: address) &>> Int64(signBit)
        return upper == 0 || upper == -1
    }

    /// Throws unless they are.
    @inlinable @inline(__always)
    func checkCanonical(_ address: UInt64) throws(AddressSpaceError) {
        guard isCanonical(address) else { throw .notCanonical(address: address) }
    }
}
