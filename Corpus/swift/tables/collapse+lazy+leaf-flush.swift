/* Swift collapse+lazy+leaf-flush
"The same with a shootdown that is not told of the table, and passes lazy CPUs by."
Include=Tables.swift
Region=x y
(* Result: Sometimes amd-broadcast=Never *)
(* The walker of a lazy CPU goes on by itself. A broadcast reaches every CPU. *)
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
            Invalidation(root: frame(ofTableAt: mm), first: address(x), count: 512, freesTables: false))
    }
    free_table(pte_x)
}

@_cdecl("P1") func idle(busy: UnsafeMutablePointer<Int32>) {
    enter_lazy_tlb()
    _ = READ_ONCE(busy)
}
