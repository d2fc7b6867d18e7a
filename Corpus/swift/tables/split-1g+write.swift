/* Swift split-1g+write
"splitLeaf(_:_:into:linkedBy:flush:) makes pages of 2 MByte of one of 1 GByte that another CPU writes through two of them."
Include=Tables.swift
Region=x | z
Fault=P1:retry
(* Result: Never *)
(* Result linked: Always *)
(* As of one of 2 MByte. *)
{
  [PUD(x)] = (oa:PA(x), ps:1, rw:1, d:0);
  [PUD(z)] = (oa:PA(x), ps:1, rw:1, d:0);
  [PMD(x)] = (p:0);
  [PMD(z)] = (p:0);
}
exists lost-dirty: (lost_dirty(x) \/ lost_dirty(z))
exists conflict: (size_conflict(x) \/ size_conflict(z))
exists mismatch: (size_mismatch(x) \/ size_mismatch(z))
forall linked: ([PUD(x)]=(table:PD(x)) /\ [PMD(x)]=(oa:PA(x), ps:1, p:1, rw:1) /\ [PMD(z)]=(oa:PA(z), ps:1, p:1, rw:1))
*/
import AddressSpace
import PageTable

@_cdecl("P0") func split(
    mm: UnsafeMutablePointer<UInt64>, pud_x: UnsafeMutablePointer<UInt64>, pmd_x: UnsafeMutablePointer<UInt64>,
    x: UnsafeMutablePointer<Int32>
) {
    splitLeaf(
        AtomicPageTableEntry(pud_x), .page1G, into: pmd_x, pieces: 2, linkedBy: upperEntry(ofTableAt: pmd_x)
    ) {
        let size = PageSize.page1G
        Interrupts().invalidate(
            Invalidation(
                root: frame(ofTableAt: mm), first: address(x), count: size.frameCount, stride: size.byteCount))
    }
}

@_cdecl("P1") func write(x: UnsafeMutablePointer<Int32>, z: UnsafeMutablePointer<Int32>) {
    WRITE_ONCE(z, 1)
    WRITE_ONCE(x, 1)
}
