/* Swift unmap-hole+write+flush-of-one
"The same with a shootdown that forgets all but the first page of the range."
Include=Tables.swift
Region=x | h | z
(* Result freed: Sometimes *)
(* Result lost-dirty: book=Sometimes Never *)
(* Result stale-table: Never *)
(* Result gone: Always book=Sometimes knl=Sometimes *)
(* The last page is still in the TLB of the other CPU. *)
{
  [PMD(x)] = (table:PT(x));
  [PMD(h)] = (p:0);
  [PMD(z)] = (table:PT(z));
  [PTE(x)] = (oa:PA(x), rw:1);
  [PTE(z)] = (oa:PA(z), rw:1, d:0);
}
exists lost-dirty: (lost_dirty(z))
exists freed: (stale_frame(z))
exists stale-table: (stale_table(PT(x)))
forall gone: ([PMD(x)]==(p:0) /\ [PMD(z)]=(table:PT(z)) /\ [PTE(z)]==(p:0))
*/
import AddressSpace

@_cdecl("P0") func unmap(
    mm: UnsafeMutablePointer<UInt64>, x: UnsafeMutablePointer<Int32>, z: UnsafeMutablePointer<Int32>
) {
    withTables(of: mm, flushes: OnlyFirstPage(), lock: NoLock()) { space throws(AddressSpaceError) in
        // A whole table, a region without one, and the first page of a third.
        try space.unmap(at: address(x), pages: 1025) { page in
            let own: UnsafeRawPointer = page.address == address(x) ? UnsafeRawPointer(x) : UnsafeRawPointer(z)
            if page.wasDirty { set_page_dirty(own) }
            free_frame(own)
        }
    }
}

@_cdecl("P1") func write(z: UnsafeMutablePointer<Int32>) {
    WRITE_ONCE(z, 1)
    WRITE_ONCE(z, 2)
}
