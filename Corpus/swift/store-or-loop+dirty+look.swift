/* Swift store-or-loop+dirty+look
"A dirty entry and software that loads it without a lock, as reclaim does: it never sees the page clean, or a shadow stack."
Sequence=setWriteProtectedByStoreOrLoop()
Failure clean=a reader sees the entry clean for a moment
Failure shadow-stack=a reader sees W=0 D=1 for a moment
(* Result: Never *)
{
  [PTE(x)] = (oa:PA(x), rw:1, d:1);
}
exists clean: (1:dirty=0)
exists shadow-stack: (1:shadow=1)
*/
import PageTable

@_cdecl("P0") func writeProtect(pte_x: UnsafeMutablePointer<UInt64>, x: UnsafeMutablePointer<Int32>) {
    AtomicPageTableEntry(pte_x).setWriteProtectedByStoreOrLoop()
    flush_tlb_page(x)
}

@_cdecl("P1") func look(pte_x: UnsafeMutablePointer<UInt64>) {
    let entry = AtomicPageTableEntry(pte_x).load()
    observe(dirty: LinuxGeneration.savedDirty.isDirty(entry))
    observe(shadow: entry.isShadowStackEncoding)
}
