/* Swift merge+write+stable
"The content no longer changes while it is compared."
Sequence=writeProtectForMerge, one leaf
Failure=the content changes under the comparison
(* Result: Never *)
{
  [PTE(x)] = (oa:PA(x), rw:1, d:0);
  uint64_t frame = PA(x);
}
exists (0:first=0 /\ 0:second=1)
*/
import AddressSpace
import PageTable

@_cdecl("P0") func standStill(
    pte_x: UnsafeMutablePointer<UInt64>, x: UnsafeMutablePointer<Int32>, frame: UnsafePointer<UnsafePointer<Int32>>
) {
    let still = writeProtectLeafForMerge(AtomicPageTableEntry(pte_x), of: .private) {
        flush_tlb_page(x)
    } mayMerge: { _ in
        true
    }
    if still?.wasDirty == true { set_page_dirty(x) }
    observe(first: READ_ONCE(frame.pointee))
    observe(second: READ_ONCE(frame.pointee))
}

@_cdecl("P1") func write(x: UnsafeMutablePointer<Int32>) {
    WRITE_ONCE(x, 1)
}
