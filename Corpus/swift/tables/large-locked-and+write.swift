/* Swift large-locked-and+write
"setWriteProtectedByLockedAnd() of a page of 2 MByte leaves W=0 D=1 behind, a shadow-stack page of 512 frames."
(* Result: Never *)
(* Result makes-shadow-stack: Sometimes *)
(* Result exposed: cet=Sometimes amd=Sometimes amd-broadcast=Sometimes Never *)
(* The AND keeps a D that hardware set before. *)
{
  [PMD(x)] = (oa:PA(x), ps:1, rw:1, d:0);
}
exists lost-dirty: (lost_dirty(x))
exists makes-shadow-stack: (kernel_shadow_stack(x))
exists exposed: (shadow_stack_exposed(x))
exists stale-write: (stale_write(x))
*/
import PageTable

@_cdecl("P0") func writeProtect(pmd_x: UnsafeMutablePointer<UInt64>, x: UnsafeMutablePointer<Int32>) {
    AtomicPageTableEntry(pmd_x).setWriteProtectedByLockedAnd()
    flush_tlb_page(x)
}

@_cdecl("P1") func write(x: UnsafeMutablePointer<Int32>) { WRITE_ONCE(x, 1) }
