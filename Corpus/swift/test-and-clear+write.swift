/* Swift test-and-clear+write
"Ageing clears A, without a flush, while another CPU writes the page."
Sequence=testAndClearAccessed()
Failure lost-dirty=loses a Dirty bit
Failure makes-shadow-stack=makes a shadow-stack entry
(* Result: Never *)
{
  [PTE(x)] = (oa:PA(x), rw:1, d:0);
}
exists lost-dirty: (lost_dirty(x))
exists makes-shadow-stack: (kernel_shadow_stack(x))
*/
import PageTable

@_cdecl("P0") func age(pte_x: UnsafeMutablePointer<UInt64>) -> Bool {
    AtomicPageTableEntry(pte_x).testAndClearAccessed()
}

@_cdecl("P1") func write(x: UnsafeMutablePointer<Int32>) {
    WRITE_ONCE(x, 1)
}
