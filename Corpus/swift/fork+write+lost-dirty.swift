/* Swift fork+write+lost-dirty
"The inner loop of fork(into:), one leaf, while a sibling of the parent writes the page."
Sequence=forkLeaf by CompareAndExchange
Failure=loses a Dirty bit
(* Result: Never *)
{
  [PTE(x)] = (oa:PA(x), rw:1, d:0);
  [PTE(child:x)] = (p:0);
}
exists (lost_dirty(x))
*/
import AddressSpace
import PageTable

@_cdecl("P0") func fork(pte_x: UnsafeMutablePointer<UInt64>, child_pte_x: UnsafeMutablePointer<UInt64>) {
    let isProtected = forkLeaf(
        from: AtomicPageTableEntry(pte_x), to: AtomicPageTableEntry(child_pte_x), by: CompareAndExchange.self)
    if isProtected { flush_tlb_mm() }
}

@_cdecl("P1") func write(x: UnsafeMutablePointer<Int32>) {
    WRITE_ONCE(x, 1)
}
