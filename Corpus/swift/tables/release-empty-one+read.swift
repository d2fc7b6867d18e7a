/* Swift release-empty-one+read
"releaseEmptyTables(at:pages:) of one page frees the two tables above it, while another CPU walks to a neighbour through the upper one."
Include=Tables.swift
Region=x | z || w
(* Result: Never *)
(* Result gone: Always *)
(* What leads to the page is all that leads to the upper table, so that one invalidation is enough, with EFER.TCE too. *)
{
  [PUD(x)] = (table:PD(x));
  [PMD(x)] = (table:PT(x));
  [PMD(z)] = (p:0);
  [PTE(x)] = (p:0);
  [PTE(w)] = (oa:PA(w));
}
exists stale-table: (stale_table(PT(x)) \/ stale_table(PD(x)))
forall gone: ([PUD(x)]==(p:0))
*/
import AddressSpace

@_cdecl("P0") func release(mm: UnsafeMutablePointer<UInt64>, x: UnsafeMutablePointer<Int32>) {
    withTables(of: mm, flushes: Interrupts(), lock: NoLock()) { space throws(AddressSpaceError) in
        try space.releaseEmptyTables(at: address(x), pages: 1)
    }
}

@_cdecl("P1") func read(z: UnsafeMutablePointer<Int32>) { _ = READ_ONCE(z) }
