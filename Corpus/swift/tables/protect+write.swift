/* Swift protect+write
"protect(at:_:) takes the right to write away, and returns when no CPU writes the page any more."
Include=Tables.swift
(* Result: Never *)
(* The entry changes by compare-and-exchange, so D moves to SavedDirty; the flush drains the store buffer of who takes it. *)
{
  [PMD(x)] = (table:PT(x));
  [PTE(x)] = (oa:PA(x), rw:1, d:0);
}
exists changes: (0:r1=0 /\ x=1)
exists lost-dirty: (lost_dirty(x))
exists makes-shadow-stack: (kernel_shadow_stack(x))
exists exposed: (shadow_stack_exposed(x))
*/
import AddressSpace

@_cdecl("P0") func protect(mm: UnsafeMutablePointer<UInt64>, x: UnsafeMutablePointer<Int32>) {
    withTables(of: mm, flushes: Interrupts(), lock: NoLock()) { space throws(AddressSpaceError) in
        try space.protect(at: address(x), .user)
    }
    observe(r1: READ_ONCE(x))
}

@_cdecl("P1") func write(x: UnsafeMutablePointer<Int32>) { WRITE_ONCE(x, 1) }
