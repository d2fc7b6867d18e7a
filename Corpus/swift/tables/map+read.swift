/* Swift map+read
"map(_:at:) puts a page into a new table, whose frame still holds an entry of its last owner, while another CPU reads."
Include=Tables.swift
(* Result: Never *)
(* Result new-page: Sometimes *)
(* The table is cleared before it is linked, and stores reach memory in order. *)
{
  int x = 1;
  int secret = 2;
  [PMD(x)] = (p:0);
  [PTE(x)] = (oa:PA(secret));
}
exists old-page: (1:r1=2)
exists new-page: (1:r1=1)
*/
import AddressSpace

@_cdecl("P0") func map(
    mm: UnsafeMutablePointer<UInt64>, pte_x: UnsafeMutablePointer<UInt64>, x: UnsafeMutablePointer<Int32>
) {
    withTables(of: mm, flushes: Interrupts(), lock: NoLock(), spare: pte_x) { space throws(AddressSpaceError) in
        try space.map(Leaf<PrivateMapping>(frame(of: x), [.write, .user]), at: address(x))
    }
}

@_cdecl("P1") func read(x: UnsafeMutablePointer<Int32>) { observe(r1: READ_ONCE(x)) }
