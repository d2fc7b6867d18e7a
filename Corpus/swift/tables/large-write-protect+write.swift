/* Swift large-write-protect+write
"setWriteProtected() of a page of 2 MByte, whose one D is for all its pages."
(* Result: Never *)
(* D moves to SavedDirty in one locked operation, as in a leaf of 4 KByte; the flush of one page drops the large translation. *)
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
    AtomicPageTableEntry(pmd_x).setWriteProtected()
    flush_tlb_page(x)
}

@_cdecl("P1") func write(x: UnsafeMutablePointer<Int32>) { WRITE_ONCE(x, 1) }
