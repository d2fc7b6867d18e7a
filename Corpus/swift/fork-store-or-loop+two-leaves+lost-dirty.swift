/* Swift fork-store-or-loop+two-leaves+lost-dirty
"The loop of forkLeaves over two leaves, and one flush at the end, while a sibling writes both pages."
Sequence=forkLeaf by StoreOrLoop
Failure=loses a Dirty bit
(* Result: Never *)
{
  [PTE(x)] = (oa:PA(x), rw:1, d:0);
  [PTE(y)] = (oa:PA(y), rw:1, d:0);
  [PTE(child:x)] = (p:0);
  [PTE(child:y)] = (p:0);
}
exists (lost_dirty(x) \/ lost_dirty(y))
*/
import AddressSpace
import PageTable

@_cdecl("P0") func fork(pte_x: UnsafeMutablePointer<UInt64>, child_pte_x: UnsafeMutablePointer<UInt64>) {
    var needsFlush = false
    for index in 0..<2 {
        let isProtected = forkLeaf(
            from: AtomicPageTableEntry(pte_x + index), to: AtomicPageTableEntry(child_pte_x + index),
            by: StoreOrLoop.self)
        if isProtected { needsFlush = true }
    }
    if needsFlush {
        AtomicPageTableEntry.fenceBeforeShootdown()
        flush_tlb_mm()
    }
}

@_cdecl("P1") func write(x: UnsafeMutablePointer<Int32>, y: UnsafeMutablePointer<Int32>) {
    WRITE_ONCE(x, 1)
    WRITE_ONCE(y, 1)
}
