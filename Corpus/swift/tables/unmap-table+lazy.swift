/* Swift unmap-table+lazy
"The same while another CPU is lazy: it is interrupted because a table goes."
Include=Tables.swift
(* Result: Never *)
(* It loads another root, and has no walk in the table any more. *)
{
  [PMD(x)] = (table:PT(x));
  [PTE(x)] = (oa:PA(x), rw:1, d:0);
}
exists (stale_table(PT(x)))
*/
import AddressSpace

@_cdecl("P0") func unmap(mm: UnsafeMutablePointer<UInt64>, x: UnsafeMutablePointer<Int32>) {
    withTables(of: mm, flushes: Interrupts(), lock: NoLock()) { space throws(AddressSpaceError) in
        try space.unmap(at: address(x), pages: 512) { page in
            if page.wasDirty { set_page_dirty(x) }
            free_frame(x)
        }
    }
}

@_cdecl("P1") func idle(busy: UnsafeMutablePointer<Int32>) {
    enter_lazy_tlb()
    _ = READ_ONCE(busy)
}
