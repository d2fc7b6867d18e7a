/* Swift large-make-writable+write+forgotten
"Planted: the page only gets the right to write, and the other CPU faults for ever."
Include=Tables.swift
Fault=P1:retry
(* Result: Always *)
(* The right to write of a private page is not W. *)
{
  [PMD(x)] = (oa:PA(x), ps:1, rw:0, d:0);
}
exists stuck: (stuck(P1))
*/
import AddressSpace

@_cdecl("P0") func permit(mm: UnsafeMutablePointer<UInt64>, x: UnsafeMutablePointer<Int32>) {
    withTables(of: mm, flushes: Interrupts(), lock: NoLock()) { space throws(AddressSpaceError) in
        try space.protect(at: address(x), pages: 512, [.write, .user])
    }
}

@_cdecl("P1") func write(x: UnsafeMutablePointer<Int32>) { WRITE_ONCE(x, 1) }
