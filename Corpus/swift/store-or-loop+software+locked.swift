/* Swift store-or-loop+software+locked
"Other software that changes the entry, under the page-table lock."
Sequence=setWriteProtectedByStoreOrLoop()
Failure=loses what other software wrote
(* Result: Never *)
{
  [PTE(x)] = (oa:PA(x), rw:1, d:1, soft:1);
}
exists ([PTE(x)].soft=1)
*/
import PageTable

@_cdecl("P0") func writeProtect(
    pte_x: UnsafeMutablePointer<UInt64>, x: UnsafeMutablePointer<Int32>, lock: UnsafeMutablePointer<Int32>
) {
    spin_lock(lock)
    AtomicPageTableEntry(pte_x).setWriteProtectedByStoreOrLoop()
    flush_tlb_page(x)
    spin_unlock(lock)
}

@_cdecl("P1") func clearSoftDirty(pte_x: UnsafeMutablePointer<UInt64>, lock: UnsafeMutablePointer<Int32>) {
    spin_lock(lock)
    AtomicPageTableEntry(pte_x).update { LinuxGeneration.savedDirty.softDirtyCleared($0) }
    spin_unlock(lock)
}
