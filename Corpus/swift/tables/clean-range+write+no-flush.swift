/* Swift clean-range+write+no-flush
"The same with a shootdown that does nothing: a page can change and not be reported."
Include=Tables.swift
Region=x y
(* Result: Never *)
(* Result lost-dirty: Sometimes *)
(* Result changes: Sometimes *)
(* Result untold: late=Sometimes knl=Sometimes book=Sometimes Never *)
(* A translation with D=1 stays in the TLB, with D already known. A write that was let through while D was clear sets it late, after it was looked at. *)
{
  [PMD(x)] = (table:PT(x));
  [PTE(x)] = (oa:PA(x), rw:1);
  [PTE(y)] = (oa:PA(y), rw:1, d:0);
}
exists untold: (0:r1=0 /\ ~0:r2=0)
exists changes: (0:r2=0 /\ ~y=0 \/ 0:r2=1 /\ y=2)
exists lost-dirty: (lost_dirty(y))
exists makes-shadow-stack: (kernel_shadow_stack(y))
*/
import AddressSpace

@_cdecl("P0") func clean(
    mm: UnsafeMutablePointer<UInt64>, x: UnsafeMutablePointer<Int32>, y: UnsafeMutablePointer<Int32>
) {
    var isTold = false
    withTables(of: mm, flushes: NoInterrupts(), lock: NoLock()) { space throws(AddressSpaceError) in
        try space.clean(at: address(x), pages: 2) { page in if page.address == address(y) { isTold = true } }
    }
    observe(r1: isTold)
    observe(r2: READ_ONCE(y))
    if isTold { writeback(y) }
}

@_cdecl("P1") func write(y: UnsafeMutablePointer<Int32>) {
    WRITE_ONCE(y, 1)
    WRITE_ONCE(y, 2)
}
