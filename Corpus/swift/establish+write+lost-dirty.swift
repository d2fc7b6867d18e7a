/* Swift establish+write+lost-dirty
"Another frame takes the place of a live page, whose Dirty is in the value displaced."
Sequence=establish(_:) of another frame
Failure=loses a Dirty bit
(* Result: Never book=Sometimes *)
{
  [PTE(x)] = (oa:PA(x), rw:1, d:0);
  [PTE(y)] = (oa:PA(y), rw:0, d:0);
}
exists (lost_dirty(x))
*/
import PageTable

@_cdecl("P0") func establish(
    pte_x: UnsafeMutablePointer<UInt64>, pte_y: UnsafeMutablePointer<UInt64>, x: UnsafeMutablePointer<Int32>
) {
    let other = AtomicPageTableEntry(pte_y).load()
    let old = AtomicPageTableEntry(pte_x).establish(other)
    flush_tlb_page(x)
    if LinuxGeneration.savedDirty.isDirty(old) { set_page_dirty(x) } else { reclaim(x) }
}

@_cdecl("P1") func write(x: UnsafeMutablePointer<Int32>) {
    WRITE_ONCE(x, 1)
}
