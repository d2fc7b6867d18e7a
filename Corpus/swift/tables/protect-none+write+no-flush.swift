/* Swift protect-none+write+no-flush
"The same with a shootdown that does nothing: the page changes while nobody has access."
Include=Tables.swift
(* Result: Never *)
(* Result changes: Sometimes *)
(* Result there: Always *)
(* The write goes through a translation that was cached with D=1. *)
{
  [PMD(x)] = (table:PT(x));
  [PTE(x)] = (oa:PA(x), rw:1, d:0);
}
exists changes: (0:r1=0 /\ x=1)
exists lost-dirty: (lost_dirty(x))
exists makes-shadow-stack: (kernel_shadow_stack(x))
forall there: ([PTE(x)]=(oa:PA(x), p:1, rw:0))
*/
import AddressSpace

@_cdecl("P0") func protect(mm: UnsafeMutablePointer<UInt64>, x: UnsafeMutablePointer<Int32>) {
    withTables(of: mm, flushes: NoInterrupts(), lock: NoLock()) { space throws(AddressSpaceError) in
        try space.protect(at: address(x), .noAccess)
        // What a debugger reads through the direct map.
        observe(r1: READ_ONCE(memory(of: x)))
        try space.protect(at: address(x), [.write, .user])
    }
}

@_cdecl("P1") func write(x: UnsafeMutablePointer<Int32>) { WRITE_ONCE(x, 1) }
