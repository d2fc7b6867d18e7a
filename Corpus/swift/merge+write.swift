/* Swift merge+write
"KSM makes the content of a page stand still while another CPU writes it."
Sequence=writeProtectForMerge, one leaf
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
import AddressSpace
import PageTable

@_cdecl("P0") func standStill(pte_x: UnsafeMutablePointer<UInt64>, x: UnsafeMutablePointer<Int32>) {
    let still = writeProtectLeafForMerge(AtomicPageTableEntry(pte_x), of: .private) {
        flush_tlb_page(x)
    } mayMerge: { _ in
        true
    }
    if still?.wasDirty == true { set_page_dirty(x) }
}

@_cdecl("P1") func write(x: UnsafeMutablePointer<Int32>) {
    WRITE_ONCE(x, 1)
}
