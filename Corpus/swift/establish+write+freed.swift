/* Swift establish+write+freed
"Nobody uses the old frame after the flush."
Sequence=establish(_:) of another frame
Failure=a freed frame is used
(* Result: Never *)
{
  [PTE(x)] = (oa:PA(x), rw:1, d:0);
  [PTE(y)] = (oa:PA(y), rw:0, d:0);
}
exists (stale_frame(x))
*/
import PageTable

@_cdecl("P0") func establish(
    pte_x: UnsafeMutablePointer<UInt64>, pte_y: UnsafeMutablePointer<UInt64>, x: UnsafeMutablePointer<Int32>
) {
    let other = AtomicPageTableEntry(pte_y).load()
    _ = AtomicPageTableEntry(pte_x).establish(other)
    flush_tlb_page(x)
    free_frame(x)
}

@_cdecl("P1") func write(x: UnsafeMutablePointer<Int32>) {
    WRITE_ONCE(x, 1)
}
