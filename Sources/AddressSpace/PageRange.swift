/// Consecutive pages in one half of the canonical addresses, checked.
struct PageRange {
    /// The address of the first page.
    let first: UInt64
    /// The number of pages, 1 to 2^35.
    let count: Int

    /// Checks a user's address and number of pages.
    init(_ first: UInt64, count: Int = 1) throws(AddressSpaceError) {
        try Self.checkCanonical(first)
        guard first % Frame.byteCount == 0 else { throw .notAligned(address: first, to: Frame.byteCount) }
        guard 1...(1 << 35) ~= count else { throw .badPageCount(count) }
        // At most 2^47 bytes from a canonical address: it can wrap around, but not come back to the same half.
        let last = first &+ UInt64(count - 1) * Frame.byteCount
        guard Self.isCanonical(last), last >> 63 == first >> 63 else { throw .notCanonical(address: last) }
        self.first = first
        self.count = count
    }

    /// The address of a page by its position, 0 to `count - 1`.
    func address(_ position: Int) -> UInt64 { first &+ UInt64(truncatingIfNeeded: position) &* Frame.byteCount }

    /// How many pages lie from a position up to the end of what one entry of a level covers, or of the range.
    func pages(from position: Int, belowOneEntryOf level: PagingLevel) -> Int {
        let pageNumber = Int(truncatingIfNeeded: address(position) / Frame.byteCount)
        return min(count - position, level.pagesPerEntry - pageNumber % level.pagesPerEntry)
    }

    /// Throws unless bits 47 to 63 are the same.
    static func checkCanonical(_ address: UInt64) throws(AddressSpaceError) {
        guard isCanonical(address) else { throw .notCanonical(address: address) }
    }

    private static func isCanonical(_ address: UInt64) -> Bool {
        let upper = address >> 47
        return upper == 0 || upper == 0x1FFFF
    }
}
