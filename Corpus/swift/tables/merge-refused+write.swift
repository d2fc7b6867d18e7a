/* Swift merge-refused+write
"writeProtectForMerge(at:mayMerge:) is refused: the entry comes back as it was, with what hardware set."
Include=Tables.swift
(* Result: Never *)
(* Result there: Always *)
(* After the flush what the entry had is final; it is put back whole. *)
{
  [PMD(x)] = (table:PT(x));
  [PTE(x)] = (oa:PA(x), rw:1, d:0);
}
exists lost-dirty: (lost_dirty(x))
forall there: ([PTE(x)]=(oa:PA(x), p:1, rw:1))
*/
import AddressSpace

@_cdecl("P0") func standStill(mm: UnsafeMutablePointer<UInt64>, x: UnsafeMutablePointer<Int32>) {
    withTables(of: mm, flushes: Interrupts(), lock: NoLock()) { space throws(AddressSpaceError) in
        _ = try space.writeProtectForMerge(at: address(x)) { _ in false }
    }
}

@_cdecl("P1") func write(x: UnsafeMutablePointer<Int32>) { WRITE_ONCE(x, 1) }
