/* Swift reclaim-large+write
"reclaim(at:pages:replacement:) of a page of 2 MByte, while another CPU writes it."
Include=Tables.swift
(* Result: Never *)
(* After the flush the D that was collected is final. *)
{
  [PMD(x)] = (oa:PA(x), ps:1, rw:1, d:0);
}
exists lost-dirty: (lost_dirty(x))
exists freed: (stale_frame(x))
*/
import AddressSpace

@_cdecl("P0") func take(mm: UnsafeMutablePointer<UInt64>, x: UnsafeMutablePointer<Int32>) {
    withTables(of: mm, flushes: Interrupts(), lock: NoLock()) { space throws(AddressSpaceError) in
        try space.reclaim(at: address(x), pages: 512) { page in
            if page.wasDirty { writeback(x) }
            reclaim(x)
            free_frame(x)
            return nil
        }
    }
}

@_cdecl("P1") func write(x: UnsafeMutablePointer<Int32>) { WRITE_ONCE(x, 1) }
