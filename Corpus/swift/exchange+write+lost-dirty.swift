/* Swift exchange+write+lost-dirty
"The exchange dance without a flush in the middle."
Sequence=setWriteProtectedByExchange()
Failure=loses a Dirty bit
(* Result: book=Sometimes Never *)
{
  [PTE(x)] = (oa:PA(x), rw:1, d:0);
}
exists (lost_dirty(x))
*/
import PageTable

@_cdecl("P0") func writeProtect(pte_x: UnsafeMutablePointer<UInt64>, x: UnsafeMutablePointer<Int32>) {
    AtomicPageTableEntry(pte_x).setWriteProtectedByExchange()
    flush_tlb_page(x)
}

@_cdecl("P1") func write(x: UnsafeMutablePointer<Int32>) {
    WRITE_ONCE(x, 1)
}
