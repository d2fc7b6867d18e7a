/* Swift merge+write+exposed
"KSM makes the content of a page stand still while another CPU writes it."
Sequence=writeProtectForMerge, one leaf
Failure=exposes a shadow stack
(* Result: Never *)
{
  [PTE(x)] = (oa:PA(x), rw:1, d:0);
}
exists (shadow_stack_exposed(x))
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
