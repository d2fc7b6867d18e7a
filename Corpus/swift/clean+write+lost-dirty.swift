/* Swift clean+write+lost-dirty
"What cleanForWriteback does before the page goes to storage."
Sequence=setWriteProtectedAndClean()
Failure=loses a Dirty bit
(* Result: Never *)
{
  [PTE(x)] = (oa:PA(x), rw:1, d:0);
}
exists (lost_dirty(x))
*/
import PageTable

@_cdecl("P0") func clean(pte_x: UnsafeMutablePointer<UInt64>, x: UnsafeMutablePointer<Int32>) {
    AtomicPageTableEntry(pte_x).setWriteProtectedAndClean()
    flush_tlb_page(x)
    writeback(x)
}

@_cdecl("P1") func write(x: UnsafeMutablePointer<Int32>) {
    WRITE_ONCE(x, 1)
}
