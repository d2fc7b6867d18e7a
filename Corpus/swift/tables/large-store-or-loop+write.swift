/* Swift large-store-or-loop+write
"A page of 2 MByte is written through two of its pages while it is write-protected: one D for both."
Region=x y
(* Result: Never *)
(* By store or loop: stored plainly only where A and D are set, and then hardware has nothing left to set. *)
{
  [PMD(x)] = (oa:PA(x), ps:1, rw:1, d:0);
  [PMD(y)] = (oa:PA(x), ps:1, rw:1, d:0);
}
exists lost-x: (lost_dirty(x))
exists lost-y: (lost_dirty(y))
*/
import PageTable

@_cdecl("P0") func writeProtect(pmd_x: UnsafeMutablePointer<UInt64>, x: UnsafeMutablePointer<Int32>) {
    AtomicPageTableEntry(pmd_x).setWriteProtectedByStoreOrLoop()
    AtomicPageTableEntry.fenceBeforeShootdown()
    flush_tlb_page(x)
}

@_cdecl("P1") func write(x: UnsafeMutablePointer<Int32>, y: UnsafeMutablePointer<Int32>) {
    WRITE_ONCE(y, 1)
    WRITE_ONCE(x, 1)
}
