/* Swift clean-range+write
"clean(at:pages:report:) of two pages: the second is reported whenever it has the write when it returns, and no write comes later."
Include=Tables.swift
Region=x y
(* Result: Never *)
(* First W, then the flush, then dirtiness. *)
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
    withTables(of: mm, flushes: Interrupts(), lock: NoLock()) { space throws(AddressSpaceError) in
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
