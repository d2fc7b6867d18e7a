/* Swift protect-large+write
"protect(at:pages:_:) takes the right to write a page of 2 MByte away, and returns when no CPU writes it any more."
Include=Tables.swift
(* Result: Never *)
(* One invalidation of the large page. *)
{
  [PMD(x)] = (oa:PA(x), ps:1, rw:1, d:0);
}
exists changes: (0:r1=0 /\ x=1)
exists lost-dirty: (lost_dirty(x))
exists makes-shadow-stack: (kernel_shadow_stack(x))
*/
import AddressSpace

@_cdecl("P0") func protect(mm: UnsafeMutablePointer<UInt64>, x: UnsafeMutablePointer<Int32>) {
    withTables(of: mm, flushes: Interrupts(), lock: NoLock()) { space throws(AddressSpaceError) in
        try space.protect(at: address(x), pages: 512, .user)
    }
    observe(r1: READ_ONCE(memory(of: x)))
}

@_cdecl("P1") func write(x: UnsafeMutablePointer<Int32>) { WRITE_ONCE(x, 1) }
