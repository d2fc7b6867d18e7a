/* Swift collapse+lazy
"The steps of collapse(at:into:) while another CPU is lazy: it is interrupted because a table goes."
Include=Tables.swift
Region=x y
(* Result: Never *)
(* It loads another root. *)
{
  [PMD(x)] = (table:PT(x));
  [PTE(x)] = (oa:PA(x), rw:1, d:0);
  [PTE(y)] = (oa:PA(y), rw:1, d:0);
}
exists stale-table: (stale_table(PT(x)))
*/
import AddressSpace
import PageTable

@_cdecl("P0") func collapse(
    mm: UnsafeMutablePointer<UInt64>, pmd_x: UnsafeMutablePointer<UInt64>, pte_x: UnsafeMutablePointer<UInt64>,
    x: UnsafeMutablePointer<Int32>
) {
    collapseTable(pte_x, into: AtomicPageTableEntry(pmd_x), .page2M, pieces: 2) {
        Interrupts().invalidate(
            Invalidation(root: frame(ofTableAt: mm), first: address(x), count: 512, freesTables: true))
    }
    free_table(pte_x)
}

@_cdecl("P1") func idle(busy: UnsafeMutablePointer<Int32>) {
    enter_lazy_tlb()
    _ = READ_ONCE(busy)
}
