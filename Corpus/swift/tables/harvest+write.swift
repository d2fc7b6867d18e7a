/* Swift harvest+write
"harvestAccessed(at:pages:) clears A of two pages without a flush, while another CPU writes the second."
Include=Tables.swift
Region=x y
(* Result: Never *)
(* Result left: Sometimes *)
(* One locked operation an entry, so D stays. A stays clear where the write goes through a translation from before. *)
{
  [PMD(x)] = (table:PT(x));
  [PTE(x)] = (oa:PA(x), rw:1);
  [PTE(y)] = (oa:PA(y), rw:1, d:0);
}
exists lost-dirty: (lost_dirty(y))
exists left: ([PTE(y)]=(a:0))
*/
import AddressSpace

@_cdecl("P0") func harvest(
    mm: UnsafeMutablePointer<UInt64>, x: UnsafeMutablePointer<Int32>, y: UnsafeMutablePointer<Int32>
) {
    withTables(of: mm, flushes: Interrupts(), lock: NoLock()) { space throws(AddressSpaceError) in
        try space.harvestAccessed(at: address(x), pages: 2)
    }
}

@_cdecl("P1") func write(y: UnsafeMutablePointer<Int32>) { WRITE_ONCE(y, 1) }
