/* Swift reclaim-unused+write
"harvestAccessed(at:), then reclaim(at:ifUnused:): a page that is written meanwhile stays, or its last D is known."
Include=Tables.swift
(* Result: Never *)
(* Result taken: Sometimes *)
(* Result stays: Sometimes *)
(* A write without a translation sets A again; one through a translation from before goes on until the flush, with D set. *)
{
  [PMD(x)] = (table:PT(x));
  [PTE(x)] = (oa:PA(x), rw:1, d:0);
}
exists lost-dirty: (lost_dirty(x))
exists freed: (stale_frame(x))
exists taken: ([PTE(x)].p=0)
exists stays: ([PTE(x)].p=1)
*/
import AddressSpace

@_cdecl("P0") func take(mm: UnsafeMutablePointer<UInt64>, x: UnsafeMutablePointer<Int32>) {
    withTables(of: mm, flushes: Interrupts(), lock: NoLock()) { space throws(AddressSpaceError) in
        try space.harvestAccessed(at: address(x))
        guard let page = try space.reclaim(at: address(x), ifUnused: true) else { return }
        if page.wasDirty { writeback(x) }
        reclaim(x)
        free_frame(x)
    }
}

@_cdecl("P1") func write(x: UnsafeMutablePointer<Int32>) { WRITE_ONCE(x, 1) }
