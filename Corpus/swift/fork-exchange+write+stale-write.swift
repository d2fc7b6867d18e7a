/* Swift fork-exchange+write+stale-write
"The inner loop of fork(into:), one leaf, while a sibling of the parent writes the page."
Sequence=forkLeaf by ExchangeDance
Failure=lets a CPU write after the flush
(* Result: Never *)
{
  [PTE(x)] = (oa:PA(x), rw:1, d:0);
  [PTE(child:x)] = (p:0);
}
exists (stale_write(x))
*/
import AddressSpace
import PageTable

@_cdecl("P0") func fork(pte_x: UnsafeMutablePointer<UInt64>, child_pte_x: UnsafeMutablePointer<UInt64>) {
    let isProtected = forkLeaf(
        from: AtomicPageTableEntry(pte_x), to: AtomicPageTableEntry(child_pte_x), by: ExchangeDance.self)
    if isProtected { flush_tlb_mm() }
}

@_cdecl("P1") func write(x: UnsafeMutablePointer<Int32>) {
    WRITE_ONCE(x, 1)
}
