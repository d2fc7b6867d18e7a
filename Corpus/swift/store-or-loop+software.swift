/* Swift store-or-loop+software
"Other software that changes the entry, and no lock: the plain store is not made for that."
Sequence=planted: store or loop without the lock
Failure=loses what other software wrote
(* Result: Sometimes *)
{
  [PTE(x)] = (oa:PA(x), rw:1, d:1, soft:1);
}
exists ([PTE(x)].soft=1)
*/
import PageTable

@_cdecl("P0") func writeProtect(pte_x: UnsafeMutablePointer<UInt64>, x: UnsafeMutablePointer<Int32>) {
    AtomicPageTableEntry(pte_x).setWriteProtectedByStoreOrLoop()
    flush_tlb_page(x)
}

@_cdecl("P1") func clearSoftDirty(pte_x: UnsafeMutablePointer<UInt64>) {
    AtomicPageTableEntry(pte_x).update { LinuxGeneration.savedDirty.softDirtyCleared($0) }
}
