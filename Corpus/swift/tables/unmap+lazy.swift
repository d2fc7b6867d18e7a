/* Swift unmap+lazy
"unmap(at:) while another CPU is lazy, which its shootdown passes by: it forgets the page when it comes back."
Include=Tables.swift
(* Result: Never *)
(* No table goes, so that lazy CPUs need not be asked; they drop everything before they run the process again. *)
{
  [PMD(x)] = (table:PT(x));
  [PTE(x)] = (oa:PA(x), rw:1);
}
exists freed: (stale_frame(x))
exists lost-dirty: (lost_dirty(x))
*/
import AddressSpace

@_cdecl("P0") func unmap(mm: UnsafeMutablePointer<UInt64>, x: UnsafeMutablePointer<Int32>) {
    withTables(of: mm, flushes: Interrupts(), lock: NoLock()) { space throws(AddressSpaceError) in
        try space.unmap(at: address(x)) { page in
            if page.wasDirty { set_page_dirty(x) }
            free_frame(x)
        }
    }
}

@_cdecl("P1") func idleThenWrite(x: UnsafeMutablePointer<Int32>) {
    enter_lazy_tlb()
    switch_mm(0)
    WRITE_ONCE(x, 1)
}
