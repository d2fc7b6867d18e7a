/* Swift fork-locked-and+write+clean-child
"The page is dirty in the parent and clean in the child."
Sequence=forkLeaf by LockedAnd
Remark=the copy of the child can be clean
(* Result: Sometimes *)
{
  [PTE(x)] = (oa:PA(x), rw:1, d:0);
  [PTE(child:x)] = (p:0);
}
exists (([PTE(x)].d=1 \/ [PTE(x)].sd=1) /\ [PTE(child:x)]=(p:1, d:0, sd:0))
*/
import AddressSpace
import PageTable

@_cdecl("P0") func fork(pte_x: UnsafeMutablePointer<UInt64>, child_pte_x: UnsafeMutablePointer<UInt64>) {
    let isProtected = forkLeaf(
        from: AtomicPageTableEntry(pte_x), to: AtomicPageTableEntry(child_pte_x), by: LockedAnd.self)
    if isProtected { flush_tlb_mm() }
}

@_cdecl("P1") func write(x: UnsafeMutablePointer<Int32>) {
    WRITE_ONCE(x, 1)
}
