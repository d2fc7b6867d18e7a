/* Swift clear-flush+write+freed
"Nobody uses the frame after it was given away."
Sequence=clear(flush:)
Failure=a freed frame is used
(* Result: Never *)
{
  [PTE(x)] = (oa:PA(x), rw:1, d:0);
}
exists (stale_frame(x))
*/
import PageTable

@_cdecl("P0") func take(pte_x: UnsafeMutablePointer<UInt64>, x: UnsafeMutablePointer<Int32>) {
    let entry = AtomicPageTableEntry(pte_x)
    let old = entry.clear { flush_tlb_page(x) }
    _ = old
    free_frame(x)
}

@_cdecl("P1") func write(x: UnsafeMutablePointer<Int32>) {
    WRITE_ONCE(x, 1)
}
