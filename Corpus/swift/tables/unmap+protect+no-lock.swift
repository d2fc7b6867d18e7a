/* Swift unmap+protect+no-lock
"The same without the lock: protect(at:_:) marks an entry that is gone."
Include=Tables.swift
(* Result left: Sometimes *)
(* It saw the page, and its compare-and-exchange comes when the entry is empty. *)
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
    withTables(of: mm, flushes: Interrupts(), lock: NoLock()) { space throws(AddressSpaceError) in
        try space.unmap(at: address(x))
    }
}

@_cdecl("P1") func protect(
    mm: UnsafeMutablePointer<UInt64>, x: UnsafeMutablePointer<Int32>, l: UnsafeMutablePointer<Int32>
) {
    withTables(of: mm, flushes: Interrupts(), lock: NoLock()) { space in
        try? space.protect(at: address(x), [.write, .user])
    }
}
