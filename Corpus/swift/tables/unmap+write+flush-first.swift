/* Swift unmap+write+flush-first
"Planted: the shootdown comes while the entry still has P=1, and the exchange after it."
(* Result freed: Sometimes *)
(* Result lost-dirty: book=Sometimes Never *)
(* A walk after the flush finds the entry again. Its D is in the value displaced, or on book set in the empty entry. *)
{
  [PMD(x)] = (table:PT(x));
  [PTE(x)] = (oa:PA(x), rw:1, d:0);
}
exists lost-dirty: (lost_dirty(x))
exists freed: (stale_frame(x))
*/
import PageTable

@_cdecl("P0") func unmap(pte_x: UnsafeMutablePointer<UInt64>, x: UnsafeMutablePointer<Int32>) {
    flush_tlb_page(x)
    let old = AtomicPageTableEntry(pte_x).clear()
    if LinuxGeneration.savedDirty.isDirty(old) { set_page_dirty(x) }
    free_frame(x)
}

@_cdecl("P1") func write(x: UnsafeMutablePointer<Int32>) { WRITE_ONCE(x, 1) }
