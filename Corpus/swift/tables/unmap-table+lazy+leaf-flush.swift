/* Swift unmap-table+lazy+leaf-flush
"The same with a shootdown that passes lazy CPUs by although a table is freed."
Include=Tables.swift
(* Result: Sometimes amd-broadcast=Never *)
(* The walker of a lazy CPU goes on by itself. A broadcast reaches every CPU. *)
{
  [PMD(x)] = (table:PT(x));
  [PTE(x)] = (oa:PA(x), rw:1, d:0);
}
exists (stale_table(PT(x)))
*/
import AddressSpace

@_cdecl("P0") func unmap(mm: UnsafeMutablePointer<UInt64>, x: UnsafeMutablePointer<Int32>) {
    withTables(of: mm, flushes: LeafInterrupts(), lock: NoLock()) { space throws(AddressSpaceError) in
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
