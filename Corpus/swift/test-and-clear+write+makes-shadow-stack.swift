/* Swift test-and-clear+write+makes-shadow-stack
"Ageing clears A, without a flush, while another CPU writes the page."
Sequence=testAndClearAccessed()
Failure=makes a shadow-stack entry
(* Result: Never *)
{
  [PTE(x)] = (oa:PA(x), rw:1, d:0);
}
exists (kernel_shadow_stack(x))
*/
import PageTable

@_cdecl("P0") func age(pte_x: UnsafeMutablePointer<UInt64>) -> Bool {
    AtomicPageTableEntry(pte_x).testAndClearAccessed()
}

@_cdecl("P1") func write(x: UnsafeMutablePointer<Int32>) {
    WRITE_ONCE(x, 1)
}
