/* Swift collapse+write+read-too-early
"Planted: dirtiness is gathered before the shootdown."
Include=Tables.swift
Region=x y
Fault=P1:retry
(* Result: Sometimes *)
(* Until the flush a walk sets D in the table. *)
{
  [PMD(x)] = (table:PT(x));
  [PTE(x)] = (oa:PA(x), rw:1, d:0);
  [PTE(y)] = (oa:PA(y), rw:1, d:0);
}
exists lost-dirty: (lost_dirty(x) \/ lost_dirty(y))
*/
import AddressSpace
import PageTable

@_cdecl("P0") func collapse(
    pmd_x: UnsafeMutablePointer<UInt64>, pte_x: UnsafeMutablePointer<UInt64>, pte_y: UnsafeMutablePointer<UInt64>,
    x: UnsafeMutablePointer<Int32>
) {
    AtomicPageTableEntry(pmd_x).invalidate()
    let usage = AtomicPageTableEntry(pte_x).load().rawValue | AtomicPageTableEntry(pte_y).load().rawValue
    let dirty = usage & PageTableEntry.dirtyMask
    let large = AtomicPageTableEntry(pte_x).load().rawValue & ~PageTableEntry.dirtyMask | dirty | 1 << 7
    flush_tlb_mm()
    AtomicPageTableEntry(pmd_x).store(PageTableEntry(rawValue: large))
}

@_cdecl("P1") func write(x: UnsafeMutablePointer<Int32>, y: UnsafeMutablePointer<Int32>) {
    WRITE_ONCE(y, 1)
    WRITE_ONCE(x, 1)
}
