/* Swift unmap+write+no-flush
"The same with a shootdown that does nothing: the page is reported while a CPU can still write it."
Include=Tables.swift
(* Result freed: Sometimes *)
(* Result lost-dirty: book=Sometimes Never *)
(* A store that waits in the store buffer reaches the frame later. Its D was set before; only book sets one in the empty entry. *)
{
  [PMD(x)] = (table:PT(x));
  [PTE(x)] = (oa:PA(x), rw:1, d:0);
}
exists lost-dirty: (lost_dirty(x))
exists freed: (stale_frame(x))
*/
import AddressSpace

@_cdecl("P0") func unmap(mm: UnsafeMutablePointer<UInt64>, x: UnsafeMutablePointer<Int32>) {
    withTables(of: mm, flushes: NoInterrupts(), lock: NoLock()) { space throws(AddressSpaceError) in
        try space.unmap(at: address(x)) { page in
            if page.wasDirty { set_page_dirty(x) }
            free_frame(x)
        }
    }
}

@_cdecl("P1") func write(x: UnsafeMutablePointer<Int32>) { WRITE_ONCE(x, 1) }
