/* Swift plain-store+write+exposed
"Planted: a load and a plain store in place of setWriteProtected()."
Sequence=planted: load, then store
Failure=exposes a shadow stack
(* Result: Never *)
{
  [PTE(x)] = (oa:PA(x), rw:1, d:0);
}
exists (shadow_stack_exposed(x))
*/
import PageTable

@_cdecl("P0") func writeProtect(pte_x: UnsafeMutablePointer<UInt64>, x: UnsafeMutablePointer<Int32>) {
    let entry = AtomicPageTableEntry(pte_x)
    entry.store(LinuxGeneration.savedDirty.writeProtected(entry.load()))
    flush_tlb_page(x)
}

@_cdecl("P1") func write(x: UnsafeMutablePointer<Int32>) {
    WRITE_ONCE(x, 1)
}
