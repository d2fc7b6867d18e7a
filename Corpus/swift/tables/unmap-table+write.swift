/* Swift unmap-table+write
"unmap(at:pages:) of all that a table covers unlinks it and frees it after the one shootdown, while another CPU writes."
Include=Tables.swift
(* Result: Never *)
(* Result comes-first: Sometimes *)
(* Result gone: Always *)
(* The leaf stays as it is until the flush, and is read after it; no walk is in the table then. *)
{
  [PMD(x)] = (table:PT(x));
  [PTE(x)] = (oa:PA(x), rw:1, d:0);
}
exists lost-dirty: (lost_dirty(x))
exists freed: (stale_frame(x))
exists stale-table: (stale_table(PT(x)))
exists stale-write: (stale_write(x))
exists comes-first: (x=1)
forall gone: ([PMD(x)]==(p:0))
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

@_cdecl("P1") func write(x: UnsafeMutablePointer<Int32>) { WRITE_ONCE(x, 1) }
