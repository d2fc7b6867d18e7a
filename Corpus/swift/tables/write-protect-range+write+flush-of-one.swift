/* Swift write-protect-range+write+flush-of-one
"The same with a shootdown that forgets all but the first page of the range: the second page changes."
Include=Tables.swift
Region=x y
(* Result: Never *)
(* Result changes: Sometimes *)
(* The write goes through a translation that was cached with D=1. *)
{
  [PMD(x)] = (table:PT(x));
  [PTE(x)] = (oa:PA(x), rw:1);
  [PTE(y)] = (oa:PA(y), rw:1, d:0);
}
exists changes: (0:r1=0 /\ ~y=0 \/ 0:r1=1 /\ y=2)
exists lost-dirty: (lost_dirty(y))
exists makes-shadow-stack: (kernel_shadow_stack(y))
*/
import AddressSpace

@_cdecl("P0") func protect(
    mm: UnsafeMutablePointer<UInt64>, x: UnsafeMutablePointer<Int32>, y: UnsafeMutablePointer<Int32>
) {
    withTables(of: mm, flushes: OnlyFirstPage(), lock: NoLock()) { space throws(AddressSpaceError) in
        try space.writeProtect(at: address(x), pages: 2)
    }
    observe(r1: READ_ONCE(y))
}

@_cdecl("P1") func write(y: UnsafeMutablePointer<Int32>) {
    WRITE_ONCE(y, 1)
    WRITE_ONCE(y, 2)
}
