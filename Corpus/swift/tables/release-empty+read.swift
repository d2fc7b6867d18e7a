/* Swift release-empty+read
"releaseEmptyTables(at:pages:) frees a table that nothing stands in, while another CPU walks through it."
Include=Tables.swift
Region=x | z
(* Result: Never *)
(* Result gone: Always *)
(* It is unlinked first, then the flush ends the walks that know it. *)
{
  [PMD(x)] = (table:PT(x));
  [PTE(x)] = (p:0);
  [PTE(z)] = (oa:PA(z));
}
exists stale-table: (stale_table(PT(x)))
forall gone: ([PMD(x)]==(p:0))
*/
import AddressSpace

@_cdecl("P0") func release(mm: UnsafeMutablePointer<UInt64>, x: UnsafeMutablePointer<Int32>) {
    withTables(of: mm, flushes: Interrupts(), lock: NoLock()) { space throws(AddressSpaceError) in
        try space.releaseEmptyTables(at: address(x), pages: 512)
    }
}

@_cdecl("P1") func read(x: UnsafeMutablePointer<Int32>) { _ = READ_ONCE(x) }
