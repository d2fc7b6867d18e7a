/* Swift write-protect-mixed+write+long-stride
"The same with a shootdown that goes in steps of 2 MByte: the second small page is passed over, and changes."
Include=Tables.swift
Region=x y | z
(* Result: Never *)
(* Result small: Sometimes *)
(* Its translation stays in the TLB. *)
{
  [PMD(x)] = (table:PT(x));
  [PMD(z)] = (oa:PA(z), ps:1, rw:1);
  [PTE(x)] = (oa:PA(x), rw:1);
  [PTE(y)] = (oa:PA(y), rw:1);
}
exists small: (0:r1=0 /\ y=1)
exists large: (0:r2=0 /\ z=1)
exists lost-dirty: (lost_dirty(y) \/ lost_dirty(z))
*/
import AddressSpace

@_cdecl("P0") func protect(
    mm: UnsafeMutablePointer<UInt64>, x: UnsafeMutablePointer<Int32>, y: UnsafeMutablePointer<Int32>,
    z: UnsafeMutablePointer<Int32>
) {
    withTables(of: mm, flushes: LongStride(), lock: NoLock()) { space throws(AddressSpaceError) in
        try space.writeProtect(at: address(x), pages: 1024)
    }
    observe(r1: READ_ONCE(memory(of: y)))
    observe(r2: READ_ONCE(memory(of: z)))
}

@_cdecl("P1") func write(y: UnsafeMutablePointer<Int32>, z: UnsafeMutablePointer<Int32>) {
    WRITE_ONCE(y, 1)
    WRITE_ONCE(z, 1)
}
