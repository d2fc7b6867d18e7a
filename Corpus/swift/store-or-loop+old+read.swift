/* Swift store-or-loop+old+read
"A clean entry that nobody has used, and a CPU that reads the page: clean stays clean."
Sequence=setWriteProtectedByStoreOrLoop()
Failure accessed=loses an Accessed bit
Failure fault=another CPU faults
Failure false-dirty=a clean page counts as dirty
(* Result: Never *)
{
  [PTE(x)] = (oa:PA(x), rw:1, a:0, d:0);
}
exists accessed: (~fault(P1,x) /\ [PTE(x)].a=0)
exists fault: (fault(P1,x))
exists false-dirty: ([PTE(x)].d=1 \/ [PTE(x)].sd=1)
*/
import PageTable

@_cdecl("P0") func writeProtect(pte_x: UnsafeMutablePointer<UInt64>, x: UnsafeMutablePointer<Int32>) {
    AtomicPageTableEntry(pte_x).setWriteProtectedByStoreOrLoop()
    flush_tlb_page(x)
}

@_cdecl("P1") func read(x: UnsafeMutablePointer<Int32>) {
    _ = READ_ONCE(x)
}
