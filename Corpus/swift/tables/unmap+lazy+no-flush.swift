/* Swift unmap+lazy+no-flush
"The same with a shootdown that does nothing: the CPU comes back and does not know that it is behind."
Include=Tables.swift
(* Result freed: Sometimes *)
(* It keeps the translation from before. *)
{
  [PMD(x)] = (table:PT(x));
  [PTE(x)] = (oa:PA(x), rw:1);
}
exists freed: (stale_frame(x))
*/
import AddressSpace

@_cdecl("P0") func unmap(mm: UnsafeMutablePointer<UInt64>, x: UnsafeMutablePointer<Int32>) {
    withTables(of: mm, flushes: NoInterrupts(), lock: NoLock()) { space throws(AddressSpaceError) in
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
