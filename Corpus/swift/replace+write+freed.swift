/* Swift replace+write+freed
"Another frame takes the place of a page, which is given away."
Sequence=merge and breakCopyOnWrite, one leaf
Failure=a freed frame is used
(* Result: Never *)
{
  [PTE(x)] = (oa:PA(x), rw:1, d:0);
  [PTE(y)] = (oa:PA(y), rw:0, d:0);
}
exists (stale_frame(x))
*/
import AddressSpace
import PageTable

@_cdecl("P0") func replace(
    pte_x: UnsafeMutablePointer<UInt64>, pte_y: UnsafeMutablePointer<UInt64>, x: UnsafeMutablePointer<Int32>
) {
    let old = replaceLeaf(AtomicPageTableEntry(pte_x), by: AtomicPageTableEntry(pte_y).load()) { flush_tlb_page(x) }
    _ = old
    free_frame(x)
}

@_cdecl("P1") func write(x: UnsafeMutablePointer<Int32>) {
    WRITE_ONCE(x, 1)
}
