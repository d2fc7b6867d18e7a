/* Swift fork-kinds+child-writes
"fork(into:shared:) of a page without access and of a software entry: the child gets both, and access to the page gives it no right to write."
Include=Tables.swift
Region=x y
(* Result: Never *)
(* Result kinds: Always *)
(* A page without access has W=0, and a private one gets none by protect(at:_:). *)
{
  [PTE(x)] = (oa:PA(x), p:0, rw:0, d:0, sd:1, uffd:1);
  [PTE(y)] = (oa:PA(y), p:0, rw:0, us:0, a:0, d:0, sw1:1);
  [PGD(child:x)] = (p:0);
  [PUD(child:x)] = (p:0);
  [PMD(child:x)] = (p:0);
  [PTE(child:x)] = (p:0);
  [PTE(child:y)] = (p:0);
  1:mm = child;
}
exists changes: (0:r1=0 /\ x=1)
forall kinds: (
  0:r2=1 /\ 0:r3=1 /\ [PTE(x)]==(oa:PA(x), p:0, rw:0, d:0, sd:1, uffd:1)
  /\ [PTE(child:x)]=(oa:PA(x), p:1) /\ [PTE(child:y)]==(oa:PA(y), p:0, rw:0, us:0, a:0, d:0, sw1:1))
*/
import AddressSpace

@_cdecl("P0") func fork(
    mm: UnsafeMutablePointer<UInt64>, child: UnsafeMutablePointer<UInt64>, child_pte_x: UnsafeMutablePointer<UInt64>,
    child_pmd_x: UnsafeMutablePointer<UInt64>, child_pud_x: UnsafeMutablePointer<UInt64>, x: UnsafeMutablePointer<Int32>
) {
    var (pages, software) = (0, 0)
    withForkedTables(
        of: mm, into: child, flushes: Interrupts(), spare: child_pte_x, child_pmd_x, child_pud_x
    ) { parent, copy throws(AddressSpaceError) in
        try parent.fork(into: &copy) { page in
            switch page {
            case .page: pages += 1
            case .software: software += 1
            }
        }
        try copy.protect(at: address(x), [.write, .user])
    }
    observe(r1: READ_ONCE(memory(of: x)))
    observe(r2: pages)
    observe(r3: software)
}

@_cdecl("P1") func write(x: UnsafeMutablePointer<Int32>) { WRITE_ONCE(x, 1) }
