/* Swift collapse+write
"collapseTable(_:into:_:flush:), the steps of collapse(at:into:), on two pages that another CPU writes."
Include=Tables.swift
Region=x y
Fault=P1:retry
(* Result: Never *)
(* Result large: Always *)
(* Unlinked, flushed, read, stored: no walk is in the table when its D is read. The whole operation asks for 512 pages, and a test has a few. *)
{
  [PMD(x)] = (table:PT(x));
  [PTE(x)] = (oa:PA(x), rw:1, d:0);
  [PTE(y)] = (oa:PA(y), rw:1, d:0);
}
exists lost-dirty: (lost_dirty(x) \/ lost_dirty(y))
exists stale-table: (stale_table(PT(x)))
exists conflict: (size_conflict(x) \/ size_conflict(y))
exists mismatch: (size_mismatch(x) \/ size_mismatch(y))
exists makes-shadow-stack: (kernel_shadow_stack(x) \/ kernel_shadow_stack(y))
forall large: ([PMD(x)]=(oa:PA(x), ps:1, p:1, rw:1))
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

@_cdecl("P1") func write(x: UnsafeMutablePointer<Int32>, y: UnsafeMutablePointer<Int32>) {
    WRITE_ONCE(y, 1)
    WRITE_ONCE(x, 1)
}
