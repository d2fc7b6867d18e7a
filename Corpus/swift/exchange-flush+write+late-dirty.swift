/* Swift exchange-flush+write+late-dirty
"W=0, D=1 in the entry at the end, be it of hardware's making."
Sequence=setWriteProtectedByExchange(flush:)
Remark=W=0 D=1 can be left behind
(* Result: Never *)
{
  [PTE(x)] = (oa:PA(x), rw:1, d:0);
}
exists ([PTE(x)]=(p:1, rw:0, d:1))
*/
import PageTable

@_cdecl("P0") func writeProtect(pte_x: UnsafeMutablePointer<UInt64>, x: UnsafeMutablePointer<Int32>) {
    AtomicPageTableEntry(pte_x).setWriteProtectedByExchange { flush_tlb_page(x) }
}

@_cdecl("P1") func write(x: UnsafeMutablePointer<Int32>) {
    WRITE_ONCE(x, 1)
}
