/* Swift unmap-table+write+no-flush
"The same with a shootdown that does nothing: a walk goes through the freed table, and what it writes is lost."
Include=Tables.swift
(* Result: Sometimes *)
(* A partial walk leads to the table, whose leaf still has P=1. *)
{
  [PMD(x)] = (table:PT(x));
  [PTE(x)] = (oa:PA(x), rw:1, d:0);
}
exists lost-dirty: (lost_dirty(x))
exists freed: (stale_frame(x))
exists stale-table: (stale_table(PT(x)))
*/
import AddressSpace

@_cdecl("P0") func unmap(mm: UnsafeMutablePointer<UInt64>, x: UnsafeMutablePointer<Int32>) {
    withTables(of: mm, flushes: NoInterrupts(), lock: NoLock()) { space throws(AddressSpaceError) in
        try space.unmap(at: address(x), pages: 512) { page in
            if page.wasDirty { set_page_dirty(x) }
            free_frame(x)
        }
    }
}

@_cdecl("P1") func write(x: UnsafeMutablePointer<Int32>) { WRITE_ONCE(x, 1) }
