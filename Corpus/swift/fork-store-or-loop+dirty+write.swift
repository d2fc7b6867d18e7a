/* Swift fork-store-or-loop+dirty+write
"The inner loop of fork(into:), one leaf, a dirty entry, while a sibling of the parent writes the page."
Sequence=forkLeaf by StoreOrLoop
Failure exposed=exposes a shadow stack
Failure forgotten=loses a Dirty bit
Failure lost-dirty=loses a Dirty bit
Failure makes-shadow-stack=makes a shadow-stack entry
Failure stale-write=lets a CPU write after the flush
(* Result: Never *)
{
  [PTE(x)] = (oa:PA(x), rw:1, d:1);
  [PTE(child:x)] = (p:0);
}
exists exposed: (shadow_stack_exposed(x))
exists forgotten: ([PTE(x)]=(d:0, sd:0) \/ [PTE(child:x)]=(p:1, d:0, sd:0))
exists lost-dirty: (lost_dirty(x))
exists makes-shadow-stack: (kernel_shadow_stack(x))
exists stale-write: (stale_write(x))
*/
import AddressSpace
import PageTable

@_cdecl("P0") func fork(pte_x: UnsafeMutablePointer<UInt64>, child_pte_x: UnsafeMutablePointer<UInt64>) {
    let isProtected = forkLeaf(
        from: AtomicPageTableEntry(pte_x), to: AtomicPageTableEntry(child_pte_x), by: StoreOrLoop.self)
    if isProtected {
        AtomicPageTableEntry.fenceBeforeShootdown()
        flush_tlb_mm()
    }
}

@_cdecl("P1") func write(x: UnsafeMutablePointer<Int32>) {
    WRITE_ONCE(x, 1)
}
