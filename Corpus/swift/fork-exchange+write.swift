/* Swift fork-exchange+write
"The inner loop of fork(into:), one leaf, while a sibling of the parent writes the page."
Sequence=forkLeaf by ExchangeDance
Failure exposed=exposes a shadow stack
Failure lost-dirty=loses a Dirty bit
Failure makes-shadow-stack=makes a shadow-stack entry
Failure stale-write=lets a CPU write after the flush
Remark clean-child=the copy of the child can be clean
Purpose clean-child=The page is dirty in the parent and clean in the child.
(* Result: Never *)
(* Result clean-child: cet=Never amd=Never amd-broadcast=Never strict=Never Sometimes *)
(* Result lost-dirty: book=Sometimes Never *)
{
  [PTE(x)] = (oa:PA(x), rw:1, d:0);
  [PTE(child:x)] = (p:0);
}
exists clean-child: (([PTE(x)].d=1 \/ [PTE(x)].sd=1) /\ [PTE(child:x)]=(p:1, d:0, sd:0))
exists exposed: (shadow_stack_exposed(x))
exists lost-dirty: (lost_dirty(x))
exists makes-shadow-stack: (kernel_shadow_stack(x))
exists stale-write: (stale_write(x))
*/
import AddressSpace
import PageTable

@_cdecl("P0") func fork(pte_x: UnsafeMutablePointer<UInt64>, child_pte_x: UnsafeMutablePointer<UInt64>) {
    let isProtected = forkLeaf(
        from: AtomicPageTableEntry(pte_x), to: AtomicPageTableEntry(child_pte_x), by: ExchangeDance.self)
    if isProtected { flush_tlb_mm() }
}

@_cdecl("P1") func write(x: UnsafeMutablePointer<Int32>) {
    WRITE_ONCE(x, 1)
}
