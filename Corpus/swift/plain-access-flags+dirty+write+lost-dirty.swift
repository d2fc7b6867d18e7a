/* Swift plain-access-flags+dirty+write+lost-dirty
"The plain store of Linux, of an entry that has A=1 and D=1: hardware has nothing left to set."
Sequence=setAccessFlagsByPlainStore, dirty entry
Failure=loses a Dirty bit
(* Result: Never *)
{
  [PTE(x)] = (oa:PA(x), rw:1, a:0, d:0);
}
exists (lost_dirty(x))
*/
import PageTable

@_cdecl("P0") func markDirty(pte_x: UnsafeMutablePointer<UInt64>) {
    let entry = AtomicPageTableEntry(pte_x)
    entry.setAccessFlagsByPlainStore(
        LinuxGeneration.savedDirty.markedYoung(LinuxGeneration.savedDirty.markedDirty(entry.load())), isDirty: true)
}

@_cdecl("P1") func write(x: UnsafeMutablePointer<Int32>) {
    WRITE_ONCE(x, 1)
}
