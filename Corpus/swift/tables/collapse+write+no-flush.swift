/* Swift collapse+write+no-flush
"The same with a shootdown that does nothing: a walk goes through the freed table, a D is lost, and a CPU has translations of both sizes."
Include=Tables.swift
Region=x y
Fault=P1:retry
(* Result: Sometimes *)
(* Result mismatch: Never *)
(* Result makes-shadow-stack: Never *)
(* Result large: Always *)
(* A partial walk leads to the table, where D is set after it was read. Both sizes map the same frames with the same rights. *)
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
        NoInterrupts().invalidate(
            Invalidation(root: frame(ofTableAt: mm), first: address(x), count: 512, freesTables: true))
    }
    free_table(pte_x)
}

@_cdecl("P1") func write(x: UnsafeMutablePointer<Int32>, y: UnsafeMutablePointer<Int32>) {
    WRITE_ONCE(y, 1)
    WRITE_ONCE(x, 1)
}
