/* Swift exchange+write
"The exchange dance without a flush in the middle."
Sequence=setWriteProtectedByExchange()
Failure exposed=exposes a shadow stack
Failure lost-dirty=loses a Dirty bit
Failure makes-shadow-stack=makes a shadow-stack entry
Failure stale-write=lets a CPU write after the flush
Remark late-dirty=W=0 D=1 can be left behind
Purpose late-dirty=W=0, D=1 in the entry at the end, be it of hardware's making.
(* Result: Never *)
(* Result late-dirty: cet=Never amd=Never amd-broadcast=Never strict=Never Sometimes *)
(* Result lost-dirty: book=Sometimes Never *)
{
  [PTE(x)] = (oa:PA(x), rw:1, d:0);
}
exists exposed: (shadow_stack_exposed(x))
exists late-dirty: ([PTE(x)]=(p:1, rw:0, d:1))
exists lost-dirty: (lost_dirty(x))
exists makes-shadow-stack: (kernel_shadow_stack(x))
exists stale-write: (stale_write(x))
*/
import PageTable

@_cdecl("P0") func writeProtect(pte_x: UnsafeMutablePointer<UInt64>, x: UnsafeMutablePointer<Int32>) {
    AtomicPageTableEntry(pte_x).setWriteProtectedByExchange()
    flush_tlb_page(x)
}

@_cdecl("P1") func write(x: UnsafeMutablePointer<Int32>) {
    WRITE_ONCE(x, 1)
}
