/* Swift unmap-all+write
"unmapAll() takes out a page and the three tables above it with one shootdown, while another CPU writes the page."
Include=Tables.swift
(* Result: Never *)
(* Result gone: Always *)
(* The entry of the root goes, then all CPUs forget everything, then the tables are read and freed. *)
{
  [PGD(x)] = (table:PDPT(x));
  [PTE(x)] = (oa:PA(x), rw:1, d:0);
}
exists lost-dirty: (lost_dirty(x))
exists freed: (stale_frame(x))
exists stale-table: (stale_table(PT(x)) \/ stale_table(PD(x)) \/ stale_table(PDPT(x)))
forall gone: ([PGD(x)]==(p:0) /\ 0:r1=3)
*/
import AddressSpace

@_cdecl("P0") func unmapAll(mm: UnsafeMutablePointer<UInt64>, x: UnsafeMutablePointer<Int32>) {
    var tables = 0
    withTables(of: mm, flushes: Interrupts(), lock: NoLock()) { space in
        tables =
            space.unmapAll { page in
                if page.wasDirty { set_page_dirty(x) }
                free_frame(x)
            }.tables
    }
    observe(r1: tables)
}

@_cdecl("P1") func write(x: UnsafeMutablePointer<Int32>) { WRITE_ONCE(x, 1) }
