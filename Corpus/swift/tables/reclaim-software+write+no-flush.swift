/* Swift reclaim-software+write+no-flush
"The same with a shootdown that does nothing: a write is lost, and a freed frame written."
Include=Tables.swift
(* Result: Sometimes *)
(* Result left: Always knl=Sometimes book=Sometimes *)
(* The write goes through a translation that was cached before; on knl and book a bit is set in the entry of software. *)
{
  [PMD(x)] = (table:PT(x));
  [PTE(x)] = (oa:PA(x), rw:1, d:0);
}
exists lost-dirty: (lost_dirty(x))
exists freed: (stale_frame(x))
forall left: ([PTE(x)]==(oa:PA(x), p:0, rw:0, us:0, a:0, d:0, sw1:1))
*/
import AddressSpace

@_cdecl("P0") func take(mm: UnsafeMutablePointer<UInt64>, x: UnsafeMutablePointer<Int32>) {
    withTables(of: mm, flushes: NoInterrupts(), lock: NoLock()) { space throws(AddressSpaceError) in
        try space.reclaim(at: address(x), pages: 1) { page in
            if page.wasDirty { writeback(x) }
            reclaim(x)
            free_frame(x)
            return SoftwareEntry(payload: frame(of: x).address >> 10)
        }
    }
}

@_cdecl("P1") func write(x: UnsafeMutablePointer<Int32>) { WRITE_ONCE(x, 1) }
