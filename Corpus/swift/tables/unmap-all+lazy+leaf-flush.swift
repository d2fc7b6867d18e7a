/* Swift unmap-all+lazy+leaf-flush
"The same with a shootdown that passes lazy CPUs by although tables are freed."
Include=Tables.swift
(* Result: Sometimes amd-broadcast=Never *)
(* The walker of a lazy CPU goes on by itself. A broadcast reaches every CPU. *)
{
  [PGD(x)] = (table:PDPT(x));
  [PTE(x)] = (oa:PA(x), rw:1, d:0);
}
exists stale-table: (stale_table(PT(x)) \/ stale_table(PD(x)) \/ stale_table(PDPT(x)))
*/
import AddressSpace

@_cdecl("P0") func unmapAll(mm: UnsafeMutablePointer<UInt64>, x: UnsafeMutablePointer<Int32>) {
    withTables(of: mm, flushes: LeafInterrupts(), lock: NoLock()) { space in
        space.unmapAll { page in
            if page.wasDirty { set_page_dirty(x) }
            free_frame(x)
        }
    }
}

@_cdecl("P1") func idle(busy: UnsafeMutablePointer<Int32>) {
    enter_lazy_tlb()
    _ = READ_ONCE(busy)
}
