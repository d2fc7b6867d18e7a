/* Swift unmap-all+lazy
"The same while another CPU is lazy: it is interrupted because tables go."
Include=Tables.swift
(* Result: Never *)
(* It loads another root. *)
{
  [PGD(x)] = (table:PDPT(x));
  [PTE(x)] = (oa:PA(x), rw:1, d:0);
}
exists stale-table: (stale_table(PT(x)) \/ stale_table(PD(x)) \/ stale_table(PDPT(x)))
*/
import AddressSpace

@_cdecl("P0") func unmapAll(mm: UnsafeMutablePointer<UInt64>, x: UnsafeMutablePointer<Int32>) {
    withTables(of: mm, flushes: Interrupts(), lock: NoLock()) { space in
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
