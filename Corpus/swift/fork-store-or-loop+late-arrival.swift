/* Swift fork-store-or-loop+late-arrival
"One leaf of fork(into:) and its fence, while a CPU loads the address space of the parent and writes."
Sequence=forkLeaf by StoreOrLoop
Failure=the page changes after the shootdown
Purpose=y maps the same frame for the kernel. flush_tlb_local stands for the load of CR3, which drops the same.
(* Result: Never *)
{
  [PTE(x)] = (oa:PA(x), rw:1, d:1);
  [PTE(y)] = (oa:PA(x), rw:0, d:0);
  [PTE(child:x)] = (p:0);
}
exists (0:before=0 /\ 0:after=1)
*/
import AddressSpace
import PageTable

@_cdecl("P0") func writeProtect(
    pte_x: UnsafeMutablePointer<UInt64>, child_pte_x: UnsafeMutablePointer<UInt64>, x: UnsafeMutablePointer<Int32>,
    y: UnsafeMutablePointer<Int32>, mask: UnsafeMutablePointer<Int32>
) {
    _ = forkLeaf(
        from: AtomicPageTableEntry(pte_x), to: AtomicPageTableEntry(child_pte_x), by: StoreOrLoop.self)
    AtomicPageTableEntry.fenceBeforeShootdown()
    if READ_ONCE(mask) != 0 { flush_tlb_mm() }
    observe(before: READ_ONCE(y))
    observe(after: READ_ONCE(y))
}

@_cdecl("P1") func arrive(x: UnsafeMutablePointer<Int32>, mask: UnsafeMutablePointer<Int32>) {
    WRITE_ONCE(mask, 1)
    flush_tlb_local(x)
    WRITE_ONCE(x, 1)
}
