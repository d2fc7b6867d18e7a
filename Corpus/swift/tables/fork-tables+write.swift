/* Swift fork-tables+write
"fork(into:) copies all four levels while a sibling of the parent writes the page."
Include=Tables.swift
(* Result: Never *)
(* Result tables: Always *)
(* Stores or compares, a fence, and one flush: afterwards the page stands still for parent and child. *)
{
  [PTE(x)] = (oa:PA(x), rw:1, d:0);
  [PGD(child:x)] = (p:0);
  [PUD(child:x)] = (p:0);
  [PMD(child:x)] = (p:0);
  [PTE(child:x)] = (p:0);
}
exists changes: (0:r1=0 /\ x=1)
exists lost-dirty: (lost_dirty(x))
exists makes-shadow-stack: (kernel_shadow_stack(x))
exists exposed: (shadow_stack_exposed(x))
forall tables: (
  [PGD(child:x)]=(table:PDPT(child:x)) /\ [PUD(child:x)]=(table:PD(child:x)) /\ [PMD(child:x)]=(table:PT(child:x))
  /\ [PTE(child:x)]=(oa:PA(x), p:1, rw:0))
*/
import AddressSpace

@_cdecl("P0") func fork(
    mm: UnsafeMutablePointer<UInt64>, child: UnsafeMutablePointer<UInt64>, child_pte_x: UnsafeMutablePointer<UInt64>,
    child_pmd_x: UnsafeMutablePointer<UInt64>, child_pud_x: UnsafeMutablePointer<UInt64>, x: UnsafeMutablePointer<Int32>
) {
    withForkedTables(
        of: mm, into: child, flushes: Interrupts(), spare: child_pte_x, child_pmd_x, child_pud_x
    ) { parent, copy throws(AddressSpaceError) in try parent.fork(into: &copy) }
    observe(r1: READ_ONCE(x))
}

@_cdecl("P1") func write(x: UnsafeMutablePointer<Int32>) { WRITE_ONCE(x, 1) }
