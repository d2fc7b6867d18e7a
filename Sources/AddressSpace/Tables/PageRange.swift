/// Consecutive pages of 4 KByte in one half of the canonical addresses, checked.
@usableFromInline
struct PageRange {
    /// The address of the first page.
    @usableFromInline let first: UInt64
    /// The number of pages, at least 1.
    @usableFromInline let count: Int

    /// Checks a user's address and number of pages.
    /// - Parameters:
    ///   - size: what the pages are counted in, and the address is a multiple of.
    ///   - depth: how many levels the tables have.
    @inlinable
    init(_ first: UInt64, count: Int = 1, of size: PageSize = .page4K, _ depth: PagingDepth) throws(AddressSpaceError) {
        try depth.checkCanonical(first)
        guard first & (size.byteCount - 1) == 0 else { throw .notAligned(address: first, to: size.byteCount) }
        // Half of all addresses: 2^35 pages of 4 KByte, or 2^44.
        let half = Int(1 << (depth.signBit - 12))
        guard count >= 1, count <= half / size.frameCount else { throw .badPageCount(count) }
        let bytes = UInt64(count) * size.byteCount
        // At most half of the addresses from a canonical one: it can run into the hole, or over the top, but not farther.
        let (end, wraps) = (first &- 1).addingReportingOverflow(bytes)
        guard !wraps || first == 0 else { throw .pastTheTop(address: first, pages: count) }
        guard depth.isCanonical(end) else { throw .notCanonical(address: 1 << depth.signBit) }
        self.first = first
        self.count = count * size.frameCount
    }

    /// The address of a page by its position, 0 to `count - 1`.
    @inlinable
    func address(_ position: Int) -> UInt64 { first &+ UInt64(truncatingIfNeeded: position) &* Frame.byteCount }

    /// How many pages lie from a position up to the end of what one entry of a level covers, or of the range.
    @inlinable
    func pages(from position: Int, belowOneEntryOf level: PagingLevel) -> Int {
        let pageNumber = Int(truncatingIfNeeded: address(position) >> 12)
        return min(count &- position, level.pagesPerEntry &- pageNumber & (level.pagesPerEntry &- 1))
    }

    /// Whether the range is part of what one entry of a level covers, and not all of it.
    @inlinable
    func isInside(_ level: PagingLevel) -> Bool {
        pages(from: 0, belowOneEntryOf: level) == count && count < level.pagesPerEntry
    }

    /// Whether all that one entry of a level covers from a position on is in the range.
    @inlinable
    func covers(_ level: PagingLevel, from position: Int) -> Bool {
        let pages = level.pagesPerEntry
        return count &- position >= pages && Int(truncatingIfNeeded: address(position) >> 12) & (pages &- 1) == 0
    }
}
