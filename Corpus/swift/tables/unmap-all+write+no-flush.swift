/* Swift unmap-all+write+no-flush
"The same with a shootdown that does nothing."
Include=Tables.swift
(* Result: Sometimes *)
(* A walk that began before goes on in freed tables, and its write is lost. *)
{
  [PGD(x)] = (table:PDPT(x));
  [PTE(x)] = (oa:PA(x), rw:1, d:0);
}
exists lost-dirty: (lost_dirty(x))
exists freed: (stale_frame(x))
exists stale-table: (stale_table(PT(x)) \/ stale_table(PD(x)) \/ stale_table(PDPT(x)))
*/
import AddressSpace

@_cdecl("P0") func unmapAll(mm: UnsafeMutablePointer<UInt64>, x: UnsafeMutablePointer<Int32>) {
    withTables(of: mm, flushes: NoInterrupts(), lock: NoLock()) { space in
        space.unmapAll { page in
            if page.wasDirty { set_page_dirty(x) }
            free_frame(x)
        }
    }
}

@_cdecl("P1") func write(x: UnsafeMutablePointer<Int32>) { WRITE_ONCE(x, 1) }
