/* Swift establish-read-only+write+lost-dirty
"The same frame without W takes the place of a live entry, whose Dirty is in the value displaced."
Sequence=establish(_:) without W
Failure=loses a Dirty bit
(* Result: Never *)
{
  [PTE(x)] = (oa:PA(x), rw:1, d:0);
}
exists (lost_dirty(x))
*/
import PageTable

@_cdecl("P0") func establish(pte_x: UnsafeMutablePointer<UInt64>, x: UnsafeMutablePointer<Int32>) {
    let entry = AtomicPageTableEntry(pte_x)
    let old = entry.establish(
        LinuxGeneration.savedDirty.markedClean(LinuxGeneration.savedDirty.writeProtected(entry.load())))
    flush_tlb_page(x)
    if LinuxGeneration.savedDirty.isDirty(old) { set_page_dirty(x) }
}

@_cdecl("P1") func write(x: UnsafeMutablePointer<Int32>) {
    WRITE_ONCE(x, 1)
}
