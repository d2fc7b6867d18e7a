/* Swift fork-tables+child-loaded
"fork(into:) fills the tables of a child that a CPU has loaded already: once it is told, it reads the page."
Include=Tables.swift
(* Result: Always *)
(* Tables are linked when they are whole, and entries with P=0 are cached nowhere. *)
{
  int x = 5;
  [PTE(x)] = (oa:PA(x), rw:1, d:0);
  [PGD(child:x)] = (p:0);
  [PUD(child:x)] = (p:0);
  [PMD(child:x)] = (p:0);
  [PTE(child:x)] = (p:0);
  1:mm = child;
}
forall (1:r1=5)
*/
import AddressSpace

@_cdecl("P0") func fork(
    mm: UnsafeMutablePointer<UInt64>, child: UnsafeMutablePointer<UInt64>, child_pte_x: UnsafeMutablePointer<UInt64>,
    child_pmd_x: UnsafeMutablePointer<UInt64>, child_pud_x: UnsafeMutablePointer<UInt64>,
    done: UnsafeMutablePointer<Int32>
) {
    withForkedTables(
        of: mm, into: child, flushes: Interrupts(), spare: child_pte_x, child_pmd_x, child_pud_x
    ) { parent, copy throws(AddressSpaceError) in try parent.fork(into: &copy) }
    WRITE_ONCE(done, 1)
}

@_cdecl("P1") func read(x: UnsafeMutablePointer<Int32>, done: UnsafeMutablePointer<Int32>) {
    wait_for(done, Int32(1))
    observe(r1: READ_ONCE(x))
}
