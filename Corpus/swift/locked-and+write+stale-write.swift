/* Swift locked-and+write+stale-write
"One locked AND leaves W=0, D=1 behind where the page was dirty."
Sequence=setWriteProtectedByLockedAnd()
Failure=lets a CPU write after the flush
(* Result: Never *)
{
  [PTE(x)] = (oa:PA(x), rw:1, d:0);
}
exists (stale_write(x))
*/
import PageTable

@_cdecl("P0") func writeProtect(pte_x: UnsafeMutablePointer<UInt64>, x: UnsafeMutablePointer<Int32>) {
    AtomicPageTableEntry(pte_x).setWriteProtectedByLockedAnd()
    flush_tlb_page(x)
}

@_cdecl("P1") func write(x: UnsafeMutablePointer<Int32>) {
    WRITE_ONCE(x, 1)
}
