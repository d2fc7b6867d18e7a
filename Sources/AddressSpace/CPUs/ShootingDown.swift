import PageTable

/// How operations take what CPUs have cached from them, with the lock held.
extension AddressSpace where Lock: ~Copyable {
    /// One shootdown; where it does not order stores itself, they are made visible first.
    @inlinable
    func shootDown(_ request: Invalidation) {
        if !Flushes.ordersEarlierStores { AtomicPageTableEntry.fenceBeforeShootdown() }
        shootdown.invalidate(request)
    }

    /// A shootdown of a range.
    @inlinable
    func flush(_ range: PageRange, stride: PageSize = .page4K, freesTables: Bool = false) {
        shootDown(
            Invalidation(
                root: rootTable.frame, first: range.first, count: range.count, stride: stride.byteCount,
                freesTables: freesTables, isGlobal: isGlobal))
    }

    /// A shootdown of one page.
    @inlinable
    func flush(_ address: UInt64, _ size: PageSize) {
        flush(PageRange(unchecked: address & ~(size.byteCount - 1), count: size.frameCount), stride: size)
    }

    /// The one shootdown of an operation, if it needs one.
    @inlinable
    func finish(_ range: PageRange, _ taken: Taken, _ summary: inout RangeSummary) {
        guard taken.isAnything else { return }
        flush(range, stride: taken.smallest, freesTables: taken.hasTables)
        summary.wasFlushed = true
    }

    /// Whether all CPUs may have translations, whatever root table they have loaded.
    @inlinable var isGlobal: Bool { half == .upper }
}
