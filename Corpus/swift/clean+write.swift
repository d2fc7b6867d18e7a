/* Swift clean+write
"What cleanForWriteback does before the page goes to storage."
Sequence=setWriteProtectedAndClean()
Failure exposed=exposes a shadow stack
Failure lost-dirty=loses a Dirty bit
Failure makes-shadow-stack=makes a shadow-stack entry
Failure stale-write=lets a CPU write after the flush
(* Result: Never *)
{
  [PTE(x)] = (oa:PA(x), rw:1, d:0);
}
exists exposed: (shadow_stack_exposed(x))
exists lost-dirty: (lost_dirty(x))
exists makes-shadow-stack: (kernel_shadow_stack(x))
exists stale-write: (stale_write(x))
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
