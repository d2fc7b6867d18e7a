/* Swift reclaim+write
"reclaim(at:) takes a page out and says whether it has to be written back, while another CPU writes it."
Include=Tables.swift
(* Result: Never *)
(* After the flush the D that was collected is final. *)
{
  [PMD(x)] = (table:PT(x));
  [PTE(x)] = (oa:PA(x), rw:1, d:0);
}
exists lost-dirty: (lost_dirty(x))
exists freed: (stale_frame(x))
*/
import AddressSpace

@_cdecl("P0") func take(mm: UnsafeMutablePointer<UInt64>, x: UnsafeMutablePointer<Int32>) {
    withTables(of: mm, flushes: Interrupts(), lock: NoLock()) { space throws(AddressSpaceError) in
        if let page = try space.reclaim(at: address(x)) {
            if page.wasDirty { writeback(x) }
            reclaim(x)
            free_frame(x)
        }
    }
}

@_cdecl("P1") func write(x: UnsafeMutablePointer<Int32>) { WRITE_ONCE(x, 1) }
