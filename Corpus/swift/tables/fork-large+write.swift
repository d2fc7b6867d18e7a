/* Swift fork-large+write
"fork(into:shared:) of a page of 2 MByte while a sibling of the parent writes it: it is reported once."
Include=Tables.swift
(* Result: Never *)
(* Result tables: Always *)
(* One leaf, in a table above those of small pages. *)
{
  [PMD(x)] = (oa:PA(x), ps:1, rw:1, d:0);
  [PGD(child:x)] = (p:0);
  [PUD(child:x)] = (p:0);
  [PMD(child:x)] = (p:0);
}
exists changes: (0:r1=0 /\ x=1)
exists lost-dirty: (lost_dirty(x))
exists makes-shadow-stack: (kernel_shadow_stack(x))
forall tables: (
  [PGD(child:x)]=(table:PDPT(child:x)) /\ [PUD(child:x)]=(table:PD(child:x))
  /\ [PMD(child:x)]=(oa:PA(x), ps:1, p:1, rw:0) /\ 0:r2=1)
*/
import AddressSpace

@_cdecl("P0") func fork(
    mm: UnsafeMutablePointer<UInt64>, child: UnsafeMutablePointer<UInt64>, child_pmd_x: UnsafeMutablePointer<UInt64>,
    child_pud_x: UnsafeMutablePointer<UInt64>, x: UnsafeMutablePointer<Int32>
) {
    var shared = 0
    withForkedTables(
        of: mm, into: child, flushes: Interrupts(), spare: child_pmd_x, child_pud_x
    ) { parent, copy throws(AddressSpaceError) in
        try parent.fork(into: &copy) { page in
            if case .page(let page) = page, page.size == .page2M, page.frame == frame(of: x) { shared += 1 }
        }
    }
    observe(r1: READ_ONCE(memory(of: x)))
    observe(r2: shared)
}

@_cdecl("P1") func write(x: UnsafeMutablePointer<Int32>) { WRITE_ONCE(x, 1) }
