/* Swift map+walk
"map(_:at:) puts a page into a new table, whose frame still holds an entry of its last owner, while glimpse(_:) reads without the lock."
Include=Tables.swift
(* Result: Never *)
(* Result mapped: Sometimes *)
(* Result not-yet: Sometimes *)
(* The table is cleared before it is linked, and stores reach memory in order. *)
{
  int x = 1;
  int secret = 2;
  [PMD(x)] = (p:0);
  [PTE(x)] = (oa:PA(secret));
}
exists old-page: (1:r1=2)
exists mapped: (1:r1=1)
exists not-yet: (1:r1=3)
*/
import AddressSpace

@_cdecl("P0") func map(
    mm: UnsafeMutablePointer<UInt64>, pte_x: UnsafeMutablePointer<UInt64>, x: UnsafeMutablePointer<Int32>
) {
    withTables(of: mm, flushes: Interrupts(), lock: NoLock(), spare: pte_x) { space throws(AddressSpaceError) in
        try space.map(Leaf<PrivateMapping>(frame(of: x), [.write, .user]), at: address(x))
    }
}

@_cdecl("P1") func walk(mm: UnsafeMutablePointer<UInt64>, x: UnsafeMutablePointer<Int32>) {
    withTables(of: mm, flushes: Interrupts(), lock: NoLock()) { space in
        if case .page(let found) = space.glimpse(address(x)) {
            observe(r1: found.frame == frame(of: x) ? 1 : 2)
        } else {
            observe(r1: 3)
        }
    }
}
