/* Swift map-replacing+map
"map(_:at:replacing:) on two CPUs that had the same fault: one brings the page back."
Include=Tables.swift
(* Result one: Always *)
(* The other finds that something else stands there. *)
{
  [PMD(x)] = (table:PT(x));
  [PTE(x)] = (oa:PA(x), p:0, rw:0, us:0, a:0, d:0, sw1:1);
}
forall one: (0:r1=1 /\ 1:r1=0 \/ 0:r1=0 /\ 1:r1=1)
*/
import AddressSpace

@_cdecl("P0") func map0(
    mm: UnsafeMutablePointer<UInt64>, x: UnsafeMutablePointer<Int32>, l: UnsafeMutablePointer<Int32>
) {
    var isMapped = false
    withTables(of: mm, flushes: Interrupts(), lock: TestLock(word: l)) { space in
        let leaf = Leaf<PrivateMapping>(frame(of: x), [.write, .user])
        isMapped =
            (try? space.map(leaf, at: address(x), replacing: SoftwareEntry(payload: frame(of: x).address >> 10))) != nil
    }
    observe(r1: isMapped)
}

@_cdecl("P1") func map1(
    mm: UnsafeMutablePointer<UInt64>, x: UnsafeMutablePointer<Int32>, l: UnsafeMutablePointer<Int32>
) {
    var isMapped = false
    withTables(of: mm, flushes: Interrupts(), lock: TestLock(word: l)) { space in
        let leaf = Leaf<PrivateMapping>(frame(of: x), [.write, .user])
        isMapped =
            (try? space.map(leaf, at: address(x), replacing: SoftwareEntry(payload: frame(of: x).address >> 10))) != nil
    }
    observe(r1: isMapped)
}
