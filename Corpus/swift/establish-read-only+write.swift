/* Swift establish-read-only+write
"W=0, D=1 in the entry at the end, be it of hardware's making."
Sequence=establish(_:) without W
Failure lost-dirty=loses a Dirty bit
Remark late-dirty=W=0 D=1 can be left behind
Purpose lost-dirty=The same frame without W takes the place of a live entry, whose Dirty is in the value displaced.
(* Result late-dirty: cet=Never amd=Never amd-broadcast=Never strict=Never Sometimes *)
(* Result lost-dirty: Never *)
{
  [PTE(x)] = (oa:PA(x), rw:1, d:0);
}
exists late-dirty: ([PTE(x)]=(p:1, rw:0, d:1))
exists lost-dirty: (lost_dirty(x))
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
