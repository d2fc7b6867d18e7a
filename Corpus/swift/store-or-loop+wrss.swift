/* Swift store-or-loop+wrss
"A shadow-stack store must not write an ordinary page that was dirty."
Sequence=setWriteProtectedByStoreOrLoop()
Failure=a shadow-stack store writes an ordinary page
CPU=cet
(* Result: Never *)
{
  [PTE(x)] = (oa:PA(x), rw:1, d:1);
  1:cpl = 3;
}
exists (written(x))
*/
import PageTable

@_cdecl("P0") func writeProtect(pte_x: UnsafeMutablePointer<UInt64>, x: UnsafeMutablePointer<UInt64>) {
    AtomicPageTableEntry(pte_x).setWriteProtectedByStoreOrLoop()
    flush_tlb_page(x)
}

@_cdecl("P1") func push(x: UnsafeMutablePointer<UInt64>) {
    wrss(x, 1)
}
