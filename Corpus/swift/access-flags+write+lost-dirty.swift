/* Swift access-flags+write+lost-dirty
"A handler marks a page accessed while another CPU writes it."
Sequence=setAccessFlags(_:)
Failure=loses a Dirty bit
(* Result: Never *)
{
  [PTE(x)] = (oa:PA(x), rw:1, a:0, d:0);
}
exists (lost_dirty(x))
*/
import PageTable

@_cdecl("P0") func markAccessed(pte_x: UnsafeMutablePointer<UInt64>) {
    AtomicPageTableEntry(pte_x).setAccessFlags(.accessed)
}

@_cdecl("P1") func write(x: UnsafeMutablePointer<Int32>) {
    WRITE_ONCE(x, 1)
}
