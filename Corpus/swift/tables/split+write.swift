/* Swift split+write
"splitLeaf(_:_:into:linkedBy:flush:), the steps of split(at:), on a page of 2 MByte that another CPU writes through two of its pieces."
Include=Tables.swift
Region=x y
Fault=P1:retry
(* Result: Never *)
(* Result linked: Always *)
(* Away, flush, fill, link: no size is left when the next one comes, and both pieces get the final D. The whole operation stores 512 pieces, and a test has a few pages. *)
{
  [PMD(x)] = (oa:PA(x), ps:1, rw:1, d:0);
  [PMD(y)] = (oa:PA(x), ps:1, rw:1, d:0);
  [PTE(x)] = (p:0);
  [PTE(y)] = (p:0);
}
exists lost-dirty: (lost_dirty(x) \/ lost_dirty(y))
exists conflict: (size_conflict(x) \/ size_conflict(y))
exists mismatch: (size_mismatch(x) \/ size_mismatch(y))
exists makes-shadow-stack: (kernel_shadow_stack(x) \/ kernel_shadow_stack(y))
forall linked: ([PMD(x)]=(table:PT(x)) /\ [PTE(x)]=(oa:PA(x), p:1, rw:1) /\ [PTE(y)]=(oa:PA(y), p:1, rw:1))
*/
import AddressSpace
import PageTable

@_cdecl("P0") func split(
    mm: UnsafeMutablePointer<UInt64>, pmd_x: UnsafeMutablePointer<UInt64>, pte_x: UnsafeMutablePointer<UInt64>,
    x: UnsafeMutablePointer<Int32>
) {
    splitLeaf(
        AtomicPageTableEntry(pmd_x), .page2M, into: pte_x, pieces: 2, linkedBy: upperEntry(ofTableAt: pte_x)
    ) {
        Interrupts().invalidate(
            Invalidation(root: frame(ofTableAt: mm), first: address(x), count: 512, stride: PageSize.page2M.byteCount))
    }
}

@_cdecl("P1") func write(x: UnsafeMutablePointer<Int32>, y: UnsafeMutablePointer<Int32>) {
    WRITE_ONCE(y, 1)
    WRITE_ONCE(x, 1)
}
