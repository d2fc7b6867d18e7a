/* Swift store-or-loop+dirty-old+read
"A dirty entry that nobody has used since A was cleared, and a CPU that reads the page: what its walk sets is not lost."
Sequence=setWriteProtectedByStoreOrLoop()
Failure accessed=loses an Accessed bit
Failure fault=another CPU faults
Failure forgotten=loses a Dirty bit
(* Result: Never *)
{
  [PTE(x)] = (oa:PA(x), rw:1, a:0, d:1);
}
exists accessed: (~fault(P1,x) /\ [PTE(x)].a=0)
exists fault: (fault(P1,x))
exists forgotten: ([PTE(x)]=(d:0, sd:0))
*/
import PageTable

@_cdecl("P0") func writeProtect(pte_x: UnsafeMutablePointer<UInt64>, x: UnsafeMutablePointer<Int32>) {
    AtomicPageTableEntry(pte_x).setWriteProtectedByStoreOrLoop()
    flush_tlb_page(x)
}

@_cdecl("P1") func read(x: UnsafeMutablePointer<Int32>) {
    _ = READ_ONCE(x)
}
