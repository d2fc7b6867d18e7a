/* Swift clean+write+makes-shadow-stack
"What cleanForWriteback does before the page goes to storage."
Sequence=setWriteProtectedAndClean()
Failure=makes a shadow-stack entry
(* Result: Never *)
{
  [PTE(x)] = (oa:PA(x), rw:1, d:0);
}
exists (kernel_shadow_stack(x))
*/
import PageTable

@_cdecl("P0") func clean(pte_x: UnsafeMutablePointer<UInt64>, x: UnsafeMutablePointer<Int32>) {
    AtomicPageTableEntry(pte_x).setWriteProtectedAndClean()
    flush_tlb_page(x)
    writeback(x)
}

@_cdecl("P1") func write(x: UnsafeMutablePointer<Int32>) {
    WRITE_ONCE(x, 1)
}
