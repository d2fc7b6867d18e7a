/// The pages that a ranged flush invalidates: one `invlpg` at each stride from start to end (`flush_tlb_func` in
/// arch/x86/mm/tlb.c). A stride longer than a page leaves out the 4 KiB pages between.
struct FlushedRange {
    /// The address of the first `invlpg`.
    var start: UInt64
    /// The first address behind the range.
    var end: UInt64
    /// The binary logarithm of the distance between two.
    var strideShift: UInt64

    /// Whether one of the addresses lies in the 4 KiB page that begins at `page`.
    func covers(pageAt page: UInt64) -> Bool {
        guard start < end else { return false }
        let last = page | 0xfff
        guard start <= last else { return false }
        if start >= page { return true }
        // Only the first address is left when the next one does not exist.
        guard strideShift < 64 else { return false }
        let (next, overflows) = start.addingReportingOverflow(((last - start) >> strideShift) << strideShift)
        return !overflows && next >= page && next < end
    }
}
