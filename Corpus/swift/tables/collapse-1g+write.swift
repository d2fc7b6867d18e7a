/* Swift collapse-1g+write
"collapseTable(_:into:_:flush:) makes one page of 1 GByte of pages of 2 MByte that another CPU writes."
Include=Tables.swift
Region=x | z
Fault=P1:retry
(* Result: Never *)
(* Result large: Always *)
(* As of small pages. *)
{
  [PUD(x)] = (table:PD(x));
  [PMD(x)] = (oa:PA(x), ps:1, rw:1, d:0);
  [PMD(z)] = (oa:PA(z), ps:1, rw:1, d:0);
}
exists lost-dirty: (lost_dirty(x) \/ lost_dirty(z))
exists stale-table: (stale_table(PD(x)))
exists conflict: (size_conflict(x) \/ size_conflict(z))
exists mismatch: (size_mismatch(x) \/ size_mismatch(z))
forall large: ([PUD(x)]=(oa:PA(x), ps:1, p:1, rw:1))
*/
import AddressSpace
import PageTable

@_cdecl("P0") func collapse(
    mm: UnsafeMutablePointer<UInt64>, pud_x: UnsafeMutablePointer<UInt64>, pmd_x: UnsafeMutablePointer<UInt64>,
    x: UnsafeMutablePointer<Int32>
) {
    collapseTable(pmd_x, into: AtomicPageTableEntry(pud_x), .page1G, pieces: 2) {
        let (count, stride) = (PageSize.page1G.frameCount, PageSize.page2M.byteCount)
        Interrupts().invalidate(
            Invalidation(
                root: frame(ofTableAt: mm), first: address(x), count: count, stride: stride, freesTables: true))
    }
    free_table(pmd_x)
}

@_cdecl("P1") func write(x: UnsafeMutablePointer<Int32>, z: UnsafeMutablePointer<Int32>) {
    WRITE_ONCE(z, 1)
    WRITE_ONCE(x, 1)
}
