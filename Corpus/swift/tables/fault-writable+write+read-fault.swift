/* Swift fault-writable+write+read-fault
"Planted: the handler takes the fault for one of a read, and the other CPU faults for ever."
Include=Tables.swift
Fault=P1:retry
(* Result: Always *)
(* A read is allowed already. *)
{
  [PMD(x)] = (table:PT(x));
  [PTE(x)] = (oa:PA(x), rw:0, d:0);
}
exists stuck: (stuck(P1))
*/
import AddressSpace

@_cdecl("P0") func fault(mm: UnsafeMutablePointer<UInt64>, x: UnsafeMutablePointer<Int32>) {
    withTables(of: mm, flushes: Interrupts(), lock: NoLock()) { space throws(AddressSpaceError) in
        try space.protect(at: address(x), [.write, .user])
        _ = try space.handleFault(at: address(x), .read, isExclusive: { _ in true }, copy: { _, _ in nil })
    }
}

@_cdecl("P1") func write(x: UnsafeMutablePointer<Int32>) { WRITE_ONCE(x, 1) }
