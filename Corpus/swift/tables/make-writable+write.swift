/* Swift make-writable+write
"makeWritable(at:) without a flush: who faulted gets on, and what it writes is known."
Include=Tables.swift
Fault=P1:retry
(* Result: Never *)
(* A translation without the right to write faults, which drops it. *)
{
  [PMD(x)] = (table:PT(x));
  [PTE(x)] = (oa:PA(x), rw:0, d:0);
}
exists stuck: (stuck(P1))
exists lost-dirty: (lost_dirty(x))
exists makes-shadow-stack: (kernel_shadow_stack(x))
*/
import AddressSpace

@_cdecl("P0") func permit(mm: UnsafeMutablePointer<UInt64>, x: UnsafeMutablePointer<Int32>) {
    withTables(of: mm, flushes: Interrupts(), lock: NoLock()) { space throws(AddressSpaceError) in
        try space.protect(at: address(x), [.write, .user])
        try space.makeWritable(at: address(x))
    }
}

@_cdecl("P1") func write(x: UnsafeMutablePointer<Int32>) { WRITE_ONCE(x, 1) }
