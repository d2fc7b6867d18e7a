/* Swift large-clear+write
"clear(flush:) of a page of 2 MByte: the D of the value is final, and the frame is free."
(* Result: Never *)
(* The second exchange collects what was set while P=0, in the PMD as in a PTE. *)
{
  [PMD(x)] = (oa:PA(x), ps:1, rw:1, d:0);
}
exists lost-dirty: (lost_dirty(x))
exists freed: (stale_frame(x))
*/
import PageTable

@_cdecl("P0") func clear(pmd_x: UnsafeMutablePointer<UInt64>, x: UnsafeMutablePointer<Int32>) {
    let old = AtomicPageTableEntry(pmd_x).clear { flush_tlb_page(x) }
    if old.isDirty { set_page_dirty(x) }
    free_frame(x)
}

@_cdecl("P1") func write(x: UnsafeMutablePointer<Int32>) { WRITE_ONCE(x, 1) }
