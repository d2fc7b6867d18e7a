/* Swift release-empty+lazy+leaf-flush
"The same with a shootdown that passes lazy CPUs by although a table is freed."
Include=Tables.swift
Region=x | z
(* Result: Sometimes amd-broadcast=Never *)
(* The walker of a lazy CPU goes on by itself. A broadcast reaches every CPU. *)
{
  [PMD(x)] = (table:PT(x));
  [PTE(x)] = (p:0);
  [PTE(z)] = (oa:PA(z));
}
exists stale-table: (stale_table(PT(x)))
*/
import AddressSpace

@_cdecl("P0") func release(mm: UnsafeMutablePointer<UInt64>, x: UnsafeMutablePointer<Int32>) {
    withTables(of: mm, flushes: LeafInterrupts(), lock: NoLock()) { space throws(AddressSpaceError) in
        try space.releaseEmptyTables(at: address(x), pages: 512)
    }
}

@_cdecl("P1") func idle(busy: UnsafeMutablePointer<Int32>) {
    enter_lazy_tlb()
    _ = READ_ONCE(busy)
}
