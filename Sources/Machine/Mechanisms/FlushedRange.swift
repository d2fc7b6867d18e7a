/// The pages that a ranged flush invalidates.
///
/// One `invlpg` at each stride from start to end, as in `flush_tlb_func` of arch/x86/mm/tlb.c. A stride longer than a page
/// leaves out the 4 KiB pages between.
struct FlushedRange {
    /// The address of the first `invlpg`.
    var start: UInt64
    /// The first address after the range.
    var end: UInt64
    /// The binary logarithm of the distance between two.
    var strideShift: UInt64

    /// More steps than Linux makes one by one: it drops the whole address space instead (`tlb_single_page_flush_ceiling`).
    var isLong: Bool { start < end && strideShift < 64 && (end - start) >> strideShift > 33 }

    /// Whether some of the range lies in the 4 KiB page that begins at `page`.
    func contains(pageAt page: UInt64) -> Bool { start < end && page < end && start <= page | AddressMap.offsetMask }

    /// Whether one of the addresses lies in the 4 KiB page that begins at `page`.
    func covers(pageAt page: UInt64) -> Bool {
        guard start < end else { return false }
        let last = page | AddressMap.offsetMask
        if start >= page { return start <= last }
        // The first address that is not below the page; with a shift this long there is none after `start`.
        guard strideShift < 64 else { return false }
        let distance = page - start
        let strides = (distance >> strideShift) + (distance & ((1 << strideShift) - 1) == 0 ? 0 : 1)
        let (length, isTooLong) = strides.multipliedReportingOverflow(by: 1 << strideShift)
        let (next, overflows) = start.addingReportingOverflow(length)
        return !isTooLong && !overflows && next <= last && next < end
    }
}
