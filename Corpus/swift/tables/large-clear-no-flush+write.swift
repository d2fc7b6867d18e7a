/* Swift large-clear-no-flush+write
"clear() of a page of 2 MByte and no flush: who has the large translation goes on writing."
(* Result freed: Sometimes *)
(* Result lost-dirty: book=Sometimes Never *)
(* A store that waits in the store buffer reaches the frame later. Its D was set before; only book sets one in the empty entry. *)
{
  [PMD(x)] = (oa:PA(x), ps:1, rw:1, d:0);
}
exists lost-dirty: (lost_dirty(x))
exists freed: (stale_frame(x))
*/
import PageTable

@_cdecl("P0") func clear(pmd_x: UnsafeMutablePointer<UInt64>, x: UnsafeMutablePointer<Int32>) {
    let old = AtomicPageTableEntry(pmd_x).clear()
    if old.isDirty { set_page_dirty(x) }
    free_frame(x)
}

@_cdecl("P1") func write(x: UnsafeMutablePointer<Int32>) { WRITE_ONCE(x, 1) }
