/* Swift release-empty+read+no-flush
"The same with a shootdown that does nothing."
Include=Tables.swift
Region=x | z
(* Result: Sometimes *)
(* A partial walk leads to the freed table. *)
{
  [PMD(x)] = (table:PT(x));
  [PTE(x)] = (p:0);
  [PTE(z)] = (oa:PA(z));
}
exists stale-table: (stale_table(PT(x)))
*/
import AddressSpace

@_cdecl("P0") func release(mm: UnsafeMutablePointer<UInt64>, x: UnsafeMutablePointer<Int32>) {
    withTables(of: mm, flushes: NoInterrupts(), lock: NoLock()) { space throws(AddressSpaceError) in
        try space.releaseEmptyTables(at: address(x), pages: 512)
    }
}

@_cdecl("P1") func read(x: UnsafeMutablePointer<Int32>) { _ = READ_ONCE(x) }
