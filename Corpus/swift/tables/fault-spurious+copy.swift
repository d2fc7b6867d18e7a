/* Swift fault-spurious+copy
"handleFault(at:...) of a read while breakCopyOnWrite(at:expecting:into:) has the entry away for a moment: the page is never taken for one that is not mapped."
Include=Tables.swift
Region=x z
(* Result: Never *)
(* Result spurious: Always *)
(* The handler waits for the lock, and finds the old page or the new one. *)
{
  [PMD(x)] = (table:PT(x));
  [PTE(x)] = (oa:PA(x), rw:0, d:0);
  [PTE(z)] = (oa:PA(z), rw:1);
}
exists not-mapped: (1:r1=2)
forall spurious: (1:r1=1)
*/
import AddressSpace

@_cdecl("P0") func copy(
    mm: UnsafeMutablePointer<UInt64>, x: UnsafeMutablePointer<Int32>, z: UnsafeMutablePointer<Int32>,
    l: UnsafeMutablePointer<Int32>
) {
    withTables(of: mm, flushes: Interrupts(), lock: TestLock(word: l)) { space throws(AddressSpaceError) in
        try space.protect(at: address(x), [.write, .user])
        try space.breakCopyOnWrite(at: address(x), expecting: try space.walk(address(x)).entry, into: frame(of: z))
    }
}

@_cdecl("P1") func fault(
    mm: UnsafeMutablePointer<UInt64>, x: UnsafeMutablePointer<Int32>, l: UnsafeMutablePointer<Int32>
) {
    var result = 0
    withTables(of: mm, flushes: Interrupts(), lock: TestLock(word: l)) { space throws(AddressSpaceError) in
        switch try space.handleFault(at: address(x), .read, isExclusive: { _ in true }, copy: { _, _ in nil }) {
        case .spurious: result = 1
        case .notMapped: result = 2
        default: result = 3
        }
    }
    observe(r1: result)
}
