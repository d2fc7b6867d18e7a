/* Swift release-empty+lazy
"The same while another CPU is lazy."
Include=Tables.swift
Region=x | z
(* Result: Never *)
(* It is interrupted because a table goes. *)
{
  [PMD(x)] = (table:PT(x));
  [PTE(x)] = (p:0);
  [PTE(z)] = (oa:PA(z));
}
exists stale-table: (stale_table(PT(x)))
*/
import AddressSpace

@_cdecl("P0") func release(mm: UnsafeMutablePointer<UInt64>, x: UnsafeMutablePointer<Int32>) {
    withTables(of: mm, flushes: Interrupts(), lock: NoLock()) { space throws(AddressSpaceError) in
        try space.releaseEmptyTables(at: address(x), pages: 512)
    }
}

@_cdecl("P1") func idle(busy: UnsafeMutablePointer<Int32>) {
    enter_lazy_tlb()
    _ = READ_ONCE(busy)
}
