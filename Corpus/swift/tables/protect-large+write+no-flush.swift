/* Swift protect-large+write+no-flush
"The same with a shootdown that does nothing: the page changes after the return."
Include=Tables.swift
(* Result: Never *)
(* Result changes: Sometimes *)
(* The write goes through a translation that was cached before. *)
{
  [PMD(x)] = (oa:PA(x), ps:1, rw:1, d:0);
}
exists changes: (0:r1=0 /\ x=1)
exists lost-dirty: (lost_dirty(x))
exists makes-shadow-stack: (kernel_shadow_stack(x))
*/
import AddressSpace

@_cdecl("P0") func protect(mm: UnsafeMutablePointer<UInt64>, x: UnsafeMutablePointer<Int32>) {
    withTables(of: mm, flushes: NoInterrupts(), lock: NoLock()) { space throws(AddressSpaceError) in
        try space.protect(at: address(x), pages: 512, .user)
    }
    observe(r1: READ_ONCE(memory(of: x)))
}

@_cdecl("P1") func write(x: UnsafeMutablePointer<Int32>) { WRITE_ONCE(x, 1) }
