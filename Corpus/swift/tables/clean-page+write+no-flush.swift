/* Swift clean-page+write+no-flush
"The same with a shootdown that does nothing: a write after the write-back leaves no D."
Include=Tables.swift
(* Result lost-dirty: Sometimes *)
(* Result: Never *)
(* The translation of the other CPU has D=1 already. *)
{
  [PMD(x)] = (table:PT(x));
  [PTE(x)] = (oa:PA(x), rw:1);
}
exists lost-dirty: (lost_dirty(x))
exists makes-shadow-stack: (kernel_shadow_stack(x))
*/
import AddressSpace

@_cdecl("P0") func clean(mm: UnsafeMutablePointer<UInt64>, x: UnsafeMutablePointer<Int32>) {
    withTables(of: mm, flushes: NoInterrupts(), lock: NoLock()) { space throws(AddressSpaceError) in
        if try space.cleanForWriteback(at: address(x)) { writeback(x) }
    }
}

@_cdecl("P1") func write(x: UnsafeMutablePointer<Int32>) { WRITE_ONCE(x, 1) }
