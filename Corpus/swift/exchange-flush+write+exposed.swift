/* Swift exchange-flush+write+exposed
"The exchange dance as KSM dances it, with the flush in the middle."
Sequence=setWriteProtectedByExchange(flush:)
Failure=exposes a shadow stack
(* Result: Never *)
{
  [PTE(x)] = (oa:PA(x), rw:1, d:0);
}
exists (shadow_stack_exposed(x))
*/
import PageTable

@_cdecl("P0") func writeProtect(pte_x: UnsafeMutablePointer<UInt64>, x: UnsafeMutablePointer<Int32>) {
    AtomicPageTableEntry(pte_x).setWriteProtectedByExchange { flush_tlb_page(x) }
}

@_cdecl("P1") func write(x: UnsafeMutablePointer<Int32>) {
    WRITE_ONCE(x, 1)
}
