/* Swift store-or-loop+shadow-stack
"A page of a shadow stack loses its right to write, too, while its thread pushes to it."
Sequence=setWriteProtectedByStoreOrLoop()
Failure=a shadow stack keeps its right to write
CPU=cet
ShadowStack=x
(* Result: Never *)
{
  [PTE(x)] = (oa:PA(x), rw:0, d:1);
  1:cpl = 3;
}
exists (lost_dirty(x) \/ [PTE(x)]=(p:1, rw:0, d:1))
*/
import PageTable

@_cdecl("P0") func writeProtect(pte_x: UnsafeMutablePointer<UInt64>, x: UnsafeMutablePointer<UInt64>) {
    AtomicPageTableEntry(pte_x).setWriteProtectedByStoreOrLoop()
    flush_tlb_page(x)
}

@_cdecl("P1") func push(x: UnsafeMutablePointer<UInt64>) {
    wrss(x, 1)
}
