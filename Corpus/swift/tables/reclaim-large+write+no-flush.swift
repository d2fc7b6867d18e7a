/* Swift reclaim-large+write+no-flush
"The same with a shootdown that does nothing: a write is lost, and a freed frame written."
Include=Tables.swift
(* Result: Sometimes *)
(* The write goes through a translation that was cached before. *)
{
  [PMD(x)] = (oa:PA(x), ps:1, rw:1, d:0);
}
exists lost-dirty: (lost_dirty(x))
exists freed: (stale_frame(x))
*/
import AddressSpace

@_cdecl("P0") func take(mm: UnsafeMutablePointer<UInt64>, x: UnsafeMutablePointer<Int32>) {
    withTables(of: mm, flushes: NoInterrupts(), lock: NoLock()) { space throws(AddressSpaceError) in
        try space.reclaim(at: address(x), pages: 512) { page in
            if page.wasDirty { writeback(x) }
            reclaim(x)
            free_frame(x)
            return nil
        }
    }
}

@_cdecl("P1") func write(x: UnsafeMutablePointer<Int32>) { WRITE_ONCE(x, 1) }
