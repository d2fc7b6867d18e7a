/* Swift harvest-regions+write
"harvestAccessed(at:pages:) goes through 513 pages of two tables, of which two are mapped, while another CPU writes the last."
Include=Tables.swift
Region=x | z
(* Result: Never *)
(* Result counts: Always *)
(* Pages that are not mapped are passed over, and both that are had A=1. *)
{
  [PMD(x)] = (table:PT(x));
  [PMD(z)] = (table:PT(z));
  [PTE(x)] = (oa:PA(x));
  [PTE(z)] = (oa:PA(z), rw:1, d:0);
}
exists lost-dirty: (lost_dirty(z))
forall counts: (0:r1=2)
*/
import AddressSpace

@_cdecl("P0") func harvest(mm: UnsafeMutablePointer<UInt64>, x: UnsafeMutablePointer<Int32>) {
    var count = 0
    withTables(of: mm, flushes: Interrupts(), lock: NoLock()) { space throws(AddressSpaceError) in
        count = try space.harvestAccessed(at: address(x), pages: 513)
    }
    observe(r1: count)
}

@_cdecl("P1") func write(z: UnsafeMutablePointer<Int32>) { WRITE_ONCE(z, 1) }
