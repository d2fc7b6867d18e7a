/* Swift unmap+protect
"unmap(at:) and protect(at:_:) of one page on two CPUs: the lock keeps them apart."
Include=Tables.swift
(* Result: Never *)
(* protect(at:_:) comes first, or finds no page and changes nothing. *)
{
  [PMD(x)] = (table:PT(x));
  [PTE(x)] = (oa:PA(x), rw:1, d:0);
}
exists left: (~[PTE(x)]==(p:0))
*/
import AddressSpace

@_cdecl("P0") func unmap(
    mm: UnsafeMutablePointer<UInt64>, x: UnsafeMutablePointer<Int32>, l: UnsafeMutablePointer<Int32>
) {
    withTables(of: mm, flushes: Interrupts(), lock: TestLock(word: l)) { space throws(AddressSpaceError) in
        try space.unmap(at: address(x))
    }
}

@_cdecl("P1") func protect(
    mm: UnsafeMutablePointer<UInt64>, x: UnsafeMutablePointer<Int32>, l: UnsafeMutablePointer<Int32>
) {
    withTables(of: mm, flushes: Interrupts(), lock: TestLock(word: l)) { space in
        try? space.protect(at: address(x), [.write, .user])
    }
}
