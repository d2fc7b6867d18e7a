/* Swift clear-flush+write
"Reclaim takes the page for clean unless the value that was taken away is dirty."
Sequence=clear(flush:)
Failure lost-dirty=loses a Dirty bit
Failure stale-write=lets a CPU write after the flush
(* Result: Never *)
{
  [PTE(x)] = (oa:PA(x), rw:1, d:0);
}
exists lost-dirty: (lost_dirty(x))
exists stale-write: (stale_write(x))
*/
import PageTable

@_cdecl("P0") func take(pte_x: UnsafeMutablePointer<UInt64>, x: UnsafeMutablePointer<Int32>) {
    let entry = AtomicPageTableEntry(pte_x)
    let old = entry.clear { flush_tlb_page(x) }
    if LinuxGeneration.savedDirty.isDirty(old) { set_page_dirty(x) } else { reclaim(x) }
}

@_cdecl("P1") func write(x: UnsafeMutablePointer<Int32>) {
    WRITE_ONCE(x, 1)
}
