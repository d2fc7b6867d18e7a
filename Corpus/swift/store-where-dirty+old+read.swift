/* Swift store-where-dirty+old+read
"Planted: a look at D alone. A walk that sets A between the look and the store is undone."
Sequence=planted: store where dirty, used or not
Failure=loses an Accessed bit
(* Result: Sometimes *)
{
  [PTE(x)] = (oa:PA(x), rw:1, a:0, d:1);
}
exists (~fault(P1,x) /\ [PTE(x)].a=0)
*/
import PageTable

@_cdecl("P0") func writeProtect(pte_x: UnsafeMutablePointer<UInt64>, x: UnsafeMutablePointer<Int32>) {
    let entry = AtomicPageTableEntry(pte_x)
    let old = entry.load()
    let new = LinuxGeneration.savedDirty.writeProtected(old)
    if old.isDirty { entry.store(new) } else { entry.setWriteProtected() }
    flush_tlb_page(x)
}

@_cdecl("P1") func read(x: UnsafeMutablePointer<Int32>) {
    _ = READ_ONCE(x)
}
