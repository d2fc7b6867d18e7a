/* Swift access-flags+write+makes-shadow-stack
"A handler marks a read-only page dirty."
Sequence=setAccessFlags(_:)
Failure=makes a shadow-stack entry
(* Result: Never *)
{
  [PTE(x)] = (oa:PA(x), rw:0, d:0);
}
exists (kernel_shadow_stack(x))
*/
import PageTable

@_cdecl("P0") func markDirty(pte_x: UnsafeMutablePointer<UInt64>) {
    AtomicPageTableEntry(pte_x).setAccessFlags([.accessed, .dirty])
}

@_cdecl("P1") func write(x: UnsafeMutablePointer<Int32>) {
    WRITE_ONCE(x, 1)
}
