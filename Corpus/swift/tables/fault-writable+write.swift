/* Swift fault-writable+write
"handleFault(at:...) makes a page writable that nobody else uses: who faulted gets on, and what it writes is known."
Include=Tables.swift
Fault=P1:retry
(* Result: Never *)
(* Result made: Always *)
(* No flush: a translation without the right to write faults, which drops it. *)
{
  [PMD(x)] = (table:PT(x));
  [PTE(x)] = (oa:PA(x), rw:0, d:0);
}
exists stuck: (stuck(P1))
exists lost-dirty: (lost_dirty(x))
exists makes-shadow-stack: (kernel_shadow_stack(x))
forall made: ([PTE(x)]=(oa:PA(x), p:1, rw:1, d:1))
*/
import AddressSpace

@_cdecl("P0") func fault(mm: UnsafeMutablePointer<UInt64>, x: UnsafeMutablePointer<Int32>) {
    withTables(of: mm, flushes: Interrupts(), lock: NoLock()) { space throws(AddressSpaceError) in
        try space.protect(at: address(x), [.write, .user])
        _ = try space.handleFault(at: address(x), .write, isExclusive: { _ in true }, copy: { _, _ in nil })
    }
}

@_cdecl("P1") func write(x: UnsafeMutablePointer<Int32>) { WRITE_ONCE(x, 1) }
