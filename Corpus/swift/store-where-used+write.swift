/* Swift store-where-used+write
"Planted: a look at A alone. A Dirty bit that is set between the look and the store is lost."
Sequence=planted: store where used, dirty or not
Failure=loses a Dirty bit
(* Result: Sometimes *)
{
  [PTE(x)] = (oa:PA(x), rw:1, a:1, d:0);
}
exists (lost_dirty(x))
*/
import PageTable

@_cdecl("P0") func writeProtect(pte_x: UnsafeMutablePointer<UInt64>, x: UnsafeMutablePointer<Int32>) {
    let entry = AtomicPageTableEntry(pte_x)
    let old = entry.load()
    let new = LinuxGeneration.savedDirty.writeProtected(old)
    if old.isAccessed { entry.store(new) } else { entry.setWriteProtected() }
    flush_tlb_page(x)
}

@_cdecl("P1") func write(x: UnsafeMutablePointer<Int32>) {
    WRITE_ONCE(x, 1)
}
