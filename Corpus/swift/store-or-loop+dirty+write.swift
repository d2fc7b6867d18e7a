/* Swift store-or-loop+dirty+write
"A dirty entry and a CPU that writes the page: the plain store. It stays dirty, which lost_dirty does not ask, since nobody has written the page yet."
Sequence=setWriteProtectedByStoreOrLoop()
Failure changed=changes another bit of the entry
Failure exposed=exposes a shadow stack
Failure forgotten=loses a Dirty bit
Failure makes-shadow-stack=makes a shadow-stack entry
Failure stale-write=lets a CPU write after the flush
(* Result: Never *)
{
  [PTE(x)] = (oa:PA(x), rw:1, d:1, soft:1, pkey:5, nx:1);
}
exists changed: (~([PTE(x)]=(oa:PA(x), p:1, rw:0, us:1, a:1, g:0, soft:1, pkey:5, nx:1)))
exists exposed: (shadow_stack_exposed(x))
exists forgotten: ([PTE(x)]=(d:0, sd:0))
exists makes-shadow-stack: (kernel_shadow_stack(x))
exists stale-write: (stale_write(x))
*/
import PageTable

@_cdecl("P0") func writeProtect(pte_x: UnsafeMutablePointer<UInt64>, x: UnsafeMutablePointer<Int32>) {
    AtomicPageTableEntry(pte_x).setWriteProtectedByStoreOrLoop()
    flush_tlb_page(x)
}

@_cdecl("P1") func write(x: UnsafeMutablePointer<Int32>) {
    WRITE_ONCE(x, 1)
}
