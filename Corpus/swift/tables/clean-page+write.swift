/* Swift clean-page+write
"cleanForWriteback(at:) before the page is written back, while another CPU writes it."
Include=Tables.swift
(* Result: Never *)
(* After the flush no CPU writes; a D that is set late lies in the entry again. *)
{
  [PMD(x)] = (table:PT(x));
  [PTE(x)] = (oa:PA(x), rw:1);
}
exists lost-dirty: (lost_dirty(x))
exists makes-shadow-stack: (kernel_shadow_stack(x))
*/
import AddressSpace

@_cdecl("P0") func clean(mm: UnsafeMutablePointer<UInt64>, x: UnsafeMutablePointer<Int32>) {
    withTables(of: mm, flushes: Interrupts(), lock: NoLock()) { space throws(AddressSpaceError) in
        if try space.cleanForWriteback(at: address(x)) { writeback(x) }
    }
}

@_cdecl("P1") func write(x: UnsafeMutablePointer<Int32>) { WRITE_ONCE(x, 1) }
