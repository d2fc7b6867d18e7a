/* Swift fork-store-or-loop+child-writes
"The first write of the child faults, since its copy is read-only from the start."
Sequence=forkLeaf by StoreOrLoop
Failure=a write of the child reaches the parent's page
(* Result: Never *)
{
  [PTE(x)] = (oa:PA(x), rw:1, d:1);
  [PTE(child:x)] = (p:0);
  1:mm = child;
}
exists (written(x))
*/
import AddressSpace
import PageTable

@_cdecl("P0") func fork(
    pte_x: UnsafeMutablePointer<UInt64>, child_pte_x: UnsafeMutablePointer<UInt64>, forked: UnsafeMutablePointer<Int32>
) {
    let isProtected = forkLeaf(
        from: AtomicPageTableEntry(pte_x), to: AtomicPageTableEntry(child_pte_x), by: StoreOrLoop.self)
    if isProtected {
        AtomicPageTableEntry.fenceBeforeShootdown()
        flush_tlb_mm()
    }
    WRITE_ONCE(forked, 1)
}

@_cdecl("P1") func write(x: UnsafeMutablePointer<Int32>, forked: UnsafeMutablePointer<Int32>) {
    wait_for(forked, 1)
    WRITE_ONCE(x, 1)
}
