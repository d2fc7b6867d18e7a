/* Swift write-protect+write+makes-shadow-stack
"What fork() does to an entry of the parent while another CPU writes the page."
Sequence=setWriteProtected()
Failure=makes a shadow-stack entry
(* Result: Never *)
{
  [PTE(x)] = (oa:PA(x), rw:1, d:0);
}
exists (kernel_shadow_stack(x))
*/
import PageTable

@_cdecl("P0") func writeProtect(pte_x: UnsafeMutablePointer<UInt64>, x: UnsafeMutablePointer<Int32>) {
    AtomicPageTableEntry(pte_x).setWriteProtected()
    flush_tlb_page(x)
}

@_cdecl("P1") func write(x: UnsafeMutablePointer<Int32>) {
    WRITE_ONCE(x, 1)
}
