/* Swift store-or-loop+late-arrival+no-fence
"The same without the fence: the store is still buffered when the mask is read."
Sequence=planted: store or loop without the fence
Failure=the page changes after the shootdown
Purpose=y maps the same frame for the kernel. flush_tlb_local stands for the load of CR3, which drops the same.
(* Result: Sometimes *)
{
  [PTE(x)] = (oa:PA(x), rw:1, d:1);
  [PTE(y)] = (oa:PA(x), rw:0, d:0);
}
exists (0:before=0 /\ 0:after=1)
*/
import PageTable

@_cdecl("P0") func writeProtect(
    pte_x: UnsafeMutablePointer<UInt64>, x: UnsafeMutablePointer<Int32>,
    y: UnsafeMutablePointer<Int32>, mask: UnsafeMutablePointer<Int32>
) {
    AtomicPageTableEntry(pte_x).setWriteProtectedByStoreOrLoop()
    if READ_ONCE(mask) != 0 { flush_tlb_mm() }
    observe(before: READ_ONCE(y))
    observe(after: READ_ONCE(y))
}

@_cdecl("P1") func arrive(x: UnsafeMutablePointer<Int32>, mask: UnsafeMutablePointer<Int32>) {
    WRITE_ONCE(mask, 1)
    flush_tlb_local(x)
    WRITE_ONCE(x, 1)
}
