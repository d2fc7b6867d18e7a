/* Swift plain-access-flags+clean+write+lost-dirty
"The plain store of an entry with D=0, against what its comment says."
Sequence=setAccessFlagsByPlainStore, clean entry
Failure=loses a Dirty bit
(* Result: Sometimes *)
{
  [PTE(x)] = (oa:PA(x), rw:1, a:0, d:0);
}
exists (lost_dirty(x))
*/
import PageTable

@_cdecl("P0") func markAccessed(pte_x: UnsafeMutablePointer<UInt64>) {
    let entry = AtomicPageTableEntry(pte_x)
    entry.setAccessFlagsByPlainStore(LinuxGeneration.savedDirty.markedYoung(entry.load()), isDirty: true)
}

@_cdecl("P1") func write(x: UnsafeMutablePointer<Int32>) {
    WRITE_ONCE(x, 1)
}
