/* Swift unmap-table+write+freed-first
"Planted: the steps of unmap(at:pages:) for a table, but the table is freed before the shootdown."
Include=Tables.swift
(* Result: Sometimes *)
(* A walk that began before is still in the table. *)
{
  [PMD(x)] = (table:PT(x));
  [PTE(x)] = (oa:PA(x), rw:1, d:0);
}
exists stale-table: (stale_table(PT(x)))
*/
import PageTable

@_cdecl("P0") func unmap(
    pmd_x: UnsafeMutablePointer<UInt64>, pte_x: UnsafeMutablePointer<UInt64>, x: UnsafeMutablePointer<Int32>
) {
    AtomicPageTableEntry(pmd_x).invalidate()
    if LinuxGeneration.savedDirty.isDirty(AtomicPageTableEntry(pte_x).load()) { set_page_dirty(x) }
    free_table(pte_x)
    flush_tlb_range(x, UnsafeRawPointer(x) + 4096)
    AtomicPageTableEntry(pmd_x).store(.empty)
}

@_cdecl("P1") func write(x: UnsafeMutablePointer<Int32>) { WRITE_ONCE(x, 1) }
